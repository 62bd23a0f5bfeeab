// SPDX-License-Identifier: BSD-3-Clause
// Declaring: everything a program says before the node starts.
#include "weir/actors/node/node.hpp"

#include <algorithm>

#include "weir/actors/base/turn.hpp"
#include "weir/actors/node/impl.hpp"
#include "weir/runtime/core/invariant.hpp"

namespace weir {

node::node(node_options options) : impl_(std::make_unique<impl>(std::move(options))) {}

node::~node() { static_cast<void>(impl_->stop(std::chrono::seconds{10})); }

topic_handle node::topic(std::string name, topic::topic_options options) {
  const std::lock_guard lock{impl_->declaring};
  auto settings = std::make_shared<topic::settings>();
  settings->name = std::move(name);
  settings->index = static_cast<std::uint32_t>(impl_->topics.size());
  settings->options = options;
  settings->blocks = new block_pool{settings->publisher_ring().block};
  auto state = std::make_shared<topic_handle::state>();
  state->owner = impl_.get();
  state->settings = std::move(settings);
  impl_->topics.push_back(state);
  ++impl_->edition;
  return topic_handle{std::move(state)};
}

subscription node::declare(subscription_declaration declared) {
  const std::lock_guard lock{impl_->declaring};
  auto entry = std::make_shared<subscription_entry>();
  entry->id = impl_->next_id++;
  entry->declared = std::make_shared<subscription_declaration>(std::move(declared));
  impl_->subscriptions.emplace(entry->id, entry);
  ++impl_->edition;
  return subscription{entry->declared};
}

void node::declare_service(std::string name, delivery::answer_function answer) {
  WEIR_INVARIANT(!impl_->running, "services are declared before the node starts");
  impl_->services.emplace_back(std::move(name), std::move(answer));
}

result<void> node::start() { return impl_->start(); }
result<void> node::unsubscribe(const std::string& name, duration deadline) {
  return impl_->unsubscribe(name, deadline);
}
timestamp node::now() const {
  return impl_->link ? impl_->link->time->now() : machine_clock().now();
}
result<void> node::sleep(duration how_long) {
  if (actors::in_handler()) return fail(actors::called_in_handler("sleep"));
  if (auto started = impl_->start(); !started) return started;
  actors::completion<bool> never;
  static_cast<void>(actors::wait(*impl_->link, never, how_long));
  return {};
}
result<void> node::pause(const std::string& name) { return impl_->pause(name, true); }
result<void> node::resume(const std::string& name) { return impl_->pause(name, false); }
bool node::started() const noexcept { return impl_->running; }
drain_report node::drain(duration deadline) { return impl_->drain(deadline); }
drain_report node::stop(duration deadline) { return impl_->stop(deadline); }
std::vector<subscription_ledger> node::ledgers() { return impl_->ledgers(); }
std::vector<delivery::dead_letter> node::dead_letters(std::uint64_t first, std::size_t count) {
  return impl_->dead_letters_from(first, count);
}
topology::description node::describe() const { return impl_->describe(); }

result<publisher> node::make_publisher(const topic_handle& to) {
  return impl_->make_publisher(to.state_);
}
std::shared_ptr<const store::store> node::stored() const { return impl_->data; }
result<void> node::checkpoint(const std::string& directory) {
  if (actors::in_handler()) return fail(actors::called_in_handler("checkpoint"));
  const auto where = impl_->data;
  if (where == nullptr) return fail(errc::not_found, directory + ": there is no store to copy");
  return where->checkpoint(directory);
}
result<producer> node::make_producer(const topic_handle& to, const std::string& name) {
  return impl_->make_producer(to.state_, name);
}
result<inbox> node::make_inbox(const topic_handle& to, std::uint64_t horizon) {
  return impl_->make_inbox(to.state_, horizon);
}

const std::string& topic_handle::name() const noexcept { return state_->settings->name; }

std::shared_ptr<const topic::settings> topic_handle::shared_settings() const noexcept {
  return state_->settings;
}

void topic_handle::declare_type(const event_type& type) {
  const std::lock_guard lock{state_->owner->declaring};
  auto& types = state_->types;
  if (std::find(types.begin(), types.end(), &type) == types.end()) types.push_back(&type);
}

void topic_handle::declare_key_rule(const event_type& type, topic::key_rule rule) {
  WEIR_INVARIANT(!state_->live, "keys are declared before their topic begins");
  auto& keys = state_->settings->keys;
  if (keys.size() <= type.index) keys.resize(type.index + 1);
  keys[type.index] = std::move(rule);
}

result<void> topic_handle::with_publisher(
    const std::function<result<void>(weir::publisher&)>& use) {
  const std::lock_guard lock{state_->publishing};
  if (!state_->shared_publisher) {
    auto made = state_->owner->make_publisher(state_);
    if (!made) return fail(std::move(made.error()));
    state_->shared_publisher.emplace(std::move(*made));
  }
  return use(*state_->shared_publisher);
}

}  // namespace weir
