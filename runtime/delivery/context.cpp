// SPDX-License-Identifier: BSD-3-Clause
// Staging, accepting and rejecting what handlers publish.
#include "weir/runtime/delivery/context.hpp"

#include <stdexcept>

#include "weir/runtime/core/hash.hpp"

namespace weir {

void context::open(const batch& events, const position& where) noexcept {
  envelopes_ = events.envelopes();
  first_offset_ = events.first_offset();
  partition_ = where.partition;
  delivery_count_ = where.delivery_count;
  attempt_ = where.attempt;
  now_ = where.now;
  states_ = where.states;
  overtaken_ = where.overtaken;
}

delivery::partition_state& context::states() const {
  if (states_ != nullptr) return *states_;
  throw std::logic_error("state is kept for transactional subscriptions, and " + subscription_ +
                         " is none");
}

std::string delivery::idempotency_key(std::string_view subscription, event_id id) {
  return std::string{subscription} + '/' + to_string(id);
}

std::uint64_t delivery::chance_seed(std::string_view subscription, event_id id) {
  return stable_hash(idempotency_key(subscription, id));
}

std::string context::idempotency_key() const {
  return delivery::idempotency_key(subscription_, header().id);
}

std::uint64_t context::chance_seed(event_id id) const {
  return fixed_chance_ ? *fixed_chance_ : delivery::chance_seed(subscription_, id);
}

bool context::accept() noexcept {
  if (withheld_) [[unlikely]] return true;
  staged_ = false;
  if (states_ != nullptr) states_->accept();
  bool room = true;
  for (auto& outlet : outlets_) {
    if (outlet == nullptr || !outlet->attempting()) continue;
    outlet->accept();
    room = room && outlet->has_room();
  }
  return room;
}

void context::reject() noexcept {
  staged_ = false;
  if (states_ != nullptr) states_->reject();
  for (auto& outlet : outlets_) {
    if (outlet != nullptr) outlet->reject();
  }
}

bool context::has_room() const noexcept {
  for (const auto& outlet : outlets_) {
    if (outlet != nullptr && !outlet->has_room()) return false;
  }
  return true;
}

bool context::want_room() noexcept {
  bool waiting = false;
  for (auto& outlet : outlets_) {
    if (outlet == nullptr || outlet->has_room()) continue;
    waiting = outlet->want_room() || waiting;
  }
  return waiting;
}

topic::publisher& context::outlet(const std::shared_ptr<const topic::settings>& to) {
  if (outlets_.size() <= to->index) outlets_.resize(to->index + 1);
  auto& found = outlets_[to->index];
  if (found == nullptr) found = std::make_unique<topic::publisher>(to, seeds_());
  return *found;
}

}  // namespace weir
