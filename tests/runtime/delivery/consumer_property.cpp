// SPDX-License-Identifier: BSD-3-Clause
// Random histories of a consumer: random acts of its handlers and filters, and a random
// interleaving of batches, late messages, timers, answers, stored letters, deaths and restarts.
// However it goes, every event must end exactly once, in order, and be settled only then.
#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/runtime/delivery/event_filter.hpp"
#include "weir/tests/runtime/delivery/batch_script.hpp"
#include "weir/tests/runtime/delivery/deferring.hpp"

using namespace delivery_tests;

namespace {

enum class fate { delivered, filtered, skipped, dead };

enum class kind { plain, deferring, batches };

// What a filter does with an event, whenever it is asked.
enum class answer { yes, no, throws, dies };

answer asked(const std::map<std::uint64_t, answer>& answers, std::uint64_t number) {
  const auto found = answers.find(number);
  return found == answers.end() ? answer::yes : found->second;
}

// What must become of an event with these acts, by the words of the policy alone.
fate expected_fate(std::deque<act> acts, const weir::recoverability& policy) {
  unsigned attempts = 0, deaths = 0;
  for (;; acts.pop_front()) {
    if (acts.empty() || acts.front() == act::ok) return fate::delivered;
    if (acts.front() == act::rejected) return fate::dead;
    if (acts.front() == act::dies) {
      attempts = 0;
      if (++deaths >= policy.max_deliveries) return fate::dead;
    } else if (++attempts > policy.in_place.retries) {
      return policy.on_exhausted == weir::exhausted_action::skip ? fate::skipped : fate::dead;
    }
  }
}

weir::recoverability any_policy() {
  weir::recoverability policy;
  policy.in_place.retries = *rc::gen::inRange(0U, 3U);
  if (*rc::gen::arbitrary<bool>()) policy.in_place.delays = weir::fixed(std::chrono::seconds{1});
  policy.max_deliveries = *rc::gen::inRange(1U, 4U);
  policy.on_exhausted =
      *rc::gen::element(weir::exhausted_action::dead_letter, weir::exhausted_action::skip);
  return policy;
}

class history {
 public:
  explicit history(kind what)
      : policy_(any_policy()),
        with_(policy_, [this, what](deferring_stage& own) { return handlers(what, own); }),
        on_(with_.on) {
    if (*rc::gen::arbitrary<bool>()) {
      rate_ = {10, *rc::gen::inRange(1U, 6U)};
      on_.subject.limit(*rate_);
    }
    for (std::uint32_t lane = 0; lane < 2; ++lane) {
      ends_.push_back(*rc::gen::inRange<std::uint64_t>(0, 12));
      for (std::uint64_t offset = 0; offset < ends_[lane]; ++offset) {
        write_acts(number_of(lane, offset), what == kind::deferring);
      }
    }
    with_.pause_at = *rc::gen::element<std::size_t>(1, 3, 1000);
    with_.to_defer = defers_;
    plan_ = on_.text.acts;
  }

  void step() {
    const auto lane = *rc::gen::inRange(0U, 2U);
    switch (*rc::gen::inRange(0, 14)) {
      case 0:
      case 1:
      case 2:
      case 3: send(lane); break;
      case 4: send_late(lane); break;
      case 5:
      case 6: fire_timer(lane); break;
      case 7:
      case 8: store_letter(); break;
      case 9: on_.restart(); break;
      case 10: complete_some(); break;
      case 11: on_.refill(); break;
      case 12: on_.now += std::chrono::milliseconds{*rc::gen::inRange(0, 250)}; break;
      default: on_.drive([&](effects& out) { on_.subject.resume(on_.now, out); }); break;
    }
    recover();
  }
  // Everything that is due happens, until nothing is.
  void finish() {
    for (std::uint32_t lane = 0; lane < 2; ++lane) {
      while (on_.subject.received(lane) < ends_[lane]) {
        send(lane);
        recover();
      }
    }
    for (std::size_t before = on_.text.lines.size() + 1; before != on_.text.lines.size();) {
      before = on_.text.lines.size();
      for (const auto& [lane, ticket] : std::map{on_.tickets}) {
        on_.retry(lane, ticket);
        recover();
      }
      complete_some(true);
      recover();
      on_.refill();
      recover();
      while (unstored() > 0) store_letter();
    }
    check_settlements();
    for (std::uint32_t lane = 0; lane < 2; ++lane) {
      require(settled_[lane] == ends_[lane], "not everything was settled");
    }
  }

