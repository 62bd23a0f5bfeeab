// SPDX-License-Identifier: BSD-3-Clause
// What coroutines publish before they are done is bounded: who waits, who is told, who never waits.
#include "weir/runtime/delivery/staging.hpp"

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include "weir/tests/runtime/delivery/task_stage.hpp"

using namespace delivery_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::result;
using weir::task;
using weir::task_context;
using weir::delivery::staging;
using weir::delivery::task_limits;

namespace {

/// About a thousand bytes each: of the limit below two fit, a third waits.
const std::string long_key(1000, 'k');
constexpr task_limits two_fit{.keys = 10, .staged_bytes_max = 2600};

auto publish_long(task_context& context, const outlet& to, std::uint64_t number) {
  const weir::topic::publish_options options{.key = long_key};
  return context.publish(to, numbered{number}, options);
}

/// Publishes one event, or two where the number is even; then asks.
plan publishing(const outlet& to) {
  return [&to](const numbered& event, task_context& context) -> task<result<void>> {
    for (auto left = 2 - event.number % 2; left > 0; --left) {
      auto sent = co_await publish_long(context, to, event.number + 10 * left);
      if (!sent) co_return weir::fail(std::move(sent.error()));
    }
    co_return co_await ask_oracle(event, context);
  };
}

std::vector<std::uint64_t> taken(task_stage& with) {
  return numbers_of<numbered>(commit_and_take(with.on.subject.outlets()));
}

void fill_ring(task_stage& with, const outlet& to) {
  const numbered filler{99};
  while (with.on.subject.outlets().publish_now(to, numbered{filler}, noon, {})) continue;
}

}  // namespace

TEST_CASE("staged bytes have a bound, and the first never waits", "[delivery][property]") {
  rc::prop("any sizes, any ends", [] {
    const auto limit = *rc::gen::inRange<std::size_t>(1, 1000);
    staging subject{limit};
    std::array<std::size_t, 4> own{};
    std::size_t largest = 0;
    for (int steps = *rc::gen::inRange(0, 60); steps > 0; --steps) {
      auto& mine = own[*rc::gen::inRange<std::size_t>(0, own.size())];
      if (*rc::gen::inRange(0, 3) == 0) {
        subject.release(&mine, std::exchange(mine, 0));
      } else {
        const auto bytes = *rc::gen::inRange<std::size_t>(1, 600);
        const auto verdict = subject.admit(&mine, mine, bytes);
        RC_ASSERT((verdict == staging::verdict::too_much) == (mine > 0 && mine + bytes > limit));
        if (verdict == staging::verdict::wait) RC_ASSERT(subject.bytes() > mine);
        if (verdict == staging::verdict::admitted) {
          mine += bytes;
          largest = std::max(largest, bytes);
        }
      }
      RC_ASSERT(subject.bytes() == own[0] + own[1] + own[2] + own[3]);
      RC_ASSERT(subject.bytes() <= 2 * limit + largest);
      // Somebody can always go on: no circle of handlers that wait for each other.
      const auto free_to_go = [&](const std::size_t& one) {
        auto copy = subject;
        return one > 0 && copy.admit(&one, one, 1) != staging::verdict::wait;
      };
      RC_ASSERT(subject.bytes() == 0 || std::any_of(own.begin(), own.end(), free_to_go));
    }
  });
}

TEST_CASE("an awaited publish waits until others are done, in order", "[delivery]") {
  const outlet to;
  task_stage with{publishing(to), two_fit};
  with.on.open(0);
  with.send(0, 4);
  CHECK(with.open.size() == 1);
  CHECK(with.open.contains(0));
  with.answer(0);
  CHECK(taken(with) == std::vector<std::uint64_t>{20, 10});
  // 1 has room now, and so has the first event of 2; the second waits behind that of 3.
  CHECK(with.open.size() == 1);
  with.answer(1);
  CHECK(with.open.size() == 1);
  with.answer(3);
  with.answer(2);
  CHECK(taken(with) == std::vector<std::uint64_t>{11, 13, 22, 12});
  CHECK(with.seen() == lines{"begin 0", "begin 1", "begin 2", "begin 3", "end 0", "end 1",
                             "end 3", "end 2", "settle lane 0 to 4: 4 delivered"});
}

TEST_CASE("a publish that waits too long is backpressure and leaves nothing", "[delivery]") {
  const outlet to;
  task_stage with{publishing(to), two_fit};
  with.on.open(0);
  with.send(0, 2);
  with.pass(29s);
  CHECK(with.seen() == lines{"begin 0", "begin 1"});
  with.pass(1s);
  // 0 asks with the same deadline, from the same moment.
  CHECK(with.on.letters.size() == 2);
  CHECK(with.on.letters.at(0).failure.code == errc::timeout);
  CHECK(with.on.letters.at(1).failure.code == errc::backpressure);
  CHECK(with.on.letters.at(1).failure.message ==
        "handlers that are not done have published 2600 bytes already");
  CHECK(taken(with).empty());
}

TEST_CASE("a handler may say how long it waits to publish, or that it does not", "[delivery]") {
  const outlet to;
  for (const weir::duration patience : {0ns, weir::duration{2s}}) {
    task_stage with{[&](const numbered& event, task_context& context) -> task<result<void>> {
                      context.set_deadline(patience);
                      auto one = co_await publish_long(context, to, 1);
                      if (!one) co_return weir::fail(std::move(one.error()));
                      auto two = co_await publish_long(context, to, 2);
                      if (!two) co_return weir::fail(std::move(two.error()));
                      co_return co_await ask_oracle(event, context);
                    },
                    two_fit};
    with.on.open(0);
    with.send(0, 2);
    CHECK(with.on.letters.empty() == (patience > 0s));
    with.pass(2s);
    REQUIRE(with.on.letters.size() == 1);
    CHECK(with.on.letters[0].failure.code == errc::backpressure);
    CHECK(with.open.size() == 1);
  }
}

