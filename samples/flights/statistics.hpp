// SPDX-License-Identifier: BSD-3-Clause
// What the consumers count: delays by airport and departures by day. Integers only, so the order of
// adding and merging cannot show in the result.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "weir/runtime/event/describe.hpp"
#include "weir/samples/flights/departure.hpp"

namespace flights {

struct delay_summary {
  std::int64_t count = 0;
  std::int64_t sum_minutes = 0;
  std::int32_t max_minutes = std::numeric_limits<std::int32_t>::min();  ///< if count > 0

  void add(std::int32_t delay_minutes) noexcept {
    ++count;
    sum_minutes += delay_minutes;
    max_minutes = std::max(max_minutes, delay_minutes);
  }
  void merge(const delay_summary& other) noexcept {
    count += other.count;
    sum_minutes += other.sum_minutes;
    max_minutes = std::max(max_minutes, other.max_minutes);
  }
  /// 0 if nothing was added.
  double mean_minutes() const noexcept {
    return count == 0 ? 0 : static_cast<double>(sum_minutes) / static_cast<double>(count);
  }
  friend bool operator==(const delay_summary&, const delay_summary&) noexcept = default;
};
WEIR_FIELDS(delay_summary, (count, sum_minutes, max_minutes))

/// Delays by origin airport. One thread at a time.
class airport_statistics {
 public:
  using row = std::pair<iata, delay_summary>;

  void add(iata origin, std::int32_t delay_minutes) { airports_[origin].add(delay_minutes); }
  void add(iata origin, const delay_summary& delays) { airports_[origin].merge(delays); }
  void merge(const airport_statistics& other) {
    for (const auto& [code, summary] : other.airports_) airports_[code].merge(summary);
  }
  std::size_t size() const noexcept { return airports_.size(); }

  /// All airports, by code.
  std::vector<row> by_code() const {
    std::vector<row> rows{airports_.begin(), airports_.end()};
    std::sort(rows.begin(), rows.end(),
              [](const row& a, const row& b) { return a.first < b.first; });
    return rows;
  }
  /// The `limit` airports with the highest mean delay, highest first, of those with at least
  /// `at_least` departures; equal means by code.
  std::vector<row> worst(std::size_t limit, std::int64_t at_least) const {
    auto rows = by_code();
    std::erase_if(rows, [=](const row& one) { return one.second.count < at_least; });
    std::stable_sort(rows.begin(), rows.end(), [](const row& a, const row& b) {
      return has_higher_mean(a.second, b.second);
    });
    if (rows.size() > limit) rows.resize(limit);
    return rows;
  }

 private:
  __extension__ using wide = __int128;

  // Compares fractions without dividing; a sum times a count needs more than 64 bits at worst.
  static bool has_higher_mean(const delay_summary& a, const delay_summary& b) noexcept {
    return wide{a.sum_minutes} * b.count > wide{b.sum_minutes} * a.count;
  }

  std::unordered_map<iata, delay_summary> airports_;
};

/// Departures by calendar day. One thread at a time.
class day_statistics {
 public:
  void add(weir::timestamp at) { add(std::chrono::floor<std::chrono::days>(at), 1); }
  void add(std::chrono::sys_days day, std::uint64_t departures) { days_[day] += departures; }
  void merge(const day_statistics& other) {
    for (const auto& [day, count] : other.days_) days_[day] += count;
  }
  std::size_t size() const noexcept { return days_.size(); }
  /// Departures of each day that has any, in order.
  const std::map<std::chrono::sys_days, std::uint64_t>& days() const noexcept { return days_; }

 private:
  std::map<std::chrono::sys_days, std::uint64_t> days_;
};

}  // namespace flights
