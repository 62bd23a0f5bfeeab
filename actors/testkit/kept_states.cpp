// SPDX-License-Identifier: BSD-3-Clause
// Hex to rows.
#include "weir/actors/testkit/kept_states.hpp"

#include <charconv>
#include <string_view>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/delivery/state_snapshot.hpp"

namespace weir::testkit {
namespace {

std::string bytes_of(std::string_view hex) {
  WEIR_INVARIANT(hex.size() % 2 == 0, "half a byte");
  std::string bytes;
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    unsigned value = 0;
    const auto read = std::from_chars(hex.data() + at, hex.data() + at + 2, value, 16);
    WEIR_INVARIANT(read.ptr == hex.data() + at + 2, "this is no hex");
    bytes += static_cast<char>(value);
  }
  return bytes;
}

}  // namespace

std::shared_ptr<store::memory_store> store_with(const std::string& subscription,
                                                const std::string& topic,
                                                const std::vector<kept_state>& values) {
  auto made = std::make_shared<store::memory_store>();
  const delivery::state_place place{made, subscription, topic, 0};
  store::changes rows;
  for (const auto& one : values) {
    delivery::put_row(place, {one.name, bytes_of(one.key), bytes_of(one.value)}, rows);
  }
  const auto kept = made->commit(rows);
  WEIR_INVARIANT(kept.has_value(), "a new store in memory takes everything");
  return made;
}

}  // namespace weir::testkit
