// SPDX-License-Identifier: BSD-3-Clause
// What a subscription subscribes to: a topic name in which `*` stands for exactly one token and a
// last
// `>` for one or more. Invariant: a pattern that exists is well-formed. The broker matches patterns
// when a topic or subscription appears, never per event.
#pragma once

#include <string>
#include <string_view>

#include "weir/runtime/core/result.hpp"

namespace weir::topic {

class pattern {
 public:
  /// errc::invalid_name unless `text` is 1..249 bytes of tokens joined by dots, each of them a name
  /// token, `*`, or, as the last, `>`. A `*` is a whole token: `order*` is refused.
  static result<pattern> parse(std::string_view text);

  /// True if `topic` (a valid topic name) matches: `orders.*` matches `orders.eu` and neither
  /// `orders` nor `orders.eu.vat`; `orders.>` matches the last two of `orders`, `orders.eu`,
  /// `orders.eu.vat`. Allocates nothing.
  bool matches(std::string_view topic) const noexcept;

  /// True if it has no wildcard: then it matches the topic of that name only.
  bool is_literal() const noexcept { return literal_; }
  const std::string& text() const noexcept { return text_; }
  bool operator==(const pattern& other) const noexcept { return text_ == other.text_; }

 private:
  pattern(std::string text, bool literal) : text_(std::move(text)), literal_(literal) {}

  std::string text_;
  bool literal_;
};

}  // namespace weir::topic
