// SPDX-License-Identifier: BSD-3-Clause
// Events that wait outside of their lane, as transcripts, and random histories of them.
#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/task_stage.hpp"

using namespace delivery_tests;
using namespace std::chrono_literals;
using weir::delivery::dead_letter;
using weir::delivery::letter_state;

namespace {

weir::recoverability later(std::vector<weir::duration> delays, bool park_key = false,
                           unsigned retries = 0) {
  return {.in_place = {.retries = retries, .delays = {}},
          .later = {std::move(delays)},
          .park_key = park_key};
}

/// The key of an event: even and odd numbers have one each.
std::string key_of(std::uint64_t number) { return number % 2 == 0 ? "even" : "odd"; }

void send(stage& on, std::uint32_t lane, std::uint32_t count) {
  const boost::intrusive_ptr<weir::block_pool> pool{new weir::block_pool{{}}};
  auto memory = pool->take();
  const auto offset = on.subject.received(lane);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto number = number_of(lane, offset + i);
    event_tests::build(*memory, numbered{number}, key_of(number));
  }
  memory->commit();
  weir::batch events{memory, 0, count, memory->bytes()};
  events.set_first_offset(offset);
  on.drive([&](effects& out) { on.subject.receive(lane, std::move(events), true, on.now, out); });
}

bool redrive(stage& on, const dead_letter& letter) {
  bool taken = false;
  on.drive([&](effects& out) {
    taken = on.subject.redrive(std::make_shared<const dead_letter>(letter), on.now, out)
                .has_value();
  });
  return taken;
}

}  // namespace

TEST_CASE("an event that is to be delivered later holds up nothing", "[delivery]") {
  stage on{later({10s, 60s})};
  on.text.acts[1] = {act::unavailable, act::unavailable};
  on.open(0);
  on.send(0, 3);
  CHECK(on.seen() == lines{"0", "1", "2", "parked 1"});
  on.stored_next();
  CHECK(on.seen() == lines{"settle lane 0 to 3: 2 delivered, 1 parked", "due after 10 s"});
  on.send(0, 1);
  CHECK(on.seen() == lines{"3", "settle lane 0 to 4: 1 delivered"});
  on.redeliver();
  CHECK(on.seen() == lines{"1 (2.1)", "parked 1"});
  on.stored_next();
  CHECK(on.seen() == lines{"due after 60 s"});
  on.redeliver();
  CHECK(on.seen() == lines{"1 (3.1)", "handled 1"});
  on.stored_next();
  CHECK(on.seen() == lines{"ended in lane 0: 1 delivered"});
}

TEST_CASE("after the last delay it is a dead letter with everything that was tried",
          "[delivery]") {
  stage on{later({10s}, false, 1)};
  on.text.acts[0] = {act::unavailable, act::unavailable, act::throws, act::unavailable};
  on.open(0);
  on.send(0, 1);
  on.stored_next();
  on.redeliver();
  on.seen();
  REQUIRE(on.letters.size() == 2);
  CHECK(on.letters[0].state == letter_state::parked);
  CHECK(on.letters[0].due == noon + 10s);
  const auto& letter = on.letters[1];
  CHECK(letter.state == letter_state::dead);
  CHECK(letter.attempt_count == 4);
  CHECK(letter.attempts.size() == 4);
  CHECK(letter.attempts[2].failure.code == weir::errc::handler_threw);
  CHECK(letter.delivery_count == 2);
  CHECK(letter.redeliveries == 1);
  on.stored_next();
  CHECK(on.seen() == lines{"ended in lane 0: 1 dead"});
}

TEST_CASE("without parked keys later events of the key overtake it", "[delivery]") {
  stage on{later({10s})};
  on.text.acts[0] = {act::unavailable};
  on.open(0);
  send(on, 0, 3);
  on.stored_next();
  on.redeliver();
  CHECK(on.text.played == std::vector<std::uint64_t>{0, 1, 2, 0});
}

TEST_CASE("where keys are parked later events of the key wait behind it", "[delivery]") {
  stage on{later({10s}, true)};
  on.text.acts[0] = {act::unavailable};
  on.open(0);
  send(on, 0, 5);
  CHECK(on.seen() == lines{"0", "1", "3", "parked 0", "parked 2", "parked 4"});
  while (!on.unstored.empty()) on.stored_next();
  CHECK(on.seen() ==
        lines{"due after 10 s", "settle lane 0 to 5: 2 delivered, 3 parked"});
  on.redeliver();
  send(on, 0, 2);  // 6 waits behind the others, whoever of them is in hand
  while (!on.unstored.empty()) on.stored_next();
  CHECK(on.text.played == std::vector<std::uint64_t>{0, 1, 3, 0, 5, 2, 4, 6});
  on.seen();
  send(on, 0, 2);  // nothing of the key waits any more
  CHECK(on.seen() == lines{"7", "8", "settle lane 0 to 9: 2 delivered"});
}

