// SPDX-License-Identifier: BSD-3-Clause
// Due events into rings, in turns.
#include "weir/actors/broker/schedule_actor.hpp"

#include <chrono>

#include "weir/runtime/core/log.hpp"

namespace weir::actors {
namespace {

/// Events at a turn: enough to fill a batch, few enough for others to have theirs.
constexpr std::size_t turn_events = 512;

/// Where events come thick, one wake-up fires all of a millisecond: each costs several microseconds
/// on its way through three actors. An event that comes alone fires at its time.
constexpr duration slack = std::chrono::milliseconds{1};

/// Timers follow a clock that never jumps. The machine's time of day may; so long it may take to be
/// noticed. A manual clock moves timers too.
duration longest_sleep(const clock& time) {
  if (time.is_manual()) return std::chrono::hours{24 * 365 * 100};
  return std::chrono::seconds{1};
}

}  // namespace

schedule_actor::schedule_actor(caf::actor_config& config, schedule_setup setup)
    : caf::event_based_actor(config),
      setup_(std::move(setup)),
      alarm_(longest_sleep(*setup_.time)),
      outlets_(setup_.topics.size()) {}

caf::behavior schedule_actor::make_behavior() {
  return {
      [this](schedule_woken) { work(); },
      [this](schedule_rung) {
        alarm_.rang();
        work();
      },
      [this](room_made) { room_is_made(); },
      [this](const topic_added& added) {
        setup_.topics.push_back(added.topic);
        outlets_.emplace_back();
      },
      [this](const due_query& query) {
        queries_.push_back(query);
        work();
      },
  };
}

void schedule_actor::on_exit() {
  outlets_.clear();
  due_.clear();
  queries_.clear();
  setup_.events.reset();
  setup_.partitions.reset();
}

void schedule_actor::work() {
  setup_.events->take(due_, turn_events, setup_.time->now());
  const bool more = due_.size() == turn_events;
  for (auto& event : due_) {
    auto& to = outlet_of(*event);
    to.waiting.push_back(std::move(event));
  }
  due_.clear();
  outcome sum;
  for (auto& to : outlets_) {
    if (to != nullptr && !to->full) publish_waiting(*to, sum);
  }
  if (sum.published + sum.refused > 0) {
    setup_.events->settle(sum.published, sum.refused, sum.bytes);
    last_published_ = setup_.time->now();
  }
  if (more) {
    tell(caf::actor{this}, schedule_woken{});
    return;
  }
  for (const auto& query : std::exchange(queries_, {})) query.done->complete(true);
  rest();
}

void schedule_actor::rest() {
  const auto next = setup_.events->sleep();
  if (!next) return;
  const auto now = setup_.time->now();
  // Virtual time is exact: nobody pays for it. The bound by `now` is for a clock that went back.
  const auto earliest =
      setup_.time->is_manual() ? *next : std::min(last_published_, now) + slack;
  if (const auto delay = alarm_.set(now, std::max(*next, earliest))) {
    tell_later(*this, *delay, schedule_rung{});
  }
}

void schedule_actor::room_is_made() {
  for (auto& to : outlets_) {
    if (to != nullptr) to->full = false;
  }
  work();
}

schedule_actor::outlet& schedule_actor::outlet_of(const topic::scheduled_event& event) {
  auto& found = outlets_[event.topic()];
  if (found == nullptr) {
    found = std::make_unique<outlet>(
        outlet{topic::publisher{setup_.topics[event.topic()], setup_.seeds()}, {}, false});
    const auto& options = found->core.topic().options;
    for (std::uint32_t i = 0; options.durable && i < options.partitions; ++i) {
      found->timers.push_back(std::make_shared<timer_notes>(found->core.topic().name));
    }
  }
  return *found;
}

void schedule_actor::publish_waiting(outlet& to, outcome& sum) {
  while (!to.waiting.empty()) {
    if (publish_first(to, sum)) continue;
    // Partitions empty only what is committed. They are asked before another try, as one of them
    // may have made room in between, and will then not say so.
    commit(to);
    static_cast<void>(to.core.want_room());
    if (publish_first(to, sum)) continue;
    to.full = true;
    return;
  }
  commit(to);
}

bool schedule_actor::publish_first(outlet& to, outcome& sum) {
  auto& event = *to.waiting.front();
  std::optional<error> why;
  try {
    const auto built = event.build(to.core, setup_.time->now());
    if (!built) why = built.error();
    if (built && !to.timers.empty()) to.timers[*built]->push(event.timer());
  } catch (const std::exception& thrown) {
    why.emplace(errc::rejected, std::string{"publishing it threw: "} + thrown.what());
  } catch (...) {
    why.emplace(errc::rejected, "publishing it threw");
  }
  if (why && why->code == errc::backpressure) return false;
  to.core.accept();
  sum.bytes += event.bytes();
  ++(why ? sum.refused : sum.published);
  if (why) setup_.events->erase_timer(event);
  to.waiting.pop_front();
  if (why) {
    log(log_level::error, "scheduled-event-refused",
        to.core.topic().name + ": " + to_string(*why));
  }
  return true;
}

void schedule_actor::commit(outlet& to) {
  to.core.commit([&](std::uint32_t partition, const std::shared_ptr<topic::ring>& ring,
                     bool first_use, bool half_full) {
    const auto& address = setup_.partitions->of(to.core.topic(), partition);
    if (first_use) {
      tell(address.actor, ring_joined{ring, waker{this, nullptr},
                                      to.timers.empty() ? nullptr : to.timers[partition]});
    }
    if (address.bell->ring() || half_full) tell_from(*this, address.actor, doorbell_rung{});
  });
}

}  // namespace weir::actors
