// SPDX-License-Identifier: BSD-3-Clause
// One event with a field of every kind that has a JSON form, and any number of random ones. The
// tests of this room share it.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "weir/runtime/event/describe.hpp"

namespace codec_tests {

enum class colour { red, green = 5, blue };
BOOST_DESCRIBE_ENUM(colour, red, green, blue)

struct item {
  std::string sku;
  std::int8_t price = 0;
  std::optional<std::string> note;
  bool operator==(const item&) const = default;
};
WEIR_FIELDS(item, (sku, price, note))

struct tree {
  int value = 0;
  std::vector<tree> children;
  bool operator==(const tree&) const = default;
};
WEIR_FIELDS(tree, (value, children))

struct everything {
  std::int8_t tiny = 0;
  std::uint16_t small = 0;
  std::int64_t large = 0;
  std::uint64_t huge = 0;
  float rough = 0;
  double fine = 0;
  bool flag = false;
  std::string text;
  colour paint = colour::red;
  std::optional<double> maybe;
  std::vector<item> items;
  std::vector<bool> bits;
  std::array<std::uint8_t, 3> bytes{};
  std::map<std::string, std::vector<int>> sorted;
  std::unordered_map<std::string, colour> hashed;
  std::chrono::sys_time<std::chrono::nanoseconds> moment;
  std::chrono::sys_seconds second;
  std::chrono::milliseconds wait{};
  bool operator==(const everything&) const = default;
};
WEIR_EVENT(everything, "codec.everything", 1,
           (tiny, small, large, huge, rough, fine, flag, text, paint, maybe, items, bits, bytes,
            sorted, hashed, moment, second, wait))

/// Random valid UTF-8, the awkward characters more often than they deserve.
inline std::string any_text() {
  std::string text;
  for (auto point : *rc::gen::arbitrary<std::vector<std::uint32_t>>()) {
    if (point % 3 == 0) point = point / 3 % 0x80;  // controls, quotes, letters
    point %= 0x110000;
    if (point >= 0xD800 && point < 0xE000) point = 0xFFFD;
    const auto put = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (point < 0x80) {
      put(point);
    } else if (point < 0x800) {
      put(0xC0U | point >> 6U);
    } else if (point < 0x10000) {
      put(0xE0U | point >> 12U);
      put(0x80U | (point >> 6U & 0x3FU));
    } else {
      put(0xF0U | point >> 18U);
      put(0x80U | (point >> 12U & 0x3FU));
      put(0x80U | (point >> 6U & 0x3FU));
    }
    if (point >= 0x80) put(0x80U | (point & 0x3FU));
  }
  return text;
}

/// Any bit pattern that is a finite number: tiny, huge, subnormal, negative zero.
template <class Float, class Bits>
Float any_finite() {
  // Multiplied by an odd constant, since generated integers are mostly small.
  const auto number = std::bit_cast<Float>(
      static_cast<Bits>(*rc::gen::arbitrary<Bits>() * static_cast<Bits>(0x9e3779b97f4a7c15U)));
  return std::isfinite(number) ? number : Float{};
}

inline everything any_event() {
  everything made;
  made.tiny = *rc::gen::arbitrary<std::int8_t>();
  made.small = *rc::gen::arbitrary<std::uint16_t>();
  made.large = *rc::gen::arbitrary<std::int64_t>();
  made.huge = *rc::gen::arbitrary<std::uint64_t>();
  made.rough = any_finite<float, std::uint32_t>();
  made.fine = any_finite<double, std::uint64_t>();
  made.flag = *rc::gen::arbitrary<bool>();
  made.text = any_text();
  made.paint = *rc::gen::element(colour::red, colour::green, colour::blue);
  if (*rc::gen::arbitrary<bool>()) made.maybe = any_finite<double, std::uint64_t>();
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    item one{any_text(), *rc::gen::arbitrary<std::int8_t>(), {}};
    if (*rc::gen::arbitrary<bool>()) one.note = any_text();
    made.items.push_back(std::move(one));
  }
  made.bits = *rc::gen::arbitrary<std::vector<bool>>();
  for (auto& byte : made.bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    made.sorted[any_text()] = *rc::gen::arbitrary<std::vector<int>>();
    made.hashed[any_text()] = *rc::gen::element(colour::red, colour::blue);
  }
  made.moment += std::chrono::nanoseconds{*rc::gen::arbitrary<std::int64_t>()};
  made.second += std::chrono::seconds{
      *rc::gen::inRange<std::int64_t>(-62'167'219'200, 253'402'300'800)};  // years 0 to 9999
  made.wait = std::chrono::milliseconds{*rc::gen::arbitrary<std::int32_t>()};
  return made;
}

}  // namespace codec_tests
