// SPDX-License-Identifier: BSD-3-Clause
// Producers with names: who takes a name waits until what its former owner has published is stored,
// so that what the store says is all there is. The former is fenced before: it adds nothing more.
//
// Owners have no epochs. One process has the store, and within it no publish of a former owner is
// under way when the next one begins; an epoch would tell apart what cannot be there together.
#include "weir/actors/base/turn.hpp"
#include "weir/actors/broker/sequence_notes.hpp"
#include "weir/actors/node/impl.hpp"

namespace weir {

result<producer> node::impl::make_producer(const std::shared_ptr<topic_handle::state>& to,
                                           const std::string& name) {
  if (actors::in_handler()) return fail(actors::called_in_handler("make_producer"));
  const auto& topic = *to->settings;
  if (name.empty() || name.size() > store::producer_name_bytes_max) {
    return fail(errc::invalid_argument, "a producer's name of " + std::to_string(name.size()) +
                                            " bytes, it has 1 to 128");
  }
  if (!topic.options.durable) {
    return fail(errc::invalid_argument,
                topic.name + ": producer " + name + " needs a topic that is durable");
  }
  const std::lock_guard lock{fencing};
  const auto former = named_producers.find({topic.name, name});
  if (former != named_producers.end()) {
    auto fenced = fence(topic, *former->second);
    if (!fenced) return fail(std::move(fenced.error()));
  }
  producer::notes notes;
  for (std::uint32_t partition = 0; partition < topic.options.partitions; ++partition) {
    notes.push_back(std::make_shared<actors::sequence_notes>(name, topic.name, partition));
  }
  auto made = make_publisher(to, [&](actors::publisher_link& own) {
    own.notes.assign(notes.begin(), notes.end());
    own.named = std::make_shared<actors::named_producer>();
    own.named->rings.resize(topic.options.partitions);
    own.named->entrance = own.entrance;
    named_producers[{topic.name, name}] = own.named;
  });
  if (!made) return fail(std::move(made.error()));
  producer::sequences newest;
  for (std::uint32_t partition = 0; partition < topic.options.partitions; ++partition) {
    auto last = store::last_sequence(*data, name, topic.name, partition);
    if (!last) return fail(std::move(last.error()));
    newest.push_back(*last);
  }
  return producer{std::move(*made), name, std::move(notes), std::move(newest)};
}

result<void> node::impl::fence(const topic::settings& topic, const actors::named_producer& former) {
  const auto until = machine_clock().now() + look_deadline;
  if (!close_entrance(*former.entrance, until)) {
    return fail(errc::timeout, topic.name + ": the producer's former owner does not end a publish");
  }
  for (std::uint32_t partition = 0; partition < topic.options.partitions; ++partition) {
    const auto& ring = former.rings[partition];
    if (ring == nullptr) continue;
    auto stored = std::make_shared<actors::completion<result<void>>>();
    actors::tell(places->of(topic, partition).actor,
                 actors::await_level{ring, ring->committed(), actors::publish_level::stored,
                                     stored});
    auto outcome = actors::wait(*link, *stored, look_deadline);
    if (!outcome) {
      return fail(errc::timeout, topic.name + ": what the producer's former owner has published is "
                                              "not stored yet");
    }
    if (!*outcome) return std::move(*outcome);
  }
  return {};
}

}  // namespace weir
