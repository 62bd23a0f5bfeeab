// SPDX-License-Identifier: BSD-3-Clause
// Starting: the declarations are checked as a whole, partitions get their cursors before they exist
// as actors, and only then does anything run. So no subscription can miss an event.
#include <algorithm>
#include <thread>

#include "weir/actors/node/impl.hpp"
#include "weir/actors/pipeline/service_actor.hpp"
#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/core/log.hpp"
#include "weir/runtime/topic/pattern.hpp"
#include "weir/runtime/topology/bound.hpp"
#include "weir/runtime/topology/check.hpp"
#include "weir/runtime/topology/cycles.hpp"

namespace weir {
namespace {

/// The manual clock of a simulated node begins here: 2001-01-01, a time no real run confuses.
constexpr timestamp simulated_start{std::chrono::seconds{978'307'200}};

constexpr supervision::child_id subscriptions_supervisor = 1'000'000'000;

}  // namespace

node::impl::impl(node_options chosen)
    : options(std::move(chosen)),
      seeds(options.seed != 0 ? options.seed : entropy_seed()),
      letters(std::make_shared<delivery::memory_dead_letter_store>(options.dead_letters)),
      schedule(std::make_shared<actors::shared_schedule>(options.scheduled)) {}

node::impl::~impl() = default;

namespace {

/// What is wrong with choices that not every kind of subscriber has; empty if nothing.
std::string mistake_in_choices(const subscription_declaration& declared) {
  if (declared.custom && declared.time_to_live) {
    return "time_to_live is for handlers, an actor of one's own looks at envelopes itself";
  }
  if (declared.custom && !declared.filters.empty()) {
    return "filters are for handlers, an actor of one's own looks at events itself";
  }
  for (const auto& filter : declared.filters) {
    const auto& types = declared.handled;
    if (std::find(types.begin(), types.end(), filter.type) != types.end()) continue;
    return "a filter of " + to_string(*filter.type) + ", which it does not handle";
  }
  if (declared.rate) {
    if (declared.custom) return "rate_limit is for handlers, an actor of one's own paces itself";
    if (const auto sound = declared.rate->check(); !sound) return sound.error().message;
  }
  if (!declared.waits && (declared.keys || declared.timeout)) {
    return "concurrency and timeout are for handlers that return a task";
  }
  if (declared.keys && (*declared.keys < 1 || *declared.keys > 65'536)) {
    return "concurrency per key is " + std::to_string(*declared.keys) + ", not 1 to 65536";
  }
  if (declared.timeout && *declared.timeout <= duration::zero()) {
    return "the timeout is not positive";
  }
  return {};
}

}  // namespace

result<void> node::impl::check() const {
  const auto mistakes = topology::check(describe());
  std::string story;
  for (const auto& mistake : mistakes) {
    if (!story.empty()) story += '\n';
    story += to_string(mistake);
  }
  for (const auto& declared : subscriptions) {
    if (auto sound = declared->policy.check(); !sound) {
      if (!story.empty()) story += '\n';
      story += "subscription '" + declared->name + "': " + to_string(sound.error());
    }
    if (const auto mistake = mistake_in_choices(*declared); !mistake.empty()) {
      if (!story.empty()) story += '\n';
      story += "subscription '" + declared->name + "': " + mistake;
    }
  }
  for (std::size_t i = 0; i < services.size(); ++i) {
    for (std::size_t j = i + 1; j < services.size(); ++j) {
      if (services[i].first != services[j].first) continue;
      if (!story.empty()) story += '\n';
      story += "service '" + services[i].first + "' is declared twice";
    }
  }
  if (options.threads > 256) {
    if (!story.empty()) story += '\n';
    story += "threads: " + std::to_string(options.threads) + " is more than 256";
  }
  if (story.empty()) return {};
  return fail(errc::invalid_topology, std::move(story));
}

result<void> node::impl::start() {
  const std::lock_guard lock{starting};
  if (running) return {};
  if (stopping || stopped) return fail(errc::closed, "the node has stopped");
  if (auto sound = check(); !sound) return sound;
  set_log_level(options.log_threshold);
  for (const auto& cycle : topology::cycles_of(describe())) {
    log(log_level::warn, "topology-cycle", "events can come back: " + cycle);
  }
  start_system();

  auto where = std::make_shared<actors::directory>();
  auto setups = plan(*where);
  where->partitions.resize(setups.size());
  for (const auto& setup : setups) {
    auto& address = where->partitions[setup.lane];
    address.bell = setup.bell;
    address.topic = setup.topic;
    address.number = setup.number;
  }
  broker = link->system->spawn<actors::broker_actor>(std::move(setups), *where);
  link->partitions = where;
  spawn_services();
  spawn_supervision();
  spawn_schedule();
  running = true;
  return {};
}

void node::impl::start_system() {
  link = std::make_shared<actors::node_link>();
  link->config = std::make_shared<caf::actor_system_config>();
  if (options.simulated) {
    actors::simulation::configure(*link->config);
  } else {
    const auto threads =
        options.threads != 0 ? options.threads : std::max(std::thread::hardware_concurrency(), 1U);
    actors::use_threads(*link->config, threads);
  }
  link->system = std::make_shared<caf::actor_system>(*link->config);
  if (!options.simulated) {
    link->time = std::make_shared<clock>();
    return;
  }
  auto time = std::make_shared<clock>(simulated_start);
  simulated = std::make_unique<actors::simulation>(*link->system, time, seeds());
  link->time = time;
  // A caller that waits lets the node run; when nothing can run, the next timer is what it waits
  // for.
  link->step = [run = simulated.get()](timestamp latest) {
    return run->step() || run->next_timer(latest);
  };
}

std::vector<actors::partition_setup> node::impl::plan(actors::directory& where) {
  std::vector<actors::partition_setup> setups;
  for (const auto& state : topics) {
    where.first_lane.push_back(static_cast<actors::lane_id>(setups.size()));
    for (std::uint32_t number = 0; number < state->settings->options.partitions; ++number) {
      setups.push_back({.lane = static_cast<actors::lane_id>(setups.size()),
                        .core = topic::partition{state->settings->limits()},
                        .bell = std::make_shared<topic::doorbell>(),
                        .topic = state->settings,
                        .number = number,
                        .on_overflow = [this](topic::subscription_id id) {
                          halt(id, {errc::overflowed, subscriptions[id]->name +
                                                          " lagged more than a ring behind"});
                        }});
    }
  }
  for (topic::subscription_id id = 0; id < subscriptions.size(); ++id) {
    const auto& declared = *subscriptions[id];
    auto state = prepare(id);
    const auto pattern = topic::pattern::parse(declared.pattern);
    WEIR_INVARIANT(pattern.has_value(), "the check lets only patterns through");
    for (auto& setup : setups) {
      if (!pattern->matches(setup.topic->name)) continue;
      const auto slot = setup.core.subscribe(id, declared.credit, declared.when_behind);
      state->slots.emplace(setup.lane, slot);
      state->consumer.open_lane(setup.lane, setup.topic->name, setup.number, 0);
    }
    states.push_back(std::move(state));
  }
  return setups;
}

std::shared_ptr<actors::subscription_state> node::impl::prepare(topic::subscription_id id) {
  const auto& declared = *subscriptions[id];
  auto handlers = declared.handlers ? declared.handlers : [] { return delivery::handler_table{}; };
  const delivery::task_limits limits{.keys = declared.keys.value_or(0),
                                     .timeout = declared.timeout.value_or(duration::zero())};
  handlers = delivery::filtered(std::move(handlers), declared.filters);
  auto state = std::make_shared<actors::subscription_state>(declared.name, declared.policy,
                                                            std::move(handlers), seeds(), limits);
  if (declared.time_to_live) {
    state->consumer.expire(delivery::time_to_live{*declared.time_to_live});
  }
  if (declared.rate) state->consumer.limit(*declared.rate);
  state->id = id;
  state->time = link->time;
  state->on_halted = [this](actors::halted_subscription what) { note_halted(std::move(what)); };
  return state;
}

void node::impl::spawn_services() {
  for (const auto& [name, answer] : services) {
    service_actors.emplace(name, link->system->spawn<actors::service_actor>(answer));
  }
  const auto all =
      std::make_shared<const std::unordered_map<std::string, caf::actor>>(service_actors);
  for (topic::subscription_id id = 0; id < subscriptions.size(); ++id) {
    const auto& wanted = subscriptions[id]->service;
    states[id]->services = all;
    if (!wanted.empty()) states[id]->service = service_actors.at(wanted);
  }
}

actors::child_spec node::impl::child_of(topic::subscription_id id) {
  actors::child_spec spec{.id = id, .name = subscriptions[id]->name, .start = {}};
  auto state = states[id];
  auto where = link->partitions;
  if (!subscriptions[id]->custom) {
    spec.start = [state, where](caf::event_based_actor& parent) -> caf::actor {
      return parent.home_system().spawn<actors::subscriber_actor>(state, where,
                                                                  caf::actor{&parent});
    };
    return spec;
  }
  // Made once: it knows what is settled, also when the supervisor itself is restarted.
  auto& shared = custom_states[id];
  if (shared == nullptr) {
    shared = std::make_shared<actors::subscriber_link::shared>();
    shared->subscription = spec.name;
    shared->id = id;
    shared->partitions = where;
    shared->slots = state->slots;
    shared->time = link->time;
    shared->on_halted = state->on_halted;
  }
  spec.start = [shared = shared,
                factory = subscriptions[id]->custom](caf::event_based_actor& parent) {
    return factory->start(parent.home_system(),
                          actors::subscriber_link{shared, caf::actor{&parent}});
  };
  return spec;
}

void node::impl::spawn_supervision() {
  auto& system = *link->system;
  dead_letters = system.spawn<actors::dead_letter_actor>(letters);

  auto children = [this] {
    std::vector<actors::child_spec> specs;
    for (topic::subscription_id id = 0; id < subscriptions.size(); ++id) {
      specs.push_back(child_of(id));
    }
    return specs;
  };
  actors::supervisor_setup root;
  root.name = options.name;
  root.intensity = options.intensity;
  root.time = link->time;
  root.on_escalate = [this](const error& why) {
    // Nobody is left to restart the subscriptions: they halt, with everything they have not
    // settled.
    for (topic::subscription_id id = 0; id < subscriptions.size(); ++id) halt(id, why);
  };
  root.children.push_back({.id = subscriptions_supervisor,
                           .name = options.name + ".subscriptions",
                           .start = [this, children](caf::event_based_actor& parent) -> caf::actor {
                             actors::supervisor_setup setup;
                             setup.name = options.name + ".subscriptions";
                             setup.strategy = options.strategy;
                             setup.intensity = options.intensity;
                             setup.children = children();
                             setup.dead_letters = dead_letters;
                             setup.time = link->time;
                             return parent.home_system().spawn<actors::supervisor_actor>(
                                 std::move(setup));
                           },
                           .is_supervisor = true});
  supervisor = system.spawn<actors::supervisor_actor>(std::move(root));
}

void node::impl::halt(topic::subscription_id id, const error& why) {
  const auto& name = subscriptions[id]->name;
  log(log_level::error, "subscription-halted", name + ": " + to_string(why));
  note_halted({name, why});
  for (const auto& [lane, slot] : states[id]->slots) {
    actors::tell(link->partitions->partitions[lane].actor, actors::cursor_halted{slot});
  }
}

void node::impl::note_halted(actors::halted_subscription what) {
  const std::lock_guard lock{halting};
  for (const auto& known : halted) {
    if (known.subscription == what.subscription) return;
  }
  halted.push_back(std::move(what));
}

result<void> node::impl::admit_publisher(topic_handle::state& to) {
  ++to.publishers;
  const auto bound = topology::bound_of(describe()).total_bytes;
  if (bound <= options.memory_budget_bytes) return {};
  --to.publishers;
  return fail(errc::out_of_memory_budget, to.settings->name +
                                              ": one more publisher takes the memory bound to " +
                                              topology::bytes_text(bound) + ", the budget is " +
                                              topology::bytes_text(options.memory_budget_bytes));
}

result<publisher> node::impl::make_publisher(const std::shared_ptr<topic_handle::state>& to) {
  if (auto begun = start(); !begun) return fail(std::move(begun.error()));
  if (link->closed) return fail(errc::closed, to->settings->name + ": the node is stopping");
  if (auto admitted = admit_publisher(*to); !admitted) return fail(std::move(admitted.error()));
  auto own = std::make_unique<actors::publisher_link>();
  own->node = link;
  std::uint64_t seed = 0;
  {
    const std::lock_guard lock{starting};
    seed = seeds();
    std::erase_if(entrances, [](const auto& entrance) { return entrance.expired(); });
    entrances.push_back(own->entrance);
  }
  return publisher{topic::publisher{to->settings, seed}, std::move(own)};
}

}  // namespace weir
