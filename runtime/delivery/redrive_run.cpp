// SPDX-License-Identifier: BSD-3-Clause
// Counting, pacing, stopping.
#include "weir/runtime/delivery/redrive_run.hpp"

#include <algorithm>
#include <utility>

namespace weir::delivery {

result<void> redrive_plan::check() const {
  if (limit == 0) return fail(errc::invalid_argument, "redrive: a limit of 0 letters");
  if (!per_second) return {};
  auto sound = rate_limit{.per_second = *per_second}.check();
  if (!sound) return fail(errc::invalid_argument, "redrive: " + sound.error().message);
  return {};
}

redrive_run::redrive_run(const redrive_plan& plan, std::vector<std::uint64_t> numbers)
    : plan_(plan), numbers_(std::move(numbers)) {
  if (plan_.per_second) pace_.emplace(rate_limit{.per_second = *plan_.per_second});
  done_.matched = numbers_.size();
  done_.dry_run = plan_.dry_run;
}

redrive_run::step redrive_run::next(timestamp now) {
  if (stopped_ || next_ == numbers_.size() || done_.handled + done_.failed >= plan_.limit) {
    return {};
  }
  if (pace_) {
    if (pace_->available(now) == 0) return {.wait = std::max(pace_->wait(now), duration{1})};
    pace_->take(1, now);
  }
  return {.number = numbers_[next_++]};
}

void redrive_run::failed(const std::string& fingerprint_before, const std::string& fingerprint,
                         error why) {
  ++done_.failed;
  done_.latest_failure = std::move(why);
  const bool known = fingerprint == fingerprint_before || !seen_.insert(fingerprint).second;
  if (!known || !plan_.stop_on_repeat) return;
  done_.repeated = fingerprint;
  stopped_ = true;
}

void redrive_run::passed_over(error why) {
  ++done_.passed_over;
  if (!done_.why_not) done_.why_not = std::move(why);
}

redrive_summary redrive_run::summary() const {
  auto all = done_;
  all.left = all.matched - all.handled - all.failed - all.passed_over;
  return all;
}

std::string to_string(const redrive_summary& done) {
  const auto would = std::string{done.dry_run ? "would be " : ""};
  auto text = std::to_string(done.matched) + " dead letters: " + std::to_string(done.handled) +
              " " + would + "handled, " + std::to_string(done.failed) +
              (done.dry_run ? " would fail" : " failed again");
  if (done.passed_over > 0) text += ", " + std::to_string(done.passed_over) + " not tried";
  if (done.why_not) text += " (" + to_string(*done.why_not) + ")";
  if (done.left > 0) text += ", " + std::to_string(done.left) + " left";
  if (done.repeated) text += "; stopped, as " + *done.repeated + " was seen before";
  if (done.latest_failure) text += "; the latest failure: " + to_string(*done.latest_failure);
  return text;
}

}  // namespace weir::delivery
