// SPDX-License-Identifier: BSD-3-Clause
// A letter with something in every field that exports and tables show.
#pragma once

#include <chrono>

#include "weir/runtime/delivery/letter_filter.hpp"

namespace delivery_tests {

inline weir::delivery::found_letter shown_letter() {
  using namespace std::chrono_literals;
  weir::delivery::found_letter one;
  one.number = 7;
  auto& letter = one.letter;
  letter.id = letter.correlation_id = {1, 2};
  letter.topic = "orders";
  letter.partition = 2;
  letter.offset = 17;
  letter.subscription = "billing";
  letter.type_name = "order.created";
  letter.type_version = 1;
  letter.key = "c-7";
  letter.payload = R"({"cents":5})";
  letter.published_at = letter.died_at = weir::timestamp{1'000'000'000s};
  letter.failure = {weir::errc::handler_threw, "no\nrow 9"};
  letter.failure.causes = {{"std::runtime_error", "no row 9"}};
  letter.attempts = {{weir::timestamp{1'000'000'001s}, {weir::errc::timeout, "slow"}}};
  letter.attempt_count = 1;
  return one;
}

}  // namespace delivery_tests
