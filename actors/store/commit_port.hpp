// SPDX-License-Identifier: BSD-3-Clause
// Where actors and others hand in what they want written. It is gathered at once, by the thread
// that wants it; the commit actor hears only when it has something to do.
#pragma once

#include <memory>
#include <utility>

#include "weir/actors/store/commit_groups.hpp"
#include "weir/actors/store/messages.hpp"

namespace weir::actors {

/// Any thread; copies are the same port. An empty one is that of a node without a store.
class commit_port {
 public:
  commit_port() = default;
  commit_port(std::shared_ptr<commit_groups> groups, caf::actor flusher)
      : groups_(std::move(groups)), flusher_(std::move(flusher)) {}

  explicit operator bool() const noexcept { return groups_ != nullptr; }

  /// Requests of one sender are written in their order.
  void write(const commit_wanted& request) const {
    switch (groups_->gather(request)) {
      case commit_groups::next::nothing: return;
      case commit_groups::next::flush: return tell(flusher_, flush_due{});
      case commit_groups::next::patience: return tell(flusher_, patience_begins{});
    }
  }
  /// `done` is completed when everything handed in before is flushed.
  void flush(const completion_ptr<result<void>>& done) const {
    if (groups_->want_flush(done)) tell(flusher_, flush_due{});
  }
  /// A part of some transaction will never come, and others may be among what is gathered: nothing
  /// is written any more.
  void part_missing(const error& why) const { groups_->give_up(why); }

 private:
  std::shared_ptr<commit_groups> groups_;
  caf::actor flusher_;
};

}  // namespace weir::actors
