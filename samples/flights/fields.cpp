// SPDX-License-Identifier: BSD-3-Clause
// Texts to values. Everything here is ASCII by construction, so a record whose fields are all fine
// needs no further look at its encoding.
#include "weir/samples/flights/fields.hpp"

#include <charconv>
#include <chrono>

#include "weir/samples/flights/utf8.hpp"

namespace flights {
namespace {

// Two digits, or a number above 99 if one of them is none.
unsigned two_digits(const char* text) noexcept {
  const unsigned tens = static_cast<unsigned char>(text[0]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(text[1]) - unsigned{'0'};
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

verdict parse_date(std::string_view text, weir::timestamp& into) noexcept {
  if (text.size() != 16) return verdict::not_a_date;
  const char* digits = text.data();
  const char mark = digits[4];
  if ((mark != '-' && mark != '/') || digits[7] != mark || digits[10] != ' ' || digits[13] != ':') {
    return verdict::not_a_date;
  }
  const unsigned century = two_digits(digits), year = two_digits(digits + 2);
  const unsigned month = two_digits(digits + 5), day = two_digits(digits + 8);
  const unsigned hour = two_digits(digits + 11), minute = two_digits(digits + 14);
  if (century > 99 || year > 99 || month > 99 || day > 99 || hour > 99 || minute > 99) {
    return verdict::not_a_date;
  }
  namespace chrono = std::chrono;
  const auto whole_year = static_cast<int>(century * 100 + year);
  const chrono::year_month_day date{chrono::year{whole_year}, chrono::month{month},
                                    chrono::day{day}};
  if (!date.ok() || hour > 23 || minute > 59) return verdict::no_such_day;
  if (whole_year < 1678 || whole_year > 2261) return verdict::year_out_of_range;
  into = chrono::sys_days{date} + chrono::minutes{hour * 60 + minute};
  return verdict::fine;
}

verdict parse_number(std::string_view text, std::int32_t& into) noexcept {
  std::int32_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size()) return verdict::not_a_whole_number;
  if (failure == std::errc::result_out_of_range) return verdict::number_out_of_range;
  if (failure != std::errc{}) return verdict::not_a_whole_number;
  into = number;
  return verdict::fine;
}

verdict parse_code(std::string_view text, iata& into) noexcept {
  if (text.size() > iata::capacity) return verdict::code_too_long;
  const auto code = iata::from(text);
  if (!code) return verdict::not_a_code;
  into = *code;
  return verdict::fine;
}

struct sentence {
  weir::errc code;
  std::string_view text;
};

sentence sentence_of(verdict why) noexcept {
  using weir::errc;
  switch (why) {
    case verdict::fine: break;
    case verdict::empty: return {errc::missing_field, "the field is empty"};
    case verdict::not_a_whole_number: return {errc::wrong_type, "expected a whole number"};
    case verdict::number_out_of_range: return {errc::out_of_range, "number out of range (32 bits)"};
    case verdict::not_a_date: return {errc::wrong_type, "expected a date YYYY-MM-DD HH:MM"};
    case verdict::no_such_day: return {errc::out_of_range, "bad date, no such day or time"};
    case verdict::year_out_of_range: return {errc::out_of_range, "year outside 1678 to 2261"};
    case verdict::code_too_long:
      return {errc::too_long, "expected an airport code of at most 4 characters"};
    case verdict::not_a_code: return {errc::wrong_type, "expected an airport code"};
  }
  return {errc::malformed, "malformed"};
}

}  // namespace

verdict set_field(departure& into, field which, std::string_view text) noexcept {
  if (text.empty()) return verdict::empty;
  switch (which) {
    case field::date: return parse_date(text, into.at);
    case field::delay: return parse_number(text, into.delay_minutes);
    case field::distance: return parse_number(text, into.distance_miles);
    case field::origin: return parse_code(text, into.origin);
    case field::destination: return parse_code(text, into.destination);
  }
  return verdict::empty;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t limit = 32;
  std::string shown = "'";
  for (const char byte : text.substr(0, limit)) shown += byte < ' ' || byte > '~' ? '?' : byte;
  return shown + (text.size() > limit ? "...'" : "'");
}

defect explain(field which, verdict why, std::string_view found) {
  const auto [code, text] = sentence_of(why);
  std::string reason{text};
  if (why != verdict::empty) reason += ", found " + quoted(found);
  return {std::string{name_of(which)}, code, std::move(reason)};
}

malformed to_malformed(std::uint64_t record, defect why, std::string_view raw) {
  return {record, std::move(why.field), why.code, std::move(why.reason),
          std::string{cut_utf8(raw, max_raw_bytes)}};
}

}  // namespace flights
