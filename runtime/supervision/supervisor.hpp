// SPDX-License-Identifier: BSD-3-Clause
// The supervisor's decisions, without a mailbox and without a clock: which children to stop and
// which to start when one ended. The rules are those of Erlang/OTP's `supervisor` (restart types,
// strategies, start order, intensity); the directives are the words of Akka and Pekko for what
// comes of them. Invariant: a child is stopped before what it was started after, and started after
// it. Owned by a supervisor actor, which carries decisions out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "weir/runtime/supervision/restart_window.hpp"

namespace weir::supervision {

/// Who is restarted with the child that failed: nobody, those started after it, or everybody.
enum class strategy : std::uint8_t { one_for_one, rest_for_one, all_for_one };

/// Which ends of a child make it start again: all, those that are failures, none. A temporary
/// child that is stopped with a sibling is not started with it either: it is forgotten.
enum class restart_type : std::uint8_t { permanent, transient, temporary };

/// How a child ended. `normal` is what OTP calls normal, shutdown and {shutdown, _}: it was done,
/// or was asked to stop. Everything else (an exception, a kill) is `abnormal`.
enum class end_kind : std::uint8_t { normal, abnormal };

/// What an end leads to. `resume`: nothing changes, the child goes on. `restart`: the child, and
/// whom the strategy adds, start afresh. `stop`: the child stays ended, its siblings go on.
/// `escalate`: this supervisor has failed; its parent decides.
enum class directive : std::uint8_t { resume, restart, stop, escalate };

std::string_view to_string(strategy value) noexcept;
std::string_view to_string(restart_type value) noexcept;
std::string_view to_string(end_kind value) noexcept;
std::string_view to_string(directive value) noexcept;

using child_id = std::uint64_t;

/// What to do now: first stop all of `stop`, one after the other (reverse start order), then start
/// all of `start` in its order. The child that ended is never in `stop`, nor is one that had ended
/// before. `resume` and `stop` have both lists empty; `escalate` stops all siblings and starts
/// nobody.
struct decision {
  directive what = directive::resume;
  std::vector<child_id> stop;
  std::vector<child_id> start;
  bool operator==(const decision&) const = default;
};

/// `restart: stop 3 2, start 1 2 3`.
std::string to_string(const decision& made);

/// Knows its children in start order and the restarts of the last window. One owner at a time.
class supervisor {
 public:
  explicit supervisor(strategy kind = strategy::one_for_one, intensity limit = {});

  /// Adds `child`, which runs, as the latest started. errc::already_exists if the id is taken.
  result<void> add_child(child_id child, restart_type type = restart_type::permanent);
  /// Forgets a child that ended on purpose; false if it was not known. Counts no restart.
  bool remove_child(child_id child);

  /// `child` has ended at `now`. One whose type wants no restart stays ended: a temporary one is
  /// forgotten, another is started again when the strategy restarts it with a sibling. A restart
  /// beyond the intensity becomes an escalation. A child that is not known (its end was already
  /// dealt with) gives `resume`.
  decision on_child_ended(child_id child, end_kind how, timestamp now);
  /// The same for a failure.
  decision on_child_failed(child_id child, timestamp now) {
    return on_child_ended(child, end_kind::abnormal, now);
  }
  /// The same with the directive chosen for this failure, whatever the child's type. One that
  /// is stopped so is forgotten.
  decision on_child_failed(child_id child, timestamp now, directive chosen);
  /// `child`, which was to start in a restart, could not; nor were those after it that were to
  /// start with it. That is one more restart, at once, and counts as one.
  decision on_start_failed(child_id child, timestamp now);
  /// `child` could not start when the supervisor itself began: those before it are stopped, and the
  /// supervisor has failed.
  decision on_first_start_failed(child_id child);

  /// After an escalation the parent restarted this supervisor: the restarts are forgotten and all
  /// children that are known, in the returned start order, are to be started again.
  std::vector<child_id> restarted();

  /// In start order.
  std::vector<child_id> children() const;
  bool knows(child_id child) const noexcept { return known_.contains(child); }
  strategy kind() const noexcept { return kind_; }
  const restart_window& restarts() const noexcept { return window_; }

 private:
  struct child_entry {
    child_id id;
    restart_type type;
    bool running;
  };
  using children_list = std::vector<child_entry>;
  using place = children_list::iterator;

  place find(child_id child) noexcept;
  decision restart_or_escalate(place ended, timestamp now);
  decision restart(place ended);
  decision escalate();
  /// The running ones from `first` to `last`, the latest first.
  static std::vector<child_id> to_stop(place first, place last);

  strategy kind_;
  restart_window window_;
  // In start order. Removing is linear, which a restart outweighs by far; adding is not.
  children_list children_;
  std::unordered_set<child_id> known_;
};

}  // namespace weir::supervision
