// SPDX-License-Identifier: BSD-3-Clause
// Waking partitions and waiting for them.
#include "weir/actors/broker/publisher.hpp"

#include "weir/actors/broker/publisher_link.hpp"

namespace weir {

publisher::publisher(topic::publisher core, std::unique_ptr<actors::publisher_link> link)
    : core_(std::move(core)),
      link_(std::move(link)),
      time_(link_->node->time.get()),
      entrance_(link_->entrance.get()) {
  const auto& topic = core_.topic();
  for (std::uint32_t partition = 0; partition < topic.options.partitions; ++partition) {
    bells_.push_back(link_->node->partitions->of(topic, partition).bell);
  }
}
publisher::publisher(publisher&&) noexcept = default;
publisher& publisher::operator=(publisher&&) noexcept = default;
publisher::~publisher() = default;

void publisher::flush() {
  core_.commit([this](auto&&... committed) {
    ring_bell(std::forward<decltype(committed)>(committed)...);
  });
}

void publisher::join(std::uint32_t partition, const std::shared_ptr<topic::ring>& ring) {
  if (link_->named) link_->named->rings[partition] = ring;
  auto notes = link_->notes.empty() ? nullptr : link_->notes[partition];
  actors::tell(link_->node->partitions->of(core_.topic(), partition).actor,
               actors::ring_joined{ring, {nullptr, link_->room}, std::move(notes)});
}

void publisher::wake(std::uint32_t partition) {
  actors::tell(link_->node->partitions->of(core_.topic(), partition).actor,
               actors::doorbell_rung{});
}

error publisher::closed_error() const {
  if (link_->node->closed) return {errc::closed, core_.topic().name + ": the node is stopping"};
  return {errc::fenced, core_.topic().name + ": another owner has taken the producer's name"};
}

std::optional<error> publisher::wait_for_room(bool again) {
  auto& node = *link_->node;
  if (!again) wait_until_ = node.time->now() + std::min(deadline_, actors::longest_wait);
  while (core_.want_room()) {
    if (node.closed.load(std::memory_order_relaxed)) return closed_error();
    const bool progress = node.step ? node.step(wait_until_) : sleep();
    if (!progress) {
      return error{errc::backpressure, core_.topic().name + ": no room for " +
                                           std::to_string(deadline_.count() / 1'000'000) + " ms"};
    }
  }
  return std::nullopt;
}

bool publisher::sleep() {
  // Workers that are only busy make room soon. One that is stuck in a handler may hold up the
  // partition; the scheduler would notice, but later than one who waits for it.
  constexpr auto first_look = std::chrono::microseconds{25};
  constexpr auto last_look = std::chrono::milliseconds{1};
  auto& node = *link_->node;
  const auto left = [&] { return wait_until_ - node.time->now(); };
  for (duration slice = first_look; slice < last_look && slice < left(); slice *= 2) {
    if (link_->room->wait_for(slice)) return true;
    if (actors::offer_core(*node.system)) break;
  }
  return link_->room->wait_for(left());
}

result<void> publisher::await(std::uint32_t partition, wait_for level, duration deadline) {
  const auto& ring = core_.ring_of(partition);
  return await({partition, ring, ring == nullptr ? 0 : ring->committed()}, level, deadline);
}

result<void> publisher::await(actors::ring_position where, wait_for level, duration deadline) {
  if (level == wait_for::accepted) return {};
  auto& [partition, ring, position] = where;
  // Published by an earlier run: any that has nothing in it asks for all that the partition has.
  if (ring == nullptr) ring = std::make_shared<topic::ring>(core_.topic().publisher_ring());
  const auto& topic = core_.topic();
  const auto reached = std::make_shared<actors::completion<result<void>>>();
  // Whatever becomes of the request, it ends in an answer: a partition that has ended, or ends with
  // the request in its mailbox, forgets it unread.
  actors::completion_ptr<result<void>> done{reached.get(), [reached](auto*) {
    reached->complete(fail(errc::closed, "the node stopped before it answered"));
  }};
  const bool stored = level == wait_for::stored;
  actors::tell(link_->node->partitions->of(topic, partition).actor,
               actors::await_level{
                   ring, position,
                   stored ? actors::publish_level::stored : actors::publish_level::handled,
                   std::move(done)});
  auto answer = actors::wait(*link_->node, *reached, deadline);
  if (!answer) {
    return fail(errc::timeout, topic.name + ": not " + (stored ? "stored" : "handled") +
                                   " within " + std::to_string(deadline.count() / 1'000'000) +
                                   " ms");
  }
  if (!*answer) answer->error().message.insert(0, topic.name + ": ");
  return std::move(*answer);
}

}  // namespace weir
