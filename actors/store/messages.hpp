// SPDX-License-Identifier: BSD-3-Clause
// What is said to the commit actor, and between it and the actor that flushes.
#pragma once

#include <memory>

#include "weir/actors/base/caf.hpp"
#include "weir/actors/base/completion.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/changes.hpp"

namespace weir::actors {

using changes_ptr = std::shared_ptr<store::changes>;

/// Changes of several senders that become true in one flush, or none of them.
struct transaction {
  explicit transaction(std::size_t of) : parts(of) {}
  std::size_t parts;
  std::size_t arrived = 0;  // the commit actor's
};
using transaction_ptr = std::shared_ptr<transaction>;

/// Write this, with whatever others want written, in one flush. `what` is not touched by the sender
/// any more. Requests of one sender are written in their order.
struct commit_wanted {
  changes_ptr what;
  /// Completed when it is flushed, or will never be. Null: nobody waits for it.
  completion_ptr<result<void>> done;
  /// False: it may wait for a flush that somebody else wants, or for a moment.
  bool urgent = true;
  /// Null: it stands for itself.
  transaction_ptr part_of{};
};
/// A part of some transaction will never come, and others may be among what is gathered: nothing is
/// written any more.
struct part_missing {
  error why;
};
/// Flush what was wanted before this, and say when that is done.
struct flush_wanted {
  completion_ptr<result<void>> done;
};

/// To the actor that flushes; it answers with group_flushed.
struct group_to_flush {
  changes_ptr group;
  caf::actor answer_to;
};
struct group_flushed {
  changes_ptr group;
  result<void> outcome;
};
/// What is not urgent has waited long enough; to the commit actor itself.
struct patience_over {};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::commit_wanted)
WEIR_LOCAL_MESSAGE(weir::actors::part_missing)
WEIR_LOCAL_MESSAGE(weir::actors::flush_wanted)
WEIR_LOCAL_MESSAGE(weir::actors::group_to_flush)
WEIR_LOCAL_MESSAGE(weir::actors::group_flushed)
WEIR_LOCAL_MESSAGE(weir::actors::patience_over)
