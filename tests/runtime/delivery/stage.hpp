// SPDX-License-Identifier: BSD-3-Clause
// A consumer on a stage: its handlers follow a script, and everything that happens (calls, effects,
// deaths) becomes a line of a transcript. Nothing here waits: the test fires timers and stores
// letters.
#pragma once

#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "weir/runtime/delivery/consumer.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

namespace delivery_tests {

using event_tests::numbered;
using weir::delivery::consumer;
using weir::delivery::effects;

/// What a call of the handler does. After the end of its script, an event is handled well.
enum class act { ok, unavailable, throws, rejected, unknown_topic, dies };

inline constexpr weir::timestamp noon{std::chrono::hours{12}};
/// Events of lane n are numbered from here on, so that a number names lane and offset.
inline constexpr std::uint64_t lane_stride = 100;

inline std::uint64_t number_of(std::uint32_t lane, std::uint64_t offset) {
  return lane * lane_stride + offset;
}

struct script {
  std::map<std::uint64_t, std::deque<act>> acts;
  std::vector<std::string> lines;
  std::vector<std::uint64_t> played;       // every call's event, in order
  std::vector<weir::timestamp> times;      // when events were given, for each as often as it was
  std::map<std::uint64_t, int> succeeded;  // how often an event was handled to its end
  std::vector<std::uint64_t> finished;     // those, in order

  /// `7 (2.1)`: event 7, delivery 2, attempt 1; plain `7` for the first call of all.
  template <class Context>
  void note(const std::string& what, const Context& where, std::size_t events = 1) {
    times.insert(times.end(), events, where.now());
    auto line = what;
    if (where.delivery_count() > 1 || where.attempt() > 1) {
      line += " (" + std::to_string(where.delivery_count()) + "." +
              std::to_string(where.attempt()) + ")";
    }
    lines.push_back(std::move(line));
  }
  act next_act(std::uint64_t number) {
    auto& left = acts[number];
    if (left.empty()) return act::ok;
    const auto now = left.front();
    left.pop_front();
    return now;
  }
  weir::result<void> play(std::uint64_t number) {
    played.push_back(number);
    switch (next_act(number)) {
      case act::ok: return {};
      case act::unavailable: return weir::fail(weir::errc::unavailable, "service");
      case act::throws: throw std::runtime_error{"thrown"};
      case act::rejected: return weir::fail(weir::errc::rejected, "bad");
      case act::unknown_topic: return weir::fail(weir::errc::unknown_topic, "gone");
      case act::dies: throw 7;
    }
    return {};
  }
};

inline weir::delivery::handler_factory following(script& text) {
  return weir::delivery::copies_of(
      [&text](const numbered& event, weir::context& where) -> weir::result<void> {
        text.note(std::to_string(event.number), where);
        auto done = text.play(event.number);
        if (done) {
          ++text.succeeded[event.number];
          text.finished.push_back(event.number);
        }
        return done;
      });
}

inline std::string to_text(const weir::topic::settled_counts& counts) {
  std::string text;
  const auto add = [&](std::uint64_t count, const char* what) {
    if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
  };
  add(counts.delivered, "delivered");
  add(counts.filtered, "filtered");
  add(counts.skipped, "skipped");
  add(counts.dead_lettered, "dead");
  add(counts.expired, "expired");
  add(counts.parked, "parked");
  return text;
}

class stage {
 public:
  explicit stage(weir::recoverability policy = {}) : stage(policy, {}) {}
  /// With handlers of its own; they may write into `text`.
  stage(weir::recoverability policy, weir::delivery::handler_factory factory,
        weir::delivery::task_limits limits = {})
      : subject("billing", policy, factory ? std::move(factory) : following(text), 1, limits) {}

