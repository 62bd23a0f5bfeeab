// SPDX-License-Identifier: BSD-3-Clause
// Logs of a few events for tests of who reads them.
#pragma once

#include <string>

#include <catch2/catch.hpp>

#include "weir/runtime/store/partition_log.hpp"
#include "weir/tests/runtime/codec/stored_batches.hpp"

namespace store_tests {

/// Adds one record to the log of a partition: `count` events, numbered as their offsets, a second
/// apart, every third of the one type, the others of the other.
inline void put_events(weir::store::changes& to, const std::string& topic, std::uint32_t partition,
                       std::uint64_t first, std::uint64_t count,
                       weir::payload_format format = weir::payload_format::binary) {
  std::vector<codec_tests::spoken> events;
  for (auto offset = first; offset < first + count; ++offset) {
    codec_tests::spoken one;
    one.number = static_cast<std::int64_t>(offset);
    one.key = "k" + std::to_string(offset % 4);
    one.id = {offset + 1, partition};
    one.time = one.number * 1'000'000'000;
    if (offset % 3 == 0) one.order_id = "o-" + std::to_string(offset);
    events.push_back(std::move(one));
  }
  weir::store::partition_log log{nullptr, topic, partition, format, codec_tests::pool_of()};
  REQUIRE(log.append(to, codec_tests::batch_of(events, first)));
}

}  // namespace store_tests
