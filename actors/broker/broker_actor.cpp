// SPDX-License-Identifier: BSD-3-Clause
// Starting partitions and sweeping over them.
#include "weir/actors/broker/broker_actor.hpp"

namespace weir::actors {

broker_actor::broker_actor(caf::actor_config& config, std::shared_ptr<directory> where)
    : caf::event_based_actor(config), where_(std::move(where)) {}

void broker_actor::start(partition_setup setup) {
  auto& address = where_->at(setup.lane);
  address.bell = setup.bell;
  address.topic = setup.topic;
  address.number = setup.number;
  address.actor = home_system().spawn<partition_actor>(std::move(setup));
  partitions_.push_back(address.actor);
}

caf::behavior broker_actor::make_behavior() {
  return {
      [this](const statuses_query& query) {
        if (partitions_.empty()) {
          query.done->complete({});
          return;
        }
        const auto round = next_round_++;
        ask(round, sweeps_.emplace(round, sweep{query, {}, 0, {}, false}).first->second);
      },
      [this](const status_answer& answer) { receive(answer); },
      [this](const partitions_wanted& wanted) {
        for (auto& setup : *wanted.setups) start(std::move(setup));
        wanted.done->complete(true);
      },
  };
}

void broker_actor::on_exit() {
  for (const auto& partition : partitions_) kill(partition);
  partitions_.clear();
  where_.reset();
}

void broker_actor::ask(std::uint64_t round, sweep& to) {
  to.found.assign(partitions_.size(), nullptr);
  to.missing = partitions_.size();
  for (std::size_t number = 0; number < partitions_.size(); ++number) {
    tell(partitions_[number], status_query{to.query.when_quiet, round, number, this});
  }
}

void broker_actor::receive(const status_answer& answer) {
  const auto entry = sweeps_.find(answer.round);
  if (entry == sweeps_.end()) return;
  auto& found = entry->second;
  found.found[answer.number] = answer.status;
  if (--found.missing > 0) return;

  std::vector<std::uint64_t> offsets;
  for (const auto& status : found.found) offsets.push_back(status->next_offset);
  const bool quiet = found.repeated && offsets == found.offsets;
  if (!found.query.when_quiet || quiet) {
    found.query.done->complete(std::move(found.found));
    sweeps_.erase(entry);
    return;
  }
  found.offsets = std::move(offsets);
  found.repeated = true;
  ask(answer.round, found);
}

}  // namespace weir::actors
