// SPDX-License-Identifier: BSD-3-Clause
// Looking at a running node, waiting for quiet, and ending it.
#include <algorithm>
#include <map>
#include <thread>

#include "weir/actors/node/impl.hpp"
#include "weir/runtime/observe/metric.hpp"

namespace weir {
namespace {

observe::drop_reason reason_of(const topic::cursor& cursor) {
  switch (cursor.policy) {
    case overflow::drop_newest: return observe::drop_reason::overflow_newest;
    case overflow::fail: return observe::drop_reason::overflow_failed;
    // A cursor of a durable topic, whose ring drops nothing: it lost what was deleted.
    case overflow::block: return observe::drop_reason::retention;
    case overflow::drop_oldest: break;
  }
  return observe::drop_reason::overflow_oldest;
}

}  // namespace

observe::ledger ledger_of(const topic::cursor& cursor, std::uint64_t next_offset) {
  observe::ledger counts;
  counts.published = next_offset - cursor.start;
  counts.delivered = cursor.counts.delivered;
  counts.filtered = cursor.counts.filtered;
  counts.dead_lettered = cursor.counts.dead_lettered;
  counts.expired = cursor.counts.expired;
  counts.drop(observe::drop_reason::skipped, cursor.counts.skipped);
  counts.drop(reason_of(cursor), cursor.dropped);
  counts.in_flight = cursor.in_flight(next_offset);
  return counts;
}

std::shared_ptr<const cursor_owner> node::impl::owner_of(topic::subscription_id id) const {
  const std::lock_guard lock{declaring};
  const auto found = cursor_owners.find(id);
  return found == cursor_owners.end() ? nullptr : found->second;
}

std::string node::impl::name_of(topic::subscription_id id) const {
  const auto owner = owner_of(id);
  return owner == nullptr ? "a subscription that has ended" : owner->name;
}

bool node::impl::has_handlers(topic::subscription_id id) const {
  const auto owner = owner_of(id);
  return owner != nullptr && !owner->declared->custom;
}

std::optional<actors::statuses> node::impl::statuses(bool when_quiet, duration deadline) {
  if (!running || !broker) return std::nullopt;
  auto done = std::make_shared<actors::completion<actors::statuses>>();
  actors::tell(broker, actors::statuses_query{when_quiet, done});
  return actors::wait(*link, *done, deadline);
}

drain_report node::impl::drain(duration deadline) {
  if (stopped) return *stopped;
  drain_report report;
  if (!running) return report;
  auto found = quiet(deadline);
  report.scheduled = schedule->counts().pending;
  if (!found) {
    report.drained = false;
    found = statuses(false, look_deadline);
  }
  if (!found) return report;
  for (const auto& status : *found) {
    const auto& place = places->at(status->lane);
    for (const auto& cursor : status->cursors) {
      const auto left = cursor.in_flight(status->next_offset);
      const auto owner = owner_of(cursor.id);
      if (!cursor.active || left == 0 || owner == nullptr) continue;
      report.drained = false;
      unsettled entry{owner->name, place.topic->name, place.number, left,
                      cursor.paused ? "paused" : ""};
      const std::lock_guard lock{halting};
      for (const auto& known : halted) {
        if (known.subscription == entry.subscription) entry.halted = to_string(known.reason);
      }
      report.left.push_back(std::move(entry));
    }
    if (!status->store_failure) continue;
    report.drained = false;
    report.lost.push_back({place.topic->name, place.number, status->unstored,
                           to_string(*status->store_failure)});
  }
  return report;
}

drain_report node::impl::stop(duration deadline) {
  if (stopped) return *stopped;
  if (!running) {
    stopped = drain_report{};
    return *stopped;
  }
  stopping = true;
  std::unique_lock lock{starting};
  // What is asked from outside may wait for `starting`, and must not meet a node that has ended.
  auto outside = std::exchange(control, nullptr);
  lock.unlock();
  outside.reset();
  lock.lock();
  close_entrances(deadline);
  schedule->close(link->time->now());
  auto report = drain(deadline);
  flush_store();
  last_ledgers = ledgers();
  last_status = status();
  last_letters = dead_letters_from(1, ~std::size_t{0});
  last_health = health();
  actors::kill(workbench);
  actors::kill(supervisor);
  actors::kill(broker);
  actors::kill(schedule_keeper);
  end_store();
  for (const auto& [name, service] : service_actors) actors::kill(service);
  for (const auto& [id, owner] : cursor_owners) {
    if (owner->group) actors::kill(owner->group);
  }
  service_actors.clear();
  if (simulated) simulated->run();
  // Actors refer to this object until their end.
  link->system->await_all_actors_done();
  report.scheduled = schedule->end();
  workbench = supervisor = broker = schedule_keeper = nullptr;
  dead_letters.reset();
  running = false;
  for (const auto& state : topics) state->shared_publisher.reset();
  for (const auto& [id, entry] : subscriptions) {
    entry->state.reset();
    entry->custom.reset();
    entry->cursors.reset();
  }
  cursor_owners.clear();
  groups.clear();
  link->step = nullptr;
  data.reset();
  simulated.reset();
  places.reset();
  stopped = report;
  // The last publisher, if one is still held somewhere, ends the actor system with it; the system
  // waits for threads that have used it and may be waiting for us.
  const auto last = std::move(link);
  lock.unlock();
  return report;
}

bool node::impl::close_entrance(topic::entrance& open, timestamp until) {
  open.close();
  while (!open.empty() && machine_clock().now() < until) std::this_thread::yield();
  return open.empty();
}

void node::impl::close_entrances(duration deadline) {
  link->closed = true;
  // A publish that was under way returns success, so what it commits must be seen by the drain.
  const auto until = machine_clock().now() + std::min(deadline, actors::longest_wait);
  const std::lock_guard lock{admitting};
  for (const auto& entrance : entrances) {
    if (const auto open = entrance.lock()) close_entrance(*open, until);
  }
}

std::vector<subscription_ledger> node::impl::ledgers() {
  if (stopped) return last_ledgers;
  // In the order of declaration; what an earlier subscription of the same name left is added.
  std::map<std::pair<topic::subscription_id, std::string>, observe::ledger> sums;
  if (const auto found = statuses(false, look_deadline)) {
    for (const auto& status : *found) {
      const auto& place = places->at(status->lane);
      for (const auto& cursor : status->cursors) {
        if (cursor.active) {
          sums[{cursor.id, place.topic->name}] += ledger_of(cursor, status->next_offset);
        }
      }
    }
  }
  const std::lock_guard lock{declaring};
  auto before = ended;
  std::vector<subscription_ledger> ledgers;
  for (const auto& [where, counts] : sums) {
    const auto owner = cursor_owners.find(where.first);
    if (owner == cursor_owners.end()) continue;
    const auto earlier = before.extract({owner->second->name, where.second});
    ledgers.push_back({owner->second->name, where.second,
                       earlier.empty() ? counts : counts + earlier.mapped()});
  }
  for (const auto& [where, counts] : before) ledgers.push_back({where.first, where.second, counts});
  return ledgers;
}

std::string to_string(const drain_report& report) {
  std::string text = report.drained ? "drained: everything is settled\n" : "not drained:\n";
  for (const auto& entry : report.left) {
    text += "  " + entry.subscription + ": " + std::to_string(entry.events) + " events of " +
            entry.topic + "/" + std::to_string(entry.partition) + " are not settled";
    if (!entry.halted.empty()) text += " (halted: " + entry.halted + ")";
    text += '\n';
  }
  for (const auto& entry : report.lost) {
    text += "  " + entry.topic + "/" + std::to_string(entry.partition) + ": " +
            std::to_string(entry.events) + " events are not stored (" + entry.why + ")\n";
  }
  if (report.scheduled > 0) {
    text += "  scheduled events not published: " + std::to_string(report.scheduled) + '\n';
  }
  return text;
}

}  // namespace weir
