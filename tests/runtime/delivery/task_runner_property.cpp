// SPDX-License-Identifier: BSD-3-Clause
// Random histories of coroutine handlers: each event's handler sleeps, asks, fails, throws or ends
// its subscriber as its script says, under a random interleaving of batches, answers, time, stored
// letters and restarts. However it goes: keys in order and never twice at once, no more keys in
// progress than allowed nor than there are permits, which others want too; every event ends once,
// settled ranges are dense and count right.
#include <set>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/task_stage.hpp"

using namespace delivery_tests;
using weir::result;
using weir::task;
using weir::task_context;

namespace {

enum class move { sleep, ask, fail, fail_for_good, die };

class history {
 public:
  /// In a bulkhead of so many, or in none.
  history(std::uint32_t keys, std::uint32_t at_most)
      : keys_(keys),
        shared_(std::make_shared<weir::permits>(weir::bulkhead{"all", std::max(at_most, 1U)})),
        other_(shared_),
        confined_(at_most > 0),
        with_(handler(), {.keys = keys}, policy()) {
    if (confined_) with_.on.subject.confine(shared_);
    attend();
    leave();
    for (std::uint32_t lane = 0; lane < 2; ++lane) {
      with_.on.open(lane);
      ends_.push_back(*rc::gen::inRange<std::uint64_t>(0, 12));
      for (std::uint64_t offset = 0; offset < ends_[lane]; ++offset) {
        if (*rc::gen::inRange(0, 3) == 0) continue;  // done at once
        scripts_[number_of(lane, offset)] = *rc::gen::container<std::deque<move>>(
            rc::gen::weightedElement<move>({{3, move::sleep},
                                            {5, move::ask},
                                            {3, move::fail},
                                            {1, move::fail_for_good},
                                            {1, move::die}}));
      }
    }
  }

  void step() {
    const auto lane = *rc::gen::inRange(0U, 2U);
    switch (*rc::gen::inRange(0, 12)) {
      case 0:
      case 1: send(lane, *rc::gen::inRange<std::uint64_t>(1, 5)); break;
      case 2: with_.pass(std::chrono::milliseconds{*rc::gen::inRange(0, 3000)}); break;
      case 3: store_letter(); break;
      case 4: restart(); break;
      case 5:
        given_ = false;
        others_ = other_.enter(1);
        break;
      case 6: leave(); break;
      case 7: take_turn(); break;
      default: answer(*rc::gen::arbitrary<bool>()); break;
    }
    recover();
  }
  void finish() {
    for (std::uint32_t lane = 0; lane < 2; ++lane) {
      send(lane, ends_[lane]);
      recover();
    }
    leave();
    // A script may sleep and ask many times before it says anything.
    for (int idle = 0; idle < 60;) {
      recover();
      const auto before = with_.on.text.lines.size();
      take_turn();
      recover();
      answer(false);
      recover();
      with_.pass(std::chrono::seconds{5});
      recover();
      while (stored_ < with_.on.letters.size()) store_letter();
      idle = before == with_.on.text.lines.size() ? idle + 1 : 0;
    }
    for (std::uint32_t lane = 0; lane < 2; ++lane) {
      require(settled_[lane] == ends_[lane], "not everything was settled");
    }
    require(running_.empty(), "something still runs");
    require(shared_->now().taken == 0, "a permit was kept");
    require(shared_->now().waiting == 0, "somebody waits for a permit");
  }

 private:
  static weir::recoverability policy() {
    return {.in_place = {.retries = *rc::gen::inRange(0U, 3U),
                         .delays = *rc::gen::arbitrary<bool>()
                                       ? weir::fixed(std::chrono::seconds{1})
                                       : weir::no_backoff()},
            .max_deliveries = *rc::gen::inRange(1U, 3U),
            .on_exhausted = *rc::gen::element(weir::exhausted_action::dead_letter,
                                              weir::exhausted_action::skip)};
  }
  /// What shares an order with the event.
  std::uint64_t order_of(std::uint64_t number) const {
    return keys_ == 0 ? number / lane_stride : number % 10 % 4;
  }
  plan handler() {
    return [this](const numbered& event, task_context& context) -> task<result<void>> {
      const auto number = event.number;
      const running mark{*this, number};
      auto& script = scripts_[number];
      while (!script.empty()) {
        const auto next = script.front();
        script.pop_front();
        switch (next) {
          case move::sleep: co_await context.sleep(std::chrono::milliseconds{700}); break;
          case move::ask: static_cast<void>(co_await context.ask(the_oracle, number)); break;
          case move::fail: co_return weir::fail(weir::errc::unavailable, "scripted");
          case move::fail_for_good: throw std::invalid_argument{"scripted"};
          case move::die: throw 7;
        }
      }
      co_return result<void>{};
    };
  }
  /// Lives in the frame of a handler, and goes with it.
  struct running {
    running(history& past, std::uint64_t event) : past_(past), number(event) {
      const auto order = past.order_of(number);
      past.require(past.running_.insert(order).second, "two of one key at once");
      past.require(past.keys_ == 0 || past.running_.size() <= past.keys_, "too many keys");
      if (past.confined_) {
        past.require(past.running_.size() + past.others_ <= past.shared_->now().taken,
                     "in progress without a permit");
      }
      auto& last = past.last_of_[{number / lane_stride, order}];
      past.require(last <= number, "out of order");
      last = number;
    }
    running(const running&) = delete;
    ~running() { past_.running_.erase(past_.order_of(number)); }
    history& past_;
    std::uint64_t number;
  };

