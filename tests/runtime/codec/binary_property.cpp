// SPDX-License-Identifier: BSD-3-Clause
// What is written in binary is read back bit for bit, and no damage to the bytes does worse than
// give an error or another value.
#include <limits>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include "weir/runtime/codec/binary_reader.hpp"
#include "weir/runtime/codec/binary_writer.hpp"
#include "weir/tests/runtime/codec/sample_event.hpp"

#include <catch2/catch.hpp>

using namespace codec_tests;
using weir::codec::from_binary;

namespace {

template <class T>
std::string bytes_of(const T& value) {
  std::string out;
  weir::codec::to_binary(value, out);
  return out;
}

template <class T>
void returns(const T& value) {
  const auto back = from_binary<T>(bytes_of(value));
  if (!back) FAIL(to_string(back.error()));
  CHECK(*back == value);
}

template <class T>
void ends_return() {
  returns(std::numeric_limits<T>::min());
  returns(std::numeric_limits<T>::max());
  returns(std::numeric_limits<T>::lowest());
  returns(T{0});
}

everything full_event() {
  everything made;
  made.tiny = -7;
  made.large = -1'000'000;
  made.huge = 1ULL << 63U;
  made.text = "\u00e9 and a";
  made.paint = colour::blue;
  made.maybe = 2.5;
  made.items = {{"s", 1, "n"}, {"t", 2, {}}};
  made.bits = {true, false};
  made.sorted = {{"a", {1, 300}}, {"b", {}}};
  made.hashed = {{"c", colour::green}};
  made.moment += std::chrono::nanoseconds{-1};
  made.wait = std::chrono::milliseconds{1500};
  return made;
}

// Decodes, and if that gives a value, its bytes give the value again. Counts the errors.
void survives(std::string_view bytes, int& errors) {
  // A copy of its own, so that a read past its end is one past an allocation.
  const std::vector<char> exact(bytes.begin(), bytes.end());
  const auto value = from_binary<everything>({exact.data(), exact.size()});
  if (!value) {
    ++errors;
    CHECK_FALSE(value.error().message.empty());
  } else {
    const auto again = bytes_of(*value);
    const auto back = from_binary<everything>(again);
    REQUIRE(back.has_value());
    CHECK(bytes_of(*back) == again);
  }
}

}  // namespace

TEST_CASE("any event that is written in binary is read back equal", "[codec][property]") {
  rc::prop("round trip", [] {
    const auto event = any_event();
    const auto back = from_binary<everything>(bytes_of(event));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == event);
  });
}

TEST_CASE("equal events have equal binary bytes, whatever the order of hashing",
          "[codec][property]") {
  rc::prop("bytes", [] {
    auto event = any_event();
    const auto bytes = bytes_of(event);
    std::unordered_map<std::string, colour> rehashed(257);
    rehashed.insert(event.hashed.begin(), event.hashed.end());
    event.hashed = std::move(rehashed);
    RC_ASSERT(bytes_of(event) == bytes);
  });
}

TEST_CASE("the smallest and largest numbers are read back from binary", "[codec]") {
  ends_return<std::int8_t>();
  ends_return<std::uint8_t>();
  ends_return<std::int16_t>();
  ends_return<std::uint16_t>();
  ends_return<std::int32_t>();
  ends_return<std::uint32_t>();
  ends_return<std::int64_t>();
  ends_return<std::uint64_t>();
  ends_return<float>();
  ends_return<double>();
  returns(std::numeric_limits<double>::infinity());
  returns(std::numeric_limits<float>::denorm_min());
  CHECK(std::signbit(from_binary<double>(bytes_of(-0.0)).value()));
}

TEST_CASE("a NaN keeps its bits in binary", "[codec]") {
  constexpr std::uint64_t bits = 0xfff8'0000'dead'beefU;
  CHECK(std::bit_cast<std::uint64_t>(
            from_binary<double>(bytes_of(std::bit_cast<double>(bits))).value()) == bits);
}

TEST_CASE("every time and duration is read back from binary", "[codec]") {
  using namespace std::chrono;
  returns(sys_time<nanoseconds>::min());
  returns(sys_time<nanoseconds>::max());
  returns(sys_seconds::min());
  returns(sys_seconds::max());
  returns(sys_days{year{12'345} / 1 / 1});
  returns(nanoseconds::min());
  returns(milliseconds::max());
  returns(seconds::min());
}

TEST_CASE("an event cut short anywhere is refused", "[codec][property]") {
  const auto bytes = bytes_of(full_event());
  REQUIRE(from_binary<everything>(bytes).has_value());
  int errors = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    survives(std::string_view{bytes}.substr(0, size), errors);
  }
  CHECK(errors == static_cast<int>(bytes.size()));
}

TEST_CASE("an event with any byte changed to any other is refused or is another event",
          "[codec][property]") {
  const auto bytes = bytes_of(full_event());
  int errors = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (unsigned change = 1; change < 256; ++change) {
      auto damaged = bytes;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ change);
      survives(damaged, errors);
    }
  }
  CHECK(errors > 0);
}

TEST_CASE("random bytes are refused or are an event", "[codec][property]") {
  rc::prop("noise", [](const std::vector<std::uint8_t>& noise) {
    int errors = 0;
    survives({reinterpret_cast<const char*>(noise.data()), noise.size()}, errors);
  });
}
