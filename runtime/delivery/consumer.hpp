// SPDX-License-Identifier: BSD-3-Clause
// A subscription's progress through its partitions: which event is next in each, how its failures
// are answered, and what may be settled. No mailbox and no clock: calls go in, effects come out.
//
// A lane (one partition) is ready, or waits: for the delay of a retry (order within the
// partition holds, other lanes go on), for room in the rings its handler publishes to, for
// tokens of the rate limit, for a permit of its bulkhead, or for a handler that has deferred as
// many events as it may.
// Deferred events are open, and so are those whose letter is not stored yet: their lane goes on,
// but their batch and those behind it are settled only when nothing in front of them is open.
// The consumer as a whole halts when a failure is fatal or the dead-letter store refuses a
// letter: nothing is lost, nothing more is handled.
//
// Invariants: events of a lane are handled in offset order; an event is settled only after its
// handling has succeeded or the dead-letter store has it; settled ranges are dense. The consumer
// outlives the subscriber actor that drives it, so that a restart resumes at the right event.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "weir/runtime/delivery/dead_letter.hpp"
#include "weir/runtime/delivery/frame_pool.hpp"
#include "weir/runtime/delivery/handler.hpp"
#include "weir/runtime/delivery/parked_events.hpp"
#include "weir/runtime/delivery/partition_state.hpp"
#include "weir/runtime/delivery/time_to_live.hpp"
#include "weir/runtime/policy/bulkhead.hpp"
#include "weir/runtime/policy/circuit_breaker.hpp"
#include "weir/runtime/policy/rate_limit.hpp"
#include "weir/runtime/policy/recoverability.hpp"
#include "weir/runtime/topic/partition.hpp"

namespace weir::delivery {

/// What the shell must do after a call, in this order.
struct effects {
  struct retry {
    std::uint32_t lane;
    duration delay;
    std::uint64_t ticket;
  };
  struct settlement {
    std::uint32_t lane;
    std::uint64_t up_to;
    topic::settled_counts counts;
  };
  struct letter {
    std::uint32_t lane;
    dead_letter content;
  };
  /// Events that were, or will be, settled as parked have ended.
  struct unparked {
    std::uint32_t lane;
    topic::settled_counts counts;
  };
  /// Lanes wait for tokens; one timer for all of them.
  struct refill {
    duration delay;
    std::uint64_t ticket;
  };
  std::vector<letter> letters;
  std::vector<settlement> settlements;
  std::vector<retry> retries;
  std::vector<unparked> ended;
  std::optional<refill> tokens;
  /// Lanes wait for the circuit breaker; one timer for all of them.
  std::optional<refill> breaker;
  /// An event is to be delivered again then.
  std::optional<refill> redelivery;
  /// Set once, when the consumer halts.
  std::optional<error> halted;
};

/// Where a transactional consumer keeps its states, and how much of each partition's it remembers.
struct transaction_setup {
  std::shared_ptr<const store::store> where;
  std::size_t state_bytes_max = std::size_t{64} << 20;
};
/// What one commit of a transactional consumer makes true, beside what its handlers published.
struct progress_written {
  /// To be put on the mark once it is flushed.
  struct state_commit {
    flush_mark mark;
    std::uint64_t number;
  };
  bool any = false;
  std::vector<state_commit> states;
};

/// Thrown through the consumer by a failure whose rule says so: ends the subscriber.
struct restart_wanted {};

/// Counts beside the ledger.
struct consumer_counts {
  std::uint64_t retries = 0;
  std::uint64_t restarts = 0;
  std::uint64_t breaker_openings = 0;
};

class consumer {
 public:
  consumer(std::string subscription, recoverability policy, handler_factory factory,
           std::uint64_t seed, task_limits limits = {});

  const std::string& subscription() const noexcept { return subscription_; }
  context& outlets() noexcept { return context_; }
  const consumer_counts& counts() const noexcept { return counts_; }
  bool halted() const noexcept { return halted_.has_value(); }
  const std::optional<error>& halt_reason() const noexcept { return halted_; }

