// SPDX-License-Identifier: BSD-3-Clause
// Sequences, and where they are noted.
#include "weir/actors/broker/producer.hpp"

#include <algorithm>

#include "weir/actors/broker/publisher_link.hpp"
#include "weir/actors/broker/sequence_notes.hpp"

namespace weir {

producer::producer(publisher to, std::string name, notes kept_with, sequences newest)
    : to_(std::move(to)),
      name_(std::move(name)),
      notes_(std::move(kept_with)),
      newest_(std::move(newest)),
      simulated_(to_.link_->node->faults != nullptr) {}

bool producer::brought_twice(std::uint64_t sequence) const {
  return to_.link_->node->faults->strikes(sim::fault::brought_twice, topic().name, sequence)
      .has_value();
}

std::optional<std::uint64_t> producer::newest() const noexcept {
  return *std::max_element(newest_.begin(), newest_.end());
}

result<std::uint32_t> producer::place(const event_type& type, const void* payload,
                                      std::uint64_t sequence,
                                      const topic::publish_options& options) const {
  if (given_ && sequence < *given_) {
    return fail(errc::invalid_argument, name_ + ": sequence " + std::to_string(sequence) +
                                            " comes after " + std::to_string(*given_) + " in " +
                                            topic().name);
  }
  return to_.core_.partition_for(type, payload, options);
}

void producer::begin(std::uint32_t partition, std::uint64_t sequence) {
  // Before the event, which may be taken as soon as it is there.
  notes_[partition]->push(sequence);
}

void producer::end(std::uint32_t partition, std::uint64_t sequence, bool published) {
  if (!published) return notes_[partition]->withdraw();
  newest_[partition] = given_ = sequence;
}

}  // namespace weir
