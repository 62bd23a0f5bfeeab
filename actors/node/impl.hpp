// SPDX-License-Identifier: BSD-3-Clause
// What a node holds. Before start() it is a list of declarations; after it, the actors.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <tuple>

#include "weir/actors/broker/broker_actor.hpp"
#include "weir/actors/broker/publisher_link.hpp"
#include "weir/actors/broker/shared_inbox.hpp"
#include "weir/actors/broker/shared_schedule.hpp"
#include "weir/actors/node/custom.hpp"
#include "weir/actors/node/node.hpp"
#include "weir/actors/observe/control_server.hpp"
#include "weir/actors/store/commit_port.hpp"
#include "weir/actors/base/simulation.hpp"
#include "weir/actors/subscriber/group_actor.hpp"
#include "weir/actors/supervision/dead_letter_actor.hpp"
#include "weir/actors/supervision/supervisor_actor.hpp"
#include "weir/actors/supervision/workbench_actor.hpp"

namespace weir {

/// What one cursor counts in a partition that ends at `next_offset`.
observe::ledger ledger_of(const topic::cursor& cursor, std::uint64_t next_offset);
/// Everything a scrape sees of topics and subscriptions.
std::vector<observe::metric_family> status_families(const node_status& seen);

/// Dead and parked letters by subscription, topic and partition, in the order of their offsets.
using waiting_letters = std::map<std::tuple<std::string, std::string, std::uint32_t>,
                                 std::vector<delivery::parked_events::letter_ptr>>;

struct topic_handle::state {
  node::impl* owner;
  std::shared_ptr<topic::settings> settings;
  std::vector<const event_type*> types;  // under the owner's `declaring`
  std::atomic<bool> live{false};         // it has partitions
  std::atomic<std::uint32_t> publishers{0};
  std::mutex publishing;
  std::optional<weir::publisher> shared_publisher;
  std::atomic<bool> schedules{false};  // the schedule may publish to it
};

/// Who has cursors and a ledger: a subscription, or a group of several.
struct cursor_owner {
  topic::subscription_id id;
  std::string name;
  std::shared_ptr<const subscription_declaration> declared;  // of a group: its first member's
  bool paused = false;
  std::map<actors::lane_id, topic::cursor_slot> slots;
  caf::actor group;                              // empty if it is a subscription's own
  std::vector<topic::subscription_id> members;   // subscriptions
};

/// A declared subscription; what follows `declared` is there once it has begun.
struct subscription_entry {
  topic::subscription_id id;
  std::shared_ptr<subscription_declaration> declared;
  std::shared_ptr<cursor_owner> cursors;
  std::shared_ptr<actors::subscription_state> state;
  std::shared_ptr<actors::subscriber_link::shared> custom;
  std::shared_ptr<actors::child_record> record = std::make_shared<actors::child_record>();

  bool live() const noexcept { return cursors != nullptr; }
};

/// Where a subscription halted and why.
struct halted_subscription {
  std::string subscription;
  error reason;
};

struct node::impl {
  explicit impl(node_options chosen);
  ~impl();

  result<void> start();
  result<void> unsubscribe(const std::string& name, duration deadline);
  result<void> pause(const std::string& name, bool paused);
  result<publisher> make_publisher(
      const std::shared_ptr<topic_handle::state>& to,
      const std::function<void(actors::publisher_link&)>& prepare = nullptr);
  result<producer> make_producer(const std::shared_ptr<topic_handle::state>& to,
                                 const std::string& name);
  result<inbox> make_inbox(const std::shared_ptr<topic_handle::state>& to, std::uint64_t horizon);
  drain_report drain(duration deadline);
  drain_report stop(duration deadline);
  topology::description describe() const;
  static topology::topic_description description_of(const topic::settings& settings);
  std::vector<subscription_ledger> ledgers();
  node_status status();
  supervision::health health();
  void add_subscribers(node_status& all) const;
  std::string metrics();
  std::vector<delivery::dead_letter> dead_letters_from(std::uint64_t first, std::size_t count);
  result<delivery::redrive_summary> redrive(const delivery::letter_filter& which,
                                            const delivery::redrive_plan& plan,
                                            duration deadline);
  result<std::size_t> discard(const delivery::letter_filter& which);
  result<void> edit(std::uint64_t letter, const std::string& payload, const std::string& note);
  std::optional<actors::statuses> statuses(bool when_quiet, duration deadline);
  result<void> may_schedule(topic_handle::state& to);
  /// Who has the cursors of this id; nobody if it has ended.
  std::shared_ptr<const cursor_owner> owner_of(topic::subscription_id id) const;
  std::string name_of(topic::subscription_id id) const;
  /// False for an actor of the program's own.
  bool has_handlers(topic::subscription_id id) const;

