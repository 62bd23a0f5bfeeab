// SPDX-License-Identifier: BSD-3-Clause
// Strategies as ranges of the start order: the ended child alone, from it to the end, or all.
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

std::string_view to_string(restart_type value) noexcept {
  switch (value) {
    case restart_type::permanent: return "permanent";
    case restart_type::transient: return "transient";
    case restart_type::temporary: return "temporary";
  }
  return "unknown";
}

std::string_view to_string(end_kind value) noexcept {
  return value == end_kind::normal ? "normal" : "abnormal";
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

result<void> supervisor::add_child(child_id child, restart_type type) {
  if (!known_.insert(child).second) {
    return fail(errc::already_exists, "child " + std::to_string(child) + " of a supervisor");
  }
  children_.push_back({child, type, true});
  return {};
}

bool supervisor::remove_child(child_id child) {
  const auto entry = find(child);
  if (entry == children_.end()) return false;
  children_.erase(entry);
  known_.erase(child);
  return true;
}

decision supervisor::on_child_ended(child_id child, end_kind how, timestamp now) {
  const auto ended = find(child);
  if (ended == children_.end()) return {};
  const bool again = ended->type == restart_type::permanent ||
                     (ended->type == restart_type::transient && how == end_kind::abnormal);
  if (again) return restart_or_escalate(ended, now);
  ended->running = false;
  if (ended->type == restart_type::temporary) remove_child(child);
  return {directive::stop, {}, {}};
}

decision supervisor::on_child_failed(child_id child, timestamp now, directive chosen) {
  const auto failed = find(child);
  if (failed == children_.end()) return {};
  switch (chosen) {
    case directive::resume: return {};
    case directive::restart: return restart_or_escalate(failed, now);
    case directive::stop: remove_child(child); return {directive::stop, {}, {}};
    case directive::escalate: break;
  }
  failed->running = false;
  return escalate();
}

decision supervisor::on_start_failed(child_id child, timestamp now) {
  const auto failed = find(child);
  if (failed == children_.end()) return {};
  if (kind_ != strategy::one_for_one) {
    for (auto entry = failed; entry != children_.end(); ++entry) entry->running = false;
  }
  return restart_or_escalate(failed, now);
}

decision supervisor::on_first_start_failed(child_id child) {
  for (auto entry = find(child); entry != children_.end(); ++entry) entry->running = false;
  return escalate();
}

std::vector<child_id> supervisor::restarted() {
  window_.clear();
  for (auto& entry : children_) entry.running = true;
  return children();
}

std::vector<child_id> supervisor::children() const {
  std::vector<child_id> ids;
  ids.reserve(children_.size());
  for (const auto& entry : children_) ids.push_back(entry.id);
  return ids;
}

supervisor::place supervisor::find(child_id child) noexcept {
  if (!knows(child)) return children_.end();
  return std::find_if(children_.begin(), children_.end(),
                      [child](const child_entry& entry) { return entry.id == child; });
}

std::vector<child_id> supervisor::to_stop(place first, place last) {
  std::vector<child_id> ids;
  while (last != first) {
    if ((--last)->running) ids.push_back(last->id);
  }
  return ids;
}

decision supervisor::restart_or_escalate(place ended, timestamp now) {
  ended->running = false;
  return window_.allow(now) ? restart(ended) : escalate();
}

decision supervisor::restart(place ended) {
  const auto first = kind_ == strategy::all_for_one ? children_.begin() : ended;
  const auto last = kind_ == strategy::one_for_one ? ended + 1 : children_.end();
  decision made{directive::restart, to_stop(first, last), {}};
  const auto goes = [&](const child_entry& entry) {
    return entry.type == restart_type::temporary && entry.id != ended->id;
  };
  for (auto entry = first; entry != last; ++entry) {
    if (goes(*entry)) {
      known_.erase(entry->id);
      continue;
    }
    entry->running = true;
    made.start.push_back(entry->id);
  }
  std::erase_if(children_, [this](const child_entry& entry) { return !knows(entry.id); });
  return made;
}

decision supervisor::escalate() {
  decision made{directive::escalate, to_stop(children_.begin(), children_.end()), {}};
  for (auto& entry : children_) entry.running = false;
  return made;
}

}  // namespace weir::supervision
