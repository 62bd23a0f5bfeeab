// SPDX-License-Identifier: BSD-3-Clause
// The cursor behind all binary writing: what the string holds, and when.
#include "weir/runtime/codec/byte_writer.hpp"

#include <string>

#include <catch2/catch.hpp>

using weir::codec::byte_writer;

namespace {

// What `measured` makes of `length` bytes under a guess.
std::string measured(std::size_t guess, std::size_t length) {
  std::string out = ">";
  {
    byte_writer writer{out};
    const auto written = writer.measured(guess, [length](byte_writer& inner) {
      for (std::size_t i = 0; i < length; ++i) inner.byte('x');
    });
    CHECK(written == length);
    writer.byte('<');
  }
  return out;
}

}  // namespace

TEST_CASE("a writer appends, and leaves exactly what was written", "[codec]") {
  std::string out = "ab";
  {
    byte_writer writer{out};
    CHECK(writer.size() == 2);
    writer.byte(0xFF);
    writer.fixed(std::uint32_t{0x01020304});
    writer.text("cd");
    CHECK(writer.size() == 10);
  }
  CHECK(out == "ab\xFF\x04\x03\x02\x01\x02" "cd");
}

TEST_CASE("a text longer than any step is written whole", "[codec]") {
  const std::string text(100'000, 't');
  std::string out;
  byte_writer{out}.text(text);
  CHECK(out == "\xA0\x8D\x06" + text);
}

TEST_CASE("a length in front is right whatever was guessed", "[codec]") {
  for (const std::size_t length : {0, 1, 127, 128, 300, 20'000}) {
    const auto right = measured(length, length);
    CHECK(right.size() == 2 + weir::codec::varint_bytes(length) + length);
    CHECK(right.ends_with("x<") == (length > 0));
    for (const std::size_t guess : {0, 127, 128, 20'000, 1 << 30}) {
      CHECK(measured(guess, length) == right);
    }
  }
}

TEST_CASE("others append to the string between two writes", "[codec]") {
  std::string out;
  {
    byte_writer writer{out};
    writer.byte('a');
    writer.append([](std::string& text) {
      CHECK(text == "a");
      text += "bc";
    });
    writer.byte('d');
  }
  CHECK(out == "abcd");
}
