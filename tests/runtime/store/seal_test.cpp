// SPDX-License-Identifier: BSD-3-Clause
// Seals: frozen bytes, and what they find.
#include "weir/runtime/store/seal.hpp"

#include <catch2/catch.hpp>

using namespace weir::store;

namespace {

std::string sealed(table where, std::string_view key, std::string_view value) {
  std::string bytes{value};
  append_seal(bytes, where, key, 0);
  return bytes;
}

}  // namespace

TEST_CASE("a sealed value is the value and eight bytes, and opens under its table and key",
          "[store]") {
  const auto bytes = sealed(table::log, "key", "value");
  CHECK(bytes.size() == 5 + seal_size);
  const auto opened = unseal(table::log, "key", bytes);
  REQUIRE(opened);
  CHECK(*opened == "value");
  CHECK(*unseal(table::log, "key", sealed(table::log, "key", "")) == "");
}

TEST_CASE("any flipped bit, other length, key or table is found", "[store]") {
  const auto bytes = sealed(table::log, "key", "value");
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    auto flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    INFO("bit " << bit);
    CHECK_FALSE(unseal(table::log, "key", flipped));
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(unseal(table::log, "key", std::string_view{bytes}.substr(0, size)));
  }
  CHECK_FALSE(unseal(table::log, "key", bytes + "x"));
  CHECK_FALSE(unseal(table::log, "kez", bytes));
  CHECK_FALSE(unseal(table::state, "key", bytes));
}

TEST_CASE("no byte moves between key and value unseen", "[store]") {
  CHECK(seal_of(table::log, "ab", "c") != seal_of(table::log, "a", "bc"));
  CHECK(seal_of(table::log, "a", "b") != seal_of(table::log, "b", "a"));
}

TEST_CASE("a damaged record names its table and key", "[store]") {
  const auto opened = unseal(table::dead_letters, std::string("a\0", 2), "short");
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == weir::errc::store_corrupt);
  CHECK(opened.error().message ==
        "table dead_letters, key a\\x00: the record (5 bytes) is not what was written");
}

TEST_CASE("seals are frozen", "[store]") {
  CHECK(seal_of(table::log, "orders", "hello") == 0x88d0bedd0bad7608);
  CHECK(seal_of(table::meta, "a", "") == 0xd3f67779c8cd49c3);
}
