// SPDX-License-Identifier: BSD-3-Clause
// What is gathered for the next flush while one runs, by whoever wants something written: no
// message lies between a wish and its group, nor between a flush and the next group. (Group
// commit, as DeWitt et al. describe it in "Implementation Techniques for Main Memory Database
// Systems", SIGMOD 1984; here without a timer, as the flush that runs is the time there is to
// gather.)
//
// The parts of a transaction come from several senders. While some have come and others have not,
// nothing is flushed: each sender's changes are written in their order, so what came after the one
// must not be written before the other. Senders do not wait for anything between their parts, and
// soon have no credit left to begin another.
//
// Invariants: at most one group is out; a transaction is in one group; after a failed flush there
// is no further group, because what the disk has is not known until the store is opened again.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "weir/actors/base/completion.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/changes.hpp"

namespace weir::actors {

using changes_ptr = std::shared_ptr<store::changes>;

/// Changes of several senders that become true in one flush, or none of them.
struct transaction {
  explicit transaction(std::size_t of) : parts(of) {}
  std::size_t parts;
  std::size_t arrived = 0;  // the groups'
};
using transaction_ptr = std::shared_ptr<transaction>;

/// Write this, with whatever others want written, in one flush.
struct commit_wanted {
  changes_ptr what;
  /// Completed when it is flushed, or will never be. Null: nobody waits for it.
  completion_ptr<result<void>> done;
  /// False: it may wait for a flush that somebody else wants, or for a moment.
  bool urgent = true;
  /// Null: it stands for itself.
  transaction_ptr part_of{};
};

/// Any thread. Whoever waits is answered outside the lock, by the thread that calls.
class commit_groups {
 public:
  using waiters = std::vector<completion_ptr<result<void>>>;
  struct group {
    changes_ptr what;
    waiters done;
  };

  /// What must happen then. `flush`: a group is due and none is out, so take() it. `patience`: the
  /// first that is not urgent has come; call hurry() in a moment.
  enum class next : std::uint8_t { nothing, flush, patience };
  [[nodiscard]] next gather(const commit_wanted& request);
  /// Answered when everything gathered before is flushed. True as `flush`.
  [[nodiscard]] bool want_flush(const completion_ptr<result<void>>& done);
  /// What is not urgent has waited long enough. True as `flush`.
  [[nodiscard]] bool hurry();

  /// The next group, if it is due; it is out then, until flushed() is called.
  std::optional<group> take();
  /// The outcome of the group that is out; true if another is due.
  [[nodiscard]] bool flushed(group one, const result<void>& outcome);

  /// Nothing is written any more: all that is gathered, and all that comes, fails like this.
  void give_up(const error& why);

 private:
  bool due() const { return urgent_ && !out_ && incomplete_ == 0 && !failed_; }
  void count(transaction& of);
  /// Gives up, and returns who waits.
  waiters fail_all(const error& why);
  static void complete(const waiters& all, const result<void>& outcome);

  std::mutex access_;
  changes_ptr gathering_ = std::make_shared<store::changes>();
  changes_ptr spare_ = std::make_shared<store::changes>();  // null while a group is out
  waiters waiting_;             // for what is gathered
  std::size_t incomplete_ = 0;  // transactions of which parts are missing
  bool urgent_ = false;
  bool out_ = false;
  bool patient_ = false;  // hurry() will be called
  std::optional<error> failed_;
};

}  // namespace weir::actors
