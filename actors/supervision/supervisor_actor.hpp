// SPDX-License-Identifier: BSD-3-Clause
// Starts children, restarts those that end by failure as its strategy says, and gives up towards
// its parent when that happens too often. Failures of events pass through it to the dead-letter
// actor, and the answer goes back to whichever incarnation of the child lives then.
//
// A restart waits until every child that must stop has stopped: two incarnations never overlap. For
// the same reason a supervisor that gives up ends only after its children have.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "weir/actors/base/completion.hpp"
#include "weir/actors/supervision/messages.hpp"
#include "weir/runtime/core/clock.hpp"

namespace weir::actors {

/// How to make one child. `start` is called at the start and for every restart, in the supervisor.
struct child_spec {
  supervision::child_id id;
  std::string name;
  std::function<caf::actor(caf::event_based_actor& supervisor)> start;
  /// A supervisor is asked to stop, so that it can stop its own children first; others are killed.
  bool is_supervisor = false;
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

struct supervisor_setup {
  supervision::child_id id = 0;  // as a child of its own supervisor
  std::string name;
  supervision::strategy strategy = supervision::strategy::one_for_one;
  supervision::intensity intensity;
  std::vector<child_spec> children;
  caf::actor dead_letters;
  std::shared_ptr<const clock> time;
  /// Called in the supervisor when it gives up; its parent sees it end.
  std::function<void(const error&)> on_escalate;
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
    caf::actor current{};
    bool alive = false;
    bool stopping = false;
    completion_ptr<bool> removed{};  // set once it is to end for good
  };

  void start(supervision::child_id id);
  void add(const child_added& added);
  void remove(const child_removed& removed);
  /// To the child supervisor of this id; false if it is not there.
  template <class Message>
  bool pass_on(const Message& message);
  void child_ended(const caf::down_msg& end);
  void carry_out(supervision::decision made);
  void stop(child& entry);
  void when_stopped();
  void end_with_children(const error& why);

  supervisor_setup setup_;
  supervision::supervisor core_;
  std::unordered_map<supervision::child_id, child> children_;
  std::unordered_map<caf::actor_addr, supervision::child_id> by_address_;
  std::size_t stopping_ = 0;
  std::size_t letters_unanswered_ = 0;
  bool ending_ = false;
  std::vector<supervision::child_id> to_start_;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::child_added)
WEIR_LOCAL_MESSAGE(weir::actors::child_removed)
