// SPDX-License-Identifier: BSD-3-Clause
// Watches the promise of exactly once: what a handler does to an event happens once, or not at all
// if its last attempt failed. Fed with what was seen of attempts and with what is found in the end;
// and counts effects that a program writes down itself. One owner at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace weir::sim {

/// Effects that the runtime keeps: of transactional subscriptions, as commits.
class effects_checker {
 public:
  /// An attempt at an event has ended. `event` names subscription and event.
  void attempted(std::string_view event, bool succeeded);
  /// So many times the effects of the event are there in the end.
  void found(std::string_view event, std::uint64_t times);
  /// The run is over. `may_lack`: events may have ended otherwise after they were handled (a crash
  /// took that back, then they expired), so none is missed.
  void finish(bool may_lack = false);

  bool ok() const noexcept { return violation_.empty(); }
  /// The first violation: `the effects of billing order.created 0 @17 are there 2 times`.
  const std::string& violation() const noexcept { return violation_; }

 private:
  struct story {
    bool succeeded = false;  // the last attempt
    std::uint64_t times = 0;
  };
  void violated(std::string_view event, const std::string& what);

  std::map<std::string, story, std::less<>> events_;
  std::string violation_;
};

/// Effects outside: what a handler does to the world, where no commit reaches.
class outside_effects {
 public:
  /// A handler has done `what` for `whom`: charged an order, sent a letter.
  void happened(std::string_view what, std::string_view whom);
  /// It must have happened, by the end.
  void expect(std::string_view what, std::string_view whom);
  std::uint64_t times(std::string_view what, std::string_view whom) const;
  /// What has happened twice, or has not and should have: `'charge' of o-7 happened 2 times`; empty
  /// if nothing.
  std::string violation() const;

 private:
  struct count {
    std::uint64_t times = 0;
    bool expected = false;
  };
  std::map<std::string, std::map<std::string, count, std::less<>>, std::less<>> counts_;
};

}  // namespace weir::sim
