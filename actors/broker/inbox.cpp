// SPDX-License-Identifier: BSD-3-Clause
// Claiming ids, and what becomes of claims.
#include "weir/actors/broker/inbox.hpp"

#include "weir/actors/broker/inbox_notes.hpp"
#include "weir/actors/broker/publisher_link.hpp"
#include "weir/actors/broker/shared_inbox.hpp"
#include "weir/runtime/core/hash.hpp"

namespace weir {

inbox::inbox(publisher to, std::shared_ptr<actors::shared_inbox> shared, notes kept_with)
    : to_(std::move(to)),
      shared_(std::move(shared)),
      notes_(std::move(kept_with)),
      simulated_(to_.link_->node->faults != nullptr) {}

bool inbox::brought_twice(std::string_view message_id) {
  // An id may be any bytes, and a place is a word in a plan.
  return to_.link_->node->faults
      ->strikes(sim::fault::brought_twice, topic().name, stable_hash(message_id))
      .has_value();
}

result<bool> inbox::reach(const entry& one, wait_for level, duration deadline) {
  if (level == wait_for::accepted) return one.number != 0;
  if (auto reached = to_.await(one.where, level, deadline); !reached) {
    return fail(std::move(reached.error()));
  }
  return one.number != 0;
}

result<inbox::entry> inbox::begin(const event_type& type, const void* payload,
                                  std::string_view message_id,
                                  const topic::publish_options& options) {
  if (message_id.empty() || message_id.size() > store::message_id_bytes_max) {
    return fail(errc::invalid_argument, topic().name + ": a message id of " +
                                            std::to_string(message_id.size()) +
                                            " bytes, it has 1 to 256");
  }
  const auto partition = to_.core_.partition_for(type, payload, options);
  if (!partition) return fail(partition.error());
  auto claim = shared_->claim_for(message_id);
  switch (claim.found) {
    case actors::shared_inbox::state::published: return entry{0, std::move(claim.where)};
    case actors::shared_inbox::state::pending:
      return fail(errc::unavailable,
                  topic().name + ": another thread is publishing message " +
                      std::string{message_id});
    case actors::shared_inbox::state::fresh: break;
  }
  // Before the event, which may be taken as soon as it is there.
  notes_[*partition]->push(claim.number, message_id);
  return entry{claim.number, {*partition, nullptr, 0}};
}

void inbox::end(entry& one, std::string_view message_id, bool published) {
  auto& [partition, ring, position] = one.where;
  if (!published) {
    notes_[partition]->withdraw();
    return shared_->give_back(message_id, one.number);
  }
  ring = to_.core_.ring_of(partition);
  position = ring->committed();
  shared_->published(message_id, one.number, one.where);
}

}  // namespace weir
