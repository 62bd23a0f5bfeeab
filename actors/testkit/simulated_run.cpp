// SPDX-License-Identifier: BSD-3-Clause
// Lives of a node, what is done to them, and what is asked in the end.
#include "weir/actors/testkit/simulated_run.hpp"

#include <map>
#include <set>
#include <stdexcept>

#include "weir/actors/node/impl.hpp"
#include "weir/actors/testkit/recording.hpp"
#include "weir/runtime/sim/ledger_checker.hpp"
#include "weir/runtime/store/memory_store.hpp"

namespace weir::testkit {
namespace {

using sim::fault;
using store::store_fault;

/// Ends a subscriber: being no std::exception, it is no failure of the event.
struct subscriber_death {};

/// Kept beside the states of each transactional handler, in the same attempt: how often the effects
/// of an event are there.
constexpr const char* effects_state = "weir.simulation.effects";

/// From the end of one life to the beginning of the next.
constexpr duration beginning_takes = std::chrono::seconds{1};

class run {
 public:
  run(const topology_builder& build, const run_wanted& wanted)
      : build_(build),
        wanted_(wanted),
        faults_(std::make_shared<sim::fault_source>(wanted.seed, wanted.faults)),
        lines_(wanted.kept_max),
        picture_(wanted.kept_max) {
    faults_->heard = [this](const sim::scripted_fault& one) { note("fault " + to_string(one)); };
  }

  run_found go() {
    std::string failure;
    for (life_ = 1; life_ <= lives_max; ++life_) {
      failure = live();
      if (!begins_again(failure)) break;
      now_ += beginning_takes;
      note("the node begins again");
    }
    run_found found{.lines = std::move(lines_), .picture = std::move(picture_)};
    found.summary = {.seed = wanted_.seed,
                     .failure = std::move(failure),
                     .calls = calls_,
                     .faults = faults_->struck().size(),
                     .digest = found.lines.digest(),
                     .virtual_time = now_ - wanted_.node.simulated_since};
    if (faults_->kept_all()) found.struck = faults_->struck();
    return found;
  }

 private:
  bool begins_again(const std::string& failure) {
    const bool excused = store_struck_ && !restless_ && order_.ok() &&
                         (disk_->broken() || !failure.empty());
    disk_->set_faults({.seed = wanted_.seed});
    disk_->reopen();
    store_struck_ = false;
    return excused && life_ < lives_max;
  }

  /// One life of the node; why it failed, or nothing.
  std::string live() {
    order_ = {};
    auto declared = build_(options(), outside_);
    if (!declared) return to_string(declared.error());
    node_ = declared->node.get();
    look_at_subscriptions();
    disk_->set_faults({.seed = wanted_.seed, .meets = [this](auto what, auto call) {
      return meets(what, call);
    }});
    std::string failure;
    try {
      auto ran = node_->start();
      if (ran) ran = declared->drive();
      if (!ran) failure = to_string(ran.error());
    } catch (const std::exception& thrown) {
      failure = std::string{"the run has thrown: "} + thrown.what();
    }
    static_cast<void>(since_start());
    // What is looked up now is no part of the run.
    disk_->set_faults({.seed = wanted_.seed});
    if (restless_) {
      failure = "more than " + std::to_string(wanted_.calls_max) +
                " calls of handlers: the run does not come to rest";
    } else if (!order_.ok()) {
      failure = order_.violation();
    } else if (failure.empty() && !disk_->broken()) {
      failure = check(declared->invariants);
    }
    declared->node.reset();
    node_ = nullptr;
    return failure;
  }

  node_options options() {
    auto chosen = wanted_.node;
    chosen.store = disk_;
    chosen.simulated = true;
    // What a program makes of its seed is the same in each life; the ids of events are not, because
    // their time is another.
    chosen.seed = wanted_.seed;
    chosen.simulated_since = now_;
    chosen.log_threshold = log_level::off;
    chosen.faults = faults_;
    // Subscribers are ended on purpose; the usual intensity would conclude that all is lost.
    chosen.intensity = {.restarts = supervision::intensity::restarts_max,
                        .window = std::chrono::milliseconds{100}};
    chosen.interfere = {
        .before = [this](auto who, context& where) { return before(who, where); },
        .spoils = [this](auto, const context&) { return spoiled(); },
        .after = [this](auto, const context&, const error* why) { ended(why); }};
    return chosen;
  }

  void look_at_subscriptions() {
    transactional_.clear();
    incarnations_.clear();
    for (const auto& [id, entry] : node_->internals().subscriptions) {
      auto& declared = *entry->declared;
      const auto& name = declared.group.empty() ? declared.name : declared.group;
      const bool waits = declared.waits || !declared.service.empty();
      if (declared.transactional && !waits) transactional_.insert(name);
      if (!waits || !declared.handlers) continue;
      // What waited when its subscriber ended begins anew, with the counts it had.
      declared.handlers = [inner = declared.handlers, count = &incarnations_[name]] {
        ++*count;
        return inner();
      };
    }
  }

  // --- what is done to it ---

