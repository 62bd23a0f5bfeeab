// SPDX-License-Identifier: BSD-3-Clause
// What a node keeps in its store: opening it, the logs of durable topics, the actors that write.
#include <algorithm>

#include "weir/actors/node/impl.hpp"
#include "weir/actors/store/commit_actor.hpp"
#include "weir/runtime/delivery/stored_dead_letters.hpp"
#include "weir/runtime/store/rocksdb_store.hpp"

namespace weir {

bool node::impl::wants_store() const {
  if (options.store != nullptr || !options.data_dir.empty()) return true;
  const std::lock_guard lock{declaring};
  return std::any_of(topics.begin(), topics.end(),
                     [](const auto& one) { return one->settings->options.durable; });
}

bool node::impl::is_durable(const std::string& topic) const {
  const std::lock_guard lock{declaring};
  return std::any_of(topics.begin(), topics.end(), [&](const auto& one) {
    return one->settings->options.durable && one->settings->name == topic;
  });
}

result<void> node::impl::open_store() {
  if (data != nullptr || !wants_store()) return {};
  if (options.store != nullptr) {
    data = options.store;
    return {};
  }
  auto opened = store::rocksdb_store::open(options.data_dir);
  if (!opened) return fail(std::move(opened.error()));
  data = std::move(*opened);
  return {};
}

result<void> node::impl::open_letters() {
  if (data == nullptr || running) return {};
  auto opened = delivery::stored_dead_letters::open(
      *data, options.dead_letters, [this](const std::string& topic) { return is_durable(topic); });
  if (!opened) return fail(std::move(opened.error()));
  letters = std::move(*opened);
  return {};
}

actors::commit_function node::impl::letter_commits() const {
  return [to = commits](auto what, auto done) {
    to.write({std::move(what), std::move(done)});
  };
}

void node::impl::start_store() {
  if (data == nullptr || commits) return;
  auto& system = *link->system;
  const auto gathered = std::make_shared<actors::commit_groups>();
  flusher = options.simulated
                ? system.spawn<actors::commit_actor>(data, gathered)
                : system.spawn<actors::commit_actor, caf::detached>(data, gathered);
  commits = {gathered, flusher};
}

result<std::shared_ptr<actors::stored_lane>> node::impl::open_lane(const topic::settings& topic,
                                                                   std::uint32_t number) {
  if (!topic.options.durable) return std::shared_ptr<actors::stored_lane>{};
  auto log = std::make_unique<store::partition_log>(data, topic.name, number,
                                                    topic.options.stored_as, topic.blocks);
  const auto end = log->end();
  if (!end) return fail(end.error());
  const store::retention_limits limits{topic.options.keep_for, topic.options.keep_bytes};
  store::retention rules{limits};
  if (limits.any()) {
    const auto seen = log->visit_extents([&](const auto& one) { rules.add(one); });
    if (!seen) return fail(seen.error());
  }
  auto lane =
      std::make_shared<actors::stored_lane>(std::move(log), commits, *end, topic.limits());
  if (limits.any()) lane->keep(std::move(rules), link->time);
  return lane;
}

result<void> node::impl::commit(std::shared_ptr<store::changes> what) {
  if (what->empty()) return {};
  auto done = std::make_shared<actors::completion<result<void>>>();
  commits.write({std::move(what), done});
  const auto outcome = actors::wait(*link, *done, look_deadline);
  if (outcome) return *outcome;
  return fail(errc::timeout, "the store has not answered");
}

void node::impl::flush_store() {
  if (!commits) return;
  auto done = std::make_shared<actors::completion<result<void>>>();
  commits.flush(done);
  actors::wait(*link, *done, look_deadline);
}

void node::impl::end_store() {
  if (!commits) return;
  actors::kill(flusher);
  commits = {};
  flusher = nullptr;
}

void node::impl::abandon_start() {
  control.reset();
  actors::kill(broker);
  broker = nullptr;
  end_store();
  if (simulated) simulated->run();
  link->system->await_all_actors_done();
  link->step = nullptr;
  simulated.reset();
  places.reset();
  link.reset();
  data.reset();
}

}  // namespace weir
