// SPDX-License-Identifier: BSD-3-Clause
// Gathering and flushing take turns.
#include "weir/actors/store/commit_groups.hpp"

#include <utility>

#include "weir/runtime/core/log.hpp"

namespace weir::actors {

commit_groups::next commit_groups::gather(const commit_wanted& request) {
  std::unique_lock lock{access_};
  if (failed_) {
    const result<void> outcome = fail(*failed_);
    lock.unlock();
    if (request.done) request.done->complete(outcome);
    return next::nothing;
  }
  gathering_->append(*request.what);
  if (request.part_of) count(*request.part_of);
  if (request.done) waiting_.push_back(request.done);
  urgent_ = urgent_ || request.urgent;
  if (due()) return next::flush;
  const bool lazy = !urgent_ && !gathering_->empty() && !std::exchange(patient_, true);
  return lazy ? next::patience : next::nothing;
}

void commit_groups::count(transaction& of) {
  if (of.arrived++ == 0) ++incomplete_;
  if (of.arrived == of.parts) --incomplete_;
}

bool commit_groups::want_flush(const completion_ptr<result<void>>& done) {
  std::unique_lock lock{access_};
  const bool nothing = gathering_->empty() && !out_;
  if (failed_ || nothing) {
    const auto outcome = failed_ ? result<void>{fail(*failed_)} : result<void>{};
    lock.unlock();
    done->complete(outcome);
    return false;
  }
  waiting_.push_back(done);
  urgent_ = true;
  return due();
}

bool commit_groups::hurry() {
  const std::lock_guard lock{access_};
  patient_ = false;
  urgent_ = urgent_ || !gathering_->empty();
  return due();
}

std::optional<commit_groups::group> commit_groups::take() {
  const std::lock_guard lock{access_};
  if (!due()) return std::nullopt;
  out_ = true;
  urgent_ = false;
  return group{std::exchange(gathering_, std::exchange(spare_, nullptr)),
               std::exchange(waiting_, {})};
}

bool commit_groups::flushed(group one, const result<void>& outcome) {
  waiters others;
  bool more = false;
  {
    const std::lock_guard lock{access_};
    out_ = false;
    spare_ = std::move(one.what);
    spare_->clear();
    if (!outcome && !failed_) others = fail_all(outcome.error());
    more = due();
  }
  complete(one.done, outcome);
  complete(others, outcome);
  return more;
}

void commit_groups::give_up(const error& why) {
  waiters all;
  {
    const std::lock_guard lock{access_};
    if (failed_) return;
    all = fail_all(why);
  }
  complete(all, fail(why));
}

commit_groups::waiters commit_groups::fail_all(const error& why) {
  failed_ = why;
  if (why.code != errc::closed) log(log_level::error, "store-failed", to_string(why));
  gathering_->clear();
  return std::exchange(waiting_, {});
}

void commit_groups::complete(const waiters& all, const result<void>& outcome) {
  for (const auto& one : all) one->complete(outcome);
}

}  // namespace weir::actors
