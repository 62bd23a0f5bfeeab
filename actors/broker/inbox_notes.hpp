// SPDX-License-Identifier: BSD-3-Clause
// The ids of the messages that the events in a ring of an inbox were: each is kept in the commit
// that stores its event.
#pragma once

#include <string>

#include "weir/actors/broker/ring_notes.hpp"
#include "weir/runtime/store/inbox_record.hpp"

namespace weir::actors {

class inbox_notes final : public ring_notes {
 public:
  inbox_notes(std::string topic, std::uint64_t horizon)
      : topic_(std::move(topic)), horizon_(horizon) {}

  void push(std::uint64_t number, std::string_view id) { ids_.push({number, std::string{id}}); }
  void withdraw() { ids_.withdraw(); }
  void take(std::uint32_t events, store::changes& to) override {
    ids_.take(events, [&](const message& one) {
      store::put_message(to, topic_, one.number, one.id, horizon_);
    });
  }

 private:
  struct message {
    std::uint64_t number;
    std::string id;
  };
  std::string topic_;
  std::uint64_t horizon_;
  note_queue<message> ids_;
};

}  // namespace weir::actors
