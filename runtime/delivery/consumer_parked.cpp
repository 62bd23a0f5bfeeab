// SPDX-License-Identifier: BSD-3-Clause
// The consumer's events that wait outside of their lane. Each lane that has some gets a second one,
// aside, in which they are handled one by one, like any others: retried, deferred, buried. What
// becomes of one is told the dead-letter store, which has its letter, and then the partition.
#include <algorithm>
#include <limits>
#include <utility>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/delivery/consumer.hpp"
#include "weir/runtime/delivery/event_of_letter.hpp"
#include "weir/runtime/delivery/letter_record.hpp"

namespace weir::delivery {
namespace {

/// Lanes are numbered below it; a lane's second one is its number and this.
constexpr std::uint32_t aside_bit = std::uint32_t{1} << 31U;

}  // namespace

parked_events& consumer::parked_of(lane_progress& lane) {
  parks_ = true;
  if (lane.parked == nullptr) lane.parked = std::make_shared<parked_events>(policy_.park_key);
  return *lane.parked;
}

unsigned consumer::redeliveries_of(const lane_progress& lane) const {
  if (!lane.in_hand) return 0;
  if (lane.in_hand->redriven) return std::numeric_limits<unsigned>::max();
  return lane.in_hand->letter->redeliveries + 1;
}

void consumer::park_again(std::uint32_t id, const std::vector<parked_events::letter_ptr>& letters) {
  auto& parked = parked_of(at(id));
  for (const auto& letter : letters) parked.park({letter}, true);
}

// --- out of the lane ---

std::uint32_t consumer::first_blocked(const lane_progress& lane, const batch& events,
                                      std::uint32_t from, std::uint32_t to) {
  if (lane.aside_of || !lane.parked->blocking()) return to;
  while (from < to && !is_blocked(lane, events.envelopes()[from])) ++from;
  return from;
}

void consumer::note_parked(lane_progress& lane, const dead_letter& letter, effects& out) {
  auto& counts = progress_of(lane, letter.offset).counts;
  const bool parked = letter.state == letter_state::parked;
  if (lane.aside_of) {
    lane.reported = true;
    ++(parked ? counts.parked : counts.dead_lettered);
    const auto buried = lane.parked->failed(std::make_shared<const dead_letter>(letter));
    if (buried > 0) out.ended.push_back({*lane.aside_of, {.dead_lettered = buried}});
    return;
  }
  const bool behind_dead =
      lane.parked != nullptr && lane.parked->blocks(letter.key) &&
      lane.parked->head_is_dead(letter.key);
  const bool in_flight = parked && !behind_dead;
  ++(in_flight ? counts.parked : counts.dead_lettered);
  if (!parked && !policy_.park_key) return;
  parked_of(lane).park({std::make_shared<const dead_letter>(letter), in_flight}, false);
}

void consumer::wait_behind(lane_progress& lane, timestamp now, effects& out) {
  const auto event = lane.queue.front()[lane.index];
  ++progress_of(lane, event.offset).open;
  ++lane.index;
  lane.attempts.clear();
  lane.attempts_made = lane.deaths = 0;
  send_parked(lane, event, now, out);
}

void consumer::send_parked(lane_progress& lane, const event_view& event, timestamp now,
                           effects& out) {
  auto letter = write_letter(lane, event, {}, 0, 0);
  letter.delivery_count = 0;
  send_letter(lane, std::move(letter),
              {errc::parked, "waits behind an earlier event of its key"},
              {letter_state::parked, {}}, now, out);
}

bool consumer::pass_over(std::uint64_t id, const deferred_event& event, timestamp now,
                         effects& out) {
  auto& lane = at(event.lane);
  const auto view = event.events[event.index];
  if (!is_blocked(lane, view.header)) return false;
  handlers_.deferring()->pass_over(id);
  send_parked(lane, view, now, out);
  return true;
}

// --- aside ---

consumer::lane_progress& consumer::aside(lane_progress& lane) {
  const auto id = lane.id | aside_bit;
  if (auto* found = find(id)) return *found;
  lane_index_.emplace(id, lanes_.size());
  auto& made = lanes_.emplace_back(fresh_progress(id, lane.topic, lane.partition, 0));
  made.aside_of = lane.id;
  made.parked = lane.parked;
  made.states = lane.states;
  return made;
}

void consumer::go_on_with_parked(timestamp now, effects& out) {
  // After each batch: not a look at every lane for nothing.
  if (!parks_) return;
  std::optional<timestamp> next;
  for (std::size_t i = 0; i < lanes_.size() && !halted_; ++i) {
    auto& lane = lanes_[i];
    if (lane.parked == nullptr || lane.parked->empty() || lane.aside_of || lane.closing) continue;
    const auto* busy = find(lane.id | aside_bit);
    while (busy == nullptr || busy->unsettled.empty()) {
      auto due = lane.parked->take(now);
      if (!due) break;
      begin_aside(lane, std::move(*due), now, out);
      busy = find(lane.id | aside_bit);
    }
    if (busy != nullptr && !busy->unsettled.empty()) continue;
    const auto later = lane.parked->next_due();
    if (later && (!next || *later < *next)) next = later;
  }
  if (!next || (redelivery_at_ && *redelivery_at_ <= *next)) return;
  redelivery_at_ = next;
  out.redelivery = effects::refill{*next - now, ++redelivery_waits_};
}

void consumer::redelivery_due(std::uint64_t ticket, timestamp now, effects& out) {
  // A ticket of an earlier incarnation, or of a later time, is a late timer.
  if (!redelivery_at_ || ticket != redelivery_waits_) return;
  redelivery_at_.reset();
  complete_ready(now, out);
}

void consumer::begin_aside(lane_progress& lane, parked_events::parked next, timestamp now,
                           effects& out) {
  auto& made = aside(lane);
  auto events = event_of(*next.letter);
  made.in_hand = std::move(next);
  made.reported = false;
  made.state = lane_state::ready;
  made.index = 0;
  made.unsettled.push_back({events.end_offset(), true});
  made.queue.push_back(std::move(events));
  run(made, now, out);
}

void consumer::end_aside(lane_progress& lane, effects& out) {
  if (lane.unsettled.empty() || !lane.queue.empty()) return;
  auto& ended = lane.unsettled.front();
  if (ended.open > 0) return;
  if (!std::exchange(lane.reported, true)) {
    auto letter = *lane.in_hand->letter;
    letter.state = lane.in_hand->redriven ? letter_state::redriven : letter_state::handled;
    lane.parked->done();
    ++ended.open;
    lane.letters.push_back(letter.offset);
    if (transactions_) {
      at(*lane.aside_of).letters_done.push_back(key_of_letter(letter, letter.number, true));
    }
    out.letters.push_back({lane.id, std::move(letter)});
    return;
  }
  auto counts = ended.counts;
  counts.parked = 0;
  if (lane.in_hand->in_flight && counts.total() > 0) out.ended.push_back({*lane.aside_of, counts});
  lane.in_hand.reset();
  lane.unsettled.clear();
}

bool consumer::give_up_aside(const lane_progress& lane) {
  auto* found = find(lane.id | aside_bit);
  if (found == nullptr || found->unsettled.empty()) return true;
  if (found->unsettled.front().open > 0) return false;
  lane.parked->put_back();
  found->in_hand.reset();
  found->queue.clear();
  found->unsettled.clear();
  return true;
}

// --- what is said of letters from outside ---

result<consumer::lane_progress*> consumer::free_lane_of(const dead_letter& letter) {
  const auto found = std::find_if(lanes_.begin(), lanes_.end(), [&](const lane_progress& lane) {
    return !lane.aside_of && lane.topic == letter.topic && lane.partition == letter.partition;
  });
  if (found == lanes_.end()) return fail(errc::not_found, letter.topic + " is not handled here");
  if (found->parked != nullptr && found->parked->has_in_hand(letter.offset)) {
    return fail(errc::already_exists, "its event is being handled");
  }
  return &*found;
}

result<void> consumer::redrive(const parked_events::letter_ptr& letter, timestamp now,
                               effects& out) {
  const auto lane = free_lane_of(*letter);
  if (!lane) return fail(lane.error());
  if (halted_) return fail(errc::subscription_halted, to_string(*halted_));
  if (!parked_of(**lane).redrive(letter)) {
    return fail(errc::parked, "it waits behind an earlier event of its key");
  }
  complete_ready(now, out);
  return {};
}

result<void> consumer::rehearse(const parked_events::letter_ptr& letter, timestamp now) {
  if (auto lane = free_lane_of(*letter); !lane) return fail(std::move(lane.error()));
  consumer other{subscription_, {}, factory_, chance_(), limits_};
  if (transactions_) other.transact(*transactions_);
  other.open_lane(0, letter->topic, letter->partition, 0);
  effects seen;
  try {
    if (auto taken = other.redrive(letter, now, seen); !taken) return taken;
  } catch (...) {
    return fail(errc::subscriber_died, "the handler would end its subscriber");
  }
  if (seen.halted) return fail(std::move(*seen.halted));
  if (seen.letters.empty()) {
    return fail(errc::unavailable, "the handler waits for something, and so cannot be rehearsed");
  }
  auto& said = seen.letters.front().content;
  if (said.state == letter_state::redriven) return {};
  return fail(std::move(said.failure));
}

result<void> consumer::edit(const parked_events::letter_ptr& letter) {
  const auto lane = free_lane_of(*letter);
  if (!lane) return fail(lane.error());
  if ((*lane)->parked != nullptr) (*lane)->parked->replace(letter);
  return {};
}

result<void> consumer::discard(const dead_letter& letter, timestamp now, effects& out) {
  const auto lane = free_lane_of(letter);
  if (!lane) return fail(lane.error());
  if ((*lane)->parked == nullptr) return {};
  const auto gone = (*lane)->parked->discard(letter.offset);
  if (gone && gone->in_flight) out.ended.push_back({(*lane)->id, {.dead_lettered = 1}});
  complete_ready(now, out);
  return {};
}

}  // namespace weir::delivery
