// SPDX-License-Identifier: BSD-3-Clause
// Ticks for consumers that are measured without a topic: one batch, given again and again.
#pragma once

#include "weir/runtime/event/batch.hpp"
#include "weir/tests/benchmarks/events.hpp"

namespace weir::bench {

inline constexpr std::int64_t batch_events = 1024;

inline batch ticks_in(const boost::intrusive_ptr<block_pool>& pool) {
  auto memory = pool->take();
  for (std::int64_t i = 0; i < batch_events; ++i) {
    const auto place = memory->reserve(sizeof(tick), alignof(tick), 0);
    new (place.payload) tick(tick_of(i));
    memory->push({.id = {static_cast<std::uint64_t>(i) + 1, 1},
                  .time = {},
                  .key = {},
                  .type = &type_of<tick>(),
                  .origin = nullptr},
                 place.payload, 0, false);
  }
  memory->commit();
  return {memory, 0, memory->committed(), memory->bytes()};
}

}  // namespace weir::bench