  node_options options;
  random seeds;            // under `starting`
  random publisher_seeds;  // under `admitting`

  // What is declared, and what has begun of it. Held for a moment, never while waiting.
  mutable std::mutex declaring;
  std::deque<std::shared_ptr<topic_handle::state>> topics;  // by index; begun ones first
  std::map<topic::subscription_id, std::shared_ptr<subscription_entry>> subscriptions;
  std::map<topic::subscription_id, std::shared_ptr<cursor_owner>> cursor_owners;
  std::unordered_map<std::string, std::shared_ptr<cursor_owner>> groups;  // of those, by name
  topic::subscription_id next_id = 0;
  std::vector<std::pair<std::string, delivery::answer_function>> services;
  /// By name; as long as a subscription takes permits of it.
  std::map<std::string, std::weak_ptr<permits>> bulkheads;
  /// What subscriptions that have ended left behind, by name and topic.
  std::map<std::pair<std::string, std::string>, observe::ledger> ended;

  std::mutex starting;  // whoever begins or ends subscriptions, also while it waits
  std::atomic<bool> running{false};
  std::atomic<bool> stopping{false};  // set before `running` is false again: nobody restarts it
  std::shared_ptr<actors::node_link> link;
  std::shared_ptr<actors::directory> places;
  std::unique_ptr<actors::simulation> simulated;
  std::shared_ptr<delivery::dead_letter_store> letters;
  caf::actor broker;
  actors::dead_letter_address_ptr dead_letters;
  caf::actor workbench;
  caf::actor supervisor;
  std::unordered_map<std::string, caf::actor> service_actors;
  /// Of what is declared: goes up whenever something is declared, begins or ends.
  std::atomic<std::uint64_t> edition{0};
  std::mutex admitting;
  /// The memory bound, as long as nothing is declared: 1,000 publishers must not cost 1,000 bounds.
  struct admission {
    std::uint64_t edition;
    std::uint64_t bound;
    std::set<std::string> fed;  // topics that subscriptions publish to
  };
  std::optional<admission> admitted_so_far;  // under `admitting`
  std::vector<std::weak_ptr<topic::entrance>> entrances;  // of publishers; under `admitting`
  std::mutex fencing;  // whoever makes a producer or an inbox, also while it waits
  std::map<std::pair<std::string, std::string>, std::shared_ptr<actors::named_producer>>
      named_producers;  // by topic and name
  std::map<std::string, std::shared_ptr<actors::shared_inbox>> inboxes;  // by topic; as above
  std::shared_ptr<actors::shared_schedule> schedule;
  caf::actor schedule_keeper;
  // Of a node with durable topics; see durable.cpp.
  std::shared_ptr<store::store> data;
  caf::actor flusher;
  actors::commit_port commits;
  // What there is to see after the end.
  std::optional<drain_report> stopped;
  std::vector<subscription_ledger> last_ledgers;
  node_status last_status;
  supervision::health last_health;
  std::vector<delivery::dead_letter> last_letters;

  std::unique_ptr<actors::control_server> control;  // under `starting`

  std::mutex halting;
  std::vector<halted_subscription> halted;

 private:
  struct beginning;  // what one call of start() begins
  struct new_lane;

  result<void> check() const;
  void start_system();
  void spawn_services();
  void spawn_supervision(const beginning& what);
  void spawn_schedule();
  std::vector<actors::child_spec> children();
  actors::child_spec child_of(const subscription_entry& entry);
  actors::child_spec dead_letters_spec();
  actors::child_spec subscriptions_spec();
  /// A subscription that has halted is not well, though its actor lives.
  void mark_halted(supervision::health& one) const;