  /// Events that are older when their handling, or that of what is left of their batch, begins are
  /// not handled but settled as expired. Before the first batch.
  void expire(time_to_live limit) noexcept { time_to_live_ = limit; }
  /// An event takes a token each time it is given to its handler, retries in place included; not
  /// when it is filtered or expires, and not when a handler that has deferred it goes on with it.
  /// A restart keeps the bucket. Before the first batch.
  void limit(const rate_limit& rate) noexcept { tokens_.emplace(rate); }
  /// When too many attempts fail (transient failures and ends of the subscriber), nothing is tried
  /// for a while: the event whose failure opened it and all behind it are held, at no cost in
  /// attempts or deliveries. A restart keeps the breaker. Before the first batch.
  void guard(const breaker_settings& settings) { breaker_.emplace(settings); }
  const std::optional<circuit_breaker>& breaker() const noexcept { return breaker_; }
  /// Its handlers are called under a permit that other consumers take too; without one its lanes
  /// hold their events at no cost in attempts. Handlers that defer take one for each event in
  /// progress, see deferring::confine. Before the first batch.
  void confine(std::shared_ptr<permits> shared);
  /// Of the incarnation that drives it now: whom to tell that permitted() is to be called, see
  /// permits::place::attend. Nothing happens without a bulkhead.
  void attend_bulkhead(std::function<void()> wake) {
    if (bulkhead_) bulkhead_->attend(std::move(wake));
  }
  /// The incarnation that drove it is over: what its handlers had in progress goes, and nobody
  /// waits for its permits. Next comes restart(), or nothing.
  void end_incarnation();
  /// Its lanes take permits; otherwise its handlers do, or nobody.
  bool confines_lanes() const noexcept { return bulkhead_ && handlers_.deferring() == nullptr; }
  /// Lanes that hold their events for want of tokens, of a permit, or behind an open breaker.
  std::uint32_t held_lanes() const noexcept;

  /// Its handlers may keep states, and what they do is one with the subscription's positions: see
  /// write_progress(). An event whose letter is not stored yet stops its lane. Before the first
  /// lane; handlers that defer must do it in the order of each lane (task_limits::lane_order).
  void transact(transaction_setup setup);
  /// Adds what was accepted since the last call to a commit: states, and how far each lane has
  /// come. Nothing, while an event that ended the subscriber is not dealt with. What handlers
  /// published is context::take_outputs', to be taken together with this.
  progress_written write_progress(store::changes& to);
  /// An event has ended the subscriber, and restart() has not dealt with it yet.
  bool interrupted() const noexcept {
    return handling_ != nullptr || completing_ != 0 || running_again_;
  }

  /// Adds a lane; `lane` is any number that names the partition in effects.
  void open_lane(std::uint32_t lane, std::string topic, std::uint32_t partition,
                 std::uint64_t first_offset);
  /// A lane between two consumers, as the first has left it: what it has received and not settled,
  /// and what became of that.
  struct carried;
  using carried_lane = std::shared_ptr<carried>;
  /// One that nobody has had yet.
  static carried_lane fresh_lane(std::uint32_t lane, std::string topic, std::uint32_t partition,
                                 std::uint64_t first_offset);
  static std::uint32_t id_of(const carried_lane& lane);
  /// Goes on with a lane where it was left. Attempts and deliveries are still counted; the delay of
  /// a retry is over.
  void adopt(const carried_lane& lane, timestamp now, effects& out);
  /// Nothing more of the lane begins; what is in progress goes on. No news if it is not there.
  void close_lane(std::uint32_t lane);
  bool closing() const noexcept { return closing_ > 0; }
  /// Closed lanes of which nothing is open any more: they are this consumer's no longer.
  std::vector<carried_lane> take_closed();
  /// Settles what was handled of a lane that nobody is to go on with.
  static void settle(const carried_lane& lane, effects& out);

  /// Letters of an earlier run, in the order of their offsets: those that are parked, and, if keys
  /// are parked, those that are dead. Right after the lane is opened.
  void park_again(std::uint32_t lane, const std::vector<parked_events::letter_ptr>& letters);
  // What is wanted of letters of this subscription. errc::not_found: the event is of none of the
  // lanes.

