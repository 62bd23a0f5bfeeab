// SPDX-License-Identifier: BSD-3-Clause
// Words into places and conditions.
#include "weir/actors/cli/event_choice.hpp"

#include <algorithm>
#include <optional>

#include "weir/runtime/codec/rfc3339.hpp"
#include "weir/runtime/core/digits.hpp"

namespace weir::cli {
namespace {

std::optional<timestamp> read_time(const std::string& text) {
  const auto time = codec::internal::parse_time(text);
  const auto since = time ? codec::internal::join<duration>(*time) : std::nullopt;
  return since ? std::optional{timestamp{*since}} : std::nullopt;
}

}  // namespace

std::uint64_t beginning::offset_in(const store::log_ends& log) const noexcept {
  switch (what) {
    case kind::offset: return std::max(number, log.first);
    case kind::before_end: return log.end - std::min(number, log.end - log.first);
    case kind::time: break;
  }
  return log.first;
}

result<beginning> beginning_of(const std::string& text) {
  using kind = beginning::kind;
  if (text == "earliest") return beginning{kind::offset, 0};
  if (text == "latest") return beginning{kind::before_end, 0};
  if (const auto number = number_in(text)) return beginning{kind::offset, *number};
  if (text.starts_with('-')) {
    if (const auto number = number_in(std::string_view{text}.substr(1))) {
      return beginning{kind::before_end, *number};
    }
  }
  if (const auto time = read_time(text)) return beginning{kind::time, 0, *time};
  return fail(errc::invalid_argument, "--from: '" + text +
                                          "' is not earliest, latest, an offset, -N or a time "
                                          "such as 2026-11-27T08:00:00Z");
}

bool filter::passes(const codec::stored_event& event, const codec::stored_type& type) const {
  if (field == "key") return event.key == value;
  if (field == "type") return type.name == value || codec::to_string(type) == value;
  return true;
}

result<filter> filter_of(const std::string& text) {
  if (text.empty()) return filter{};
  const auto equals = text.find('=');
  const auto field = text.substr(0, equals);
  if (equals == std::string::npos || (field != "key" && field != "type")) {
    return fail(errc::invalid_argument, "--filter: '" + text + "' is not key=KEY or type=TYPE");
  }
  return filter{field, text.substr(equals + 1)};
}

}  // namespace weir::cli
