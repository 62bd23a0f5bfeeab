// SPDX-License-Identifier: BSD-3-Clause
// One per store: groups what partitions and subscribers want written into one flush, and gathers
// the next group while that flush runs. (Group commit, as DeWitt et al. describe it in
// "Implementation Techniques for Main Memory Database Systems", SIGMOD 1984; here without a timer,
// as the flush that runs is the time there is to gather.)
//
// The parts of a transaction come from several senders. While some have come and others have not,
// nothing is flushed: each sender's changes are written in their order, so what came after the one
// must not be written before the other. Senders do not wait for anything between their parts, and
// soon have no credit left to begin another.
//
// Invariants: at most one flush is under way; what is completed well is flushed; a transaction is
// written in one flush; after a failed flush nothing is written any more, because what the disk has
// is not known until the store is opened again.
#pragma once

#include <optional>
#include <vector>

#include "weir/actors/store/messages.hpp"

namespace weir::actors {

class commit_actor : public caf::event_based_actor {
 public:
  /// How long what is not urgent may wait for a flush that somebody else wants.
  static constexpr std::chrono::milliseconds patience{50};

  /// `flusher` answers each group_to_flush with group_flushed.
  commit_actor(caf::actor_config& config, caf::actor flusher)
      : caf::event_based_actor(config), flusher_(std::move(flusher)) {}

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.commit"; }

 private:
  using waiters = std::vector<completion_ptr<result<void>>>;

  void gather(const commit_wanted& request);
  void count(transaction& of);
  void give_up(const error& why);
  void flush_if_due();
  void flushed(const group_flushed& flush);
  static void complete(waiters& all, const result<void>& outcome);

  caf::actor flusher_;
  changes_ptr gathering_ = std::make_shared<store::changes>();
  changes_ptr spare_ = std::make_shared<store::changes>();  // null while it is being flushed
  waiters waiting_;   // for what is gathered
  waiters flushing_;  // for what is being flushed
  std::size_t incomplete_ = 0;  // transactions of which parts are missing
  bool urgent_ = false;
  bool patient_ = false;  // a timer runs
  std::optional<error> failed_;
};

}  // namespace weir::actors
