// SPDX-License-Identifier: BSD-3-Clause
// The store in memory keeps the contract of all dead-letter stores.
#include "weir/runtime/delivery/dead_letter_store.hpp"

#include "weir/tests/runtime/delivery/dead_letter_store_contract.hpp"

TEST_CASE("the dead-letter store in memory keeps its contract", "[delivery][contract]") {
  delivery_tests::dead_letter_store_contract([](weir::delivery::dead_letter_limits limits) {
    return std::make_unique<weir::delivery::memory_dead_letter_store>(limits);
  });
}

TEST_CASE("a full store says how full it is", "[delivery]") {
  weir::delivery::memory_dead_letter_store store{{.letters_max = 0, .bytes_max = 7}};
  const auto refused = store.put({});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "dead-letter store: 0 letters of at most 0, 0 bytes of at most 7");
}