  // Beginning what is declared; see begin.cpp.
  result<void> begin();
  bool nothing_declared() const;
  beginning collect();
  /// On a running node: what was declared and has not begun never does.
  void forget_declared();
  result<void> plan_partitions(beginning& what);
  result<void> open_cursors(beginning& what);
  std::shared_ptr<cursor_owner> group_of(const std::string& name) const;
  void prepare(beginning& what);
  void give_lane(beginning& what, const subscription_entry& entry, const new_lane& lane);
  void begin_group(beginning& what, cursor_owner& owner);
  std::shared_ptr<actors::subscription_state> make_state(const subscription_entry& entry);
  std::shared_ptr<permits> permits_of(const bulkhead& wanted);
  std::shared_ptr<actors::subscriber_link::shared> make_custom(const subscription_entry& entry);
  void spawn_partitions(beginning& what);
  void join_new_subscribers(const beginning& what);
  void join_new_lanes(const beginning& what);
  void join_new_lane(const cursor_owner& owner, const new_lane& lane);

  // Letters; see letters.cpp.
  waiting_letters letters_of_earlier_runs();
  void spawn_workbench();
  result<void> may_work(const char* what) const;
  /// Says `wanted(done)` to the workbench and waits for what completes `done`.
  template <class T, class Make>
  result<T> work(duration deadline, Make wanted);
  static void park_again(beginning& what, const subscription_entry& entry, const new_lane& lane);
  /// Before any subscriber may report such a letter anew.
  void forget_overtaken(const beginning& what);

  // What outlives the process; see durable.cpp.
  bool wants_store() const;
  bool is_durable(const std::string& topic) const;
  result<void> open_store();
  /// Those of earlier runs; only before the first start.
  result<void> open_letters();
  actors::commit_function letter_commits() const;
  void start_store();
  result<std::shared_ptr<actors::stored_lane>> open_lane(const topic::settings& topic,
                                                         std::uint32_t number);
  result<void> commit(std::shared_ptr<store::changes> what);
  /// What earlier runs have scheduled for topics that begin, to be scheduled again.
  struct found_timer {
    timestamp due;
    std::uint64_t number;
    std::unique_ptr<topic::scheduled_event> event;
  };
  using found_timers = std::vector<std::pair<std::shared_ptr<topic_handle::state>,
                                             std::vector<found_timer>>>;
  result<found_timers> read_timers(
      const std::vector<std::shared_ptr<topic_handle::state>>& new_topics);
  void schedule_again(found_timers timers);
  void flush_store();
  void end_store();
  void abandon_start();

  // See producers.cpp.
  result<void> fence(const topic::settings& topic, const actors::named_producer& former);
  result<std::shared_ptr<actors::shared_inbox>> open_inbox(const std::string& topic,
                                                           std::uint64_t horizon);

  // Working with it from outside; see control.cpp.
  result<void> open_control();
  std::vector<observe::route> control_routes();
  using answer_function = std::function<result<std::string>(const observe::request&)>;
  answer_function letter_redriver();
  answer_function letter_discarder();
  answer_function letter_editor();

  // Ending it; see leave.cpp.
  result<void> leave(const subscription_entry& entry, duration deadline);
  void remove_child(const subscription_entry& entry);
  void retire(const std::shared_ptr<cursor_owner>& owner);

  /// Stops a subscription in all its partitions and says so. From any actor's thread.
  void halt(topic::subscription_id id, const error& why);
  bool has_halted(const std::string& name);
  result<void> admit_publisher(topic_handle::state& to);
  static error not_begun(const topic_handle::state& topic);
  /// The statuses once nothing is in flight and no event is due.
  std::optional<actors::statuses> quiet(duration deadline);
  /// Has due events published; how many scheduled events have fired so far.
  std::optional<std::uint64_t> fire_due(duration deadline);
  /// False if a publish is still under way at `until`, a time of the machine.
  static bool close_entrance(topic::entrance& open, timestamp until);
  void close_entrances(duration deadline);
};

/// The supervisor of all subscribers, as a child of the root.
inline constexpr supervision::child_id subscriptions_supervisor = 1ULL << 40;
/// The dead-letter actor, as another.
inline constexpr supervision::child_id dead_letter_keeper = subscriptions_supervisor + 1;

/// How long a look at a running node, or a change to it, may take: every actor of ours answers
/// between two batches.
inline constexpr duration look_deadline = std::chrono::seconds{10};

}  // namespace weir
