// SPDX-License-Identifier: BSD-3-Clause
// Text of calls: parts of it are places in plan files, and do not change.
#include "weir/runtime/sim/call_record.hpp"

#include <cstdio>

namespace weir::sim {

std::string event_place(const call_record& call) {
  std::string text = call.subscription;
  text.append(" ").append(call.type);
  text.append(" ").append(std::to_string(call.partition));
  text.append(" @").append(std::to_string(call.offset));
  return text;
}

std::string call_place(const call_record& call) {
  auto text = event_place(call);
  text.append(" (").append(std::to_string(call.delivery));
  text.append(".").append(std::to_string(call.attempt)).append(")");
  return text;
}

std::string seconds_text(duration since_start) {
  char text[40];
  const auto nanoseconds = since_start.count();
  const auto whole = static_cast<unsigned long long>(nanoseconds < 0 ? -nanoseconds : nanoseconds);
  std::snprintf(text, sizeof text, "%s%llu.%09llu", nanoseconds < 0 ? "-" : "",
                whole / 1'000'000'000, whole % 1'000'000'000);
  return text;
}

std::string call_line(const call_record& call) {
  auto text = seconds_text(call.began) + ' ' + call_place(call);
  if (!call.key.empty()) text.append(" key ").append(call.key);
  return text;
}

}  // namespace weir::sim
