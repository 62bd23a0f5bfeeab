// SPDX-License-Identifier: BSD-3-Clause
// Ending and pausing subscriptions while the node runs.
#include <algorithm>

#include "weir/actors/base/turn.hpp"
#include "weir/actors/node/impl.hpp"
#include "weir/runtime/topology/limits.hpp"

namespace weir {

result<void> node::impl::unsubscribe(const std::string& name, duration deadline) {
  if (actors::in_handler()) return fail(actors::called_in_handler("unsubscribe " + name));
  const std::lock_guard lock{starting};
  if (stopping || stopped) return fail(errc::closed, "unsubscribe " + name + ": the node stops");
  std::shared_ptr<subscription_entry> entry;
  {
    const std::lock_guard reading{declaring};
    const auto found = std::find_if(subscriptions.begin(), subscriptions.end(),
                                    [&](auto& one) { return one.second->declared->name == name; });
    if (found == subscriptions.end()) return fail(errc::not_found, "no subscription " + name);
    entry = found->second;
    if (!entry->live()) {
      subscriptions.erase(found);
      return {};
    }
  }
  if (auto left = leave(*entry, deadline); !left) return left;
  remove_child(*entry);
  const auto owner = entry->cursors;
  {
    const std::lock_guard writing{declaring};
    std::erase(owner->members, entry->id);
    subscriptions.erase(entry->id);
    ++edition;
  }
  if (owner->members.empty()) retire(owner);
  return {};
}

result<void> node::impl::leave(const subscription_entry& entry, duration deadline) {
  // One that has halted finishes nothing more, and an actor of the program's own just ends.
  if (has_halted(entry.cursors->name) || entry.custom) return {};
  auto done = std::make_shared<actors::completion<bool>>();
  if (entry.cursors->group) {
    actors::tell(entry.cursors->group, actors::member_leaves{entry.id, done});
    if (actors::wait(*link, *done, deadline)) return {};
    return fail(errc::timeout,
                entry.declared->name + " is still busy with what it shall hand back");
  }
  auto& orders = entry.state->orders;
  orders.leave(done);
  bool closing = false;
  for (const auto& [lane, slot] : entry.cursors->slots) closing |= orders.close(lane) == nullptr;
  // What is not done by then is cut off: its events are counted as dropped.
  if (closing) actors::wait(*link, *done, deadline);
  return {};
}

void node::impl::remove_child(const subscription_entry& entry) {
  auto done = std::make_shared<actors::completion<bool>>();
  actors::tell(supervisor, actors::child_removed{subscriptions_supervisor, entry.id, done});
  actors::wait(*link, *done, look_deadline + entry.declared->supervised.shutdown);
}

void node::impl::retire(const std::shared_ptr<cursor_owner>& owner) {
  auto closed = std::make_shared<actors::gathering<actors::closed_lane>>(owner->slots.size());
  for (const auto& [lane, slot] : owner->slots) {
    actors::tell(places->at(lane).actor, actors::cursor_unwanted{slot, closed});
  }
  actors::wait(*link, closed->done(), look_deadline);
  if (owner->group) actors::kill(owner->group);
  {
    const std::lock_guard lock{declaring};
    for (const auto& lane : closed->give_up()) {
      auto counts = ledger_of(lane.last, lane.next_offset);
      counts.drop(observe::drop_reason::unsubscribed, std::exchange(counts.in_flight, 0));
      const auto& topic = places->at(lane.lane).topic->name;
      const bool room = ended.size() < topology::topics_max || ended.contains({owner->name, topic});
      ended[{room ? owner->name : "(ended)", topic}] += counts;
    }
    cursor_owners.erase(owner->id);
    if (owner->group) groups.erase(owner->name);
  }
  const std::lock_guard lock{halting};
  std::erase_if(halted, [&](const auto& one) { return one.subscription == owner->name; });
}

result<void> node::impl::pause(const std::string& name, bool paused) {
  const auto what = (paused ? "pause " : "resume ") + name;
  if (actors::in_handler()) return fail(actors::called_in_handler(what));
  const std::lock_guard lock{starting};
  if (stopping || stopped || !running) return fail(errc::closed, what + ": the node does not run");
  std::shared_ptr<cursor_owner> owner;
  {
    const std::lock_guard writing{declaring};
    const auto found = std::find_if(cursor_owners.begin(), cursor_owners.end(),
                                    [&](auto& one) { return one.second->name == name; });
    if (found == cursor_owners.end()) return fail(errc::not_found, "no subscription " + name);
    owner = found->second;
    owner->paused = paused;
  }
  auto told = std::make_shared<actors::gathering<actors::lane_id>>(owner->slots.size());
  for (const auto& [lane, slot] : owner->slots) {
    actors::tell(places->at(lane).actor, actors::cursor_paused{slot, paused, told});
  }
  if (actors::wait(*link, told->done(), look_deadline)) return {};
  return fail(errc::timeout, what + ": not every partition has answered");
}

}  // namespace weir
