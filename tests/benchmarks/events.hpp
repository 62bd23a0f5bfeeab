// SPDX-License-Identifier: BSD-3-Clause
// The events that are measured, and how a topic for them is set up.
#pragma once

#include <cstdint>
#include <string>

#include "weir/runtime/event/describe.hpp"

namespace weir::bench {

/// 64 bytes of payload.
struct tick {
  std::int64_t instrument;
  std::int64_t number;
  std::int64_t bid;
  std::int64_t ask;
  double open;
  double high;
  double low;
  double close;
};
WEIR_EVENT(tick, "bench.tick", 1, (instrument, number, bid, ask, open, high, low, close))
static_assert(sizeof(tick) == 64);

inline tick tick_of(std::int64_t number) noexcept {
  // 1,024 keys; the rest of the payload differs from event to event as real ones do.
  return {number & 1023, number, number + 1, number + 2,
          1.5,           2.5,    0.5,        static_cast<double>(number)};
}

/// Five fields of five kinds.
struct order {
  std::string id;
  std::string customer;
  std::int64_t cents;
  double weight;
  bool express;
};
WEIR_EVENT(order, "bench.order", 1, (id, customer, cents, weight, express))

}  // namespace weir::bench
