// SPDX-License-Identifier: BSD-3-Clause
// Two queues and a place in the first.
#include "weir/runtime/topic/backlog.hpp"

#include <algorithm>
#include <utility>

#include "weir/runtime/core/invariant.hpp"

namespace weir::topic {

void backlog::keep(const batch& events) {
  waiting_.push_back(events);
  waiting_events_ += events.size();
  waiting_bytes_ += events.bytes();
}

std::uint64_t backlog::drop_oldest() {
  WEIR_INVARIANT(!waiting_.empty(), "only what waits may be dropped");
  const auto events = waiting_.front().size();
  waiting_events_ -= events;
  waiting_bytes_ -= waiting_.front().bytes();
  waiting_.pop_front();
  return events;
}

std::optional<batch> backlog::next(std::uint64_t sent) {
  if (again_ < sent_.size()) {
    const auto& whole = sent_[again_++];
    // A rewind may have ended inside of it.
    const auto from = std::max(sent, whole.first_offset()) - whole.first_offset();
    return whole.from(static_cast<std::uint32_t>(from));
  }
  if (waiting_.empty()) return std::nullopt;
  auto events = waiting_.front();
  drop_oldest();
  sent_.push_back(events);
  ++again_;
  return events;
}

void backlog::rewind(std::uint64_t received) {
  const auto first = std::find_if(sent_.begin(), sent_.end(), [received](const batch& events) {
    return events.end_offset() > received;
  });
  again_ = static_cast<std::size_t>(first - sent_.begin());
}

std::uint64_t backlog::count(std::uint64_t settled, std::uint64_t up_to) const noexcept {
  std::uint64_t events = 0;
  for (const auto& one : sent_) {
    if (one.first_offset() >= up_to) break;
    events += std::min(one.end_offset(), up_to) - std::max(one.first_offset(), settled);
  }
  return events;
}

void backlog::settle(std::uint64_t up_to) {
  while (!sent_.empty() && sent_.front().end_offset() <= up_to) {
    WEIR_INVARIANT(again_ > 0, "settled what is to be sent again");
    sent_.pop_front();
    --again_;
  }
}

std::uint64_t backlog::position(std::uint64_t settled, std::uint64_t end) const noexcept {
  if (!sent_.empty()) return std::max(settled, sent_.front().first_offset());
  return waiting_.empty() ? end : waiting_.front().first_offset();
}

}  // namespace weir::topic
