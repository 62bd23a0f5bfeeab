// SPDX-License-Identifier: BSD-3-Clause
// The tree as text.
#include "weir/runtime/supervision/health.hpp"

#include <algorithm>

namespace weir::supervision {
namespace {

void write(const health& one, std::size_t depth, std::string& text) {
  text.append(2 * depth, ' ').append(one.name).append(": ").append(to_string(one.kind));
  if (one.type != restart_type::permanent) text.append(", ").append(to_string(one.type));
  text.append(", ").append(to_string(one.state));
  if (one.restarts > 0) {
    text += ", restarted " + std::to_string(one.restarts);
    text += one.restarts == 1 ? " time" : " times";
  }
  if (one.limit) text += ", " + std::to_string(one.recent) + " of " + to_string(*one.limit);
  if (one.last_error) text += ", last: " + to_string(*one.last_error);
  text += '\n';
  for (const auto& child : one.children) write(child, depth + 1, text);
}

}  // namespace

std::string_view to_string(member_kind value) noexcept {
  switch (value) {
    case member_kind::supervisor: return "supervisor";
    case member_kind::subscription: return "subscription";
    case member_kind::dead_letters: return "dead letters";
  }
  return "unknown";
}

std::string_view to_string(member_state value) noexcept {
  switch (value) {
    case member_state::running: return "running";
    case member_state::restarting: return "restarting";
    case member_state::stopping: return "stopping";
    case member_state::ended: return "ended";
    case member_state::failed: return "failed";
  }
  return "unknown";
}

bool health::well() const noexcept {
  return (state == member_state::running || state == member_state::ended) &&
         std::all_of(children.begin(), children.end(), [](const auto& one) { return one.well(); });
}

std::string to_string(const health& tree) {
  std::string text;
  write(tree, 0, text);
  return text;
}

}  // namespace weir::supervision
