// SPDX-License-Identifier: BSD-3-Clause
// Coroutine handlers as transcripts. Random histories are in task_runner_property.cpp.
#include "weir/runtime/delivery/task_runner.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/task_stage.hpp"

using namespace delivery_tests;
using namespace std::chrono_literals;
using weir::result;
using weir::task;
using weir::task_context;

namespace {

task<result<void>> at_once(const numbered&, task_context&) { co_return result<void>{}; }

weir::recoverability retrying(unsigned retries, weir::backoff delays = weir::no_backoff()) {
  return {.in_place = {.retries = retries, .delays = delays}};
}

}  // namespace

TEST_CASE("a coroutine that does not wait is done like a function", "[delivery]") {
  task_stage with{at_once};
  with.on.open(0);
  with.send(0, 2);
  CHECK(with.seen() ==
        lines{"begin 0", "end 0", "begin 1", "end 1", "settle lane 0 to 2: 2 delivered"});
}

TEST_CASE("without per_key a partition waits for its event, other partitions go on",
          "[delivery]") {
  task_stage with{ask_oracle};
  with.on.open(0);
  with.on.open(1);
  with.send(0, 2);
  with.send(1, 1);
  CHECK(with.seen() == lines{"begin 0", "begin 100"});
  with.answer(100);
  CHECK(with.seen() == lines{"end 100", "settle lane 1 to 1: 1 delivered"});
  with.answer(0);
  CHECK(with.seen() == lines{"end 0", "begin 1"});
  with.answer(1);
  CHECK(with.seen() == lines{"end 1", "settle lane 0 to 2: 2 delivered"});
}

TEST_CASE("with per_key keys overlap and the events of one key do not", "[delivery]") {
  task_stage with{ask_oracle, {.keys = 10}};
  with.on.open(0);
  with.send(0, 4, 2);  // keys 0, 1, 0, 1
  CHECK(with.seen() == lines{"begin 0", "begin 1"});
  with.answer(1);
  CHECK(with.seen() == lines{"end 1", "begin 3"});
  with.answer(3);
  CHECK(with.seen() == lines{"end 3"});
  with.answer(0);
  CHECK(with.seen() == lines{"end 0", "begin 2"});
  with.answer(2);
  CHECK(with.seen() == lines{"end 2", "settle lane 0 to 4: 4 delivered"});
}

TEST_CASE("no more keys are in progress than allowed", "[delivery]") {
  task_stage with{ask_oracle, {.keys = 2}};
  with.on.open(0);
  with.send(0, 4);
  CHECK(with.seen() == lines{"begin 0", "begin 1"});
  with.answer(1);
  CHECK(with.seen() == lines{"end 1", "begin 2"});
  with.answer(0);
  CHECK(with.seen() == lines{"end 0", "begin 3"});
}

TEST_CASE("in a bulkhead what is in progress has a permit each, and what waits for its key none",
          "[delivery]") {
  const auto shared = std::make_shared<weir::permits>(weir::bulkhead{"oracle", 2});
  task_stage with{[](const numbered& event, weir::task_context& context) -> task<result<void>> {
                    if (event.number == 1) co_return {};
                    co_return co_await ask_oracle(event, context);
                  },
                  {.keys = 10}};
  with.on.subject.confine(shared);
  int turns = 0;
  with.on.subject.attend_bulkhead([&] { ++turns; });
  with.on.open(0);
  with.send(0, 3, 2);  // 0 and 2 are of one key
  CHECK(with.seen() == lines{"begin 0", "begin 1", "end 1"});
  CHECK(shared->now().taken == 1);
  with.send(0, 2, 5);  // 3 is of another key, and so is 4
  CHECK(with.seen() == lines{"begin 3"});
  CHECK(shared->now().taken == 2);
  CHECK(shared->now().waiting == 1);
  CHECK(turns == 0);
  with.answer(0);
  CHECK(turns == 1);
  CHECK(with.seen() == lines{"end 0"});
  with.on.drive([&](effects& out) { with.on.subject.permitted(with.time, out); });
  // The next of the key that is free now came after the event that had no permit.
  CHECK(with.seen() == lines{"begin 4"});
  with.answer(3);
  with.on.drive([&](effects& out) { with.on.subject.permitted(with.time, out); });
  CHECK(with.seen() == lines{"end 3", "begin 2"});
  with.answer(4);
  with.answer(2);
  CHECK(with.seen() == lines{"end 4", "end 2", "settle lane 0 to 5: 5 delivered"});
  CHECK(shared->now().taken == 0);
  CHECK(shared->now().waiting == 0);
}

