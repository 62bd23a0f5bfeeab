// SPDX-License-Identifier: BSD-3-Clause
// Reading a name token by token, so that the message can say which one is wrong.
#include "weir/runtime/topic/name.hpp"

#include <algorithm>
#include <string>

namespace weir::topic {
namespace {

bool is_name_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// The name as it may stand in one line of a log: whatever a user typed, without control bytes.
std::string shown(std::string_view name) {
  std::string text{name.substr(0, 64)};
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return "'" + text + (name.size() > 64 ? "...'" : "'");
}

}  // namespace

bool is_name_token(std::string_view token) noexcept {
  return !token.empty() && std::all_of(token.begin(), token.end(), is_name_byte);
}

result<void> check_name(std::string_view kind, std::string_view name) {
  const auto wrong = [&](const std::string& why) {
    return fail(errc::invalid_name, std::string{kind} + " " + shown(name) + " " + why);
  };
  if (name.empty()) return wrong("is empty");
  if (name.size() > name_bytes_max) {
    return wrong("has " + std::to_string(name.size()) + " bytes, at most " +
                 std::to_string(name_bytes_max) + " are allowed");
  }
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    const bool after_dot = at == 0 || name[at - 1] == '.';
    if (c == '.' && after_dot) return wrong("has an empty token at byte " + std::to_string(at));
    if (c != '.' && !is_name_byte(c)) {
      return wrong("has a byte outside a-z 0-9 _ - at byte " + std::to_string(at));
    }
  }
  if (name.back() == '.') return wrong("ends with a dot");
  return {};
}

result<void> check_topic_name(std::string_view name) { return check_name("topic", name); }

}  // namespace weir::topic
