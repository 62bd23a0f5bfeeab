// SPDX-License-Identifier: BSD-3-Clause
// What the actors of the event path say to each other. Every message is about a batch or rarer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/actors/base/gathering.hpp"
#include "weir/actors/base/room_signal.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/event/batch.hpp"
#include "weir/runtime/topic/partition.hpp"
#include "weir/runtime/topic/ring.hpp"
#include "weir/runtime/topic/start_position.hpp"

namespace weir::actors {

/// A partition of any topic, numbered over the whole node.
using lane_id = std::uint32_t;

// --- to a partition ---

/// The doorbell: a ring has something. Sent once, however much that is.
struct doorbell_rung {};
class ring_notes;
/// A publisher's ring exists from now on.
struct ring_joined {
  std::shared_ptr<topic::ring> ring;
  waker owner;
  std::shared_ptr<ring_notes> notes{};  // what is stored with its events; null: nothing
};
/// A subscriber is ready for what follows `received`: sent at its start and at each restart.
struct subscriber_ready {
  topic::cursor_slot slot;
  std::uint64_t received;
  caf::actor subscriber;
};
/// Everything below `up_to` is settled. With `rest_delivered`, what `counts` does not mention was.
struct settled {
  topic::cursor_slot slot;
  std::uint64_t up_to;
  topic::settled_counts counts;
  bool rest_delivered = false;
  /// The store has the position already: it was part of a transaction.
  bool position_kept = false;
};
/// Events that were settled as parked have ended like this.
struct unparked {
  topic::cursor_slot slot;
  topic::settled_counts counts;
};
/// The subscription handles nothing more; what it had is kept.
struct cursor_halted {
  topic::cursor_slot slot;
};
/// A subscription that begins while events flow wants a cursor.
struct opened_lane {
  lane_id lane;
  topic::cursor_slot slot;
  std::uint64_t start;
};
struct cursor_wanted {
  topic::subscription_id id;
  std::uint32_t credit;
  overflow policy;
  start_position from;
  bool paused;
  gathering_ptr<result<opened_lane>> answer;
};
/// The subscription has ended: nothing is kept for it any more.
struct closed_lane {
  lane_id lane;
  topic::cursor last;
  std::uint64_t next_offset;
};
struct cursor_unwanted {
  topic::cursor_slot slot;
  gathering_ptr<closed_lane> answer;
};
/// Hands out nothing more of it until it is resumed.
struct cursor_paused {
  topic::cursor_slot slot;
  bool paused;
  gathering_ptr<lane_id> answer;
};
enum class publish_level : std::uint8_t { accepted, stored, handled };
/// Complete this when the ring's first `published` events have reached the level.
struct await_level {
  std::shared_ptr<topic::ring> ring;
  std::uint64_t published;
  publish_level level;
  completion_ptr<result<void>> done;
};

// --- between an enricher and its service ---

/// To a service: a vector of its requests behind the pointer. It answers with service_answer.
struct service_ask {
  std::uint64_t ticket;
  std::shared_ptr<const void> requests;
  caf::actor answer_to;
};
/// From a service: a vector of result<Reply>, in the order of the requests.
struct service_answer {
  std::uint64_t ticket;
  std::shared_ptr<const void> answers;
};

// --- from a partition ---

/// Events for a subscriber, in the order of the lane. A user's own actor handles this message and
/// answers with settle().
struct delivery {
  lane_id lane;
  batch events;
  /// Settle when done with this batch; otherwise it may be settled together with a later one.
  bool settle_now;
  /// Where the delivery before this one ended. Events between that and this one's first offset were
  /// dropped: the subscription's overflow policy is lossy, and it lagged a whole ring behind.
  std::uint64_t follows;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::doorbell_rung)
WEIR_LOCAL_MESSAGE(weir::actors::ring_joined)
WEIR_LOCAL_MESSAGE(weir::actors::subscriber_ready)
WEIR_LOCAL_MESSAGE(weir::actors::settled)
WEIR_LOCAL_MESSAGE(weir::actors::unparked)
WEIR_LOCAL_MESSAGE(weir::actors::cursor_halted)
WEIR_LOCAL_MESSAGE(weir::actors::cursor_wanted)
WEIR_LOCAL_MESSAGE(weir::actors::cursor_unwanted)
WEIR_LOCAL_MESSAGE(weir::actors::cursor_paused)
WEIR_LOCAL_MESSAGE(weir::actors::await_level)
WEIR_LOCAL_MESSAGE(weir::actors::service_ask)
WEIR_LOCAL_MESSAGE(weir::actors::service_answer)
WEIR_LOCAL_MESSAGE(weir::actors::delivery)