  result<void> before(std::string_view subscription, context& where) {
    const auto& header = where.header();
    if (calls_ >= wanted_.calls_max) {
      restless_ = true;
      counted_ = false;
      return fail(errc::rejected, "simulated: the run does not come to rest");
    }
    call_ = {.subscription = std::string{subscription},
             .type = std::string{header.type->name},
             .partition = where.partition(),
             .offset = where.offset(),
             .delivery = where.delivery_count(),
             .attempt = where.attempt(),
             .key = std::string{header.key},
             .began = since_start()};
    place_ = call_place(call_);
    ++calls_;
    lines_.add(call_line(call_));
    const auto waiting = incarnations_.find(subscription);
    if (waiting == incarnations_.end()) {
      check_order(order_, subscription, where);
    } else {
      check_order(order_, call_.subscription + " of life " + std::to_string(waiting->second),
                  where);
    }
    counted_ = transactional_.contains(subscription);
    if (counted_) {
      // Until it has returned, for whoever ends here says nothing any more.
      effects_.attempted(event_place(call_), false);
      auto kept = where.state<std::string, std::uint64_t>(effects_state)
                      .update(event_place(call_), [](std::uint64_t& times) { ++times; });
      if (!kept) return kept;
    }
    return strike();
  }

  result<void> strike() {
    auto& now = *node_->internals().simulated;
    if (const auto slow = faults_->strikes(fault::handler_slow, place_)) now.pass(*slow);
    // Once at a place: such an end is no delivery, so what waits comes with the same counts again.
    if (faults_->strikes(fault::subscriber_killed, place_) && killed_at_.insert(place_).second) {
      now.kill_running();
    }
    if (faults_->strikes(fault::handler_fails, place_)) {
      return fail(errc::unavailable, "simulated: a failure");
    }
    if (faults_->strikes(fault::handler_throws, place_)) {
      throw std::runtime_error{"simulated: an exception"};
    }
    if (faults_->strikes(fault::subscriber_dies, place_)) throw subscriber_death{};
    if (faults_->armed(fault::event_rejected) &&
        faults_->strikes(fault::event_rejected, event_place(call_))) {
      return fail(errc::rejected, "simulated: refused");
    }
    return {};
  }

  std::optional<error> spoiled() {
    if (!faults_->strikes(fault::handler_fails_late, place_)) return std::nullopt;
    return error{errc::unavailable, "simulated: a failure after all was done"};
  }

  void ended(const error* why) {
    if (counted_) effects_.attempted(event_place(call_), why == nullptr);
    if (wanted_.kept_max == 0) return;
    call_.ended = since_start();
    if (why != nullptr) call_.failure = to_string(*why);
    picture_.add(call_);
  }

  store_fault meets(std::string_view what, std::uint64_t call) {
    const auto strikes = [&](fault one) { return faults_->strikes(one, what, call); };
    if (const auto slow = strikes(fault::store_slow); slow && node_->internals().simulated) {
      node_->internals().simulated->pass(*slow);
    }
    if (life_ == lives_max) return store_fault::none;
    auto met = store_fault::none;
    if (strikes(fault::store_fails)) met = store_fault::fails;
    if (what == "commit" && strikes(fault::write_torn)) {
      auto chance = faults_->dice(fault::write_torn, std::to_string(call));
      met = chance.chance(0.5) ? store_fault::dies_after : store_fault::dies_before;
    }
    if (strikes(fault::node_crashes)) met = store_fault::dies_before;
    store_struck_ = store_struck_ || met != store_fault::none;
    return met;
  }

  // --- what is seen ---

  /// A node that is not started, or has stopped, has no time of its own.
  duration since_start() {
    if (node_ != nullptr && node_->internals().link) now_ = node_->internals().link->time->now();
    return now_ - wanted_.node.simulated_since;
  }

  void note(const std::string& what) {
    lines_.add(sim::seconds_text(since_start()) + ' ' + what);
    picture_.note(since_start(), what);
  }

  std::string check(const std::vector<invariant>& invariants) {
    sim::ledger_checker ledgers;
    bool lacking = false;
    for (const auto& [subscription, topic, counts] : node_->ledgers()) {
      ledgers.seen(subscription + " in " + topic, counts);
      lacking = lacking || counts.expired + counts.dropped_total() > 0;
    }
    ledgers.finish();
    if (!ledgers.ok()) return ledgers.violation();
    if (auto wrong = check_effects(lacking); !wrong.empty()) return wrong;
    for (const auto& one : invariants) {
      if (auto held = one.holds(*node_); !held) {
        return "'" + one.name + "' does not hold: " + to_string(held.error());
      }
    }
    return {};
  }

  std::string check_effects(bool lacking) {
    for (const auto& subscription : transactional_) {
      auto read = node_->scan_state<std::string, std::uint64_t>(
          subscription, effects_state,
          [this](const std::string& event, std::uint64_t times) { effects_.found(event, times); });
      if (!read) return to_string(read.error());
    }
    effects_.finish(lacking);
    return effects_.ok() ? outside_.violation() : effects_.violation();
  }

  const topology_builder& build_;
  const run_wanted& wanted_;
  std::shared_ptr<sim::fault_source> faults_;
  sim::transcript lines_;
  sim::trace picture_;
  std::shared_ptr<store::memory_store> disk_ = std::make_shared<store::memory_store>();
  sim::order_checker order_;  // of one life
  sim::effects_checker effects_;
  sim::outside_effects outside_;
  unsigned life_ = 1;
  weir::node* node_ = nullptr;
  timestamp now_ = wanted_.node.simulated_since;
  std::set<std::string, std::less<>> transactional_;
  std::map<std::string, std::uint64_t, std::less<>> incarnations_;  // of those that wait
  std::set<std::string> killed_at_;
  bool store_struck_ = false;  // in this life, otherwise than slow
  std::uint64_t calls_ = 0;
  bool restless_ = false;
  // The call that is under way.
  sim::call_record call_;
  std::string place_;
  bool counted_ = false;
};

}  // namespace

run_found simulate_once(const topology_builder& build, const run_wanted& wanted) {
  return run{build, wanted}.go();
}

}  // namespace weir::testkit