  /// Handles the event of a dead or parked letter again, now. Its letter comes back in
  /// effects::letters: redriven, or dead once more. Errors: errc::parked if it waits behind
  /// another; errc::already_exists if it is being handled; errc::subscription_halted.
  result<void> redrive(const parked_events::letter_ptr& letter, timestamp now, effects& out);
  /// What the handlers would do with a letter's event, once, and with all other effects forgotten:
  /// on fresh handlers, and on states as of the last flush. Their failure; errc::unavailable if the
  /// handler waits for something: whom it asked would know that it was asked.
  result<void> rehearse(const parked_events::letter_ptr& letter, timestamp now);
  /// The letter has got another payload; or nobody waits for it any more. errc::already_exists if
  /// its event is being handled.
  result<void> edit(const parked_events::letter_ptr& letter);
  result<void> discard(const dead_letter& letter, timestamp now, effects& out);

  /// Everything below this offset has been received in the lane.
  std::uint64_t received(std::uint32_t lane) const;
  std::vector<std::uint32_t> lanes() const;

  /// A batch has arrived. One that does not follow what was received, or of a lane that is not
  /// there, is a late message: ignored.
  void receive(std::uint32_t lane, batch events, bool settle_now, timestamp now, effects& out);
  /// The events in [from, to) were dropped for this subscription: what follows `from` begins at
  /// `to`. Call before receive(); a late message, too, is ignored.
  void jump(std::uint32_t lane, std::uint64_t from, std::uint64_t to);
  /// The delay of a retry is over.
  void retry(std::uint32_t lane, std::uint64_t ticket, timestamp now, effects& out);
  /// The timer of effects::tokens has fired.
  void refilled(std::uint64_t ticket, timestamp now, effects& out);
  /// The timer of effects::breaker has fired.
  void breaker_due(std::uint64_t ticket, timestamp now, effects& out);
  /// The timer of effects::redelivery has fired.
  void redelivery_due(std::uint64_t ticket, timestamp now, effects& out);
  /// It is this consumer's turn to take a permit of its bulkhead.
  void permitted(timestamp now, effects& out);
  /// The rings have room again.
  void resume(timestamp now, effects& out);
  /// The dead-letter store has a letter of this lane. Calls no handler: when all that are known to
  /// be stored are told, go_on_behind_letters() does.
  void letter_stored(std::uint32_t lane, effects& out);
  void go_on_behind_letters(timestamp now, effects& out);
  /// What the handler wants to ask its service; false if nothing.
  bool take_ask(ask& out) {
    return handlers_.deferring() != nullptr && handlers_.deferring()->take_ask(out);
  }
  void ask_again(std::uint64_t ticket) { handlers_.deferring()->ask_again(ticket); }
  void answered(std::uint64_t ticket, const std::shared_ptr<const void>& answers, timestamp now,
                effects& out);
  /// The same for a foreign request.
  void answered_foreign(std::uint64_t ticket, void* answer, timestamp now, effects& out);
  void overdue(std::uint64_t ticket, timestamp now, effects& out);
  /// The dead-letter store, or something else the consumer depends on, has failed.
  void halt(error reason, effects& out);

  /// A new incarnation of the subscriber takes over: fresh handlers; the event that ended the old
  /// one (if one did) counts one more delivery, and is a dead letter when those are exhausted.
  void restart(timestamp now, effects& out);

 private:
  handler_table new_handlers() const;
  /// What is received and not settled yet; the last of them are those still in the queue.
  struct batch_progress {
    std::uint64_t end;
    bool settle_now;
    std::uint32_t open = 0;  // deferred events, and letters the store does not have yet
    topic::settled_counts counts{};
  };
  enum class lane_state : std::uint8_t {
    ready, waits_retry, waits_room, waits_tokens, waits_deferred, waits_breaker,
    waits_permit
  };
  struct lane_progress {
    std::uint32_t id;
    std::string topic;
    std::uint32_t partition;
    std::uint64_t received;
    lane_state state = lane_state::ready;
    std::deque<batch> queue;
    std::uint32_t index = 0;
    unsigned attempts_made = 0;
    unsigned deaths = 0;
    std::vector<attempt> attempts;
    std::uint64_t ticket = 0;
    std::uint64_t turn = 0;           // of lanes that wait for the same the lowest goes first
    std::uint64_t one_by_one_to = 0;  // below this offset: a call of several was in vain
    std::deque<batch_progress> unsettled;
    std::deque<std::uint64_t> letters;  // offsets of those sent, in the order the store answers
    std::uint64_t done = 0;             // of whole batches, what may be settled
    bool settle_due = false;
    bool closing = false;
    topic::settled_counts done_counts;
    // What waits outside of the lane; null until something does. Its events are handled in a lane
    // of their own, one by one, which shares this.
    std::shared_ptr<parked_events> parked;
    std::optional<std::uint32_t> aside_of;         // of such a lane: the other
    std::optional<parked_events::parked> in_hand;  // what it has
    bool reported = false;                         // the store was told what became of that
    // Of a transactional consumer.
    std::shared_ptr<partition_state> states;
    std::vector<std::string> letters_done;  // keys of their records
    std::uint64_t written = 0;           // how far it has come in the last commit
    std::optional<std::uint64_t> held;  // a deferred event, ready behind an open letter
  };

