// SPDX-License-Identifier: BSD-3-Clause
// Scheduled events in a node: who keeps them, who may add, and what draining means for them.
#include "weir/actors/base/turn.hpp"
#include "weir/actors/broker/schedule_actor.hpp"
#include "weir/actors/node/impl.hpp"
#include "weir/runtime/store/timer_record.hpp"

namespace weir {
namespace {

/// Chance of its own, so that other actors of a seeded run keep theirs.
constexpr std::uint64_t schedule_stream = 1;

}  // namespace

void node::impl::spawn_schedule() {
  actors::schedule_setup setup{.events = schedule,
                               .partitions = link->partitions,
                               .topics = {},
                               .time = link->time,
                               .seeds = seeds.split(schedule_stream)};
  for (const auto& state : topics) setup.topics.push_back(state->settings);
  schedule_keeper = link->system->spawn<actors::schedule_actor>(std::move(setup));
  schedule->open(schedule_keeper, link->time, commits);
}

result<void> node::impl::may_schedule(topic_handle::state& to) {
  if (!running) {
    if (auto begun = start(); !begun) return begun;
  }
  if (to.schedules.load(std::memory_order_acquire)) return {};
  const std::lock_guard lock{admitting};
  if (to.schedules.load(std::memory_order_relaxed)) return {};
  if (!to.live) return fail(not_begun(to));
  // The schedule is one more publisher of this topic, with rings of its own.
  if (auto admitted = admit_publisher(to); !admitted) return admitted;
  to.schedules.store(true, std::memory_order_release);
  return {};
}

std::optional<actors::statuses> node::impl::quiet(duration deadline) {
  const auto until = link->time->now() + std::min(deadline, actors::longest_wait);
  const auto left = [&] { return std::max(duration::zero(), until - link->time->now()); };
  // An event that is due is as good as published, so it goes first; so does one that a handler
  // has scheduled for at once. Those that find a ring full follow when the partition has room, or
  // never if its subscription has halted: then nothing changes between two looks.
  for (auto fired = fire_due(left());;) {
    auto found = statuses(true, left());
    if (!found || !fired) return found;
    const auto before = std::exchange(fired, fire_due(left()));
    if (!fired || *fired == *before) return found;
  }
}

std::optional<std::uint64_t> node::impl::fire_due(duration deadline) {
  const auto fired = [this] {
    const auto counts = schedule->counts();
    return counts.published + counts.refused;
  };
  if (schedule->counts().pending == 0) return fired();
  auto done = std::make_shared<actors::completion<bool>>();
  actors::tell(schedule_keeper, actors::due_query{done});
  if (!actors::wait(*link, *done, deadline)) return std::nullopt;
  return fired();
}

result<std::string> topic_handle::stored_form(const event_type& type, const void* payload,
                                              const topic::publish_options& options) const {
  if (!state_->settings->options.durable) return std::string{};
  return store::encode_timer(*state_->settings, type, payload, options);
}

result<scheduled> topic_handle::schedule(waiting_event waiting, timestamp at) {
  auto& owner = *state_->owner;
  if (auto may = owner.may_schedule(*state_); !may) return fail(std::move(may.error()));
  const actors::timer_form timer{name(), std::move(waiting.stored_form)};
  auto ticket = owner.schedule->add(std::move(waiting.event), at,
                                    timer.body.empty() ? nullptr : &timer);
  if (!ticket) return fail(std::move(ticket.error()));
  return scheduled{owner.schedule, *ticket};
}

result<scheduled> topic_handle::schedule_and_wait(waiting_event waiting, timestamp at,
                                                  wait_for level, duration deadline) {
  if (level == wait_for::handled) {
    return fail(errc::invalid_argument, name() + ": what is scheduled is handled at its time");
  }
  if (level == wait_for::accepted || waiting.stored_form.empty()) {
    return schedule(std::move(waiting), at);
  }
  if (actors::in_handler()) return fail(actors::called_in_handler("waiting for " + name()));
  auto& owner = *state_->owner;
  if (auto may = owner.may_schedule(*state_); !may) return fail(std::move(may.error()));
  const actors::timer_form timer{name(), std::move(waiting.stored_form),
                                 std::make_shared<actors::completion<result<void>>>()};
  auto ticket = owner.schedule->add(std::move(waiting.event), at, &timer);
  if (!ticket) return fail(std::move(ticket.error()));
  auto flushed = actors::wait(*owner.link, *timer.flushed, deadline);
  if (!flushed) return fail(errc::timeout, name() + ": the event may be scheduled or not");
  if (!*flushed) return fail(std::move(flushed->error()));
  return scheduled{owner.schedule, *ticket};
}

result<scheduled> topic_handle::schedule_after(waiting_event waiting, duration delay) {
  auto& owner = *state_->owner;
  if (auto may = owner.may_schedule(*state_); !may) return fail(std::move(may.error()));
  const actors::timer_form timer{name(), std::move(waiting.stored_form)};
  auto ticket = owner.schedule->add_after(std::move(waiting.event), delay,
                                          timer.body.empty() ? nullptr : &timer);
  if (!ticket) return fail(std::move(ticket.error()));
  return scheduled{owner.schedule, *ticket};
}

error topic_handle::negative_delay(duration delay) const {
  return {errc::invalid_argument, name() + ": an event cannot be scheduled " +
                                      std::to_string(delay.count()) + " ns from now"};
}

}  // namespace weir
