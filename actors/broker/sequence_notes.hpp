// SPDX-License-Identifier: BSD-3-Clause
// The sequences of the events in a ring of a named producer: that of the newest is kept in the
// commit that stores them.
#pragma once

#include <string>

#include "weir/actors/broker/ring_notes.hpp"
#include "weir/runtime/store/sequence_record.hpp"

namespace weir::actors {

class sequence_notes final : public ring_notes {
 public:
  sequence_notes(std::string producer, std::string topic, std::uint32_t partition)
      : producer_(std::move(producer)), topic_(std::move(topic)), partition_(partition) {}

  void push(std::uint64_t sequence) { sequences_.push(sequence); }
  void withdraw() { sequences_.withdraw(); }
  void take(std::uint32_t events, store::changes& to) override {
    std::uint64_t newest = 0;
    sequences_.take(events, [&](std::uint64_t sequence) { newest = sequence; });
    store::put_sequence(to, producer_, topic_, partition_, newest);
  }

 private:
  std::string producer_;
  std::string topic_;
  std::uint32_t partition_;
  note_queue<std::uint64_t> sequences_;
};

}  // namespace weir::actors