TEST_CASE("what can never be published is told at once, and the handler decides", "[delivery]") {
  outlet ordered{{.ordered = true, .event_bytes_max = 128}};
  const outlet to{{}, 1};
  std::vector<errc> told;
  task_stage with{[&](const numbered&, task_context& context) -> task<result<void>> {
                    auto keyless = co_await context.publish(ordered, numbered{1});
                    const event_tests::named big{std::string(500, 'x'), 2};
                    const weir::topic::publish_options options{.key = "k"};
                    auto large = co_await context.publish(ordered, big, options);
                    auto fits = co_await publish_long(context, to, 3);
                    auto also = co_await publish_long(context, to, 4);
                    auto much = co_await publish_long(context, to, 5);
                    for (const auto* one : {&keyless, &large, &much}) {
                      told.push_back(one->has_value() ? errc{} : one->error().code);
                    }
                    co_return fits && also ? result<void>{} : fits;
                  },
                  two_fit};
  with.on.open(0);
  with.send(0, 1);
  CHECK(told == std::vector<errc>{errc::missing_key, errc::event_too_large, errc::event_too_large});
  CHECK(with.seen() == lines{"begin 0", "end 0", "settle lane 0 to 1: 1 delivered"});
  CHECK(taken(with) == std::vector<std::uint64_t>{3, 4});
}

TEST_CASE("a publish that nobody awaits fails the handler when it is done", "[delivery]") {
  const outlet to;
  task_stage with{[&](const numbered& event, task_context& context) -> task<result<void>> {
                    for (std::uint64_t i = 0; i <= event.number; ++i) publish_long(context, to, i);
                    co_return co_await ask_oracle(event, context);
                  },
                  two_fit};
  with.on.open(0);
  with.send(0, 3);
  for (const std::uint64_t number : {0, 1, 2}) with.answer(number);
  REQUIRE(with.on.letters.size() == 2);
  CHECK(with.on.letters[0].failure.code == errc::backpressure);
  CHECK(with.on.letters[1].failure.code == errc::backpressure);
  CHECK(taken(with) == std::vector<std::uint64_t>{0});
  with.on.stored(0);
  with.on.stored(0);
  with.send(0, 1);  // number 3, alone
  with.answer(3);
  REQUIRE(with.on.letters.size() == 3);
  CHECK(with.on.letters[2].failure.code == errc::event_too_large);
  CHECK(with.on.letters[2].failure.message == "one handler publishes more than 2600 bytes");
}

TEST_CASE("a deadline ends a wait even while the rings are full, and what succeeds waits for room",
          "[delivery]") {
  const outlet to{{.batch_events_max = 1}};
  task_stage with{[&](const numbered& event, task_context& context) -> task<result<void>> {
                    auto one = co_await publish_long(context, to, event.number);
                    if (event.number == 0) co_return co_await ask_oracle(event, context);
                    auto two = co_await publish_long(context, to, event.number + 10);
                    if (!two) with.on.text.lines.push_back(to_string(two.error().code).data());
                    co_return one;
                  },
                  {.keys = 10, .timeout = 40s, .staged_bytes_max = 2600}};
  with.on.open(0);
  with.send(0, 2);
  fill_ring(with, to);
  with.answer(0);
  with.pass(29s);
  CHECK(with.seen() == lines{"begin 0", "begin 1"});
  with.pass(1s);
  CHECK(with.seen() == lines{"backpressure", "end 1"});
  with.pass(9s);
  CHECK(with.seen().empty());
  CHECK(taken(with) == std::vector<std::uint64_t>{99, 99, 99, 99});
  with.on.drive([&](effects& out) { with.on.subject.resume(with.time, out); });
  CHECK(with.seen() == lines{"end 0", "settle lane 0 to 2: 2 delivered"});
  CHECK(taken(with) == std::vector<std::uint64_t>{0, 1});
}

TEST_CASE("a handler that never finishes gives back what it published with its key", "[delivery]") {
  const outlet to;
  task_stage with{publishing(to), {.keys = 10, .timeout = 5s, .staged_bytes_max = 2600}};
  with.on.open(0);
  with.send(0, 1);
  with.pass(3s);
  with.send(0, 1);
  CHECK(with.open.size() == 1);
  with.pass(2s);
  CHECK(with.seen() == lines{"begin 0", "begin 1",
                             "letter 0: timeout: the handler was not done within 5000 ms"});
  REQUIRE(with.open.contains(1));
  with.answer(1);
  CHECK(taken(with) == std::vector<std::uint64_t>{11});
}

TEST_CASE("a restart while handlers wait to publish begins them anew, with all the room",
          "[delivery]") {
  const outlet to;
  task_stage with{publishing(to), two_fit};
  with.on.open(0);
  with.send(0, 3);
  with.open.clear();
  with.on.restart();
  with.collect();
  CHECK(with.seen() ==
        lines{"begin 0", "begin 1", "begin 2", "restart", "begin 0", "begin 1", "begin 2"});
  for (const std::uint64_t number : {0, 1, 2}) with.answer(number);
  CHECK(taken(with) == std::vector<std::uint64_t>{20, 10, 11, 22, 12});
}
