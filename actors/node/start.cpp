// SPDX-License-Identifier: BSD-3-Clause
// Starting: the declarations are checked as a whole, then the system is made, then what is declared
// begins (begin.cpp).
#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "weir/actors/base/turn.hpp"
#include "weir/actors/node/impl.hpp"
#include "weir/actors/pipeline/service_actor.hpp"
#include "weir/runtime/core/log.hpp"
#include "weir/runtime/topology/bound.hpp"
#include "weir/runtime/topology/check.hpp"
#include "weir/runtime/topology/cycles.hpp"

namespace weir {
namespace {

/// Chance of its own, as publishers are made from any thread. The schedule has stream 1.
constexpr std::uint64_t publisher_stream = 2;

}  // namespace

node::impl::impl(node_options chosen)
    : options(std::move(chosen)),
      seeds(options.seed != 0 ? options.seed : entropy_seed()),
      publisher_seeds(seeds.split(publisher_stream)),
      letters(std::make_shared<delivery::memory_dead_letter_store>(options.dead_letters)),
      schedule(std::make_shared<actors::shared_schedule>(options.scheduled)) {}

node::impl::~impl() = default;

namespace {

/// What is wrong with choices that not every kind of subscriber has; empty if nothing.
std::string mistake_in_choices(const subscription_declaration& declared) {
  if (declared.custom && !declared.group.empty()) {
    return "a group's members are handlers, not actors of one's own";
  }
  if (declared.custom && declared.time_to_live) {
    return "time_to_live is for handlers, an actor of one's own looks at envelopes itself";
  }
  if (declared.custom && !declared.filters.empty()) {
    return "filters are for handlers, an actor of one's own looks at events itself";
  }
  if (declared.custom && (declared.policy.park_key || declared.redelivery_chosen)) {
    return "redeliver and park_key are for handlers, not for actors of one's own";
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
  if (declared.breaker) {
    if (declared.custom) return "circuit_breaker is for handlers";
    if (const auto sound = declared.breaker->check(); !sound) return sound.error().message;
  }
  if (declared.bulkhead) {
    if (declared.custom) return "bulkhead is for handlers, not for actors of one's own";
    if (const auto sound = declared.bulkhead->check(); !sound) return sound.error().message;
  }
  if (declared.transactional && (declared.custom || declared.waits)) {
    return "transactional is for enrichers and handlers that return at once, not for coroutines or "
           "actors of one's own";
  }
  if (const auto sound = declared.supervised.check(); !sound) return sound.error().message;
  if (declared.supervised.restart == supervision::restart_type::temporary &&
      !declared.group.empty()) {
    return "supervise: a group's members cannot be temporary, its partitions need an owner";
  }
  if (!declared.waits && (declared.keys || declared.timeout || declared.staged_bytes)) {
    return "concurrency, timeout and staged_bytes are for handlers that return a task";
  }
  if (declared.keys && (*declared.keys < 1 || *declared.keys > 65'536)) {
    return "concurrency per key is " + std::to_string(*declared.keys) + ", not 1 to 65536";
  }
  if (declared.staged_bytes && *declared.staged_bytes == 0) return "staged_bytes is zero";
  if (declared.timeout && *declared.timeout <= duration::zero()) {
    return "the timeout is not positive";
  }
  return {};
}

/// Predicates cannot be compared, but what they are about.
std::vector<const event_type*> types_of(const std::vector<delivery::filter_rule>& filters) {
  std::vector<const event_type*> types;
  for (const auto& filter : filters) types.push_back(filter.type);
  return types;
}

/// What a member of a group has chosen otherwise than the first; empty if nothing.
std::string disagreement(const subscription_declaration& first,
                         const subscription_declaration& other) {
  std::string what;
  const auto differ = [&](bool differs, const char* choice) {
    if (differs) what += (what.empty() ? "" : ", ") + std::string{choice};
  };
  differ(first.pattern != other.pattern, "pattern");
  differ(first.handled != other.handled || first.catch_all != other.catch_all, "handled types");
  differ(first.batched != other.batched, "types taken in batches");
  differ(types_of(first.filters) != types_of(other.filters), "filters");
  differ(!(first.policy == other.policy), "retries, rules or what follows them");
  differ(first.credit != other.credit, "credit");
  differ(first.keys != other.keys, "concurrency");
  differ(first.timeout != other.timeout, "timeout");
  differ(first.staged_bytes != other.staged_bytes, "staged_bytes");
  differ(first.rate != other.rate, "rate_limit");
  differ(first.breaker != other.breaker, "circuit_breaker");
  differ(first.bulkhead != other.bulkhead, "bulkhead");
  differ(first.publishes_to != other.publishes_to, "topics published to");
  differ(first.service != other.service, "service");
  differ(first.when_behind != other.when_behind, "overflow");
  differ(first.time_to_live != other.time_to_live, "time_to_live");
  differ(first.starting != other.starting, "starting");
  differ(first.transactional != other.transactional, "transactional");
  differ(first.state_bytes != other.state_bytes, "state_bytes");
  differ(!(first.supervised == other.supervised), "supervise");
  if (what.empty()) return {};
  return "'" + first.name + "' and '" + other.name + "' disagree on " + what;
}

void add(std::string& story, const std::string& mistake) {
  if (!story.empty()) story += '\n';
  story += mistake;
}

void add_disagreements_on_bulkheads(
    const std::vector<std::shared_ptr<subscription_declaration>>& declarations,
    std::string& story) {
  std::map<std::string, std::uint32_t> known;
  for (const auto& declared : declarations) {
    if (!declared->bulkhead) continue;
    const auto& wanted = *declared->bulkhead;
    const auto first = known.emplace(wanted.name, wanted.at_most).first->second;
    if (first == wanted.at_most) continue;
    add(story, "subscription '" + declared->name + "': bulkhead '" + wanted.name + "' is for " +
                   std::to_string(wanted.at_most) + " at once here, and for " +
                   std::to_string(first) + " elsewhere");
  }
}

}  // namespace

result<void> node::impl::check() const {
  const auto mistakes = topology::check(describe());
  std::string story;
  for (const auto& mistake : mistakes) add(story, to_string(mistake));
  std::vector<std::shared_ptr<subscription_declaration>> declarations;
  {
    const std::lock_guard lock{declaring};
    for (const auto& [id, entry] : subscriptions) declarations.push_back(entry->declared);
  }
  add_disagreements_on_bulkheads(declarations, story);
  std::map<std::string, std::shared_ptr<subscription_declaration>> first_of_group;
  std::set<std::string> alone;  // who has its cursors to itself
  for (const auto& declared : declarations) {
    if (declared->group.empty()) alone.insert(declared->name);
  }
  for (const auto& declared : declarations) {
    if (auto sound = declared->policy.check(); !sound) {
      add(story, "subscription '" + declared->name + "': " + to_string(sound.error()));
    }
    if (const auto mistake = mistake_in_choices(*declared); !mistake.empty()) {
      add(story, "subscription '" + declared->name + "': " + mistake);
    }
    if (declared->group.empty()) continue;
    const auto [entry, is_first] = first_of_group.emplace(declared->group, declared);
    if (is_first && alone.contains(declared->group)) {
      add(story, to_string(error{errc::already_exists, "a subscription and a group are called '" +
                                                           declared->group + "'"}));
    }
    const auto& first = *entry->second;
    if (const auto mistake = disagreement(first, *declared); !mistake.empty()) {
      add(story, "group '" + declared->group + "': " + mistake);
    }
  }
  if (wants_store() && !options.store && options.data_dir.empty()) {
    add(story, "a topic is durable, and the node has no data_dir");
  }
  for (std::size_t i = 0; i < services.size(); ++i) {
    for (std::size_t j = i + 1; j < services.size(); ++j) {
      if (services[i].first != services[j].first) continue;
      add(story, "service '" + services[i].first + "' is declared twice");
    }
  }
  if (options.threads > 256) {
    add(story, "threads: " + std::to_string(options.threads) + " is more than 256");
  }
  if (story.empty()) return {};
  return fail(errc::invalid_topology, std::move(story));
}

result<void> node::impl::start() {
  if (actors::in_handler() && running) {
    if (nothing_declared()) return {};
    return fail(actors::called_in_handler("start"));
  }
  const std::lock_guard lock{starting};
  if (stopping || stopped) return fail(errc::closed, "the node has stopped");
  ++edition;
  if (running && nothing_declared()) return {};
  if (auto sound = check(); !sound) {
    if (running) forget_declared();
    return sound;
  }
  for (const auto& cycle : topology::cycles_of(describe())) {
    log(log_level::warn, "topology-cycle", "events can come back: " + cycle);
  }
  if (auto opened = open_store(); !opened) return opened;
  if (auto opened = open_letters(); !opened) return opened;
  if (!running) {
    if (auto opened = open_control(); !opened) return opened;
    set_log_level(options.log_threshold);
    start_system();
  }
  start_store();
  auto begun = begin();
  if (!begun && !running) abandon_start();
  if (begun && !running.exchange(true) && control) control->serve(control_routes());
  return begun;
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
  places = std::make_shared<actors::directory>();
  link->partitions = places;
  broker = link->system->spawn<actors::broker_actor>(places);
  if (!options.simulated) {
    link->time = std::make_shared<clock>();
    return;
  }
  auto time = std::make_shared<clock>(options.simulated_since);
  simulated = std::make_unique<actors::simulation>(*link->system, time, seeds(), options.faults);
  link->faults = options.faults;
  link->time = time;
  // A caller that waits lets the node run; when nothing can run, the next timer is what it waits
  // for.
  link->step = [run = simulated.get()](timestamp latest) {
    return run->step() || run->next_timer(latest);
  };
}

void node::impl::spawn_services() {
  for (const auto& [name, answer] : services) {
    service_actors.emplace(
        name, link->system->spawn<actors::service_actor>(answer, name, options.faults));
  }
}

void node::impl::halt(topic::subscription_id id, const error& why) {
  std::string name;
  std::vector<std::pair<actors::lane_id, topic::cursor_slot>> slots;
  {
    const std::lock_guard lock{declaring};
    const auto found = cursor_owners.find(id);
    if (found == cursor_owners.end()) return;
    name = found->second->name;
    slots.assign(found->second->slots.begin(), found->second->slots.end());
  }
  log(log_level::error, "subscription-halted", name + ": " + to_string(why));
  {
    const std::lock_guard lock{halting};
    const bool known = std::any_of(halted.begin(), halted.end(),
                                   [&](const auto& one) { return one.subscription == name; });
    if (!known) halted.push_back({name, why});
  }
  for (const auto& [lane, slot] : slots) {
    actors::tell(places->at(lane).actor, actors::cursor_halted{slot});
  }
}

bool node::impl::has_halted(const std::string& name) {
  const std::lock_guard lock{halting};
  return std::any_of(halted.begin(), halted.end(),
                     [&](const auto& one) { return one.subscription == name; });
}

result<void> node::impl::admit_publisher(topic_handle::state& to) {
  if (!admitted_so_far || admitted_so_far->edition != edition) {
    admitted_so_far = admission{edition, 0, {}};
    const auto all = describe();
    admitted_so_far->bound = topology::bound_of(all).total_bytes;
    for (const auto& one : all.subscriptions) {
      admitted_so_far->fed.insert(one.publishes_to.begin(), one.publishes_to.end());
    }
  }
  // The description counts one publisher of a topic that nobody else publishes to.
  const bool counted = to.publishers == 0 && !admitted_so_far->fed.contains(to.settings->name);
  const auto more = counted ? 0 : topology::publisher_bytes(description_of(*to.settings));
  const auto bound = admitted_so_far->bound + more;
  if (bound <= options.memory_budget_bytes) {
    admitted_so_far->bound = bound;
    ++to.publishers;
    return {};
  }
  return fail(errc::out_of_memory_budget, to.settings->name +
                                              ": one more publisher takes the memory bound to " +
                                              topology::bytes_text(bound) + ", the budget is " +
                                              topology::bytes_text(options.memory_budget_bytes));
}

result<publisher> node::impl::make_publisher(
    const std::shared_ptr<topic_handle::state>& to,
    const std::function<void(actors::publisher_link&)>& prepare) {
  if (!running) {
    if (auto begun = start(); !begun) return fail(std::move(begun.error()));
  }
  const std::lock_guard lock{admitting};
  if (stopping || link->closed) {
    return fail(errc::closed, to->settings->name + ": the node is stopping");
  }
  if (!to->live) return fail(not_begun(*to));
  if (auto admitted = admit_publisher(*to); !admitted) return fail(std::move(admitted.error()));
  auto own = std::make_unique<actors::publisher_link>();
  own->node = link;
  std::erase_if(entrances, [](const auto& entrance) { return entrance.expired(); });
  entrances.push_back(own->entrance);
  if (prepare) prepare(*own);
  return publisher{topic::publisher{to->settings, publisher_seeds()}, std::move(own)};
}

error node::impl::not_begun(const topic_handle::state& topic) {
  return {errc::unknown_topic, topic.settings->name +
                                   ": declared on a running node, which has not begun it; start() "
                                   "does"};
}

}  // namespace weir
