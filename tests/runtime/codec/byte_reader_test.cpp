// SPDX-License-Identifier: BSD-3-Clause
// Numbers and texts as bytes and back, and every way in which bytes can be too few or wrong.
#include "weir/runtime/codec/byte_reader.hpp"

#include <limits>
#include <string>
#include <vector>

#include "weir/runtime/codec/byte_writer.hpp"

#include <catch2/catch.hpp>

using namespace std::string_literals;
using weir::codec::byte_reader;
using weir::codec::byte_writer;
using weir::codec::unzigzag;
using weir::codec::varint_bytes;
using weir::codec::zigzag;

namespace {

std::string varint(std::uint64_t value) {
  std::string bytes;
  byte_writer{bytes}.varint(value);
  return bytes;
}

bool reads_varint(std::string_view bytes) {
  byte_reader reader{bytes};
  std::uint64_t value = 7;
  const bool done = reader.varint(value);
  if (!done) {
    CHECK(value == 7);
    CHECK(reader.left() == bytes.size());
  }
  return done;
}

}  // namespace

TEST_CASE("a varint of any length is read back and takes as many bytes as announced", "[codec]") {
  std::vector<std::uint64_t> values{0, std::numeric_limits<std::uint64_t>::max()};
  for (unsigned bit = 0; bit < 64; ++bit) {
    values.push_back(std::uint64_t{1} << bit);
    values.push_back((std::uint64_t{1} << bit) - 1);
  }
  for (const auto value : values) {
    const auto bytes = varint(value);
    CHECK(bytes.size() == varint_bytes(value));
    byte_reader reader{bytes};
    std::uint64_t back = ~value;
    CHECK(reader.varint(back));
    CHECK(back == value);
    CHECK(reader.done());
  }
}

TEST_CASE("a varint has one form and 64 bits", "[codec]") {
  CHECK(varint(300) == "\xAC\x02");
  CHECK_FALSE(reads_varint(""));
  CHECK_FALSE(reads_varint("\x80"));
  CHECK_FALSE(reads_varint("\x80\x00"s));      // 0 in two bytes
  CHECK_FALSE(reads_varint("\xAC\x82\x00"s));  // 300 in three
  CHECK(reads_varint("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"));
  CHECK_FALSE(reads_varint("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"));
  CHECK_FALSE(reads_varint("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x81\x00"s));
}

TEST_CASE("a reader tells a varint that is cut short from one that is wrong", "[codec]") {
  CHECK(byte_reader{""}.ends_in_varint());
  CHECK(byte_reader{"\x80\xFF"}.ends_in_varint());
  CHECK_FALSE(byte_reader{"\x80\x00"s}.ends_in_varint());
  CHECK_FALSE(byte_reader{std::string(10, '\xFF')}.ends_in_varint());
}

TEST_CASE("small numbers of either sign are small, and the ends are kept", "[codec]") {
  CHECK(zigzag(0) == 0);
  CHECK(zigzag(-1) == 1);
  CHECK(zigzag(1) == 2);
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{64},
                                   std::numeric_limits<std::int64_t>::min(),
                                   std::numeric_limits<std::int64_t>::max()}) {
    CHECK(unzigzag(zigzag(value)) == value);
  }
}

TEST_CASE("what is not there is not read and moves nothing", "[codec]") {
  byte_reader reader{"\x03" "ab"};
  std::string_view text = "before";
  std::uint32_t number = 7;
  CHECK_FALSE(reader.text(text));
  CHECK_FALSE(reader.fixed(number));
  CHECK_FALSE(reader.bytes(4, text));
  CHECK(text == "before");
  CHECK(number == 7);
  CHECK(reader.left() == 3);
  CHECK(reader.bytes(3, text));
  CHECK(reader.done());
  std::uint8_t byte = 7;
  CHECK_FALSE(reader.byte(byte));
  CHECK(reader.bytes(0, text));
}

TEST_CASE("a length near 2^64 is no way past the end", "[codec]") {
  const auto bytes = varint(std::numeric_limits<std::uint64_t>::max()) + "abc";
  byte_reader reader{bytes};
  std::string_view text;
  CHECK_FALSE(reader.text(text));
  CHECK(reader.left() == bytes.size());
}