  void attend() {
    with_.on.subject.attend_bulkhead([this] { turn_ = true; });
  }
  void take_turn() {
    if (!std::exchange(turn_, false) || with_.on.dead) return;
    with_.on.drive([&](effects& out) { with_.on.subject.permitted(with_.time, out); });
  }
  /// The other that wants permits.
  void leave() {
    others_ = 0;
    given_ = false;
    other_.leave();
    other_.attend([this] { given_ = true; });
  }

  void send(std::uint32_t lane, std::uint64_t count) {
    count = std::min(count, ends_[lane] - with_.on.subject.received(lane));
    if (count > 0) with_.send(lane, static_cast<std::uint32_t>(count), 4);
  }
  void answer(bool some) {
    with_.collect();
    for (const auto& [number, ticket] : std::map{with_.open}) {
      if (some && *rc::gen::arbitrary<bool>()) continue;
      // An earlier answer may have ended the subscriber, and with it the question.
      if (with_.on.dead) return;
      if (with_.open.contains(number)) with_.answer(number);
    }
  }
  void restart() {
    with_.open.clear();
    with_.timer.reset();
    with_.on.subject.end_incarnation();
    require(running_.empty(), "something runs on after its incarnation");
    turn_ = false;
    attend();
    with_.on.restart();
    with_.collect();
  }
  void store_letter() {
    if (stored_ < with_.on.letters.size()) {
      with_.on.stored(with_.on.letters[stored_++].partition - 10);
    }
  }
  void recover() {
    while (with_.on.dead) restart();
    check_settlements();
    // One that was given and not yet taken is nobody's.
    if (confined_) {
      const auto wanted = running_.size() + others_ + (turn_ ? 1 : 0) + (given_ ? 1 : 0);
      require(shared_->now().taken <= wanted, "a permit for what is not in progress");
    }
  }
  void check_settlements() {
    auto& all = with_.on.settlements;
    for (; checked_ < all.size(); ++checked_) {
      const auto& range = all[checked_];
      require(range.up_to > settled_[range.lane], "a settlement goes back");
      weir::topic::settled_counts counts;
      for (auto offset = settled_[range.lane]; offset < range.up_to; ++offset) {
        const auto number = number_of(range.lane, offset);
        const auto times = with_.on.text.succeeded[number];
        const auto letters = letters_of(number);
        require(times + letters <= 1, "ended twice");
        if (times == 1) ++counts.delivered;
        if (letters == 1) ++counts.dead_lettered;
        if (times + letters == 0) ++counts.skipped;
      }
      require(counts == range.counts, "a settlement counts something else");
      settled_[range.lane] = range.up_to;
    }
  }
  int letters_of(std::uint64_t number) const {
    int letters = 0;
    for (std::size_t i = 0; i < with_.on.letters.size(); ++i) {
      const auto& letter = with_.on.letters[i];
      if (number_of(letter.partition - 10, letter.offset) != number) continue;
      ++letters;
      require(i < stored_, "settled before its letter was stored");
    }
    return letters;
  }
  void require(bool holds, const std::string& claim) const {
    if (holds) return;
    auto told = claim + "\n";
    for (const auto& line : with_.on.text.lines) told += "  " + line + "\n";
    RC_FAIL(told);
  }

  std::uint32_t keys_;
  std::shared_ptr<weir::permits> shared_;
  weir::permits::place other_;
  std::uint32_t others_ = 0;
  bool confined_;
  bool turn_ = false;
  bool given_ = false;  // to the other
  std::map<std::uint64_t, std::deque<move>> scripts_;
  std::set<std::uint64_t> running_;  // orders
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> last_of_;
  std::vector<std::uint64_t> ends_;
  std::map<std::uint32_t, std::uint64_t> settled_;
  std::size_t stored_ = 0;
  std::size_t checked_ = 0;
  task_stage with_;  // last: its frames refer to the members above
};

}  // namespace

TEST_CASE("handlers that wait keep order, limits and the ledger, whatever happens",
          "[delivery][property]") {
  for (const std::uint32_t keys : {0U, 1U, 3U, 100U}) {
    rc::prop("with " + std::to_string(keys) + " keys at once", [keys] {
      history past{keys, *rc::gen::inRange(0U, 4U)};
      for (int steps = *rc::gen::inRange(0, 60); steps > 0; --steps) past.step();
      past.finish();
    });
  }
}
