// SPDX-License-Identifier: BSD-3-Clause
// Codecs without types: payloads through void pointers, their lifetimes, and the table.
#include "weir/runtime/codec/codec.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "weir/runtime/event/describe.hpp"

#include <catch2/catch.hpp>

using weir::codec::codec_of;
using weir::codec::enroll;
using weir::codec::event_codec;
using weir::codec::find_codec;

namespace codec_test {
namespace {

struct shipped {
  std::string order_id;
  std::optional<int> parcels;
};
WEIR_EVENT(shipped, "codec_test.shipped", 1, (order_id, parcels))

// A field that knows how many of it are alive.
int alive = 0;
struct counted {
  counted() { ++alive; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() { --alive; }
  std::string text;
  int number = 0;
};
WEIR_EVENT(counted, "codec_test.counted", 1, (text, number))

struct late {};
WEIR_EVENT(late, "codec_test.late", 1, ())

template <class T>
struct room {
  alignas(T) std::array<unsigned char, sizeof(T)> bytes;
  void* place() { return bytes.data(); }
  T& value() { return *std::launder(reinterpret_cast<T*>(bytes.data())); }
};

weir::event_type made_up_type(std::uint32_t index) {
  return {.index = index, .version = 1, .name = "made.up", .size = 1, .alignment = 1,
          .destroy = nullptr};
}

}  // namespace
}  // namespace codec_test

using namespace codec_test;

TEST_CASE("a payload is encoded and decoded without its type", "[codec]") {
  const auto& codec = codec_of<shipped>();
  const shipped event{"o-1", 2};
  std::string text = ">";
  codec.encode(&event, text);
  CHECK(text == R"(>{"order_id":"o-1","parcels":2})");

  room<shipped> copy;
  REQUIRE(codec.decode(text.substr(1), copy.place()).has_value());
  CHECK(copy.value().order_id == "o-1");
  CHECK(copy.value().parcels == 2);
  copy.value().~shipped();
}

TEST_CASE("a payload goes to binary and back without its type", "[codec]") {
  const auto& codec = codec_of<shipped>();
  const shipped event{"o-1", 2};
  std::string bytes = ">";
  {
    weir::codec::byte_writer writer{bytes};
    codec.encode_binary(&event, writer);
  }
  CHECK(bytes == ">\x03o-1\x01\x04");

  room<shipped> copy;
  REQUIRE(codec.decode_binary(bytes.substr(1), copy.place()).has_value());
  CHECK(copy.value().order_id == "o-1");
  CHECK(copy.value().parcels == 2);
  copy.value().~shipped();
}

TEST_CASE("a failed binary decoding leaves no payload behind", "[codec]") {
  const auto& codec = codec_of<counted>();
  room<counted> made;
  REQUIRE(alive == 0);
  REQUIRE(codec.decode_binary("\x01" "a\x02", made.place()).has_value());
  CHECK(alive == 1);
  made.value().~counted();
  const auto failed = codec.decode_binary("\x20 this text is longer than it is ", made.place());
  REQUIRE_FALSE(failed.has_value());
  CHECK(to_string(failed.error()) == "malformed: number: the bytes end too early");
  CHECK(alive == 0);
}

TEST_CASE("a codec knows the heap and the layout of its payload", "[codec]") {
  const shipped event{"a number that is on the heap", 2};
  CHECK(codec_of<shipped>().heap(&event) == event.order_id.capacity() + 1);
  CHECK(codec_of<late>().heap == nullptr);
  CHECK(codec_of<shipped>().fingerprint() == weir::codec::fingerprint_of<shipped>());
}

TEST_CASE("decoding constructs one payload, and none when it fails", "[codec]") {
  const auto& codec = codec_of<counted>();
  room<counted> made;
  REQUIRE(alive == 0);
  REQUIRE(codec.decode(R"({"text":"a","number":1})", made.place()).has_value());
  CHECK(alive == 1);
  made.value().~counted();
  CHECK(alive == 0);

  const auto failed = codec.decode(R"({"text":"long enough to be on the heap","number":"1"})",
                                   made.place());
  REQUIRE_FALSE(failed.has_value());
  CHECK(to_string(failed.error()) == "wrong_type: number: expected int32, found a string");
  CHECK(alive == 0);
}

TEST_CASE("a codec describes the fields of its type", "[codec]") {
  CHECK(codec_of<shipped>().fields() == std::vector<weir::codec::field_description>{
                                            {"order_id", "string", false},
                                            {"parcels", "int32", true}});
}

TEST_CASE("one type has one codec", "[codec]") {
  CHECK(&codec_of<shipped>() == &codec_of<shipped>());
  CHECK(&codec_of<shipped>() != &codec_of<late>());
}

TEST_CASE("a type's codec is found by its index once it is entered", "[codec]") {
  const auto index = weir::type_of<late>().index;
  CHECK(find_codec(index) == nullptr);
  CHECK(enroll<late>());
  CHECK(find_codec(index) == &codec_of<late>());
  CHECK(enroll<late>());
  CHECK(find_codec(index) == &codec_of<late>());
}

TEST_CASE("a program's own codec replaces ours", "[codec]") {
  static const event_codec own{
      .encode = [](const void*, std::string& out) { out += "own"; },
      .decode = [](std::string_view, void*) -> weir::result<void> {
        return weir::fail(weir::errc::malformed, "never");
      },
      .fields = [] { return std::vector<weir::codec::field_description>{}; }};
  enroll<shipped>();
  enroll(weir::type_of<shipped>(), own);
  CHECK(find_codec(weir::type_of<shipped>().index) == &own);
  enroll<shipped>();
}

TEST_CASE("indexes next to block borders and far out have slots of their own", "[codec]") {
  static std::array<event_codec, 6> codecs{};
  const std::array<std::uint32_t, 6> indexes{4094, 4095, 4096, 65534, 65535, 1'000'000};
  for (const auto index : indexes) CHECK(find_codec(index) == nullptr);
  for (std::size_t i = 0; i < indexes.size(); ++i) enroll(made_up_type(indexes[i]), codecs[i]);
  for (std::size_t i = 0; i < indexes.size(); ++i) CHECK(find_codec(indexes[i]) == &codecs[i]);
  CHECK(find_codec(~std::uint32_t{0}) == nullptr);
}

TEST_CASE("codecs are found while others are entered", "[codec]") {
  static const event_codec codec{};
  constexpr std::uint32_t first = 10'000;
  constexpr std::uint32_t count = 5'000;
  std::atomic<int> wrong{0};
  std::atomic<std::uint32_t> entered{0};
  std::thread reader{[&] {
    while (entered.load() < count) {
      // Whatever is announced can be seen, whatever is seen is right.
      const auto until = entered.load();
      if (until > 0 && find_codec(first + until - 1) != &codec) ++wrong;
      const auto* ahead = find_codec(first + until);
      if (ahead != nullptr && ahead != &codec) ++wrong;
    }
  }};
  for (std::uint32_t i = 0; i < count; ++i) {
    enroll(made_up_type(first + i), codec);
    entered.store(i + 1);
  }
  reader.join();
  CHECK(wrong == 0);
}
