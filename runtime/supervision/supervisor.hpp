// SPDX-License-Identifier: BSD-3-Clause
// The supervisor's decisions, without a mailbox and without a clock: which children to stop and
// which to start when one failed. The rules are those of Erlang/OTP's `supervisor` (strategies,
// start order, intensity); the directives per child are those of Akka and Pekko. Invariant: a child
// is stopped before what it was started after, and started after it. Owned by a supervisor actor,
// which carries decisions out.
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

/// What a failure leads to. `resume`: nothing changes, the child goes on. `restart`: the child, and
/// whom the strategy adds, start afresh. `stop`: the child is given up, its siblings go on.
/// `escalate`: this supervisor has failed; its parent decides.
enum class directive : std::uint8_t { resume, restart, stop, escalate };

std::string_view to_string(strategy value) noexcept;
std::string_view to_string(directive value) noexcept;

using child_id = std::uint64_t;

/// What to do now: first stop all of `stop` in its order (reverse start order), then start all of
/// `start` in its order. The child that failed has ended already, so `stop` never holds it.
/// `resume` and `stop` have both lists empty; `escalate` stops all siblings and starts nobody.
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

  /// Adds `child` as the latest started. errc::already_exists if the id is taken.
  result<void> add_child(child_id child, directive on_failure = directive::restart);
  /// Forgets a child that ended on purpose; false if it was not known. Counts no restart.
  bool remove_child(child_id child);

  /// `child` has failed at `now`. Applies its own directive; a restart beyond the intensity becomes
  /// an escalation. A child that is not known (its end was already dealt with) gives `resume`.
  decision on_child_failed(child_id child, timestamp now);
  /// The same with the directive chosen for this failure instead of the child's own.
  decision on_child_failed(child_id child, timestamp now, directive chosen);

  /// After an escalation the parent restarted this supervisor: the restarts are forgotten and all
  /// children, in the returned start order, are to be started again.
  std::vector<child_id> restarted();

  std::vector<child_id> children() const;
  bool knows(child_id child) const noexcept;
  strategy kind() const noexcept { return kind_; }
  const restart_window& restarts() const noexcept { return window_; }

 private:
  struct child_entry {
    child_id id;
    directive on_failure;
  };
  using children_list = std::vector<child_entry>;

  children_list::const_iterator find(child_id child) const noexcept;
  decision restart(children_list::const_iterator failed) const;
  decision escalate(children_list::const_iterator failed) const;

  strategy kind_;
  restart_window window_;
  // In start order. Removing is linear, which a restart outweighs by far; adding is not.
  children_list children_;
  std::unordered_set<child_id> known_;
};

}  // namespace weir::supervision
