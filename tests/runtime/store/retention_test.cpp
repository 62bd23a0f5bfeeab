// SPDX-License-Identifier: BSD-3-Clause
// Retention against what it promises, over seeded logs.
#include "weir/runtime/store/retention.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/core/random.hpp"

using namespace std::chrono_literals;
using weir::duration;
using weir::timestamp;
using weir::store::record_extent;
using weir::store::retention;
using weir::store::retention_limits;

namespace {

constexpr std::uint64_t everything = ~std::uint64_t{0};

/// A log, and where it begins.
struct model {
  std::vector<record_extent> records;
  std::uint64_t begin = 0;

  std::uint64_t bytes_from(std::uint64_t offset) const {
    std::uint64_t sum = 0;
    for (const auto& one : records) sum += one.first >= offset ? one.bytes : 0;
    return sum;
  }
  /// Of what is below `offset` and still there.
  timestamp newest_below(std::uint64_t offset) const {
    auto newest = timestamp::min();
    for (const auto& one : records) {
      if (one.first >= begin && one.first < offset) newest = std::max(newest, one.latest);
    }
    return newest;
  }
};

}  // namespace

TEST_CASE("what is given up was too old or had enough behind it, and nobody waited for it",
          "[store][retention]") {
  std::uint64_t given_up = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    weir::random chance{seed};
    retention_limits limits;
    if (seed % 3 != 0) limits.age = duration{1s} * static_cast<std::int64_t>(1 + chance.below(100));
    if (seed % 3 != 1) limits.bytes = 1'000 + chance.below(20'000);
    retention rules{limits};
    model log;
    auto now = timestamp{} + 1000s;
    std::uint64_t end = 0;
    std::uint64_t settled = 0;
    for (int step = 0; step < 400; ++step) {
      now += 1ms * static_cast<std::int64_t>(chance.below(3'000));
      const record_extent one{end, end + 1 + chance.below(20), 1 + chance.below(900), now};
      log.records.push_back(one);
      rules.add(one);
      end = one.end;
      settled += chance.below(end - settled + 1);
      const auto unsettled_from = seed % 5 == 0 ? settled : everything;
      const auto due = rules.due(now);
      const auto begins = rules.give_up(now, unsettled_from);
      if (!begins) continue;
      REQUIRE(due.value_or(0) >= *begins);
      if (unsettled_from == everything) REQUIRE(*due == *begins);
      ++given_up;
      REQUIRE(*begins > log.begin);
      REQUIRE(*begins <= unsettled_from);
      REQUIRE(*begins <= log.records.back().first);
      const bool old =
          limits.age > duration::zero() && now - log.newest_below(*begins) >= limits.age;
      const bool enough = limits.bytes > 0 && log.bytes_from(*begins) >= limits.bytes;
      REQUIRE((old || enough));
      log.begin = *begins;
    }
    if (seed % 5 == 0 || limits.bytes == 0) continue;
    // No more is kept than the limit, a sixteenth, and the record that completes a segment.
    CHECK(log.bytes_from(log.begin) <= limits.bytes + 2 * (limits.bytes / 16 + 900));
  }
  CHECK(given_up > 3'000);
}

TEST_CASE("what grows old is given up though nothing comes, but for the newest",
          "[store][retention]") {
  retention rules{{.age = 16s}};
  CHECK(rules.look_every() == duration{1s});
  const auto begun = timestamp{} + 1h;
  for (std::uint64_t i = 0; i < 10; ++i) {
    rules.add({i, i + 1, 10, begun + 2s * static_cast<std::int64_t>(i)});
  }
  CHECK_FALSE(rules.due(begun + 15s));
  CHECK_FALSE(rules.give_up(begun + 15s, everything));
  const auto first = rules.give_up(begun + 20s, everything);
  REQUIRE(first);
  CHECK(*first <= 3);
  const auto rest = rules.give_up(begun + 10h, everything);
  REQUIRE(rest);
  CHECK(*rest < 10);
  CHECK_FALSE(rules.give_up(begun + 20h, everything));
}

TEST_CASE("segments are bounded however long somebody does not settle", "[store][retention]") {
  retention rules{{.bytes = 16}};
  constexpr std::uint64_t records = 100'000;
  for (std::uint64_t i = 0; i < records; ++i) rules.add({i, i + 1, 1, timestamp{}});
  CHECK_FALSE(rules.give_up(timestamp{}, 0));
  // Joined segments are coarser, and go as a whole all the same.
  const auto begins = rules.give_up(timestamp{}, everything);
  REQUIRE(begins);
  CHECK(*begins <= records - 16);
  CHECK(*begins > records / 2);
}

TEST_CASE("without limits nothing is given up, ever", "[store][retention]") {
  retention rules{{}};
  for (std::uint64_t i = 0; i < 100; ++i) rules.add({i, i + 1, 1'000'000, timestamp{}});
  CHECK_FALSE(rules.due(timestamp{} + 1000h));
  CHECK_FALSE(rules.give_up(timestamp{} + 1000h, everything));
  CHECK_FALSE(rules.look_every());
}
