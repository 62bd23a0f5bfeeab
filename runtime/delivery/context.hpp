// SPDX-License-Identifier: BSD-3-Clause
// What a handler sees beside the payload: the envelope, where the event stands, and a way to
// publish. What an attempt publishes is staged, shown when the batch is done, and forgotten if it
// fails.
//
// Owned by a consumer and, like it, outlives the subscriber actor: index() is how a new incarnation
// knows which event ended the old one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/runtime/codec/codec.hpp"
#include "weir/runtime/core/random.hpp"
#include "weir/runtime/delivery/partition_state.hpp"
#include "weir/runtime/event/batch.hpp"
#include "weir/runtime/topic/publisher.hpp"

namespace weir {

/// Anything that names a topic a handler may publish to.
template <class T>
concept names_topic = requires(const T& value) {
  { value.shared_settings() } -> std::convertible_to<std::shared_ptr<const topic::settings>>;
};

namespace delivery {
/// What context::idempotency_key() and chance() are made of, of an event in a subscription.
std::string idempotency_key(std::string_view subscription, event_id id);
std::uint64_t chance_seed(std::string_view subscription, event_id id);
}  // namespace delivery

/// Valid only during the call that received it, on that thread.
class context {
 public:
  explicit context(std::uint64_t seed) : seeds_(seed) {}
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  const envelope& header() const noexcept { return envelopes_[index_]; }
  std::string_view key() const noexcept { return header().key; }
  std::uint64_t offset() const noexcept { return first_offset_ + index_; }
  /// The partition, numbered within its topic.
  std::uint32_t partition() const noexcept { return partition_; }
  /// 1 the first time; higher when earlier deliveries ended their subscriber.
  unsigned delivery_count() const noexcept { return delivery_count_; }
  /// 1 for the first call of this delivery, then one more for each retry in place.
  unsigned attempt() const noexcept { return attempt_; }
  /// When the handling of the current batch began.
  timestamp now() const noexcept { return now_; }
  /// It was delivered again later, or redriven, and its key did not wait: later events of the key
  /// may have been handled before it.
  bool overtaken() const noexcept { return overtaken_; }

  /// Publishes when the current event's handling succeeds; the event carries this one's correlation
  /// id and, as its cause, this one's id. Errors: errc::event_too_large, errc::missing_key, and
  /// errc::backpressure if one call publishes more than the ring holds.
  template <names_topic Topic, event_payload T>
  result<void> publish(const Topic& to, T&& value, topic::publish_options options = {}) {
    codec::ensure_enrolled<T>();
    options.causation_id = header().id;
    if (!options.correlation_id) options.correlation_id = header().correlation_id();
    auto built = outlet(to.shared_settings()).build(std::forward<T>(value), now_, options);
    if (!built) return tl::unexpected<error>(std::move(built.error()));
    staged_ = true;
    return {};
  }

  /// What a transactional handler keeps under this name, in the partition of the current event;
  /// made at its first use. Throws std::logic_error, which ends the attempt, if the subscription is
  /// not transactional (see subscription::transactional), or the name is used with other types.
  ///
  ///     auto& totals = context.state<std::string, std::int64_t>("totals");
  ///     return totals.update(order.customer_id, [&](auto& sum) { sum += order.cents; });
  template <state_key K, class V>
  keyed_state<K, V>& state(std::string_view name) {
    staged_ = true;
    return states().template get<K, V>(name);
  }

  /// The same for each attempt at and each delivery of this event to this subscription, also after
  /// a crash, if its topic is durable; and for no other. For services that take such a key to do
  /// once what they are asked several times.
  std::string idempotency_key() const;
  /// Dice that fall the same way at each attempt and each delivery, as idempotency_key() says, on
  /// any machine, in simulations, and in the test that is written of a dead letter. Each call gives
  /// them from the beginning.
  random chance() const { return random{chance_seed(header().id)}; }

  /// Publishes for no attempt, while none is under way: only commit() is left to do. Gives the
  /// partition and its ring. Errors as of publish(), errc::backpressure if the ring is full: then
  /// `value` is untouched.
  template <names_topic Topic, event_payload T>
  result<std::pair<std::uint32_t, std::shared_ptr<topic::ring>>> publish_now(
      const Topic& to, T&& value, timestamp now, const topic::publish_options& options) {
    codec::ensure_enrolled<T>();
    auto& through = outlet(to.shared_settings());
    auto built = through.build(std::forward<T>(value), now, options);
    if (!built) return tl::unexpected<error>(std::move(built.error()));
    through.accept();
    return std::pair{*built, through.ring_of(*built)};
  }

  // --- for handlers that wait for something ---

  /// The current event is neither done nor failed yet: it will be completed under this number. The
  /// handler goes on with other events; nothing behind the event is settled meanwhile.
  std::uint64_t defer() {
    deferred_.push_back({next_deferral_, index_});
    return next_deferral_++;
  }
  /// The number that defer() will give.
  std::uint64_t next_deferral() const noexcept { return next_deferral_; }
  /// The handler waits for too much: stop after the current event, go on when something completes.
  void pause() noexcept { paused_ = true; }

  // --- for whoever drives handlers ---

