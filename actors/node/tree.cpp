// SPDX-License-Identifier: BSD-3-Clause
// The supervision tree of a node: the root, below it the dead-letter actor and the supervisor of
// all subscribers. One of these two that dies is restarted alone: subscribers report again what has
// no answer, to the same store.
#include "weir/actors/node/impl.hpp"

namespace weir {
namespace {

/// Chance of its own, for the jitter of restarts. The schedule has stream 1, publishers 2.
constexpr std::uint64_t supervision_stream = 3;

}  // namespace

void node::impl::spawn_supervision(const beginning& what) {
  dead_letters = std::make_shared<actors::dead_letter_address>();
  actors::supervisor_setup root;
  root.name = options.name;
  root.intensity = options.intensity;
  root.time = link->time;
  root.on_escalate = [this](const error& why) {
    // Nobody is left to restart the subscriptions: they halt, with everything they have not
    // settled.
    std::vector<topic::subscription_id> all;
    {
      const std::lock_guard lock{declaring};
      for (const auto& [id, owner] : cursor_owners) all.push_back(id);
    }
    for (const auto id : all) halt(id, why);
  };
  root.children.push_back(dead_letters_spec());
  forget_overtaken(what);
  root.children.push_back(subscriptions_spec());
  supervisor = link->system->spawn<actors::supervisor_actor>(std::move(root));
  spawn_workbench();
}

actors::child_spec node::impl::dead_letters_spec() {
  auto make = [store = letters, commits = letter_commits(),
               flushes = std::make_shared<actors::letter_flushes>()](caf::actor_system& system) {
    return caf::actor{system.spawn<actors::dead_letter_actor>(store, commits, flushes)};
  };
  // The first is there before anybody asks for it.
  auto first = make(*link->system);
  dead_letters->moved_to(first);
  return {.id = dead_letter_keeper,
          .name = options.name + ".dead_letters",
          .start = [make, first, address = dead_letters](
                       caf::event_based_actor& parent) mutable -> caf::actor {
            if (first) return std::exchange(first, nullptr);
            auto next = make(parent.home_system());
            address->moved_to(next);
            return next;
          },
          .kind = supervision::member_kind::dead_letters};
}

actors::child_spec node::impl::subscriptions_spec() {
  return {.id = subscriptions_supervisor,
          .name = options.name + ".subscriptions",
          .start = [this, seed = seeds.split(supervision_stream)()](
                       caf::event_based_actor& parent) -> caf::actor {
            actors::supervisor_setup setup;
            setup.id = subscriptions_supervisor;
            setup.name = options.name + ".subscriptions";
            setup.strategy = options.strategy;
            setup.intensity = options.intensity;
            setup.children = children();
            setup.dead_letters = dead_letters;
            setup.time = link->time;
            setup.parent = caf::actor{&parent};
            setup.seed = seed;
            return parent.home_system().spawn<actors::supervisor_actor>(std::move(setup));
          },
          .kind = supervision::member_kind::supervisor};
}

std::vector<actors::child_spec> node::impl::children() {
  const std::lock_guard lock{declaring};
  std::vector<actors::child_spec> specs;
  for (const auto& [id, entry] : subscriptions) {
    if (entry->live()) specs.push_back(child_of(*entry));
  }
  return specs;
}

actors::child_spec node::impl::child_of(const subscription_entry& entry) {
  actors::child_spec spec{.id = entry.id, .name = entry.declared->name, .start = {}};
  spec.choice = entry.declared->supervised;
  spec.record = entry.record;
  spec.on_over = [this, id = entry.cursors->id](const error& why) { halt(id, why); };
  if (entry.custom) {
    spec.letters = entry.custom->letters;
    spec.start = [shared = entry.custom,
                  factory = entry.declared->custom](caf::event_based_actor& parent) {
      return factory->start(parent.home_system(),
                            actors::subscriber_link{shared, caf::actor{&parent}});
    };
  } else {
    spec.letters = entry.state->letters;
    spec.start = [state = entry.state,
                  where = link->partitions](caf::event_based_actor& parent) -> caf::actor {
      return parent.home_system().spawn<actors::subscriber_actor>(state, where,
                                                                  caf::actor{&parent});
    };
  }
  return spec;
}

supervision::health node::impl::health() {
  if (stopped) return last_health;
  supervision::health seen{.name = options.name};
  if (!running) return seen;
  auto done = std::make_shared<actors::completion<supervision::health>>();
  actors::tell(supervisor, actors::health_query{done});
  auto found = actors::wait(*link, *done, look_deadline);
  if (!found) {
    // The root has given up, or does not come to answer.
    seen.state = supervision::member_state::failed;
    return seen;
  }
  const std::lock_guard reading{declaring};
  const std::lock_guard lock{halting};
  mark_halted(*found);
  return std::move(*found);
}

void node::impl::mark_halted(supervision::health& one) const {
  for (auto& child : one.children) mark_halted(child);
  if (one.kind != supervision::member_kind::subscription) return;
  for (const auto& [id, entry] : subscriptions) {
    if (!entry->live() || entry->declared->name != one.name) continue;
    for (const auto& known : halted) {
      if (known.subscription != entry->cursors->name) continue;
      if (one.state != supervision::member_state::ended) {
        one.state = supervision::member_state::failed;
      }
      one.last_error = known.reason;
    }
  }
}

supervision::health node::health() { return impl_->health(); }

}  // namespace weir
