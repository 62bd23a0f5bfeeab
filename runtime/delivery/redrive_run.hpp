// SPDX-License-Identifier: BSD-3-Clause
// One redrive of many letters: which is next and when, and when to stop. No mailbox and no clock:
// whoever drives it says what has become of each.
//
// Invariants: a letter is named once; one at a time is under way; after `limit` of them, or the
// first failure that repeats, no more are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "weir/runtime/core/error.hpp"
#include "weir/runtime/policy/rate_limit.hpp"

namespace weir::delivery {

struct redrive_plan {
  /// At most so many, the oldest first: a canary.
  std::size_t limit = ~std::size_t{0};
  /// So many a second at most, as of rate_limit; as fast as they are handled if not given.
  std::optional<double> per_second{};
  /// Ends with the first letter that fails with a fingerprint that is known: its own, or that of
  /// one that has failed in this redrive.
  bool stop_on_repeat = true;
  /// Only asks fresh handlers what they would do, and forgets what they did.
  bool dry_run = false;

  /// errc::invalid_argument for a rate out of range, or a limit of 0.
  result<void> check() const;
};

struct redrive_summary {
  /// Letters that the redrive was for.
  std::size_t matched = 0;
  std::size_t handled = 0;
  /// They have failed again, and are dead letters with one more delivery in their story.
  std::size_t failed = 0;
  /// Not tried: see `why_not`.
  std::size_t passed_over = 0;
  /// Not tried, because of the limit, the deadline, or a repeated failure.
  std::size_t left = 0;
  bool dry_run = false;
  std::optional<std::string> repeated{};  // the fingerprint
  std::optional<error> latest_failure{};
  std::optional<error> why_not{};  // of the first that was passed over
};
/// One line, for people.
std::string to_string(const redrive_summary& done);

class redrive_run {
 public:
  /// `plan` passes its check.
  redrive_run(const redrive_plan& plan, std::vector<std::uint64_t> numbers);

  /// The number of the letter that is tried now, or how long to wait first; neither: it is over.
  struct step {
    std::optional<std::uint64_t> number{};
    duration wait{};
  };
  step next(timestamp now);
  /// What has become of the one that next() named last.
  void handled() { ++done_.handled; }
  void failed(const std::string& fingerprint_before, const std::string& fingerprint, error why);
  void passed_over(error why);
  /// No more are tried.
  void stop() noexcept { stopped_ = true; }

  bool dry_run() const noexcept { return plan_.dry_run; }
  redrive_summary summary() const;

 private:
  redrive_plan plan_;
  std::vector<std::uint64_t> numbers_;
  std::size_t next_ = 0;
  std::optional<token_bucket> pace_;
  std::set<std::string> seen_;
  bool stopped_ = false;
  redrive_summary done_;
};

}  // namespace weir::delivery