  struct deferral {
    std::uint64_t id;
    std::uint32_t index;
  };
  std::vector<deferral>& deferrals() noexcept { return deferred_; }
  bool paused() const noexcept { return paused_; }
  bool take_paused() noexcept { return std::exchange(paused_, false); }
  /// A call of several events at once; `end` is behind the last. One that is not taken back by the
  /// handler was in vain: its events are to be given one by one.
  struct wide_call {
    std::uint32_t end = 0;
    std::uint32_t events = 0;
  };
  void begin_wide(wide_call what) noexcept { wide_ = what; }
  wide_call take_wide() noexcept { return std::exchange(wide_, {}); }
  /// So many of the events that are passed by were filtered.
  void leave_out(std::uint32_t events) noexcept { left_out_ += events; }
  std::uint32_t left_out() const noexcept { return left_out_; }
  std::uint32_t take_left_out() noexcept { return std::exchange(left_out_, 0U); }

  std::uint64_t chance_seed(event_id id) const;
  /// For tests of one event: whatever event it is, its dice have this seed.
  void fix_chance(std::uint64_t seed) noexcept { fixed_chance_ = seed; }
  /// Whose handlers it is for.
  void serve(std::string subscription) { subscription_ = std::move(subscription); }
  /// What is published to durable topics is from now on taken with take_outputs(), and not shown by
  /// commit().
  void transact() noexcept { transacts_ = true; }

  struct position {
    std::uint32_t partition;
    unsigned delivery_count;
    unsigned attempt;
    timestamp now;
    delivery::partition_state* states = nullptr;
    bool overtaken = false;
  };
  void open(const batch& events, const position& where) noexcept;
  void at(std::uint32_t index) noexcept { index_ = index; }
  std::uint32_t index() const noexcept { return index_; }
  /// True if the current attempt has staged anything.
  bool staged() const noexcept { return staged_; }
  /// What the current attempt stages is not accepted, whatever its handler says: for simulations
  /// of handlers that fail when all is done. Holds until the next attempt.
  void withhold(bool wanted) noexcept { withheld_ = wanted; }
  /// The attempt succeeded. False if its rings are too full to begin another.
  bool accept() noexcept;
  /// The attempt failed: what it staged is forgotten.
  void reject() noexcept;
  /// Asks to be woken when the full rings have room; false if they have it already.
  bool want_room() noexcept;
  bool has_room() const noexcept;
  /// Commits what is accepted; `committed(settings, partition, ring, first_use, half_full)`
  /// wakes partitions.
  template <class Committed>
  void commit(Committed&& committed);
  /// Of a transactional consumer: takes what is accepted for durable topics, in the order of each
  /// partition: `take(settings, partition, batch)`. True if rings that were full have room now.
  template <class Take>
  bool take_outputs(Take&& take);
  /// `visit(settings, partition, ring)` for each ring that a partition knows.
  template <class Visit>
  void visit_rings(Visit&& visit) const;

 private:
  topic::publisher& outlet(const std::shared_ptr<const topic::settings>& to);
  delivery::partition_state& states() const;
  bool is_output(const topic::publisher& through) const noexcept {
    return transacts_ && through.topic().options.durable;
  }

  const envelope* envelopes_ = nullptr;
  std::uint64_t first_offset_ = 0;
  std::uint32_t index_ = 0;
  std::uint32_t partition_ = 0;
  unsigned delivery_count_ = 1;
  unsigned attempt_ = 1;
  timestamp now_{};
  delivery::partition_state* states_ = nullptr;
  std::optional<std::uint64_t> fixed_chance_{};
  bool overtaken_ = false;
  bool staged_ = false;
  bool withheld_ = false;
  bool transacts_ = false;
  bool paused_ = false;
  std::uint32_t left_out_ = 0;
  wide_call wide_{};
  std::uint64_t next_deferral_ = 1;
  std::vector<deferral> deferred_;
  random seeds_;
  std::string subscription_;
  std::vector<std::unique_ptr<topic::publisher>> outlets_;  // by topic index
};

template <class Committed>
void context::commit(Committed&& committed) {
  for (auto& outlet : outlets_) {
    if (outlet == nullptr || is_output(*outlet)) continue;
    outlet->commit([&](std::uint32_t partition, const std::shared_ptr<topic::ring>& ring,
                       bool first_use, bool half_full) {
      committed(outlet->topic(), partition, ring, first_use, half_full);
    });
  }
}

template <class Take>
bool context::take_outputs(Take&& take) {
  bool room_made = false;
  for (auto& outlet : outlets_) {
    if (outlet == nullptr || !is_output(*outlet)) continue;
    outlet->commit([](auto&&...) {});
    outlet->visit_rings([&](std::uint32_t partition, const std::shared_ptr<topic::ring>& ring) {
      for (auto events = ring->take(); !events.empty(); events = ring->take()) {
        take(outlet->topic(), partition, std::move(events));
      }
      room_made = ring->room_made() || room_made;
    });
  }
  return room_made;
}

template <class Visit>
void context::visit_rings(Visit&& visit) const {
  for (const auto& outlet : outlets_) {
    if (outlet == nullptr || is_output(*outlet)) continue;
    outlet->visit_rings([&](std::uint32_t partition, const std::shared_ptr<topic::ring>& ring) {
      visit(outlet->topic(), partition, ring);
    });
  }
}

}  // namespace weir