  struct deferred_event {
    std::uint32_t lane;
    batch events;
    std::uint32_t index;
    unsigned deaths = 0;
    unsigned attempts_made = 0;
    std::vector<attempt> attempts{};
  };

  static lane_progress fresh_progress(std::uint32_t lane, std::string topic,
                                      std::uint32_t partition, std::uint64_t first_offset);
  void give_states(lane_progress& lane) const;
  /// Everything below it is done with.
  std::uint64_t position_of(const lane_progress& lane) const;
  /// The letter of a transactional consumer's event is stored before what follows is handled: a
  /// position says what was done below it, and nothing else.
  bool stopped_before(const lane_progress& lane, std::uint64_t offset) const;
  bool hold(std::uint64_t id);
  /// One that was held and need not be any more.
  std::optional<std::uint64_t> take_held();
  lane_progress& at(std::uint32_t lane);
  lane_progress* find(std::uint32_t lane) noexcept;
  static batch_progress& progress_of(lane_progress& lane, std::uint64_t offset);
  /// Of the batch in progress.
  static topic::settled_counts& counts_of(lane_progress& lane) {
    return lane.unsettled[lane.unsettled.size() - lane.queue.size()].counts;
  }
  void collect_deferrals(lane_progress& lane, const batch& events, unsigned deaths);
  void complete_ready(timestamp now, effects& out);
  void complete(std::uint64_t id, timestamp now, effects& out);
  /// A deferred event has failed; true if it is tried again.
  bool fail_deferred(std::uint64_t id, deferred_event& event, error failure, timestamp now,
                     effects& out);
  static void note(std::vector<attempt>& attempts, timestamp now, const error& failure);
  void run_deferred_again(timestamp now, effects& out);
  void go_on_again(timestamp now, effects& out);
  std::optional<error> run_again(const deferred_event& event, timestamp now);
  void run(lane_progress& lane, timestamp now, effects& out);
  void run_types(lane_progress& lane, timestamp now, effects& out);
  void give(lane_progress& lane, run_handler& handler, std::uint32_t to, timestamp now,
            effects& out);
  /// How many of `events` there are tokens for; if none, the lane waits for its turn.
  std::uint32_t admit(lane_progress& lane, std::uint32_t events, timestamp now, effects& out);
  /// The same for the circuit breaker.
  std::uint32_t admit_by_breaker(lane_progress& lane, std::uint32_t events, timestamp now);
  void hold_by_breaker(lane_progress& lane);
  void confine_handlers();
  /// The same for the bulkhead.
  std::uint32_t admit_by_bulkhead(lane_progress& lane, std::uint32_t events);
  /// So many were delivered, or what was admitted was not for the handler.
  void tell_breaker(std::uint32_t delivered, bool left_out);
  /// True if the breaker is open after this failure, which then costs its event nothing.
  bool opens_breaker(const error& failure, timestamp now);
  void go_on_behind_breaker(timestamp now, effects& out);
  void advance(lane_progress& lane, std::uint32_t events);
  void fail_event(lane_progress& lane, error failure, timestamp now, effects& out);
  verdict verdict_on(const lane_progress& lane, const event_view& event, const error& failure,
                     unsigned attempts);
  /// What becomes of an event that is not handled.
  struct fate {
    letter_state state = letter_state::dead;
    timestamp due{};
  };
  void bury(lane_progress& lane, error failure, fate end, timestamp now, effects& out);
  /// The letter of an event of the lane, with what was tried before this delivery.
  dead_letter write_letter(const lane_progress& lane, const event_view& event,
                           std::vector<attempt> attempts, unsigned attempts_made,
                           unsigned deaths) const;
  void send_letter(lane_progress& lane, dead_letter letter, error failure, fate end,
                   timestamp now, effects& out);

