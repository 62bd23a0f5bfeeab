// SPDX-License-Identifier: BSD-3-Clause
// A command-line option as a value: what it is called, what it takes, and the one function from
// text to that. Everything that can be wrong with a value is said here, in one line that names the
// option.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "weir/runtime/core/result.hpp"

namespace weir::cli {

/// Takes nothing: given or not.
struct flag {};

/// Takes a whole number in [least, most].
struct number {
  /// What help calls the value.
  std::string name = "N";
  /// What holds if the option is not given; without it, nothing does.
  std::optional<std::uint64_t> standard{};
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
};

/// Takes a number of bytes in [least, most]: `4096`, `64KiB` or `64K`, `1.5` is none, `64MB` is
/// decimal.
struct bytes {
  std::optional<std::uint64_t> standard{};
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
};

/// Takes any text, or one of a few words.
struct text {
  std::string name = "TEXT";
  std::optional<std::string> standard{};
  std::vector<std::string> one_of{};
};

/// `--name VALUE`.
struct option {
  /// Without the dashes.
  std::string name;
  /// One line for help.
  std::string summary;
  std::variant<flag, number, bytes, text> takes = flag{};
};

/// What was given: a flag as true, numbers and bytes as a number, text as it came.
using option_value = std::variant<bool, std::uint64_t, std::string>;

/// The value `given` stands for. errc::invalid_argument: one line that begins with `--name: `.
result<option_value> parse(const option& wanted, std::string_view given);
/// What holds without the option, if anything does.
std::optional<option_value> standard_of(const option& wanted);
/// How help names the value: `N`, `BYTES`, `text|json`; empty for a flag.
std::string value_name(const option& wanted);

}  // namespace weir::cli
