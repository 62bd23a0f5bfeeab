// SPDX-License-Identifier: BSD-3-Clause
// Claims.
#include "weir/actors/broker/shared_inbox.hpp"

#include <utility>
namespace weir::actors {

void shared_inbox::remember(std::uint64_t number, std::string_view id) {
  const std::lock_guard lock{access_};
  const auto [entry, first] = ids_.try_emplace(std::string{id}, known{number, false, {}});
  if (!first) {
    by_number_.erase(std::exchange(entry->second.number, number));
  }
  by_number_.emplace(number, &*entry);
  next_ = number + 1;
  forget_old();
}

shared_inbox::claim shared_inbox::claim_for(std::string_view id) {
  const std::lock_guard lock{access_};
  const auto [entry, first] = ids_.try_emplace(std::string{id}, known{next_, true, {}});
  if (!first) {
    const auto& found = entry->second;
    if (found.pending) return {state::pending};
    return {state::published, found.number, found.where};
  }
  by_number_.emplace(next_, &*entry);
  const claim fresh{state::fresh, next_++, {}};
  forget_old();
  return fresh;
}

shared_inbox::ids::iterator shared_inbox::find(std::string_view id, std::uint64_t number) {
  const auto found = ids_.find(std::string{id});
  return found != ids_.end() && found->second.number == number ? found : ids_.end();
}

void shared_inbox::published(std::string_view id, std::uint64_t number, ring_position where) {
  const std::lock_guard lock{access_};
  const auto found = find(id, number);
  if (found == ids_.end()) return;
  found->second.pending = false;
  found->second.where = std::move(where);
}

void shared_inbox::give_back(std::string_view id, std::uint64_t number) {
  const std::lock_guard lock{access_};
  const auto found = find(id, number);
  if (found == ids_.end()) return;
  by_number_.erase(number);
  ids_.erase(found);
}

std::uint64_t shared_inbox::oldest() const {
  const std::lock_guard lock{access_};
  return next_ > horizon_ ? next_ - horizon_ : 1;
}

void shared_inbox::forget_old() {
  while (!by_number_.empty() && by_number_.begin()->first + horizon_ < next_) {
    ids_.erase(ids_.find(by_number_.begin()->second->first));
    by_number_.erase(by_number_.begin());
  }
}

}  // namespace weir::actors
