// SPDX-License-Identifier: BSD-3-Clause
// Strategies as ranges of the start order: the failed child alone, from it to the end, or all.
#include "weir/runtime/supervision/supervisor.hpp"

#include <algorithm>

namespace weir::supervision {

std::string_view to_string(strategy value) noexcept {
  switch (value) {
    case strategy::one_for_one: return "one_for_one";
    case strategy::rest_for_one: return "rest_for_one";
    case strategy::all_for_one: return "all_for_one";
  }
  return "unknown";
}

std::string_view to_string(directive value) noexcept {
  switch (value) {
    case directive::resume: return "resume";
    case directive::restart: return "restart";
    case directive::stop: return "stop";
    case directive::escalate: return "escalate";
  }
  return "unknown";
}

std::string to_string(const decision& made) {
  std::string text{to_string(made.what)};
  if (!made.stop.empty()) text += ": stop";
  for (const auto child : made.stop) text += " " + std::to_string(child);
  if (!made.start.empty()) text += made.stop.empty() ? ": start" : ", start";
  for (const auto child : made.start) text += " " + std::to_string(child);
  return text;
}

supervisor::supervisor(strategy kind, intensity limit) : kind_(kind), window_(limit) {}

result<void> supervisor::add_child(child_id child, directive on_failure) {
  if (!known_.insert(child).second) {
    return fail(errc::already_exists, "child " + std::to_string(child) + " of a supervisor");
  }
  children_.push_back({child, on_failure});
  return {};
}

bool supervisor::remove_child(child_id child) {
  const auto entry = find(child);
  if (entry == children_.end()) return false;
  children_.erase(entry);
  known_.erase(child);
  return true;
}

decision supervisor::on_child_failed(child_id child, timestamp now) {
  const auto entry = find(child);
  if (entry == children_.end()) return {};
  return on_child_failed(child, now, entry->on_failure);
}

decision supervisor::on_child_failed(child_id child, timestamp now, directive chosen) {
  const auto failed = find(child);
  if (failed == children_.end()) return {};
  switch (chosen) {
    case directive::resume: return {};
    case directive::restart: return window_.allow(now) ? restart(failed) : escalate(failed);
    case directive::stop:
      children_.erase(failed);
      known_.erase(child);
      return {directive::stop, {}, {}};
    case directive::escalate: return escalate(failed);
  }
  return escalate(failed);
}

std::vector<child_id> supervisor::restarted() {
  window_.clear();
  return children();
}

std::vector<child_id> supervisor::children() const {
  std::vector<child_id> ids;
  ids.reserve(children_.size());
  for (const auto& entry : children_) ids.push_back(entry.id);
  return ids;
}

bool supervisor::knows(child_id child) const noexcept { return known_.contains(child); }

supervisor::children_list::const_iterator supervisor::find(child_id child) const noexcept {
  return std::find_if(children_.begin(), children_.end(),
                      [child](const child_entry& entry) { return entry.id == child; });
}

decision supervisor::restart(children_list::const_iterator failed) const {
  auto first = kind_ == strategy::all_for_one ? children_.begin() : failed;
  const auto last = kind_ == strategy::one_for_one ? failed + 1 : children_.end();
  decision made{directive::restart, {}, {}};
  for (auto entry = first; entry != last; ++entry) {
    made.start.push_back(entry->id);
    if (entry != failed) made.stop.push_back(entry->id);
  }
  std::reverse(made.stop.begin(), made.stop.end());
  return made;
}

decision supervisor::escalate(children_list::const_iterator failed) const {
  decision made{directive::escalate, {}, {}};
  for (auto entry = children_.begin(); entry != children_.end(); ++entry) {
    if (entry != failed) made.stop.push_back(entry->id);
  }
  std::reverse(made.stop.begin(), made.stop.end());
  return made;
}

}  // namespace weir::supervision
