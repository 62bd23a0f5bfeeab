// SPDX-License-Identifier: BSD-3-Clause
// Inboxes: what a topic's earlier ones have stored is remembered before the first of a run begins.
#include "weir/actors/base/turn.hpp"
#include "weir/actors/broker/inbox_notes.hpp"
#include "weir/actors/node/impl.hpp"

namespace weir {

result<inbox> node::impl::make_inbox(const std::shared_ptr<topic_handle::state>& to,
                                     std::uint64_t horizon) {
  if (actors::in_handler()) return fail(actors::called_in_handler("make_inbox"));
  const auto& topic = *to->settings;
  if (!topic.options.durable) {
    return fail(errc::invalid_argument, topic.name + ": an inbox needs a topic that is durable");
  }
  if (horizon < 1 || horizon > inbox::horizon_max) {
    return fail(errc::invalid_argument, topic.name + ": an inbox that remembers " +
                                            std::to_string(horizon) +
                                            " messages, it is 1 to 100000000");
  }
  const std::lock_guard lock{fencing};
  inbox::notes notes;
  for (std::uint32_t partition = 0; partition < topic.options.partitions; ++partition) {
    notes.push_back(std::make_shared<actors::inbox_notes>(topic.name, horizon));
  }
  auto made = make_publisher(to, [&](actors::publisher_link& own) {
    own.notes.assign(notes.begin(), notes.end());
  });
  if (!made) return fail(std::move(made.error()));
  auto shared = open_inbox(topic.name, horizon);
  if (!shared) return fail(std::move(shared.error()));
  return inbox{std::move(*made), std::move(*shared), std::move(notes)};
}

result<std::shared_ptr<actors::shared_inbox>> node::impl::open_inbox(const std::string& topic,
                                                                     std::uint64_t horizon) {
  const auto found = inboxes.find(topic);
  if (found != inboxes.end()) {
    if (found->second->horizon() == horizon) return found->second;
    return fail(errc::invalid_argument, topic + ": an inbox that remembers " +
                                            std::to_string(horizon) + " messages beside one of " +
                                            std::to_string(found->second->horizon()));
  }
  auto opened = std::make_shared<actors::shared_inbox>(horizon);
  auto seen = store::visit_messages(*data, topic, [&](std::uint64_t number, std::string_view id) {
    opened->remember(number, id);
  });
  if (!seen) return fail(std::move(seen.error()));
  // An earlier run may have had a longer memory.
  auto forget = std::make_shared<store::changes>();
  store::forget_messages(*forget, topic, opened->oldest());
  if (auto forgotten = commit(std::move(forget)); !forgotten) {
    return fail(std::move(forgotten.error()));
  }
  inboxes.emplace(topic, opened);
  return opened;
}

}  // namespace weir
