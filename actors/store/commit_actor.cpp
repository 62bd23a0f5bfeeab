// SPDX-License-Identifier: BSD-3-Clause
// Gathering and flushing take turns.
#include "weir/actors/store/commit_actor.hpp"

#include <utility>

#include "weir/runtime/core/log.hpp"

namespace weir::actors {

caf::behavior commit_actor::make_behavior() {
  return {
      [this](const commit_wanted& request) { gather(request); },
      [this](const part_missing& missing) {
        if (!failed_) give_up(missing.why);
      },
      [this](const flush_wanted& request) {
        waiting_.push_back(request.done);
        urgent_ = true;
        flush_if_due();
      },
      [this](const group_flushed& flush) { flushed(flush); },
      [this](patience_over) {
        patient_ = false;
        urgent_ = urgent_ || !gathering_->empty();
        flush_if_due();
      },
  };
}

void commit_actor::on_exit() {
  const result<void> ended = fail(errc::closed, "the node stopped before it was written");
  complete(flushing_, ended);
  complete(waiting_, ended);
  flusher_ = nullptr;
}

void commit_actor::gather(const commit_wanted& request) {
  if (failed_) {
    if (request.done) request.done->complete(fail(*failed_));
    return;
  }
  gathering_->append(*request.what);
  if (request.part_of) count(*request.part_of);
  if (request.done) waiting_.push_back(request.done);
  urgent_ = urgent_ || request.urgent;
  flush_if_due();
  if (!urgent_ && !gathering_->empty() && !std::exchange(patient_, true)) {
    tell_later(*this, patience, patience_over{});
  }
}

void commit_actor::count(transaction& of) {
  if (of.arrived++ == 0) ++incomplete_;
  if (of.arrived == of.parts) --incomplete_;
}

void commit_actor::give_up(const error& why) {
  failed_ = why;
  log(log_level::error, "store-failed", to_string(why));
  gathering_->clear();
  complete(waiting_, fail(why));
}

void commit_actor::flush_if_due() {
  if (!urgent_ || spare_ == nullptr || (incomplete_ > 0 && !failed_)) return;
  urgent_ = false;
  if (failed_ || gathering_->empty()) {
    complete(waiting_, failed_ ? result<void>{fail(*failed_)} : result<void>{});
    return;
  }
  std::swap(flushing_, waiting_);
  tell_from(*this, flusher_,
            group_to_flush{std::exchange(gathering_, std::exchange(spare_, nullptr)), this});
}

void commit_actor::flushed(const group_flushed& flush) {
  spare_ = flush.group;
  spare_->clear();
  if (!flush.outcome && !failed_) give_up(flush.outcome.error());
  complete(flushing_, flush.outcome);
  flush_if_due();
}

void commit_actor::complete(waiters& all, const result<void>& outcome) {
  for (const auto& one : std::exchange(all, {})) one->complete(outcome);
}

}  // namespace weir::actors
