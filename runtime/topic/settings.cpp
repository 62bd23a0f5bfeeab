// SPDX-License-Identifier: BSD-3-Clause
// The ring that follows from a topic's options.
#include "weir/runtime/topic/settings.hpp"

#include <algorithm>

namespace weir::topic {

ring_limits settings::publisher_ring() const noexcept {
  // The arena must hold at least one event of the largest size, with key and lineage.
  const auto arena = std::max(options.batch_events_max * arena_bytes_per_event,
                              options.event_bytes_max + key_bytes_max + lineage_bytes);
  return {.block = {.events = options.batch_events_max,
                    .arena_bytes = static_cast<std::uint32_t>(arena)},
          .blocks = blocks_per_ring,
          .block_heap_max = block_heap_max};
}

}  // namespace weir::topic
