// SPDX-License-Identifier: BSD-3-Clause
// The calendar is the standard library's; only the digits are ours.
#include "weir/runtime/codec/rfc3339.hpp"

#include <array>

namespace weir::codec::internal {
namespace {

// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what RFC 3339 can write.
constexpr std::int64_t seconds_min = -62'167'219'200;
constexpr std::int64_t seconds_max = 253'402'300'799;
constexpr std::int64_t seconds_per_day = 86'400;

char* put_digits(char* at, std::int64_t value, int width) noexcept {
  for (int i = width - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return at + width;
}

char* put_fraction(char* at, std::int64_t nanoseconds) noexcept {
  if (nanoseconds == 0) return at;
  *at++ = '.';
  if (nanoseconds % 1'000'000 == 0) return put_digits(at, nanoseconds / 1'000'000, 3);
  if (nanoseconds % 1'000 == 0) return put_digits(at, nanoseconds / 1'000, 6);
  return put_digits(at, nanoseconds, 9);
}

// Reads fixed-width fields from the front; once something does not match, everything fails.
class scanner {
 public:
  explicit scanner(std::string_view text) noexcept : rest_(text) {}

  int number(std::size_t width) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (!next_is_digit()) {
        good_ = false;
        return 0;
      }
      value = value * 10 + take_digit();
    }
    return value;
  }

  void expect(char wanted) noexcept {
    if (!accept(wanted)) good_ = false;
  }

  bool accept(char wanted) noexcept {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::int64_t fraction() noexcept {
    std::int64_t nanoseconds = 0;
    std::int64_t place = nanoseconds_per_second;
    while (next_is_digit() && place > 1) {
      place /= 10;
      nanoseconds += take_digit() * place;
    }
    if (place == nanoseconds_per_second) good_ = false;
    return nanoseconds;
  }

  bool done() const noexcept { return good_ && rest_.empty(); }

 private:
  bool next_is_digit() const noexcept {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }
  int take_digit() noexcept {
    const int digit = rest_.front() - '0';
    rest_.remove_prefix(1);
    return digit;
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

bool append_time(split_time time, std::string& out) {
  if (time.seconds < seconds_min || time.seconds > seconds_max) return false;
  const std::chrono::sys_seconds whole{std::chrono::seconds{time.seconds}};
  const auto day = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::year_month_day date{day};
  const std::int64_t of_day = (whole - day).count();

  std::array<char, 40> text{};
  char* at = text.data();
  *at++ = '"';
  at = put_digits(at, static_cast<int>(date.year()), 4);
  *at++ = '-';
  at = put_digits(at, static_cast<unsigned>(date.month()), 2);
  *at++ = '-';
  at = put_digits(at, static_cast<unsigned>(date.day()), 2);
  *at++ = 'T';
  at = put_digits(at, of_day / 3600, 2);
  *at++ = ':';
  at = put_digits(at, of_day / 60 % 60, 2);
  *at++ = ':';
  at = put_digits(at, of_day % 60, 2);
  at = put_fraction(at, time.nanoseconds);
  *at++ = 'Z';
  *at++ = '"';
  out.append(text.data(), at);
  return true;
}

std::optional<split_time> parse_time(std::string_view text) noexcept {
  scanner scan{text};
  const int year = scan.number(4);
  scan.expect('-');
  const int month = scan.number(2);
  scan.expect('-');
  const int day = scan.number(2);
  if (!scan.accept('t')) scan.expect('T');
  const int hour = scan.number(2);
  scan.expect(':');
  const int minute = scan.number(2);
  scan.expect(':');
  const int second = scan.number(2);
  const std::int64_t nanoseconds = scan.accept('.') ? scan.fraction() : 0;

  int offset_minutes = 0;
  if (!scan.accept('Z') && !scan.accept('z')) {
    const bool west = scan.accept('-');
    if (!west) scan.expect('+');
    const int hours = scan.number(2);
    scan.expect(':');
    const int minutes = scan.number(2);
    if (hours > 23 || minutes > 59) return {};
    offset_minutes = (hours * 60 + minutes) * (west ? -1 : 1);
  }
  if (!scan.done() || hour > 23 || minute > 59 || second > 59) return {};
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return {};
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t of_day = (hour * 60 + minute - offset_minutes) * 60 + second;
  return split_time{days * seconds_per_day + of_day, nanoseconds};
}

}  // namespace weir::codec::internal