TEST_CASE("behind a dead letter its key waits until that is redriven", "[delivery]") {
  stage on{later({}, true)};
  on.text.acts[0] = {act::rejected, act::rejected};
  on.open(0);
  send(on, 0, 4);
  while (!on.unstored.empty()) on.stored_next();
  CHECK(on.seen() == lines{"0", "1", "3", "letter 0: rejected: bad", "parked 2",
                           "settle lane 0 to 4: 2 delivered, 2 dead"});
  REQUIRE(redrive(on, on.letters[0]));
  CHECK(on.seen() == lines{"0 (2.1)", "letter 0: rejected: bad"});
  CHECK_FALSE(redrive(on, on.letters[1]));  // it waits behind the other
  on.stored_next();
  CHECK(on.seen().empty());  // the ledger has them as dead already
  REQUIRE(redrive(on, on.letters.back()));
  CHECK(on.letters.back().state == letter_state::redriven);
  while (!on.unstored.empty()) on.stored_next();
  CHECK(on.seen() == lines{"0 (3.1)", "redriven 0", "2", "handled 2"});
}

TEST_CASE("behind a discarded letter its key goes on", "[delivery]") {
  stage on{later({10s}, true)};
  on.text.acts[0] = {act::unavailable};
  on.open(0);
  send(on, 0, 3);
  while (!on.unstored.empty()) on.stored_next();
  on.seen();
  on.drive([&](effects& out) { REQUIRE(on.subject.discard(on.letters[0], on.now, out)); });
  CHECK(on.seen() == lines{"2", "handled 2", "ended in lane 0: 1 dead"});
}

TEST_CASE("what an earlier run has parked is handled when it is due", "[delivery]") {
  stage on{later({10s}, true)};
  on.open(0);
  stage before{later({10s}, true)};
  before.text.acts[0] = {act::unavailable};
  before.open(0);
  send(before, 0, 3);
  std::vector<weir::delivery::parked_events::letter_ptr> letters;
  for (const auto& one : before.letters) {
    letters.push_back(std::make_shared<const dead_letter>(one));
  }
  on.subject.park_again(0, letters);
  on.drive([&](effects& out) { on.subject.go_on_behind_letters(on.now, out); });
  CHECK(on.seen() == lines{"due after 10 s"});
  on.redeliver();
  while (!on.unstored.empty()) on.stored_next();
  CHECK(on.seen() == lines{"0 (2.1)", "handled 0", "2", "handled 2"});
}

TEST_CASE("an event that ends its subscriber aside comes again, and then is a dead letter",
          "[delivery]") {
  stage on{later({10s})};
  on.text.acts[0] = {act::unavailable, act::dies, act::dies, act::dies};
  on.open(0);
  on.send(0, 2);
  on.stored_next();
  on.redeliver();
  for (int i = 0; i < 3; ++i) on.restart();
  CHECK_FALSE(on.dead);
  REQUIRE(on.letters.size() == 2);
  CHECK(on.letters[1].state == letter_state::dead);
  CHECK(on.letters[1].failure.code == weir::errc::deliveries_exhausted);
  on.seen();
  on.stored_next();
  CHECK(on.seen() == lines{"ended in lane 0: 1 dead"});
}

TEST_CASE("a lane takes what waits outside of it along", "[delivery]") {
  stage on{later({10s}, true)};
  on.text.acts[0] = {act::unavailable};
  on.open(0);
  send(on, 0, 3);
  while (!on.unstored.empty()) on.stored_next();
  on.subject.close_lane(0);
  const auto taken = on.subject.take_closed();
  REQUIRE(taken.size() == 1);
  stage other{later({10s}, true)};
  other.drive([&](effects& out) { other.subject.adopt(taken[0], other.now, out); });
  CHECK(other.seen() == lines{"due after 10 s"});
  other.redeliver();
  while (!other.unstored.empty()) other.stored_next();
  CHECK(other.text.played == std::vector<std::uint64_t>{0, 2});
}

TEST_CASE("a rehearsal says what the handler would, and changes nothing", "[delivery]") {
  stage on{later({}, true)};
  on.text.acts[0] = {act::rejected, act::throws, act::ok, act::dies};
  on.open(0);
  send(on, 0, 1);
  on.stored_next();
  on.seen();
  const auto letter = std::make_shared<const dead_letter>(on.letters[0]);
  CHECK(on.subject.rehearse(letter, on.now).error().code == weir::errc::handler_threw);
  CHECK(on.subject.rehearse(letter, on.now));
  CHECK(on.subject.rehearse(letter, on.now).error().code == weir::errc::subscriber_died);
  auto elsewhere = *letter;
  elsewhere.topic = "others";
  CHECK(on.subject.rehearse(std::make_shared<const dead_letter>(elsewhere), on.now).error().code ==
        weir::errc::not_found);
  REQUIRE(redrive(on, on.letters[0]));
  CHECK(on.letters.back().state == letter_state::redriven);
}

