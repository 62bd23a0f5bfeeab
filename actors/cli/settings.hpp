// SPDX-License-Identifier: BSD-3-Clause
// What the command line chose for one run of one topology: the options every topology has, as
// fields, and the topology's own by name.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "weir/actors/cli/option.hpp"
#include "weir/actors/node/options.hpp"

namespace weir::cli {

/// Values by option name.
using option_values = std::map<std::string, option_value, std::less<>>;

enum class report_format : std::uint8_t { text, json };

struct settings {
  /// For the node: name, threads, seed, memory budget and log level are as chosen.
  node_options node{};
  /// What --partitions said; without it the topology chooses.
  std::optional<std::uint32_t> partitions{};
  report_format report = report_format::text;
  /// The topology's own options: those given, and those that have a standard.
  option_values own{};

  /// True if the flag was given.
  bool flag(std::string_view name) const { return own.contains(name); }
  /// The value of a number or bytes option; empty if it was not given and has no standard.
  std::optional<std::uint64_t> number(std::string_view name) const {
    return value<std::uint64_t>(name);
  }
  /// The value of a text option; empty if it was not given and has no standard.
  std::optional<std::string> text(std::string_view name) const { return value<std::string>(name); }

 private:
  template <class T>
  std::optional<T> value(std::string_view name) const {
    const auto found = own.find(name);
    if (found == own.end()) return std::nullopt;
    return std::get<T>(found->second);
  }
};

}  // namespace weir::cli