TEST_CASE("batches are settled up to the first that is not done", "[delivery]") {
  task_stage with{ask_oracle, {.keys = 10}};
  with.on.open(0);
  with.send(0, 1);
  with.send(0, 1);
  with.send(0, 1);
  with.answer(1);
  CHECK(with.seen() == lines{"begin 0", "begin 1", "begin 2", "end 1"});
  with.answer(0);
  CHECK(with.seen() == lines{"end 0", "settle lane 0 to 2: 2 delivered"});
  with.answer(2);
  CHECK(with.seen() == lines{"end 2", "settle lane 0 to 3: 1 delivered"});
}

TEST_CASE("a failure is retried with its delay and holds up only its key", "[delivery]") {
  task_stage with{ask_oracle, {.keys = 10}, retrying(1, weir::fixed(1s))};
  with.on.open(0);
  with.send(0, 3, 2);
  with.answer(0, weir::fail(weir::errc::unavailable, "asleep"));
  with.answer(1);
  CHECK(with.seen() == lines{"begin 0", "begin 1", "fail 0", "end 1"});
  with.pass(999ms);
  CHECK(with.seen().empty());
  with.pass(1ms);
  CHECK(with.seen() == lines{"begin 0 (1.2)"});
  with.answer(0, weir::fail(weir::errc::unavailable, "still asleep"));
  CHECK(with.seen() == lines{"fail 0", "begin 2", "letter 0: unavailable: still asleep"});
  REQUIRE(with.on.letters.size() == 1);
  CHECK(with.on.letters[0].attempt_count == 2);
  CHECK(with.on.letters[0].attempts.size() == 2);
}

TEST_CASE("a failure before the first wait holds up no other key either", "[delivery]") {
  task_stage with{[](const numbered& event, task_context& context) -> task<result<void>> {
                    if (event.number == 0 && context.attempt() == 1) {
                      co_return weir::fail(weir::errc::unavailable, "first");
                    }
                    co_return result<void>{};
                  },
                  {.keys = 10},
                  retrying(1, weir::fixed(1s))};
  with.on.open(0);
  with.send(0, 2);
  CHECK(with.seen() == lines{"begin 0", "fail 0", "begin 1", "end 1"});
  with.pass(1s);
  CHECK(with.seen() == lines{"begin 0 (1.2)", "end 0", "settle lane 0 to 2: 2 delivered"});
}

TEST_CASE("an answer that does not come in time is a timeout, and a late one is ignored",
          "[delivery]") {
  task_stage with{[](const numbered& event, task_context& context) -> task<result<void>> {
    auto reply = co_await context.ask(the_oracle, event.number, 5s);
    if (!reply) co_return weir::fail(std::move(reply.error()));
    co_return result<void>{};
  }};
  with.on.open(0);
  with.send(0, 1);
  with.collect();
  const auto ticket = with.open.at(0);
  with.pass(5s);
  CHECK(with.seen() ==
        lines{"begin 0", "fail 0", "letter 0: timeout: no answer within 5000 ms"});
  with.on.drive([&](effects& out) { with.on.subject.answered(ticket, nullptr, noon, out); });
  CHECK(with.seen().empty());
}

TEST_CASE("a handler that is not done in time is given up and its key goes on", "[delivery]") {
  task_stage with{ask_oracle, {.keys = 10, .timeout = 2s}};
  with.on.open(0);
  with.send(0, 2, 1);
  with.pass(2s);
  CHECK(with.seen() == lines{"begin 0", "begin 1",
                             "letter 0: timeout: the handler was not done within 2000 ms"});
  with.pass(1s);
  with.answer(1);
  CHECK(with.seen() == lines{"end 1"});
}

TEST_CASE("a handler sleeps as long as it says, and not at all for no time or less",
          "[delivery]") {
  task_stage with{[](const numbered& event, task_context& context) -> task<result<void>> {
                    co_await context.sleep(event.number * 1s);
                    co_await context.sleep(-1s);
                    co_return result<void>{};
                  },
                  {.keys = 10}};
  with.on.open(0);
  with.send(0, 3);
  CHECK(with.seen() == lines{"begin 0", "end 0", "begin 1", "begin 2"});
  with.pass(1s);
  CHECK(with.seen() == lines{"end 1"});
  with.pass(1s);
  CHECK(with.seen() == lines{"end 2", "settle lane 0 to 3: 3 delivered"});
}

TEST_CASE("a handler may wait for several answers at once", "[delivery]") {
  task_stage with{[](const numbered& event, task_context& context) -> task<result<void>> {
    auto [one, two] = co_await weir::when_all(context.ask(the_oracle, event.number + 1),
                                              context.ask(the_oracle, event.number + 2));
    if (*one + *two != 30) co_return weir::fail(weir::errc::rejected, "another sum");
    co_return result<void>{};
  }};
  with.on.open(0);
  with.send(0, 1);
  with.answer(2, std::uint64_t{20});
  with.answer(1, std::uint64_t{10});
  CHECK(with.seen() == lines{"begin 0", "end 0", "settle lane 0 to 1: 1 delivered"});
}

