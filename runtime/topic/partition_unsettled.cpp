// SPDX-License-Identifier: BSD-3-Clause
// Looking for what a cursor has not settled: nothing is counted for it on the way.
#include <algorithm>

#include "weir/runtime/topic/partition.hpp"

namespace weir::topic {

unsettled partition::unsettled_of(cursor_slot slot) const noexcept {
  const auto& reader = cursors_[slot];
  const batch* oldest = nullptr;
  if (limits_.stored && reader.settled < first_kept_offset()) {
    return {.sent = reader.in_hand() ? reader.sent - reader.settled : 0, .oldest = std::nullopt};
  }
  if (is_lossy(reader.policy)) {
    oldest = backlogs_[slot]->front();
  } else {
    const auto found =
        std::partition_point(kept_.begin(), kept_.end(), [&reader](const batch& events) {
          return events.end_offset() <= reader.settled;
        });
    if (found != kept_.end()) oldest = &*found;
  }
  if (oldest == nullptr) return {};
  const auto from = std::max(reader.settled, oldest->first_offset());
  const auto index = static_cast<std::uint32_t>(from - oldest->first_offset());
  // By dropping, a cursor may have settled more than it was ever sent.
  return {.sent = reader.sent > from ? sent_in(slot, reader.sent) : 0,
          .oldest = (*oldest)[index].header.time};
}

}  // namespace weir::topic
