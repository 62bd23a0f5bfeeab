// SPDX-License-Identifier: BSD-3-Clause
// A queue that counts what is in it.
#include "weir/runtime/topic/history.hpp"

#include <utility>

#include "weir/runtime/core/invariant.hpp"

namespace weir::topic {

void history::add(batch events) {
  WEIR_INVARIANT(
      wanted() && (batches_.empty() || batches_.back().end_offset() == events.first_offset()),
      "a history with a gap");
  events_ += events.size();
  bytes_ += events.bytes();
  batches_.push_back(std::move(events));
}

batch history::take_newest() {
  WEIR_INVARIANT(!batches_.empty(), "there is no history");
  auto newest = std::move(batches_.back());
  batches_.pop_back();
  events_ -= newest.size();
  bytes_ -= newest.bytes();
  return newest;
}

void history::trim(std::uint64_t kept_events, std::size_t kept_bytes) {
  while (!batches_.empty()) {
    const auto& oldest = batches_.front();
    const auto all = events_ + kept_events;
    const bool fits = all <= limits_.ring_events && bytes_ + kept_bytes <= limits_.ring_bytes;
    if (fits && all - oldest.size() < limits_.retained_events) return;
    events_ -= oldest.size();
    bytes_ -= oldest.bytes();
    batches_.pop_front();
  }
}

}  // namespace weir::topic