  void open(std::uint32_t lane) { subject.open_lane(lane, "orders", lane + 10, 0); }
  /// The next `count` events of the lane arrive as a batch.
  void send(std::uint32_t lane, std::uint32_t count, bool settle_now = true) {
    const auto offset = subject.received(lane);
    auto events = event_tests::batch_from(number_of(lane, offset), count, offset);
    drive([&](effects& out) { subject.receive(lane, std::move(events), settle_now, now, out); });
  }
  void retry(std::uint32_t lane, std::uint64_t ticket) {
    drive([&](effects& out) { subject.retry(lane, ticket, now, out); });
  }
  /// The latest retry of the lane is due.
  void retry(std::uint32_t lane) { retry(lane, tickets.at(lane)); }
  /// The time comes for which the consumer waits to have tokens.
  void refill() {
    now = std::max(now, tokens_at);
    drive([&](effects& out) { subject.refilled(refill_ticket, now, out); });
  }
  /// The time comes at which the circuit breaker is looked at again.
  void look() {
    now = std::max(now, look_at);
    drive([&](effects& out) { subject.breaker_due(look_ticket, now, out); });
  }
  /// The time comes at which a parked event is due.
  void redeliver() {
    now = std::max(now, due_at);
    drive([&](effects& out) { subject.redelivery_due(due_ticket, now, out); });
  }
  /// The letter of the oldest that is not stored yet.
  void stored_next() {
    const auto lane = unstored.front();
    unstored.pop_front();
    stored(lane);
  }
  void stored(std::uint32_t lane) {
    drive([&](effects& out) {
      subject.letter_stored(lane, out);
      subject.go_on_behind_letters(now, out);
    });
  }
  void restart() {
    text.lines.push_back("restart");
    dead = false;
    drive([&](effects& out) { subject.restart(now, out); });
  }

  /// Runs one call of the consumer. What kills the actor is noted; its effects are kept, as the
  /// subscriber actor keeps them.
  template <class Step>
  void drive(Step step) {
    effects out;
    try {
      step(out);
    } catch (int) {
      text.lines.push_back("died");
      dead = true;
    } catch (const weir::delivery::restart_wanted&) {
      text.lines.push_back("restarts");
      dead = true;
    }
    render(out);
  }

  /// What has happened since the last look.
  std::vector<std::string> seen() { return std::exchange(text.lines, {}); }

  script text;
  consumer subject;
  std::vector<weir::delivery::dead_letter> letters;
  std::vector<effects::settlement> settlements;
  std::map<std::uint32_t, std::uint64_t> tickets;
  weir::timestamp now = noon;
  weir::timestamp tokens_at{};
  std::uint64_t refill_ticket = 0;
  weir::timestamp look_at{};
  std::uint64_t look_ticket = 0;
  weir::timestamp due_at{};
  std::uint64_t due_ticket = 0;
  std::deque<std::uint32_t> unstored;  // lanes, as of stored_next()
  bool dead = false;

 private:
  void render(const effects& out) {
    for (const auto& [lane, letter] : out.letters) {
      letters.push_back(letter);
      unstored.push_back(lane);
      const auto number = std::to_string(number_of(letter.partition - 10, letter.offset));
      text.lines.push_back(letter.state == weir::delivery::letter_state::dead
                               ? "letter " + number + ": " + to_string(letter.failure)
                               : std::string{to_string(letter.state)} + " " + number);
    }
    for (const auto& range : out.ended) {
      text.lines.push_back("ended in lane " + std::to_string(range.lane) + ": " +
                           to_text(range.counts));
    }
    for (const auto& range : out.settlements) {
      settlements.push_back(range);
      text.lines.push_back("settle lane " + std::to_string(range.lane) + " to " +
                           std::to_string(range.up_to) + ": " + to_text(range.counts));
    }
    for (const auto& again : out.retries) {
      tickets[again.lane] = again.ticket;
      text.lines.push_back("retry lane " + std::to_string(again.lane) + " after " +
                           std::to_string(again.delay / std::chrono::milliseconds{1}) + " ms");
    }
    if (out.tokens) {
      tokens_at = now + out.tokens->delay;
      refill_ticket = out.tokens->ticket;
      text.lines.push_back("tokens after " +
                           std::to_string(out.tokens->delay / std::chrono::milliseconds{1}) +
                           " ms");
    }
    if (out.breaker) {
      look_at = now + out.breaker->delay;
      look_ticket = out.breaker->ticket;
      text.lines.push_back("look after " +
                           std::to_string(out.breaker->delay / std::chrono::milliseconds{1}) +
                           " ms");
    }
    if (out.redelivery) {
      due_at = now + out.redelivery->delay;
      due_ticket = out.redelivery->ticket;
      text.lines.push_back("due after " +
                           std::to_string(out.redelivery->delay / std::chrono::seconds{1}) + " s");
    }
    if (out.halted) text.lines.push_back("halted: " + to_string(*out.halted));
  }
};

using lines = std::vector<std::string>;

}  // namespace delivery_tests
