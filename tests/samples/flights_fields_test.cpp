// SPDX-License-Identifier: BSD-3-Clause
// Texts to values against the calendar and the number line, and UTF-8 against a naive decoder.
#include "weir/samples/flights/fields.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/core/random.hpp"
#include "weir/samples/flights/utf8.hpp"

using namespace flights;

namespace {

verdict date_verdict(std::string_view text) {
  departure into;
  return set_field(into, field::date, text);
}

// Length of the well-formed sequence at the start of `text`, 0 if there is none: by decoding.
std::size_t naive_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  if (size == 0 || text.size() < size) return 0;
  std::uint32_t point = lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (byte(i) >> 6 != 2) return 0;
    point = point << 6 | (byte(i) & 0x3fU);
  }
  const std::uint32_t least = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  return point >= least && point <= 0x10ffff && !surrogate ? size : 0;
}

std::size_t naive_invalid(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto size = naive_sequence(text.substr(at));
    if (size == 0) return at;
    at += size;
  }
  return std::string_view::npos;
}

}  // namespace

TEST_CASE("every minute text of a day that exists is that minute, no other is", "[flights]") {
  namespace chrono = std::chrono;
  for (const int year : {1678, 1900, 2000, 2001, 2004, 2100, 2261}) {
    for (unsigned month = 0; month <= 13; ++month) {
      for (unsigned day = 0; day <= 32; ++day) {
        char text[32];
        std::snprintf(text, sizeof text, "%04d-%02u-%02u 13:07", year, month, day);
        const auto date = chrono::year{year} / chrono::month{month} / chrono::day{day};
        departure into;
        const auto answer = set_field(into, field::date, text);
        CAPTURE(text);
        CHECK((answer == verdict::fine) == date.ok());
        if (date.ok()) CHECK(weir::to_string(into.at) == std::string{text, 10} + "T13:07:00.000Z");
      }
    }
  }
}

TEST_CASE("a date in another shape is no date", "[flights]") {
  for (const auto* good : {"2001-01-31 23:59", "2001/01/31 00:00", "2000-02-29 12:00"}) {
    CHECK(date_verdict(good) == verdict::fine);
  }
  for (const auto* bad : {"2001-01/31 23:59", "2001-01-31T23:59", "2001-01-31 23:5",
                          "2001-1-31 023:59", "2001-01-31 23:590", "2001-01-31 23.59",
                          "200a-01-31 23:59", "2001-01-31 +3:59", " 001-01-31 23:59"}) {
    CAPTURE(bad);
    CHECK(date_verdict(bad) == verdict::not_a_date);
  }
  CHECK(date_verdict("") == verdict::empty);
  CHECK(date_verdict("2001-02-29 12:00") == verdict::no_such_day);
  CHECK(date_verdict("2001-01-31 24:00") == verdict::no_such_day);
  CHECK(date_verdict("2001-01-31 23:60") == verdict::no_such_day);
  CHECK(date_verdict("1677-12-31 23:59") == verdict::year_out_of_range);
  CHECK(date_verdict("2262-01-01 00:00") == verdict::year_out_of_range);
}

TEST_CASE("numbers are whole, signed and of 32 bits", "[flights]") {
  departure into;
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-120}, std::int64_t{1440},
                                    std::int64_t{2147483647}, std::int64_t{-2147483648}}) {
    CHECK(set_field(into, field::delay, std::to_string(number)) == verdict::fine);
    CHECK(into.delay_minutes == number);
  }
  into.delay_minutes = 5;
  CHECK(set_field(into, field::delay, "2147483648") == verdict::number_out_of_range);
  CHECK(set_field(into, field::delay, "-2147483649") == verdict::number_out_of_range);
  for (const auto* bad : {"-", "+1", " 1", "1 ", "1e3", "0x1", "one", "1.0"}) {
    CHECK(set_field(into, field::delay, bad) == verdict::not_a_whole_number);
  }
  CHECK(into.delay_minutes == 5);
}

TEST_CASE("an airport code is one to four printable characters and orders like its text",
          "[flights]") {
  CHECK_FALSE(iata::from(""));
  CHECK_FALSE(iata::from("ABCDE"));
  CHECK_FALSE(iata::from("A B"));
  CHECK_FALSE(iata::from(std::string_view{"A\0B", 3}));
  CHECK_FALSE(iata::from("\xc3\xa9"));
  CHECK(iata{}.view().empty());
  const std::vector<std::string> sorted = {"0", "00M", "A", "AA", "AAAA", "AAB", "LAS", "Z", "a"};
  for (const auto& a : sorted) {
    CHECK(iata::from(a)->view() == a);
    for (const auto& b : sorted) {
      CHECK((*iata::from(a) < *iata::from(b)) == (a < b));
      CHECK((*iata::from(a) == *iata::from(b)) == (a == b));
      const std::hash<iata> hash;
      CHECK((hash(*iata::from(a)) == hash(*iata::from(b))) == (a == b));
    }
  }
}

TEST_CASE("what is invalid UTF-8 is found where a decoder finds it", "[flights][property]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    weir::random random{seed};
    static const std::string bytes =
        "aZ\x80\xbf\x9f\xa0\x90\x8f\xc1\xc2\xdf\xe0\xed\xef\xf0\xf4\xf5";
    for (int round = 0; round < 200; ++round) {
      std::string text;
      for (auto size = random.below(24); size > 0; --size) {
        text += random.chance(0.5) ? 'x' : bytes[random.below(bytes.size())];
      }
      REQUIRE(find_invalid_utf8(text) == naive_invalid(text));
      const auto limit = random.below(text.size() + 2);
      const auto cut = cut_utf8(text, limit);
      REQUIRE(cut.size() <= limit);
      REQUIRE(cut.size() + 3 >= std::min<std::size_t>(limit, text.size()));
      if (naive_invalid(text) == text.npos) REQUIRE(naive_invalid(cut) == text.npos);
    }
  }
  for (std::uint32_t block = 0; block < 0x10000; ++block) {
    const std::string text{static_cast<char>(block >> 8), static_cast<char>(block & 0xff), '\x80'};
    REQUIRE(find_invalid_utf8(text) == naive_invalid(text));
  }
}
