// SPDX-License-Identifier: BSD-3-Clause
// Runs the handlers of one incarnation of a subscriber when some of them are coroutines: which may
// begin, who waits for what, what goes on next. Events of one key are handled one after the other,
// whatever types they have; without per_key all events of a partition are of one key.
//
// Invariants: of each key only the oldest event not yet done is in progress; at most `keys` events
// are in progress; in a bulkhead each has a permit while its handler runs or waits; an event that
// waits for its key or for its turn is deferred, so nothing at or behind it is settled. Destroying
// the runner destroys the frames of everything in progress.
#pragma once

#include <coroutine>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "weir/runtime/delivery/deferring.hpp"
#include "weir/runtime/delivery/handler.hpp"
#include "weir/runtime/delivery/staging.hpp"
#include "weir/runtime/delivery/task.hpp"
#include "weir/runtime/delivery/task_context.hpp"

namespace weir::delivery {

/// Begins the handling of one event.
class task_starter {
 public:
  virtual ~task_starter() = default;
  /// A plain function returns its result; a coroutine puts its task, not yet started, into
  /// `running`. What it throws is the caller's to catch.
  virtual std::optional<result<void>> begin(const void* payload, task_context& waiting,
                                            context& where, task<result<void>>& running) = 0;
};

class task_runner final : public deferring, private task_driver {
 public:
  task_runner() = default;
  ~task_runner();

  /// Runs events [from, to) of an opened batch, all of the starter's type.
  run_outcome run(task_starter& starter, const event_slot* slots, std::uint32_t from,
                  std::uint32_t to, context& where);

  void limit(const task_limits& limits) override {
    limits_ = limits;
    staging_ = staging{limits.staged_bytes_max};
  }
  void confine(permits::place& calls) override { calls_ = &calls; }
  void permitted() override;
  std::optional<std::uint64_t> next_ready() override;
  std::optional<std::uint64_t> next_without_room() override;
  std::optional<result<void>> complete(std::uint64_t deferral, const void* payload,
                                       context& where) override;
  bool retry(std::uint64_t deferral, duration delay) override;
  void pass_over(std::uint64_t deferral) override;
  void abandon(std::uint64_t deferral) override;
  bool take_ask(ask& out) override;
  void ask_again(std::uint64_t ticket) override { unasked_.push_back(ticket); }
  void answered(std::uint64_t ticket, const std::shared_ptr<const void>& answers) override;
  void answered_foreign(std::uint64_t ticket, void* answer) override;
  void overdue(std::uint64_t ticket, timestamp now) override;

 private:
  using key_type = std::uint64_t;
  /// One event in progress, or waiting to be.
  struct activity : task_context {
    using task_context::task_context;
    task_starter* starter = nullptr;
    std::uint64_t id = 0;
    std::optional<key_type> key;
    activity* behind = nullptr;  // the next event of its key
    std::optional<error> failure;
    std::size_t staged_bytes = 0;
    std::uint32_t permitted = 0;  // events it may handle under the permit it has; 0: it has none
    std::vector<std::uint64_t> tickets;  // of what it waits for
    task<result<void>> running;          // last: its frame refers to the rest
  };
  enum class step : std::uint8_t { begin, go_on, publish, report_failure };
  struct ready_step {
    activity* who;
    step what;
    std::coroutine_handle<> resume{};
    bool without_room = false;  // may go on while the rings are full
  };
  enum class reason : std::uint8_t { suspended, handler_limit, retry };
  template <class Key, class Value>
  using table = std::unordered_map<Key, Value, std::hash<Key>, std::equal_to<Key>,
                                   weir::internal::pooled<std::pair<const Key, Value>>>;
  /// Deadlines with the tickets that wait for them.
  using deadline = std::pair<timestamp, std::uint64_t>;
  using deadline_set = std::set<deadline, std::less<>, weir::internal::pooled<deadline>>;
  struct pending {
    activity* who;
    suspension* where;
    reason why;
    deadline_set::iterator until;  // end: none
  };
  using wait_table = table<std::uint64_t, pending>;
  /// Of one key, linked by `behind`; the oldest is in progress, or waits for its turn.
  struct key_queue {
    activity* oldest;
    activity* newest;
  };

  void wait(task_context& who, suspension& where, duration longest) override;
  std::optional<error> stage(task_context& who, std::unique_ptr<staged>& what) override;
  /// Those that wait until others are done, in the order they came.
  void stage_waiting();
  void forget_published(activity& what);
  std::uint64_t add_wait(activity& who, suspension* where, reason why, duration longest);
  pending take_wait(wait_table::iterator found);
  void wait_is_over(const pending& wait);
  void cancel(activity& what);
  void drop_waits(activity& what);

  std::optional<key_type> key_of(const context& where) const;
  /// An event of its key is not done yet.
  bool is_behind(const context& where) const;
  bool full() const noexcept {
    return no_permit_ || (limits_.keys > 0 && started_ >= limits_.keys);
  }
  /// False: there is none, and nothing begins until permitted().
  bool take_permit(activity& what);
  void give_permit(activity& what);
  void begin_again(activity& what);
  /// Those that wait until they may begin, if they may.
  void begin_waiting();
  void hold(std::unique_ptr<activity> what, context& where);
  /// Nothing: it waits. Else what it returned, threw or failed to publish.
  std::optional<result<void>> begin(activity& what, const void* payload, context& where);
  std::optional<result<void>> outcome_of(activity& what, context& where);
  static result<void> publish_staged(activity& what, context& where);
  void finish(activity& what);

  task_limits limits_;
  timestamp now_{};
  std::uint32_t started_ = 0;
  std::uint64_t next_ticket_ = 1;
  static constexpr std::size_t spares_max = 64;
  std::vector<std::unique_ptr<activity>> spares_;  // the last is the next event's
  table<std::uint64_t, std::unique_ptr<activity>> deferred_;  // by deferral
  table<key_type, key_queue> queues_;
  std::deque<activity*> backlog_;  // first of their keys, begin when it is not full
  std::deque<activity*> unpermitted_;  // have failed, and begin again when there is a permit
  permits::place* calls_ = nullptr;
  bool no_permit_ = false;  // it waits for one
  std::deque<ready_step> ready_;
  staging staging_{task_limits{}.staged_bytes_max};
  std::deque<std::uint64_t> unasked_;    // tickets; some may not wait any more
  std::deque<std::uint64_t> unstaged_;   // the same
  wait_table waits_;                   // by ticket
  deadline_set deadlines_;
  std::optional<timestamp> armed_;     // a timer will fire then
};

}  // namespace weir::delivery
