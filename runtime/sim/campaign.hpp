// SPDX-License-Identifier: BSD-3-Clause
// Many seeds: which, and what came of them. Seeds may end in any order; what is counted does not
// depend on it. One owner at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/result.hpp"

namespace weir::sim {

struct seed_range {
  std::uint64_t first = 1;
  std::uint64_t last = 100;

  std::uint64_t size() const noexcept { return last - first + 1; }
};
inline constexpr std::uint64_t seeds_max = 10'000'000;
/// `7` or `1..1000`. errc::invalid_argument.
result<seed_range> seeds_of(const std::string& text);

/// What became of one seed.
struct seed_result {
  std::uint64_t seed = 0;
  /// Why it failed; empty if it did not.
  std::string failure{};
  std::uint64_t calls = 0;   // of handlers
  std::uint64_t faults = 0;  // that struck
  std::uint64_t digest = 0;  // of the transcript
  duration virtual_time{};
};

/// Failures that differ in their numbers only.
struct failure_group {
  std::uint64_t seeds = 0;
  /// The lowest seed, and its message.
  std::uint64_t first = 0;
  std::string message{};
};

class campaign {
 public:
  void add(const seed_result& one);

  std::uint64_t seeds() const noexcept { return seeds_; }
  std::uint64_t failed() const noexcept { return failed_; }
  std::uint64_t calls() const noexcept { return calls_; }
  std::uint64_t faults() const noexcept { return faults_; }
  duration virtual_time() const noexcept { return virtual_time_; }
  /// Of all seeds: the same, in whatever order they ended.
  std::uint64_t digest() const noexcept { return digest_; }
  /// By fingerprint.
  const std::map<std::string, failure_group>& failures() const noexcept { return failures_; }

 private:
  std::uint64_t seeds_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t calls_ = 0;
  std::uint64_t faults_ = 0;
  std::uint64_t digest_ = 0;
  duration virtual_time_{};
  std::map<std::string, failure_group> failures_;
};

/// The same for failures with the same cause: the message without its numbers.
std::string failure_fingerprint(const std::string& message);

}  // namespace weir::sim