TEST_CASE("what a handler publishes is seen when it has succeeded, and only then", "[delivery]") {
  const outlet to;
  task_stage with{[&to](const numbered& event, task_context& context) -> task<result<void>> {
                    context.publish(to, numbered{event.number + 50});
                    auto reply = co_await context.ask(the_oracle, event.number);
                    context.publish(to, numbered{event.number + 60});
                    if (!reply) co_return weir::fail(std::move(reply.error()));
                    co_return result<void>{};
                  },
                  {.keys = 10}};
  with.on.open(0);
  with.send(0, 2);
  CHECK(commit_and_take(with.on.subject.outlets()).empty());
  with.answer(1);
  with.answer(0, weir::fail(weir::errc::rejected, "no"));
  const auto sent = commit_and_take(with.on.subject.outlets());
  CHECK(numbers_of<numbered>(sent) == std::vector<std::uint64_t>{51, 61});
  CHECK(sent.at(0)[0].header.causation_id() == weir::event_id{2, 1});
}

TEST_CASE("a restart destroys what waits and begins it again, in order", "[delivery]") {
  const auto held = std::make_shared<int>(0);
  task_stage with{[held](const numbered& event, task_context& context) -> task<result<void>> {
                    const auto mine = held;
                    auto reply = co_await context.ask(the_oracle, event.number);
                    co_return result<void>{};
                  },
                  {.keys = 10}};
  with.on.open(0);
  with.send(0, 3, 2);
  with.answer(1);
  const auto before = held.use_count();
  with.on.restart();
  CHECK(held.use_count() == before);
  CHECK(with.seen() ==
        lines{"begin 0", "begin 1", "end 1", "restart", "begin 0"});
  with.collect();
  with.answer(0);
  with.answer(2);
  CHECK(with.seen() == lines{"end 0", "begin 2", "end 2", "settle lane 0 to 3: 3 delivered"});
}

TEST_CASE("what is thrown is a failure, and what is no std::exception ends the subscriber",
          "[delivery]") {
  task_stage with{[](const numbered& event, task_context& context) -> task<result<void>> {
    auto reply = co_await context.ask(the_oracle, event.number);
    if (event.number == 0) throw std::runtime_error{"thrown"};
    if (context.delivery_count() == 1) throw 7;
    co_return result<void>{};
  }};
  with.on.open(0);
  with.send(0, 2);
  with.answer(0);
  CHECK(with.seen() == lines{"begin 0", "begin 1",
                             "letter 0: handler_threw: thrown; caused by std::runtime_error: "
                             "thrown"});
  with.on.stored(0);
  with.answer(1);
  CHECK(with.seen() == lines{"died"});
  with.on.restart();
  with.collect();
  with.answer(1);
  CHECK(with.seen() == lines{"restart", "begin 1 (2.1)", "end 1",
                             "settle lane 0 to 2: 1 delivered, 1 dead"});
}

TEST_CASE("a plain function beside a coroutine keeps the order of its key", "[delivery]") {
  std::vector<std::string> told;
  task_stage with{ask_oracle};
  weir::delivery::consumer both{
      "both", {},
      weir::delivery::handlers_of(
          [&told](const numbered& event, task_context& context) -> task<result<void>> {
            told.push_back("begin " + std::to_string(event.number));
            static_cast<void>(co_await context.ask(the_oracle, event.number));
            told.push_back("end " + std::to_string(event.number));
            co_return result<void>{};
          },
          [&told](const event_tests::named& event) { told.push_back(event.name); }),
      1, {.keys = 10}};
  both.open_lane(0, "orders", 0, 0);
  const boost::intrusive_ptr<weir::block_pool> pool{new weir::block_pool{{}}};
  auto memory = pool->take();
  event_tests::build(*memory, numbered{1}, "a");
  event_tests::build(*memory, event_tests::named{"behind", 2}, "a");
  event_tests::build(*memory, event_tests::named{"beside", 3}, "b");
  memory->commit();
  effects out;
  both.receive(0, weir::batch{memory, 0, 3, memory->bytes()}, true, noon, out);
  CHECK(told == lines{"begin 1", "beside"});
  weir::delivery::ask question;
  REQUIRE(both.take_ask(question));
  auto answers = std::make_shared<std::vector<result<std::uint64_t>>>();
  answers->push_back(std::uint64_t{0});
  both.answered(question.ticket, answers, noon, out);
  CHECK(told == lines{"begin 1", "beside", "end 1", "behind"});
  REQUIRE(out.settlements.size() == 1);
  CHECK(out.settlements[0].counts.delivered == 3);
}
