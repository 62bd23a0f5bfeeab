// SPDX-License-Identifier: BSD-3-Clause
// What a program may choose about a node and its subscriptions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/log.hpp"
#include "weir/runtime/delivery/dead_letter_store.hpp"
#include "weir/runtime/delivery/interference.hpp"
#include "weir/runtime/observe/ledger.hpp"
#include "weir/runtime/sim/fault_source.hpp"
#include "weir/runtime/store/store.hpp"
#include "weir/runtime/supervision/supervisor.hpp"
#include "weir/runtime/topic/schedule.hpp"

namespace weir {

struct node_options {
  std::string name = "weir";
  /// Worker threads; 0: one per core. At most 256.
  unsigned threads = 0;
  /// A topology whose memory bound is above this does not start.
  std::uint64_t memory_budget_bytes = 1024ULL * 1024 * 1024;
  log_level log_threshold = log_level::warn;
  delivery::dead_letter_limits dead_letters{};
  /// Of events that wait for their time; what is beyond is errc::schedule_full.
  topic::schedule_limits scheduled{};
  /// How the supervisor of the subscriptions answers when a subscriber ends.
  supervision::strategy strategy = supervision::strategy::one_for_one;
  supervision::intensity intensity{};
  /// Seed of all chance in the node; 0 draws one from the operating system.
  std::uint64_t seed = 0;
  /// Where durable topics, what is scheduled for them, and dead letters are kept; made if it is
  /// missing. Empty: there can be no durable topics, and dead letters end with the process.
  std::string data_dir{};
  /// Others may look at the running node and work with its dead letters, over HTTP on the socket
  /// `control.sock` in `data_dir` (see actors/observe), which belongs to the user it runs as. Only
  /// with a `data_dir` and threads; start() answers errc::invalid_argument if the path is too long
  /// for a socket.
  bool control = true;
  /// The store instead of one at `data_dir`: nobody else may write to it while the node runs.
  std::shared_ptr<store::store> store{};
  /// True: no threads. The node makes progress only when the caller drives it, in virtual time, in
  /// an order chosen by the seed. See actors/testkit.
  bool simulated = false;
  /// Where the clock of a simulated node begins: 2001-01-01 unless chosen, a time no real run
  /// confuses.
  timestamp simulated_since{std::chrono::seconds{978'307'200}};
  /// Of a simulated node: the seed of context::chance for whatever event, instead of each its own.
  /// For tests of one event.
  std::optional<std::uint64_t> event_chance{};
  /// Around each call of a handler, which it may let fail: for simulations. Handlers then get their
  /// events one by one.
  delivery::interference interfere{};
  /// What goes wrong beside in a simulated node: with services, timers, actors, and what is brought
  /// to named producers and inboxes. Used on the thread that drives the node.
  std::shared_ptr<sim::fault_source> faults{};
};

/// How many events of which subscription in which partition are not settled.
struct unsettled {
  std::string subscription;
  std::string topic;
  std::uint32_t partition = 0;
  std::uint64_t events = 0;
  /// Why it handles nothing more; empty if it was just not done.
  std::string halted;
};

/// Events of a durable topic that were taken and are not on disk, because the store has failed.
struct unstored {
  std::string topic;
  std::uint32_t partition = 0;
  std::uint64_t events = 0;
  std::string why;
};

/// What drain and stop have to say.
struct drain_report {
  /// Everything that was published is settled.
  bool drained = true;
  std::vector<unsettled> left;
  std::vector<unstored> lost;
  /// Scheduled events that are not published: those that still wait, or, after stop, never will be,
  /// but for those of durable topics, which a later run publishes.
  std::uint64_t scheduled = 0;
};

/// One line per topic, then per unsettled entry; for people.
std::string to_string(const drain_report& report);

/// The ledger of one subscription in one topic, summed over its partitions.
struct subscription_ledger {
  std::string subscription;
  std::string topic;
  observe::ledger counts;
};

}  // namespace weir
