// SPDX-License-Identifier: BSD-3-Clause
// Beginning what is declared, at the first start and at every later one: cursors exist before
// anybody publishes to a new partition and before a subscriber is there, so no subscription misses
// an event. Nothing of what a call begins is visible until its cursors are open; if they cannot be,
// none of it begins.
#include <algorithm>

#include "weir/actors/broker/schedule_actor.hpp"
#include "weir/actors/node/beginning.hpp"
#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/topic/pattern.hpp"

namespace weir {

namespace {

topic::pattern pattern_of(const cursor_owner& owner) {
  auto pattern = topic::pattern::parse(owner.declared->pattern);
  WEIR_INVARIANT(pattern.has_value(), "the check lets only patterns through");
  return std::move(*pattern);
}

}  // namespace

result<void> node::impl::begin() {
  auto what = collect();
  if (auto planned = plan_partitions(what); !planned) {
    forget_declared();
    return planned;
  }
  auto timers = read_timers(what.topics);
  if (!timers) {
    forget_declared();
    return fail(std::move(timers.error()));
  }
  if (auto opened = open_cursors(what); !opened) {
    forget_declared();
    return opened;
  }
  if (!running) spawn_services();
  // Partitions first: a supervisor that restarts starts whatever subscriber is prepared by then.
  spawn_partitions(what);
  prepare(what);
  if (running) {
    forget_overtaken(what);
    join_new_subscribers(what);
  } else {
    spawn_supervision(what);
    spawn_schedule();
  }
  join_new_lanes(what);
  for (const auto& state : what.topics) state->live = true;
  schedule_again(std::move(*timers));
  return {};
}

bool node::impl::nothing_declared() const {
  const std::lock_guard lock{declaring};
  return std::all_of(topics.begin(), topics.end(),
                     [](const auto& one) { return one->live.load(); }) &&
         std::all_of(subscriptions.begin(), subscriptions.end(),
                     [](const auto& one) { return one.second->live(); });
}

void node::impl::forget_declared() {
  const std::lock_guard lock{declaring};
  std::erase_if(topics, [](const auto& one) { return !one->live; });
  std::erase_if(subscriptions, [](const auto& one) { return !one.second->live(); });
  std::erase_if(cursor_owners, [](const auto& one) { return one.second->members.empty(); });
  std::erase_if(groups, [](const auto& one) { return one.second->members.empty(); });
}

node::impl::beginning node::impl::collect() {
  const std::lock_guard lock{declaring};
  beginning what;
  for (const auto& topic : topics) (topic->live ? what.live_topics : what.topics).push_back(topic);
  for (const auto& [id, owner] : cursor_owners) what.old_owners.push_back(owner);
  for (const auto& [id, entry] : subscriptions) {
    if (entry->live()) continue;
    what.subscriptions.push_back(entry);
    const auto& declared = entry->declared;
    if (!declared->group.empty() && group_of(declared->group)) continue;
    auto owner = std::make_shared<cursor_owner>();
    owner->id = declared->group.empty() ? id : next_id++;
    owner->name = declared->group.empty() ? declared->name : declared->group;
    owner->declared = declared;
    cursor_owners.emplace(owner->id, owner);
    if (!declared->group.empty()) groups.emplace(owner->name, owner);
    what.owners.push_back(std::move(owner));
  }
  return what;
}

result<void> node::impl::plan_partitions(beginning& what) {
  std::unordered_map<std::string, std::vector<std::size_t>> by_topic;  // indices of setups
  for (const auto& state : what.topics) {
    for (std::uint32_t number = 0; number < state->settings->options.partitions; ++number) {
      by_topic[state->settings->name].push_back(what.setups->size());
      auto stored = open_lane(*state->settings, number);
      if (!stored) return fail(std::move(stored.error()));
      what.setups->push_back(
          {.lane = actors::directory::lane_of(*state->settings, number),
           .core = topic::partition{state->settings->limits(), *stored ? (*stored)->end() : 0},
           .bell = std::make_shared<topic::doorbell>(),
           .topic = state->settings,
           .number = number,
           .on_halt = [this](topic::subscription_id id, const error& why) { halt(id, why); },
           .name_of = [this](topic::subscription_id id) { return name_of(id); },
           .takes_undecoded = [this](topic::subscription_id id) { return has_handlers(id); },
           .stored = std::move(*stored)});
    }
  }
  // Before anything is published: a subscription that has no position yet must have one, or it
  // would begin at the end after a crash.
  auto positions = std::make_shared<store::changes>();
  std::optional<error> refused;
  const auto subscribe = [&](const std::shared_ptr<cursor_owner>& owner, std::size_t index) {
    auto& setup = (*what.setups)[index];
    const auto& declared = *owner->declared;
    topic::cursor_slot slot;
    if (setup.stored) {
      auto stored = setup.stored->subscribe(setup.core,
                                            {owner->id, owner->name, declared.credit,
                                             declared.starting, is_lossy(declared.when_behind)},
                                            *positions);
      if (!stored) {
        refused = error{stored.error().code, owner->name + ": " + stored.error().message};
        return;
      }
      slot = *stored;
    } else {
      slot = setup.core.subscribe(owner->id, declared.credit, declared.when_behind);
    }
    if (owner->paused) setup.core.pause(slot);
    what.lanes[owner->id].push_back(
        {setup.lane, slot, setup.core.cursors()[slot].start, setup.topic, setup.number});
  };
  for (const auto* owners : {&what.old_owners, &what.owners}) {
    for (const auto& owner : *owners) {
      const auto pattern = pattern_of(*owner);
      if (pattern.is_literal()) {
        for (const auto index : by_topic[pattern.text()]) subscribe(owner, index);
        continue;
      }
      for (std::size_t index = 0; index < what.setups->size(); ++index) {
        if (pattern.matches((*what.setups)[index].topic->name)) subscribe(owner, index);
      }
    }
  }
  if (refused) return fail(std::move(*refused));
  return commit(std::move(positions));
}

result<void> node::impl::open_cursors(beginning& what) {
  struct wanted {
    std::shared_ptr<cursor_owner> owner;
    std::shared_ptr<const topic::settings> topic;
    std::uint32_t number;
    actors::gathering_ptr<result<actors::opened_lane>> answer;
  };
  std::vector<wanted> asked;
  for (const auto& owner : what.owners) {
    const auto pattern = pattern_of(*owner);
    for (const auto& state : what.live_topics) {
      const auto& topic = state->settings;
      if (!pattern.matches(topic->name)) continue;
      for (std::uint32_t number = 0; number < topic->options.partitions; ++number) {
        asked.push_back({owner, topic, number,
                         std::make_shared<actors::gathering<result<actors::opened_lane>>>(1U)});
        actors::tell(places->of(*topic, number).actor,
                     actors::cursor_wanted{owner->id, owner->declared->credit,
                                           owner->declared->when_behind, owner->declared->starting,
                                           owner->paused, asked.back().answer});
      }
    }
  }
  std::optional<error> refused;
  for (const auto& one : asked) {
    actors::wait(*link, one.answer->done(), look_deadline);
    const auto come = one.answer->give_up();
    if (come.empty()) {
      refused = error{errc::timeout, one.topic->name + " did not answer"};
    } else if (!come.front()) {
      refused = error{come.front().error().code, one.owner->name + ": " + one.topic->name + "/" +
                                                     std::to_string(one.number) + ": " +
                                                     come.front().error().message};
    } else {
      what.lanes[one.owner->id].push_back({come.front()->lane, come.front()->slot,
                                           come.front()->start, one.topic, one.number});
    }
  }
  if (!refused) return {};
  // Those of new partitions go with them.
  for (const auto& owner : what.owners) {
    for (const auto& lane : what.lanes[owner->id]) {
      if (!places->has(*lane.topic)) continue;
      actors::tell(places->at(lane.lane).actor,
                   actors::cursor_unwanted{
                       lane.slot, std::make_shared<actors::gathering<actors::closed_lane>>(1U)});
    }
  }
  return fail(std::move(*refused));
}

std::shared_ptr<cursor_owner> node::impl::group_of(const std::string& name) const {
  const auto found = groups.find(name);
  return found == groups.end() ? nullptr : found->second;
}

void node::impl::prepare(beginning& what) {
  what.waiting = letters_of_earlier_runs();
  const auto services_by_name =
      std::make_shared<const std::unordered_map<std::string, caf::actor>>(service_actors);
  const std::lock_guard lock{declaring};
  for (const auto& entry : what.subscriptions) {
    const auto& declared = *entry->declared;
    entry->cursors =
        declared.group.empty() ? cursor_owners.at(entry->id) : group_of(declared.group);
    entry->cursors->members.push_back(entry->id);
    if (declared.custom) {
      entry->custom = make_custom(*entry);
      continue;
    }
    entry->state = make_state(*entry);
    entry->state->services = services_by_name;
    if (!declared.service.empty()) entry->state->service = service_actors.at(declared.service);
    entry->state->group = entry->cursors->group;
  }
  for (const auto& [id, lanes] : what.lanes) {
    for (const auto& lane : lanes) cursor_owners.at(id)->slots.emplace(lane.lane, lane.slot);
  }
  for (const auto& owner : what.owners) {
    if (!owner->declared->group.empty()) {
      begin_group(what, *owner);
      continue;
    }
    const auto& entry = *subscriptions.at(owner->id);
    for (const auto& lane : what.lanes[owner->id]) give_lane(what, entry, lane);
  }
}

void node::impl::give_lane(beginning& what, const subscription_entry& entry,
                           const new_lane& lane) {
  if (entry.custom) {
    entry.custom->open(lane.lane, lane.slot, lane.start);
    return;
  }
  entry.state->slots.emplace(lane.lane, lane.slot);
  entry.state->consumer.open_lane(lane.lane, lane.topic->name, lane.number, lane.start);
  park_again(what, entry, lane);
}

void node::impl::begin_group(beginning& what, cursor_owner& owner) {
  const auto& lanes = what.lanes[owner.id];
  auto setup = std::make_shared<actors::group_setup>();
  setup->slots.insert(owner.slots.begin(), owner.slots.end());
  std::vector<delivery::member_id> members;
  for (const auto id : owner.members) {
    members.push_back(id);
    setup->members.emplace(id, subscriptions.at(id)->state);
  }
  std::vector<actors::lane_id> numbers;
  for (const auto& lane : lanes) numbers.push_back(lane.lane);
  delivery::group_effects assigned;
  setup->core.begin(members, numbers, assigned);
  for (const auto& move : assigned.assign) {
    const auto lane = std::find_if(lanes.begin(), lanes.end(),
                                   [&](const auto& one) { return one.lane == move.lane; });
    give_lane(what, *subscriptions.at(static_cast<topic::subscription_id>(move.member)), *lane);
  }
  owner.group = link->system->spawn<actors::group_actor>(std::move(setup));
  for (const auto id : owner.members) subscriptions.at(id)->state->group = owner.group;
}

std::shared_ptr<actors::subscription_state> node::impl::make_state(
    const subscription_entry& entry) {
  const auto& declared = *entry.declared;
  auto handlers = declared.handlers ? declared.handlers : [] { return delivery::handler_table{}; };
  delivery::task_limits limits{.keys = declared.keys.value_or(0),
                               .timeout = declared.timeout.value_or(duration::zero()),
                               .lane_order = declared.transactional};
  handlers = delivery::interfered(std::move(handlers), entry.cursors->name, options.interfere);
  handlers = delivery::filtered(std::move(handlers), declared.filters);
  if (declared.staged_bytes) limits.staged_bytes_max = *declared.staged_bytes;
  auto state = std::make_shared<actors::subscription_state>(entry.cursors->name, declared.policy,
                                                            std::move(handlers), seeds(), limits);
  if (options.event_chance) state->consumer.outlets().fix_chance(*options.event_chance);
  if (declared.time_to_live) {
    state->consumer.expire(delivery::time_to_live{*declared.time_to_live});
  }
  if (declared.rate) state->consumer.limit(*declared.rate);
  if (declared.breaker) state->consumer.guard(*declared.breaker);
  if (declared.bulkhead) state->consumer.confine(permits_of(*declared.bulkhead));
  if (declared.transactional) {
    state->consumer.transact({.where = data, .state_bytes_max = declared.state_bytes});
    state->commits = commits;
  }
  state->id = entry.id;
  state->time = link->time;
  state->on_halted = [this, id = entry.cursors->id](const error& why) { halt(id, why); };
  return state;
}

std::shared_ptr<permits> node::impl::permits_of(const bulkhead& wanted) {
  auto& known = bulkheads[wanted.name];
  auto shared = known.lock();
  if (!shared) known = shared = std::make_shared<permits>(wanted);
  return shared;
}

std::shared_ptr<actors::subscriber_link::shared> node::impl::make_custom(
    const subscription_entry& entry) {
  auto shared = std::make_shared<actors::subscriber_link::shared>();
  shared->subscription = entry.declared->name;
  shared->id = entry.id;
  shared->partitions = link->partitions;
  shared->time = link->time;
  shared->on_halted = [this, id = entry.cursors->id](const error& why) { halt(id, why); };
  return shared;
}

void node::impl::spawn_partitions(beginning& what) {
  for (const auto& state : what.topics) places->add(*state->settings);
  auto done = std::make_shared<actors::completion<bool>>();
  actors::tell(broker, actors::partitions_wanted{what.setups, done});
  const auto spawned = actors::wait(*link, *done, actors::longest_wait);
  WEIR_INVARIANT(spawned.has_value(), "the broker does not answer");
  if (!running) return;
  for (const auto& state : what.topics) {
    actors::tell(schedule_keeper, actors::topic_added{state->settings});
  }
}

void node::impl::join_new_subscribers(const beginning& what) {
  for (const auto& entry : what.subscriptions) {
    auto spec = std::make_shared<const actors::child_spec>(child_of(*entry));
    actors::tell(supervisor, actors::child_added{subscriptions_supervisor, std::move(spec)});
    const auto& owner = entry->cursors;
    if (owner->group && !what.is_new(*owner)) {
      actors::tell(owner->group, actors::member_joined{entry->id, entry->state});
    }
  }
}

void node::impl::join_new_lanes(const beginning& what) {
  for (const auto& owner : what.old_owners) {
    const auto lanes = what.lanes.find(owner->id);
    if (lanes == what.lanes.end()) continue;
    for (const auto& lane : lanes->second) {
      join_new_lane(*owner, lane);
      if (has_halted(owner->name)) {
        actors::tell(places->at(lane.lane).actor, actors::cursor_halted{lane.slot});
      }
    }
  }
}

void node::impl::join_new_lane(const cursor_owner& owner, const new_lane& lane) {
  auto state =
      delivery::consumer::fresh_lane(lane.lane, lane.topic->name, lane.number, lane.start);
  if (owner.group) {
    actors::tell(owner.group, actors::lane_added{lane.slot, std::move(state)});
    return;
  }
  const std::lock_guard lock{declaring};
  const auto& entry = *subscriptions.at(owner.id);
  if (entry.custom) {
    entry.custom->open(lane.lane, lane.slot, lane.start);
  } else {
    entry.state->orders.adopt({lane.slot, std::move(state)});
  }
}

}  // namespace weir
