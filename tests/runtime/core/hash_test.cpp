// SPDX-License-Identifier: BSD-3-Clause
// Frozen hashes: events with a key would move to other partitions if one of these changed.
#include "weir/runtime/core/hash.hpp"

#include <set>
#include <string>

#include <catch2/catch.hpp>

TEST_CASE("the stable hash is XXH3 with seed 0, by its published numbers", "[core]") {
  CHECK(weir::stable_hash("") == 0x2d06800538d394c2U);
  CHECK(weir::stable_hash("a") == 0xe6c632b61e964e1fU);
  CHECK(weir::stable_hash("abc") == 0x78af5f94892f3950U);
}

TEST_CASE("the stable hash is frozen for every length class of its algorithm", "[core]") {
  const auto hash = [](std::size_t size) { return weir::stable_hash(std::string(size, 'w')); };
  CHECK(hash(8) == 0xfa18579335e48f4bU);
  CHECK(hash(16) == 0x4c40f22fba338ac9U);
  CHECK(hash(100) == 0x11360e1a25d0caa3U);
  CHECK(hash(200) == 0x76906c62466b6d5dU);
  CHECK(hash(1000) == 0x4ac08ee5da1c44c7U);
}

TEST_CASE("the stable hash sees every byte, zeros included", "[core]") {
  std::set<std::uint64_t> seen;
  for (std::size_t size = 0; size < 300; ++size) {
    seen.insert(weir::stable_hash(std::string(size, '\0')));
  }
  CHECK(seen.size() == 300);
  std::string text(300, 'x');
  const auto before = weir::stable_hash(text);
  for (auto& byte : text) {
    byte = 'y';
    CHECK(weir::stable_hash(text) != before);
    byte = 'x';
  }
}
