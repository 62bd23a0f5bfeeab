// SPDX-License-Identifier: BSD-3-Clause
// What a node holds. Before start() it is a list of declarations; after it, the actors.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

#include "weir/actors/broker/broker_actor.hpp"
#include "weir/actors/broker/publisher_link.hpp"
#include "weir/actors/broker/shared_schedule.hpp"
#include "weir/actors/node/custom.hpp"
#include "weir/actors/node/node.hpp"
#include "weir/actors/base/simulation.hpp"
#include "weir/actors/subscriber/subscriber_actor.hpp"
#include "weir/actors/supervision/dead_letter_actor.hpp"
#include "weir/actors/supervision/supervisor_actor.hpp"

namespace weir {

/// What one cursor counts in a partition that ends at `next_offset`.
observe::ledger ledger_of(const topic::cursor& cursor, std::uint64_t next_offset);
/// Everything a scrape sees of topics and subscriptions.
std::vector<observe::metric_family> status_families(const node_status& seen);

struct topic_handle::state {
  node::impl* owner;
  std::shared_ptr<topic::settings> settings;
  std::vector<const event_type*> types;
  std::atomic<std::uint32_t> publishers{0};
  std::mutex publishing;
  std::optional<weir::publisher> shared_publisher;
  std::atomic<bool> schedules{false};  // the schedule may publish to it
};

struct node::impl {
  explicit impl(node_options chosen);
  ~impl();

  result<void> start();
  result<publisher> make_publisher(const std::shared_ptr<topic_handle::state>& to);
  drain_report drain(duration deadline);
  drain_report stop(duration deadline);
  topology::description describe() const;
  std::vector<subscription_ledger> ledgers();
  node_status status();
  std::vector<delivery::dead_letter> dead_letters_from(std::uint64_t first, std::size_t count);
  std::optional<actors::statuses> statuses(bool when_quiet, duration deadline);
  result<void> may_schedule(topic_handle::state& to);
  std::string name_of(topic::subscription_id id) const { return subscriptions[id]->name; }

  node_options options;
  random seeds;
  // The declarations. Fixed once started.
  std::deque<std::shared_ptr<topic_handle::state>> topics;
  std::deque<std::shared_ptr<subscription_declaration>> subscriptions;
  std::vector<std::pair<std::string, delivery::answer_function>> services;

  std::mutex starting;
  std::vector<std::weak_ptr<const topic::entrance>> entrances;  // of publishers; under `starting`
  std::atomic<bool> running{false};
  std::atomic<bool> stopping{false};  // set before `running` is false again: nobody restarts it
  std::shared_ptr<actors::node_link> link;
  std::unique_ptr<actors::simulation> simulated;
  std::vector<std::shared_ptr<actors::subscription_state>> states;
  // By subscription. Only the root supervisor's thread touches it while the node runs.
  std::map<topic::subscription_id, std::shared_ptr<actors::subscriber_link::shared>> custom_states;
  std::shared_ptr<delivery::dead_letter_store> letters;
  caf::actor broker;
  caf::actor dead_letters;
  caf::actor supervisor;
  std::unordered_map<std::string, caf::actor> service_actors;
  std::mutex admitting;
  std::shared_ptr<actors::shared_schedule> schedule;
  caf::actor schedule_keeper;
  // What there is to see after the end.
  std::optional<drain_report> stopped;
  std::vector<subscription_ledger> last_ledgers;
  node_status last_status;
  std::vector<delivery::dead_letter> last_letters;

  std::mutex halting;
  std::vector<actors::halted_subscription> halted;

 private:
  result<void> check() const;
  void start_system();
  std::vector<actors::partition_setup> plan(actors::directory& where);
  std::shared_ptr<actors::subscription_state> prepare(topic::subscription_id id);
  actors::child_spec child_of(topic::subscription_id id);
  void spawn_services();
  void spawn_supervision();
  /// Stops a subscription in all its partitions and says so. From any actor's thread.
  void halt(topic::subscription_id id, const error& why);
  void spawn_schedule();
  result<void> admit_publisher(topic_handle::state& to);
  /// The statuses once nothing is in flight and no event is due.
  std::optional<actors::statuses> quiet(duration deadline);
  /// Has due events published; how many scheduled events have fired so far.
  std::optional<std::uint64_t> fire_due(duration deadline);
  void note_halted(actors::halted_subscription what);
  void close_entrances(duration deadline);
};

}  // namespace weir
