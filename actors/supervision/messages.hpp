// SPDX-License-Identifier: BSD-3-Clause
// What subscribers, supervisors and the dead-letter actor say to each other.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "weir/actors/base/messages.hpp"
#include "weir/runtime/delivery/dead_letter_store.hpp"
#include "weir/runtime/supervision/supervisor.hpp"

namespace weir::actors {

/// One event that could not be processed.
struct failed_letter {
  lane_id lane;
  weir::delivery::dead_letter content;
};
/// Behind a pointer: a message must be copyable, a failure's story need not be copied.
using failed_letters = std::shared_ptr<std::vector<failed_letter>>;

/// What the dead-letter store said to a subscription. It outlives the subscriber, so that an answer
/// that arrives between two incarnations is not lost.
class letter_answers {
 public:
  struct content {
    std::vector<lane_id> kept;
    std::optional<error> refused;
  };
  void kept(lane_id lane) {
    const std::lock_guard lock{access_};
    content_.kept.push_back(lane);
  }
  void refused(error reason) {
    const std::lock_guard lock{access_};
    content_.refused = std::move(reason);
  }
  content take() {
    const std::lock_guard lock{access_};
    return std::exchange(content_, {});
  }

 private:
  std::mutex access_;
  content content_;
};
using letter_answers_ptr = std::shared_ptr<letter_answers>;

/// Subscriber to supervisor: these events could not be processed.
struct events_failed {
  supervision::child_id child;
  failed_letters letters;
  letter_answers_ptr answers;
};
/// Supervisor to dead-letter actor, which writes its answers down and says letters_answered.
struct keep_letters {
  events_failed failure;
  caf::actor answer_to;
};
/// To the supervisor, and from it to the living incarnation.
struct letters_answered {
  supervision::child_id child;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::events_failed)
WEIR_LOCAL_MESSAGE(weir::actors::keep_letters)
WEIR_LOCAL_MESSAGE(weir::actors::letters_answered)
