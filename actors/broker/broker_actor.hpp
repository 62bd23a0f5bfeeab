// SPDX-License-Identifier: BSD-3-Clause
// Owns the partitions of all topics: starts them, asks them how they are, and finds out when
// nothing is in flight anywhere. No event passes through it.
//
// Why two rounds prove quiet: an event is settled only after what its handler published is in a
// ring. If every partition is idle in two rounds in a row and none has sequenced anything in
// between, then at the moment between the rounds all were idle at once.
#pragma once

#include <memory>
#include <vector>

#include "weir/actors/broker/partition_actor.hpp"

namespace weir::actors {

using statuses = std::vector<std::shared_ptr<const partition_status>>;

/// Completes with the status of every partition: now, or when nothing is in flight.
struct statuses_query {
  bool when_quiet;
  completion_ptr<statuses> done;
};

/// Starts partitions and enters their addresses in the directory, which has room for them. The
/// caller lets nobody know of them before it is done.
struct partitions_wanted {
  std::shared_ptr<std::vector<partition_setup>> setups;
  completion_ptr<bool> done;
};

class broker_actor : public caf::event_based_actor {
 public:
  broker_actor(caf::actor_config& config, std::shared_ptr<directory> where);
  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.broker"; }

 private:
  struct sweep {
    statuses_query query;
    statuses found;
    std::size_t missing = 0;
    std::vector<std::uint64_t> offsets;  // of the round before
    bool repeated = false;
  };

  void start(partition_setup setup);
  void ask(std::uint64_t round, sweep& to);
  void receive(const status_answer& answer);

  std::shared_ptr<directory> where_;
  std::vector<caf::actor> partitions_;
  std::unordered_map<std::uint64_t, sweep> sweeps_;
  std::uint64_t next_round_ = 0;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::statuses_query)
WEIR_LOCAL_MESSAGE(weir::actors::partitions_wanted)
