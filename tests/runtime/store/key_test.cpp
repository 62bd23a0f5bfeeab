// SPDX-License-Identifier: BSD-3-Clause
// Composite keys: they sort as their fields, come back as they went in, and their bytes are frozen.
#include "weir/runtime/store/key.hpp"

#include <tuple>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace weir::store;

namespace {

using fields = std::tuple<std::string, std::uint32_t, std::int64_t, std::string, std::uint8_t,
                          std::uint64_t>;

// Few different bytes, the ones that matter among them, so that prefixes and zeros meet.
rc::Gen<std::string> any_text() {
  return rc::gen::container<std::string>(
      rc::gen::element('\x00', '\x01', '\x02', 'a', '\xfe', '\xff'));
}

rc::Gen<fields> any_fields() {
  return rc::gen::tuple(any_text(), rc::gen::element<std::uint32_t>(0, 1, 0xff, 0x100, 0xffffffff),
                        rc::gen::arbitrary<std::int64_t>(), any_text(),
                        rc::gen::arbitrary<std::uint8_t>(), rc::gen::arbitrary<std::uint64_t>());
}

std::string written(const fields& from) {
  const auto& [a, b, c, d, e, f] = from;
  return key_writer{}.text(a).u32(b).i64(c).text(d).u8(e).u64(f).take();
}

// Texts compare as unsigned bytes; std::string does, through char_traits.
int sign_of(auto order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

}  // namespace

TEST_CASE("keys sort as their fields do", "[store][property]") {
  rc::prop("order is preserved", [] {
    const auto one = *any_fields();
    auto two = *any_fields();
    // Equal beginnings are where keys go wrong, and chance hardly finds them.
    if (*rc::gen::arbitrary<bool>()) std::get<0>(two) = std::get<0>(one);
    if (*rc::gen::arbitrary<bool>()) std::get<1>(two) = std::get<1>(one);
    if (*rc::gen::arbitrary<bool>()) std::get<2>(two) = std::get<2>(one);
    RC_ASSERT(sign_of(written(one).compare(written(two))) == sign_of(one <=> two));
  });
}

TEST_CASE("a key reads back as it was written, and not when it was cut", "[store][property]") {
  rc::prop("round trip", [] {
    const auto in = *any_fields();
    const auto bytes = written(in);
    key_reader reader{bytes};
    fields out;
    auto& [a, b, c, d, e, f] = out;
    const auto read = [&](key_reader& from) {
      a = from.text();
      b = from.u32();
      c = from.i64();
      d = from.text();
      e = from.u8();
      f = from.u64();
    };
    read(reader);
    RC_ASSERT(reader.done());
    RC_ASSERT(out == in);
    const auto kept = *rc::gen::inRange<std::size_t>(0, bytes.size());
    key_reader cut{std::string_view{bytes}.substr(0, kept)};
    read(cut);
    RC_ASSERT(!cut.ok());
    RC_ASSERT(f == 0U);
  });
}

TEST_CASE("all keys that begin with a prefix lie below its end", "[store][property]") {
  rc::prop("bounds", [] {
    const auto prefix = *any_text();
    const auto key = *any_text();
    const auto end = prefix_end(prefix);
    const bool inside = key >= prefix && (end.empty() || key < end);
    RC_ASSERT(inside == key.starts_with(prefix));
    RC_ASSERT(end.empty() || prefix + key < end);
  });
}

TEST_CASE("the bytes of keys are frozen", "[store]") {
  const std::string text = key_writer{}.text(std::string_view{"a\0b", 3}).take();
  CHECK(text == std::string("a\0\xff" "b\0\x01", 6));
  const std::string numbers = key_writer{}.u8(1).u32(0x01020304).u64(5).take();
  CHECK(numbers == std::string("\1\1\2\3\4\0\0\0\0\0\0\0\5", 13));
  const std::string negative = key_writer{}.i64(-1).rest("x").take();
  CHECK(negative == "\x7f\xff\xff\xff\xff\xff\xff\xffx");
}

TEST_CASE("a text that is escaped wrongly is not read", "[store]") {
  for (const std::string_view bytes :
       {std::string_view{"a\0\x02", 3}, std::string_view{"a\0", 2}, std::string_view{"a"}}) {
    key_reader reader{bytes};
    CHECK(reader.text().empty());
    CHECK_FALSE(reader.ok());
    CHECK(reader.u32() == 0);
    CHECK_FALSE(reader.done());
  }
}

TEST_CASE("what is left of a key is one field, and a writer can be used again", "[store]") {
  key_writer writer;
  writer.u8(7).rest("tail");
  key_reader reader{writer.bytes()};
  CHECK(reader.u8() == 7);
  CHECK_FALSE(reader.done());
  CHECK(reader.rest() == "tail");
  CHECK(reader.done());
  CHECK(writer.clear().u8(1).bytes() == "\1");
}

TEST_CASE("a key for people is one short line", "[store]") {
  CHECK(printable(std::string_view{"a-\0\xff\\ ", 6}) == "a-\\x00\\xff\\x5c\\x20");
  CHECK(printable(std::string(65, 'k')) == std::string(64, 'k') + "...");
}
