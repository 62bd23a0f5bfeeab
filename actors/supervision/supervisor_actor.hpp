// SPDX-License-Identifier: BSD-3-Clause
// Starts children, restarts those that end as their type and the strategy say, and gives up towards
// its parent when that happens too often. Failures of events pass through it to the dead-letter
// actor, and the answer goes back to whichever incarnation of the child lives then.
//
// It does one thing after the other, as OTP's does: children are stopped one by one, and news that
// come meanwhile wait. Two incarnations of a child never overlap, not even when the supervisor
// itself was killed: the next one first ends whom it finds alive.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "weir/actors/base/completion.hpp"
#include "weir/actors/supervision/dead_letter_address.hpp"
#include "weir/actors/supervision/messages.hpp"
#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/supervision/child_choice.hpp"
#include "weir/runtime/supervision/health.hpp"
#include "weir/runtime/supervision/restart_delays.hpp"

namespace weir::actors {

/// What outlives a child's incarnations, and its supervisor's. Only the living supervisor looks.
struct child_record {
  caf::actor_addr living;
  std::uint64_t starts = 0;
  std::optional<error> last_error;
  std::optional<error> over;  // why it is not started any more
};

/// How to make one child. `start` is called at the start and for every restart, in the supervisor;
/// what it throws, or no actor, is a start that failed.
struct child_spec {
  supervision::child_id id;
  std::string name;
  std::function<caf::actor(caf::event_based_actor& supervisor)> start;
  supervision::member_kind kind = supervision::member_kind::subscription;
  /// A supervisor has no shutdown deadline: it must stop its own children first.
  supervision::child_choice choice{};
  open_letters_ptr letters{};  // what it reports; null: nothing
  std::shared_ptr<child_record> record = std::make_shared<child_record>();
  /// Called in the supervisor when it has ended and its type wants no restart. If it is set, that
  /// is for good: it does not start with a sibling either.
  std::function<void(const error&)> on_over{};
};

/// To a supervisor, or to one above it that passes it on: from now on it has one more child. One
/// that it knows already, because it was restarted in between, is no news.
struct child_added {
  supervision::child_id supervisor;
  std::shared_ptr<const child_spec> spec;
};
/// Ends a child for good. Complete when it has ended, or if it is not known.
struct child_removed {
  supervision::child_id supervisor;
  supervision::child_id child;
  completion_ptr<bool> done;
};
/// Kills a child, as a fault would: for simulations.
struct child_killed {
  supervision::child_id supervisor;
  supervision::child_id child;
};
/// Completes with how this supervisor and everything below it is doing.
struct health_query {
  completion_ptr<supervision::health> done;
};

/// The shutdown deadline of a child has passed; to the supervisor itself.
struct stop_overdue {
  supervision::child_id child;
  std::uint64_t ticket;
};
/// The backoff of these children is over; to the supervisor itself.
struct start_due {
  std::vector<supervision::child_id> children;
  std::uint64_t ticket;
};
/// The health of a supervisor below; to the one that asked.
struct health_part {
  std::uint64_t question;
  supervision::child_id child;
  supervision::health found;
};

struct supervisor_setup {
  supervision::child_id id = 0;  // as a child of its own supervisor
  std::string name;
  supervision::strategy strategy = supervision::strategy::one_for_one;
  supervision::intensity intensity;
  std::vector<child_spec> children;
  dead_letter_address_ptr dead_letters;  // null: no child reports anything
  std::shared_ptr<const clock> time;
  /// Called in the supervisor when it gives up; its parent sees it end.
  std::function<void(const error&)> on_escalate;
  caf::actor parent;  // told why it gives up; may be empty
  std::uint64_t seed = 1;  // of the jitter of backoffs
};

class supervisor_actor : public caf::event_based_actor {
 public:
  supervisor_actor(caf::actor_config& config, supervisor_setup setup);
  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.supervisor"; }

 private:
  struct child {
    child_spec spec;
    std::uint64_t order;  // of being added
    supervision::restart_delays delays;
    caf::actor current{};
    bool begun = false;  // under this supervisor
    bool alive = false;
    bool stopping = false;
    bool said_why = false;            // it has told why it ends
    std::optional<error> over{};      // it has ended and is not to start
    std::uint64_t stop_ticket = 0;    // of the deadline that is valid
    std::uint64_t start_ticket = 0;   // of the delay that is valid
    completion_ptr<bool> removed{};   // set once it is to end for good
  };
  struct ended_child {
    supervision::child_id id;
    supervision::end_kind how;
  };
  /// A health query that waits for supervisors below.
  struct question {
    supervision::health found;
    std::map<supervision::child_id, std::size_t> missing;  // and where they are among the children
    completion_ptr<supervision::health> done;
  };

  caf::behavior behavior();
  void insert(child_spec spec);
  void start(supervision::child_id id);
  /// Empty if it could not be started, which is dealt with.
  caf::actor make(child& entry);
  void add(const child_added& added);
  void remove(const child_removed& removed);
  void kill_child(const child_killed& fault);
  /// To the child supervisor of this id; false if it is not there.
  template <class Message>
  bool pass_on(const Message& message);
  void child_ended(const caf::down_msg& end);
  void decide(const ended_child& news);
  /// `cause` is whose end or failed start has led to it.
  void carry_out(child& cause, const supervision::decision& made);
  void to_start(const std::vector<supervision::child_id>& ids);
  void stop(supervision::child_id id);
  void ask_to_stop(child& entry);
  void over(child& entry, supervision::end_kind how);
  void forget(supervision::child_id id);
  /// Does what is to be done, until something must be waited for.
  void go_on();
  void give_up(const error& why);
  void end_with_children(caf::exit_reason how);
  /// Its children have ended, and what they reported is answered.
  bool is_done() const;

  void hand_over(const letter_bundle_ptr& failure);
  /// What has no answer: of everybody, or of one.
  void hand_over_again();
  void hand_over_again(const child& entry);

  // See supervisor_health.cpp.
  void tell_health(const health_query& query);
  supervision::health health_of(const child& entry) const;
  void take_part(std::uint64_t number, supervision::child_id id, supervision::health* found);
  void take_missing_parts(supervision::child_id ended);

  supervisor_setup setup_;
  supervision::supervisor core_;
  random chance_;
  caf::actor dead_letters_;
  std::unordered_map<supervision::child_id, child> children_;
  std::unordered_map<caf::actor_addr, supervision::child_id> by_address_;
  std::optional<supervision::child_id> awaited_;  // whose end comes before anything else
  std::deque<supervision::child_id> stops_;
  std::vector<supervision::child_id> starts_;  // in start order
  std::deque<ended_child> news_;
  bool beginning_ = true;               // its first children start
  std::optional<caf::exit_reason> ending_;  // how, once its children have ended
  std::uint64_t added_ = 0;
  std::uint64_t tickets_ = 0;
  std::map<std::uint64_t, question> questions_;
  std::uint64_t question_number_ = 0;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::child_added)
WEIR_LOCAL_MESSAGE(weir::actors::child_removed)
WEIR_LOCAL_MESSAGE(weir::actors::child_killed)
WEIR_LOCAL_MESSAGE(weir::actors::health_query)
WEIR_LOCAL_MESSAGE(weir::actors::stop_overdue)
WEIR_LOCAL_MESSAGE(weir::actors::start_due)
WEIR_LOCAL_MESSAGE(weir::actors::health_part)
