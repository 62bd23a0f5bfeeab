// SPDX-License-Identifier: BSD-3-Clause
// Queues, and an index of the heads that wait for their time.
#include "weir/runtime/delivery/parked_events.hpp"

#include <algorithm>
#include <utility>

#include "weir/runtime/core/invariant.hpp"

namespace weir::delivery {

std::string parked_events::name_of(const dead_letter& letter) const {
  if (parks_keys_ && !letter.key.empty()) return name_of(letter.key);
  return 'o' + std::to_string(letter.offset);
}

timestamp parked_events::due_of(const dead_letter& letter) noexcept {
  return letter.state == letter_state::parked ? letter.due : timestamp::max();
}

parked_events::queue_map::iterator parked_events::queue_of(std::uint64_t offset) {
  const auto found = events_.find(offset);
  return found == events_.end() ? queues_.end() : queues_.find(found->second);
}

bool parked_events::head_is_dead(std::string_view key) const {
  const auto found = queues_.find(name_of(key));
  return found != queues_.end() && found->second.due == timestamp::max();
}

void parked_events::schedule(queue_map::iterator which) {
  auto& [name, waiting] = *which;
  const auto& head = waiting.entries.front();
  if (!head.stored || waiting.due == timestamp::max()) return;
  due_.emplace(waiting.due, head.what.letter->offset, name);
}

void parked_events::unschedule(queue_map::iterator which) {
  const auto& [name, waiting] = *which;
  due_.erase({waiting.due, waiting.entries.front().what.letter->offset, name});
}

void parked_events::park(parked what, bool stored) {
  const auto& letter = *what.letter;
  auto name = name_of(letter);
  const bool keyed = name.front() == 'k';
  // Nobody waits behind it, and it waits for nothing: it is the store's alone.
  if (letter.state == letter_state::dead && !keyed) return;
  const auto [which, fresh] = queues_.try_emplace(std::move(name));
  WEIR_INVARIANT(!events_.contains(letter.offset), "an event parked twice");
  events_.emplace(letter.offset, which->first);
  which->second.entries.push_back({std::move(what), stored});
  if (!fresh) return;
  if (keyed) ++keyed_;
  which->second.due = due_of(*which->second.entries.front().what.letter);
  schedule(which);
}

void parked_events::stored(std::uint64_t offset) {
  const auto which = queue_of(offset);
  if (which == queues_.end()) return;
  auto& entries = which->second.entries;
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& one) {
    return one.what.letter->offset == offset;
  });
  found->stored = true;
  if (found == entries.begin() && in_hand_ != which->first) schedule(which);
}

std::optional<timestamp> parked_events::next_due() const {
  if (in_hand_ || due_.empty()) return std::nullopt;
  return std::get<timestamp>(*due_.begin());
}

std::optional<parked_events::parked> parked_events::take(timestamp now) {
  const auto due = next_due();
  if (!due || *due > now) return std::nullopt;
  const auto which = queues_.find(std::get<std::string>(*due_.begin()));
  due_.erase(due_.begin());
  in_hand_ = which->first;
  return which->second.entries.front().what;
}

void parked_events::go_on(queue_map::iterator which) {
  auto& waiting = which->second;
  events_.erase(waiting.entries.front().what.letter->offset);
  waiting.entries.pop_front();
  if (waiting.entries.empty()) {
    if (which->first.front() == 'k') --keyed_;
    queues_.erase(which);
    return;
  }
  const auto state = waiting.entries.front().what.letter->state;
  waiting.due = state == letter_state::dead ? timestamp::max() : timestamp{};
  schedule(which);
}

void parked_events::done() {
  const auto which = queues_.find(*std::exchange(in_hand_, std::nullopt));
  go_on(which);
}

std::uint64_t parked_events::failed(letter_ptr letter) {
  const auto which = queues_.find(*std::exchange(in_hand_, std::nullopt));
  auto& waiting = which->second;
  const bool dead = letter->state == letter_state::dead;
  if (dead && which->first.front() != 'k') {
    go_on(which);
    return 0;
  }
  auto& head = waiting.entries.front();
  head.stored = false;
  head.what = {std::move(letter), !dead && head.what.in_flight, false};
  waiting.due = due_of(*head.what.letter);
  if (!dead) return 0;
  std::uint64_t buried = 0;
  for (auto& behind : waiting.entries) buried += std::exchange(behind.what.in_flight, false);
  return buried;
}

void parked_events::put_back() {
  const auto which = queues_.find(*std::exchange(in_hand_, std::nullopt));
  schedule(which);
}

bool parked_events::has_in_hand(std::uint64_t offset) const {
  if (!in_hand_) return false;
  return queues_.find(*in_hand_)->second.entries.front().what.letter->offset == offset;
}

bool parked_events::redrive(letter_ptr letter) {
  const auto known = queue_of(letter->offset);
  if (known == queues_.end()) {
    const auto name = name_of(*letter);
    if (queues_.contains(name)) return false;
    auto wanted = std::make_shared<dead_letter>(*letter);
    wanted->state = letter_state::parked;
    wanted->due = timestamp{};
    park({std::move(wanted), false, true}, true);
    return true;
  }
  auto& waiting = known->second;
  auto& head = waiting.entries.front();
  if (head.what.letter->offset != letter->offset || in_hand_ == known->first) return false;
  unschedule(known);
  head.what.letter = std::move(letter);
  head.what.redriven = true;
  waiting.due = timestamp{};
  schedule(known);
  return true;
}

void parked_events::replace(letter_ptr letter) {
  const auto which = queue_of(letter->offset);
  if (which == queues_.end()) return;
  for (auto& one : which->second.entries) {
    if (one.what.letter->offset == letter->offset) one.what.letter = letter;
  }
}

std::optional<parked_events::parked> parked_events::discard(std::uint64_t offset) {
  const auto which = queue_of(offset);
  if (which == queues_.end()) return std::nullopt;
  auto& entries = which->second.entries;
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& one) {
    return one.what.letter->offset == offset;
  });
  if (found == entries.begin()) {
    if (in_hand_ == which->first) return std::nullopt;
    auto gone = found->what;
    unschedule(which);
    go_on(which);
    return gone;
  }
  auto gone = std::move(found->what);
  entries.erase(found);
  events_.erase(offset);
  return gone;
}

}  // namespace weir::delivery
