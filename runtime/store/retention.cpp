// SPDX-License-Identifier: BSD-3-Clause
// Segments.
#include "weir/runtime/store/retention.hpp"

#include <algorithm>
#include <chrono>

namespace weir::store {
namespace {

constexpr int segments_within_limits = 16;
/// How long what was settled late may stay.
constexpr duration look_again = std::chrono::seconds{10};

}  // namespace

bool retention::full(const segment& one, const record_extent& next) const noexcept {
  if (limits_.bytes > 0 && one.bytes >= limits_.bytes / segments_within_limits) return true;
  return limits_.age > duration::zero() &&
         next.latest - one.begun >= limits_.age / segments_within_limits;
}

bool retention::add(const record_extent& one) {
  bytes_ += one.bytes;
  const bool begins = segments_.empty() || full(segments_.back(), one);
  if (begins) {
    segments_.push_back({one.end, one.bytes, one.latest, one.latest});
  } else {
    auto& newest = segments_.back();
    newest.end = one.end;
    newest.bytes += one.bytes;
    newest.latest = std::max(newest.latest, one.latest);
  }
  if (segments_.size() <= segments_max) return begins;
  // Somebody has not settled for long: the same in half as many.
  std::deque<segment> joined;
  for (std::size_t i = 0; i < segments_.size(); i += 2) {
    joined.push_back(segments_[i]);
    if (i + 1 == segments_.size()) break;
    const auto& next = segments_[i + 1];
    auto& both = joined.back();
    both.end = next.end;
    both.bytes += next.bytes;
    both.latest = std::max(both.latest, next.latest);
  }
  segments_ = std::move(joined);
  return begins;
}

bool retention::may_go(const segment& oldest, std::uint64_t bytes, timestamp now) const noexcept {
  if (limits_.bytes > 0 && bytes - oldest.bytes >= limits_.bytes) return true;
  return limits_.age > duration::zero() && now - oldest.latest >= limits_.age;
}

std::optional<std::uint64_t> retention::due(timestamp now) const noexcept {
  std::optional<std::uint64_t> begins;
  auto bytes = bytes_;
  for (std::size_t i = 0; i + 1 < segments_.size() && may_go(segments_[i], bytes, now); ++i) {
    begins = segments_[i].end;
    bytes -= segments_[i].bytes;
  }
  return begins;
}

std::optional<std::uint64_t> retention::give_up(timestamp now, std::uint64_t unsettled_from) {
  std::optional<std::uint64_t> begins;
  while (segments_.size() > 1 && may_go(segments_.front(), bytes_, now) &&
         segments_.front().end <= unsettled_from) {
    begins = segments_.front().end;
    bytes_ -= segments_.front().bytes;
    segments_.pop_front();
  }
  return begins;
}

std::optional<duration> retention::look_every() const noexcept {
  if (!limits_.any()) return std::nullopt;
  if (limits_.age <= duration::zero()) return look_again;
  return std::clamp<duration>(limits_.age / segments_within_limits, std::chrono::seconds{1},
                              std::chrono::hours{1});
}

}  // namespace weir::store
