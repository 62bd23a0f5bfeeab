// SPDX-License-Identifier: BSD-3-Clause
// How many calls of a slow dependency may be in progress at once, as a value; and the permits that
// keep to it, with whoever waits for one. (Nygard, "Release It!", 2007, gave the pattern its name:
// a ship's walls that let one room fill with water and no other.)
//
// Invariants: never more than `at_most` permits are taken; while somebody waits all of them are,
// and the next that comes free is for who has waited longest.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "weir/runtime/core/result.hpp"

namespace weir {

struct bulkhead {
  static constexpr std::uint32_t at_most_max = 65'536;

  /// Subscriptions of a node that name the same share its permits; 1 to 128 bytes.
  std::string name;
  /// 1..65,536.
  std::uint32_t at_most = 1;

  /// errc::invalid_argument naming the first that is out of range.
  result<void> check() const;

  bool operator==(const bulkhead&) const = default;
};

/// `at most 4 at once in payments`
std::string to_string(const bulkhead& limit);

/// The permits of one bulkhead. Any thread.
class permits {
 public:
  /// Events that are handled under one permit, if nobody waits for it; one if somebody does.
  static constexpr std::uint32_t events_max = 32;

  struct counts {
    std::uint32_t taken = 0;
    std::size_t waiting = 0;  // places, each of which may hold several lanes
  };

  /// A limit that check() accepts.
  explicit permits(bulkhead limit) : limit_(std::move(limit)) {}
  const bulkhead& limit() const noexcept { return limit_; }
  counts now() const;

  /// One who takes permits, and waits for one at a time. One thread at a time; what it shares with
  /// others is theirs too. It leaves when it is destroyed.
  class place;

 private:
  struct waiter {
    std::function<void()> wake;
    bool queued = false;
    bool granted = false;
  };

  bool take(const std::shared_ptr<waiter>& who);
  void give_back();
  std::uint32_t admitted(std::uint32_t events) const;

  const bulkhead limit_;
  mutable std::mutex access_;
  std::uint32_t taken_ = 0;
  std::deque<std::shared_ptr<waiter>> queue_;
};

class permits::place {
 public:
  explicit place(std::shared_ptr<permits> of);
  place(const place&) = delete;
  place& operator=(const place&) = delete;
  ~place() { leave(); }

  /// Whom to tell when its turn has come, and it is waiting: called by whoever gives a permit back,
  /// on any thread; it must not call the place.
  void attend(std::function<void()> wake);
  /// How many of `events` (at least one) may be handled now, under the permit it has, or gets, and
  /// keeps until exit(). None: it waits, and is told.
  std::uint32_t enter(std::uint32_t events);
  /// The same under one permit more.
  std::uint32_t take(std::uint32_t events);
  /// Gives a permit back, if it has one.
  void exit();
  /// Waits no more, wants to be told of nothing, and gives back all it has.
  void leave();
  /// Gives back a permit that came and was not used, and waits no more.
  void pass();

 private:
  std::shared_ptr<permits> of_;
  std::shared_ptr<waiter> self_;
  std::uint32_t held_ = 0;
};

}  // namespace weir
