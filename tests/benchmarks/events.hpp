// SPDX-License-Identifier: BSD-3-Clause
// The events that are measured, and how a topic for them is set up.
#pragma once

#include <cstdint>
#include <optional>
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

/// Six fields, about 100 bytes in binary.
struct order {
  std::string id;
  std::string customer;
  std::int64_t cents;
  std::int32_t parcels;
  double weight;
  std::optional<std::string> note;
};
WEIR_EVENT(order, "bench.order", 1, (id, customer, cents, parcels, weight, note))

inline order order_of(std::int64_t number) {
  return {"o-2001-01-31-000042-7731", "customer-77310042-berlin",      199'900 + number % 1024,
          3,                          static_cast<double>(number) / 4, "leave it at the back door"};
}

}  // namespace weir::bench