  // Settled ranges are dense, hold only what has ended, and count how.
  void check_settlements() {
    for (; checked_ < on_.settlements.size(); ++checked_) {
      const auto& range = on_.settlements[checked_];
      require(range.up_to > settled_[range.lane], "a settlement goes back");
      weir::topic::settled_counts counts;
      for (auto offset = settled_[range.lane]; offset < range.up_to; ++offset) {
        switch (real_fate(number_of(range.lane, offset))) {
          case fate::delivered: ++counts.delivered; break;
          case fate::filtered: ++counts.filtered; break;
          case fate::skipped: ++counts.skipped; break;
          case fate::dead: ++counts.dead_lettered; break;
        }
      }
      require(counts == range.counts, "a settlement counts another range");
      settled_[range.lane] = range.up_to;
    }
  }
  void check_fates() const {
    for (const auto& [number, acts] : plan_) {
      auto expected = acts;
      switch (asked(answers_, number)) {
        case answer::yes: break;
        case answer::no: require(real_fate(number) == fate::filtered, "not filtered"); continue;
        case answer::throws: expected.assign(9, act::throws); break;
        case answer::dies: expected.assign(9, act::dies); break;
      }
      require(real_fate(number) == expected_fate(expected, policy_),
              "another fate: " + std::to_string(number));
    }
  }
  // What was given to the handler never exceeded the limit, whatever window one looks at.
  void check_rate() const {
    if (!rate_) return;
    const auto& times = on_.text.times;
    for (std::size_t first = 0; first < times.size(); ++first) {
      for (std::size_t last = first; last < times.size(); ++last) {
        const auto passed = (times[last] - times[first]) / std::chrono::milliseconds{100};
        require(last - first + 1 <= rate_->burst + static_cast<std::uint64_t>(passed),
                "more than the rate allows");
      }
    }
  }
  // `all`: every call; else only the first of each event, because deferred ones are called again.
  void check_order(bool all) const {
    std::map<std::uint64_t, std::uint64_t> latest;
    std::set<std::uint64_t> called;
    for (const auto number : on_.text.played) {
      if (!called.insert(number).second && !all) continue;
      auto& last = latest[number / lane_stride];
      require(last <= number, "out of order: " + std::to_string(number));
      last = number;
    }
  }