TEST_CASE("coroutines of a key that is parked do not begin", "[delivery]") {
  using namespace weir;
  task_stage with{
      [](const numbered& event, task_context& context) -> task<result<void>> {
        const auto said = co_await context.ask(the_oracle, event.number, 1h);
        if (!said) co_return fail(said.error());
        co_return result<void>{};
      },
      {.keys = 8},
      later({10s}, true)};
  with.on.open(0);
  with.send(0, 4, 2);
  CHECK(with.open.size() == 2);  // one of each key
  with.answer(0, fail(errc::unavailable, "away"));
  CHECK(with.on.letters.size() == 2);
  CHECK(with.on.letters[1].failure.code == errc::parked);
  CHECK(with.on.letters[1].offset == 2);
  with.answer(1);
  with.answer(3);
  while (!with.on.unstored.empty()) with.on.stored_next();
  with.on.now = with.time = with.time + 10s;
  with.on.redeliver();
  with.answer(0);
  while (!with.on.unstored.empty()) with.on.stored_next();
  with.answer(2);
  while (!with.on.unstored.empty()) with.on.stored_next();
  std::vector<std::uint64_t> handled;
  for (const auto& letter : with.on.letters) {
    if (letter.state == letter_state::handled) handled.push_back(letter.offset);
  }
  CHECK(handled == std::vector<std::uint64_t>{0, 2});
}

namespace {

constexpr std::uint32_t lane_count = 2;

void recover(stage& on) {
  while (on.dead) on.restart();
}

/// What the handler does with the next events of the lane, which then arrive.
void send_random(stage& on) {
  const auto lane = *rc::gen::inRange(0U, lane_count);
  const auto count = *rc::gen::inRange(1U, 6U);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto number = number_of(lane, on.subject.received(lane) + i);
    if (*rc::gen::inRange(0, 3) > 0) continue;
    on.text.acts[number] = *rc::gen::container<std::deque<act>>(
        *rc::gen::inRange(1U, 6U), rc::gen::weightedElement<act>({{6, act::unavailable},
                                                                  {2, act::throws},
                                                                  {1, act::rejected},
                                                                  {1, act::dies}}));
  }
  if (on.subject.received(lane) + count < lane_stride) send(on, lane, count);
}

/// Everything is stored and every time has come.
void settle_all(stage& on) {
  for (int i = 0; i < 200; ++i) {
    while (!on.unstored.empty()) on.stored_next();
    on.now += 10s;
    on.redeliver();
    recover(on);
  }
}

/// True if there was a dead letter to redrive.
bool redrive_all(stage& on) {
  std::map<std::uint64_t, dead_letter> latest;
  for (const auto& letter : on.letters) {
    latest[number_of(letter.partition - 10, letter.offset)] = letter;
  }
  bool any = false;
  for (const auto& [number, letter] : latest) {
    if (letter.state == letter_state::dead) any = redrive(on, letter) || any;
  }
  settle_all(on);
  return any;
}

}  // namespace

TEST_CASE("whatever fails and is restarted, every event ends once, and keys keep their order",
          "[delivery][property]") {
  rc::prop("any acts, any interleaving", [] {
    const bool park_key = *rc::gen::arbitrary<bool>();
    stage on{later({1s, 5s}, park_key, *rc::gen::inRange(0U, 2U))};
    for (std::uint32_t lane = 0; lane < lane_count; ++lane) on.open(lane);
    for (int steps = *rc::gen::inRange(0, 60); steps > 0; --steps) {
      switch (*rc::gen::inRange(0, 4)) {
        case 0: send_random(on); break;
        case 1:
          if (!on.unstored.empty()) on.stored_next();
          break;
        default: on.redeliver();
      }
      recover(on);
    }
    settle_all(on);
    on.text.acts.clear();
    for (int rounds = 0; rounds < 40 && redrive_all(on); ++rounds) {
    }
    std::uint64_t received = 0;
    for (std::uint32_t lane = 0; lane < lane_count; ++lane) received += on.subject.received(lane);
    RC_ASSERT(on.text.finished.size() == received);
    for (const auto& [number, times] : on.text.succeeded) RC_ASSERT(times == 1);
    if (!park_key) return;
    std::map<std::string, std::uint64_t> last;
    for (const auto number : on.text.finished) {
      const auto key = std::to_string(number / lane_stride) + key_of(number);
      const auto [before, first] = last.try_emplace(key, number);
      RC_ASSERT(first || before->second < number);
      before->second = number;
    }
  });
}