  // Events outside of their lane; see consumer_parked.cpp.
  static bool is_blocked(const lane_progress& lane, const envelope& event) {
    return lane.parked != nullptr && !lane.aside_of && lane.parked->blocks(event.key);
  }
  /// Where the first event of [from, to) is that has to wait behind another; `to` if none has.
  static std::uint32_t first_blocked(const lane_progress& lane, const batch& events,
                                     std::uint32_t from, std::uint32_t to);
  parked_events& parked_of(lane_progress& lane);
  /// The lane of the letter's event, which is not in hand.
  result<lane_progress*> free_lane_of(const dead_letter& letter);
  /// Parks, or takes note of, what the store is told of.
  void note_parked(lane_progress& lane, const dead_letter& letter, effects& out);
  /// The next event of the lane, which is blocked, is parked.
  void wait_behind(lane_progress& lane, timestamp now, effects& out);
  void send_parked(lane_progress& lane, const event_view& event, timestamp now, effects& out);
  /// True if the event of this deferral was parked instead.
  bool pass_over(std::uint64_t id, const deferred_event& event, timestamp now, effects& out);
  static unsigned deliveries_before(const lane_progress& lane) {
    return lane.in_hand ? lane.in_hand->letter->delivery_count : 0;
  }
  unsigned redeliveries_of(const lane_progress& lane) const;
  bool is_overtaken(const lane_progress& lane) const noexcept {
    return lane.in_hand && !policy_.park_key;
  }
  lane_progress& aside(lane_progress& lane);
  void go_on_with_parked(timestamp now, effects& out);
  void begin_aside(lane_progress& lane, parked_events::parked next, timestamp now, effects& out);
  /// Of a lane of parked events: tells the store what has become of one, and then the partition.
  void end_aside(lane_progress& lane, effects& out);
  /// Of a lane that closes: false if what it has aside is still open.
  bool give_up_aside(const lane_progress& lane);

  static void settle_batches(lane_progress& lane, effects& out);
  void settle_if_due(lane_progress& lane, effects& out);

  std::string subscription_;
  recoverability policy_;
  time_to_live time_to_live_;
  std::optional<transaction_setup> transactions_;
  handler_factory factory_;
  task_limits limits_;
  handler_table handlers_;
  random chance_;
  context context_;
  std::deque<lane_progress> lanes_;  // one more moves none
  std::unordered_map<std::uint32_t, std::size_t> lane_index_;
  std::uint32_t closing_ = 0;
  // Set while a handler is called; still set after the actor ended means that the call ended it.
  lane_progress* handling_ = nullptr;
  // In the order of deferral.
  std::map<std::uint64_t, deferred_event, std::less<>,
           weir::internal::pooled<std::pair<const std::uint64_t, deferred_event>>>
      deferred_;
  std::uint64_t completing_ = 0;                      // like handling_, for a deferred event
  std::deque<deferred_event> again_;                  // what a restart still has to begin with
  bool running_again_ = false;                        // like handling_, for again_.front()
  std::optional<token_bucket> tokens_;
  bool awaits_tokens_ = false;  // a timer will fire; until then, who comes queues up
  std::uint64_t refills_ = 0;
  std::uint64_t turns_ = 0;
  std::optional<circuit_breaker> breaker_;
  bool awaits_breaker_ = false;  // a timer will fire
  std::uint64_t breaker_waits_ = 0;
  bool parks_ = false;  // some lane has, or had, something parked: others are not asked
  std::optional<timestamp> redelivery_at_;  // a timer will fire
  std::uint64_t redelivery_waits_ = 0;
  std::unique_ptr<permits::place> bulkhead_;
  consumer_counts counts_;
  std::optional<error> halted_;
};

struct consumer::carried {
  lane_progress progress;
};

}  // namespace weir::delivery
