// SPDX-License-Identifier: BSD-3-Clause
// Sums, and groups of failures.
#include "weir/runtime/sim/campaign.hpp"

#include "weir/runtime/core/digits.hpp"
#include "weir/runtime/core/hash.hpp"

namespace weir::sim {

result<seed_range> seeds_of(const std::string& text) {
  const auto dots = text.find("..");
  const auto first = number_in(text.substr(0, dots));
  const auto last = dots == std::string::npos ? first : number_in(text.substr(dots + 2));
  if (first && last && *first >= 1 && *first <= *last && *last - *first < seeds_max) {
    return seed_range{*first, *last};
  }
  return fail(errc::invalid_argument, "'" + text +
                                          "' is no seed such as 7 and no range such as 1..1000 "
                                          "(from 1, at most 10,000,000)");
}

void campaign::add(const seed_result& one) {
  ++seeds_;
  calls_ += one.calls;
  faults_ += one.faults;
  virtual_time_ += one.virtual_time;
  digest_ += stable_hash(std::to_string(one.seed) + "/" + std::to_string(one.digest) + "/" +
                         one.failure);
  if (one.failure.empty()) return;
  ++failed_;
  auto& group = failures_[failure_fingerprint(one.failure)];
  if (group.seeds++ > 0 && one.seed > group.first) return;
  group.first = one.seed;
  group.message = one.failure;
}

std::string failure_fingerprint(const std::string& message) { return without_digits(message); }

}  // namespace weir::sim
