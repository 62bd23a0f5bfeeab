// SPDX-License-Identifier: BSD-3-Clause
// Frames are reused, and only so many are kept.
#include "weir/runtime/delivery/frame_pool.hpp"

#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using pool = weir::internal::frame_pool;

TEST_CASE("a freed frame is used again for its size", "[delivery]") {
  auto* first = pool::take(100);
  std::memset(first, 0xab, 100);
  pool::put(first, 100);
  auto* other = pool::take(1000);
  CHECK(other != first);
  auto* again = pool::take(128);
  CHECK(again == first);
  pool::put(again, 128);
  pool::put(other, 1000);
}

TEST_CASE("frames of any size are whole and apart, more than are kept", "[delivery]") {
  std::vector<std::pair<void*, std::size_t>> taken;
  for (std::size_t size = 1; size < 2 * pool::size_max; size += 13) {
    auto* frame = pool::take(size);
    std::memset(frame, static_cast<int>(size & 0xff), size);
    taken.emplace_back(frame, size);
  }
  for (const auto& [frame, size] : taken) {
    const auto* bytes = static_cast<const unsigned char*>(frame);
    for (std::size_t i = 0; i < size; ++i) REQUIRE(bytes[i] == (size & 0xff));
  }
  for (int round = 0; round < 3; ++round) {
    for (const auto& [frame, size] : taken) pool::put(frame, size);
    for (auto& [frame, size] : taken) frame = pool::take(size);
  }
  for (const auto& [frame, size] : taken) pool::put(frame, size);
}

TEST_CASE("a frame may be freed by another thread than took it", "[delivery]") {
  auto* frame = pool::take(64);
  std::thread{[frame] { pool::put(frame, 64); }}.join();
  auto* mine = pool::take(64);
  pool::put(mine, 64);
}
