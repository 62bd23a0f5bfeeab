// SPDX-License-Identifier: BSD-3-Clause
// One commit at a time, as long as there are any.
#include "weir/actors/store/commit_actor.hpp"

#include <utility>

namespace weir::actors {

caf::behavior commit_actor::make_behavior() {
  return {
      [this](flush_due) { flush(); },
      [this](patience_begins) { tell_later(*this, patience, patience_over{}); },
      [this](patience_over) {
        if (groups_->hurry()) flush();
      },
  };
}

void commit_actor::flush() {
  auto group = groups_->take();
  if (!group) return;
  const auto outcome = where_->commit(*group->what);
  // By a message to itself, lest it never hears that it is to end.
  if (groups_->flushed(std::move(*group), outcome)) tell(caf::actor{this}, flush_due{});
}

void commit_actor::on_exit() {
  groups_->give_up({errc::closed, "the node stopped before it was written"});
}

}  // namespace weir::actors