 private:
  weir::delivery::handler_table handlers(kind what, deferring_stage& own) {
    const auto inner = [what, &own] {
      return what == kind::batches ? following_in_batches(own.on.text)() : own.handlers();
    };
    // Two filters, so that one may be asked about what the other refuses.
    const auto ask = [this](const numbered& event, answer no) {
      const auto said = asked(answers_, event.number);
      if (said == answer::throws) throw std::runtime_error{"filter"};
      if (said == answer::dies) throw 7;
      return said != no;
    };
    return weir::delivery::filtered(
        inner,
        {weir::delivery::filter_of<numbered>(
             [](const numbered& event) { return event.number % 7 != 6; }),
         weir::delivery::filter_of<numbered>([ask](const numbered& event) {
           return ask(event, answer::no);
         })})();
  }
  // A failure shows the whole history.
  void require(bool holds, const std::string& claim) const {
    if (holds) return;
    auto told = claim + "\n";
    for (const auto& line : on_.text.lines) told += "  " + line + "\n";
    RC_FAIL(told);
  }
  void write_acts(std::uint64_t number, bool deferring) {
    const auto count = *rc::gen::inRange<std::size_t>(0, 5);
    auto& acts = on_.text.acts[number];
    for (std::size_t i = 0; i < count; ++i) {
      acts.push_back(*rc::gen::weightedElement<act>({{4, act::unavailable},
                                                     {2, act::throws},
                                                     {4, act::dies},
                                                     {2, act::ok},
                                                     {1, act::rejected}}));
    }
    if (deferring && *rc::gen::inRange(0, 3) == 0) defers_.insert(number);
    const auto said = *rc::gen::weightedElement<answer>(
        {{12, answer::yes}, {3, answer::no}, {1, answer::throws}, {1, answer::dies}});
    answers_[number] = number % 7 == 6 ? answer::no : said;
  }
  void send(std::uint32_t lane) {
    const auto left = ends_[lane] - on_.subject.received(lane);
    if (left == 0) return;
    const auto count = std::min<std::uint64_t>(left, *rc::gen::inRange<std::uint64_t>(1, 5));
    on_.send(lane, static_cast<std::uint32_t>(count), count == left || *rc::gen::arbitrary<bool>());
  }
  void send_late(std::uint32_t lane) {
    const auto received = on_.subject.received(lane);
    if (received == 0) return;
    const auto offset = *rc::gen::inRange<std::uint64_t>(0, received);
    const auto calls = on_.text.played.size();
    on_.drive([&](effects& out) {
      on_.subject.receive(lane, event_tests::batch_from(number_of(lane, offset), 2, offset), true,
                          on_.now, out);
    });
    require(on_.text.played.size() == calls, "a late batch was handled");
  }
  void fire_timer(std::uint32_t lane) {
    const auto latest = on_.tickets.find(lane);
    if (latest == on_.tickets.end()) return;
    on_.retry(lane, *rc::gen::inRange<std::uint64_t>(1, latest->second + 1));
  }
  std::size_t unstored() const { return on_.letters.size() - stored_; }
  void store_letter() {
    if (unstored() == 0) return;
    // The store answers in the order of the letters.
    on_.stored(on_.letters[stored_++].partition - 10);
  }
  void complete_some(bool all = false) {
    std::vector<std::uint64_t> chosen;
    for (const auto& [number, id] : with_.waiting) {
      const bool already = std::count(with_.ready.begin(), with_.ready.end(), id) > 0;
      if (!already && (all || *rc::gen::arbitrary<bool>())) chosen.push_back(number);
    }
    if (!all && *rc::gen::arbitrary<bool>()) std::reverse(chosen.begin(), chosen.end());
    with_.complete(chosen);
  }
  void recover() {
    while (on_.dead) {
      if (*rc::gen::arbitrary<bool>()) store_letter();
      on_.restart();
    }
    check_settlements();
  }
  fate real_fate(std::uint64_t number) const {
    const auto lane = static_cast<std::uint32_t>(number / lane_stride);
    const auto delivered = on_.text.succeeded.find(number);
    const auto times = delivered == on_.text.succeeded.end() ? 0 : delivered->second;
    int letters = 0;
    for (std::size_t i = 0; i < on_.letters.size(); ++i) {
      if (number_of(on_.letters[i].partition - 10, on_.letters[i].offset) != number) continue;
      ++letters;
      require(i < stored_, "settled before its letter was stored: " + std::to_string(number));
    }
    require(times + letters <= 1, "ended more than once: " + std::to_string(number));
    require(number - number_of(lane, 0) < on_.subject.received(lane), "settled, never received");
    if (times + letters == 0 && asked(answers_, number) == answer::no) return fate::filtered;
    return times == 1 ? fate::delivered : letters == 1 ? fate::dead : fate::skipped;
  }

  weir::recoverability policy_;
  std::map<std::uint64_t, answer> answers_;
  std::optional<weir::rate_limit> rate_;
  deferring_stage with_;
  stage& on_;
  std::vector<std::uint64_t> ends_;
  std::set<std::uint64_t> defers_;
  std::map<std::uint64_t, std::deque<act>> plan_;
  std::map<std::uint32_t, std::uint64_t> settled_;
  std::size_t stored_ = 0;
  std::size_t checked_ = 0;
};

}  // namespace

TEST_CASE("every event ends once, as its policy and its filters say, and in order",
          "[delivery][property]") {
  rc::prop("any acts, any interleaving", [] {
    history past{kind::plain};
    for (int steps = *rc::gen::inRange(0, 60); steps > 0; --steps) past.step();
    past.finish();
    past.check_fates();
    past.check_order(true);
    past.check_rate();
  });
}

TEST_CASE("every event ends once even if some are deferred", "[delivery][property]") {
  rc::prop("any acts, any deferrals, any interleaving", [] {
    history past{kind::deferring};
    for (int steps = *rc::gen::inRange(0, 60); steps > 0; --steps) past.step();
    past.finish();
    past.check_order(false);
  });
}

TEST_CASE("every event ends once, as if it had been given alone, if they are given in batches",
          "[delivery][property]") {
  rc::prop("any acts, any interleaving", [] {
    history past{kind::batches};
    for (int steps = *rc::gen::inRange(0, 60); steps > 0; --steps) past.step();
    past.finish();
    past.check_fates();
    past.check_order(true);
    past.check_rate();
  });
}
