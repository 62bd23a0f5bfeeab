// SPDX-License-Identifier: BSD-3-Clause
// Batches to store: two types of events, one with heap and one without, and how to build and
// compare them.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "weir/runtime/codec/codec.hpp"
#include "weir/runtime/event/batch.hpp"

namespace codec_tests {

struct placed {
  std::string order_id;
  std::int64_t cents = 0;
  bool operator==(const placed&) const = default;
};
WEIR_EVENT(placed, "codec_tests.placed", 2, (order_id, cents))

struct ticked {
  std::int64_t number = 0;
  bool operator==(const ticked&) const = default;
};
WEIR_EVENT(ticked, "codec_tests.ticked", 1, (number))

/// One event as a value: a `placed` if it has an order id.
struct spoken {
  std::int64_t number = 0;
  std::optional<std::string> order_id;
  std::string key;
  weir::event_id id;
  std::int64_t time = 0;
  std::optional<weir::lineage> origin;

  bool operator==(const spoken& other) const {
    const auto parents = [](const spoken& one) {
      return one.origin ? std::vector{one.origin->correlation_id, one.origin->causation_id}
                        : std::vector<weir::event_id>{};
    };
    return number == other.number && order_id == other.order_id && key == other.key &&
           id == other.id && time == other.time && parents(*this) == parents(other);
  }
};

inline boost::intrusive_ptr<weir::block_pool> pool_of(weir::block_limits limits = {}) {
  weir::codec::enroll<placed>();
  weir::codec::enroll<ticked>();
  return boost::intrusive_ptr<weir::block_pool>{new weir::block_pool{limits}};
}

/// Keys and lineages point into `events`, which must outlive the batch.
inline weir::batch batch_of(const std::vector<spoken>& events, std::uint64_t first_offset) {
  const auto memory = pool_of()->take();
  for (const auto& one : events) {
    const auto build = [&]<class T>(T value) {
      const auto place = memory->reserve(sizeof(T), alignof(T), 0);
      new (place.payload) T(std::move(value));
      memory->push({.id = one.id,
                    .time = weir::timestamp{weir::duration{one.time}},
                    .key = one.key,
                    .type = &weir::type_of<T>(),
                    .origin = one.origin ? &*one.origin : nullptr},
                   place.payload, 0, true);
    };
    if (one.order_id) {
      build(placed{*one.order_id, one.number});
    } else {
      build(ticked{one.number});
    }
  }
  memory->commit();
  weir::batch made{memory, 0, memory->committed(), memory->bytes()};
  made.set_first_offset(first_offset);
  return made;
}

inline spoken spoken_of(const weir::event_view& event) {
  spoken made{.number = 0,
              .order_id = {},
              .key = std::string{event.header.key},
              .id = event.header.id,
              .time = event.header.time.time_since_epoch().count(),
              .origin = {}};
  if (event.header.origin != nullptr) made.origin = *event.header.origin;
  if (event.is<placed>()) {
    made.order_id = event.as<placed>().order_id;
    made.number = event.as<placed>().cents;
  } else {
    made.number = event.as<ticked>().number;
  }
  return made;
}

/// Three events of two types, with everything an event may carry.
inline const std::vector<spoken>& sample() {
  static const std::vector<spoken> events{
      {1999, "o-1", "c-7", {0x0102030405060708, 0x1112131415161718}, 1'000'000'000, {}},
      {-1, {}, "", {1, 2}, 1'000'000'300, weir::lineage{{3, 4}, {5, 6}}},
      {7, {}, "k", {1, 3}, 999'999'999, {}}};
  return events;
}

}  // namespace codec_tests
