// SPDX-License-Identifier: BSD-3-Clause
// Coroutine handlers on a stage: what they ask is answered and their timers fire when the test says
// so; begins and ends become lines of the transcript.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weir/runtime/delivery/event_filter.hpp"
#include "weir/runtime/delivery/task_handler.hpp"
#include "weir/tests/runtime/delivery/outlet.hpp"
#include "weir/tests/runtime/delivery/stage.hpp"

namespace delivery_tests {

/// A service that only the test answers.
struct oracle {
  using request_type = std::uint64_t;
  using reply_type = std::uint64_t;
  std::string name = "oracle";
};
inline const oracle the_oracle;

using plan = std::function<weir::task<weir::result<void>>(const numbered&, weir::task_context&)>;

class task_stage {
 public:
  explicit task_stage(plan handler, weir::delivery::task_limits limits = {},
                      weir::recoverability policy = {},
                      std::vector<weir::delivery::filter_rule> filters = {})
      : on(policy, weir::delivery::filtered(factory(std::move(handler)), std::move(filters)),
           limits) {}

  /// The next `count` events of the lane as a batch; the key is the number's last digit, modulo
  /// `keys`.
  void send(std::uint32_t lane, std::uint32_t count, std::uint64_t keys = 10) {
    const boost::intrusive_ptr<weir::block_pool> pool{new weir::block_pool{{}}};
    auto memory = pool->take();
    const auto offset = on.subject.received(lane);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto number = number_of(lane, offset + i);
      event_tests::build(*memory, numbered{number}, std::to_string(number % 10 % keys));
    }
    memory->commit();
    weir::batch events{memory, 0, count, memory->bytes()};
    events.set_first_offset(offset);
    on.drive([&](effects& out) { on.subject.receive(lane, std::move(events), true, time, out); });
    collect();
  }

  /// Takes what the handlers want to ask, and the timer.
  void collect() {
    for (weir::delivery::ask one; on.subject.take_ask(one); one = {}) {
      if (one.requests) {
        const auto& asked = *static_cast<const std::vector<std::uint64_t>*>(one.requests.get());
        open[asked.front()] = one.ticket;
      } else {
        timer = time + one.timeout;
      }
    }
  }
  void answer(std::uint64_t number, weir::result<std::uint64_t> reply = std::uint64_t{0}) {
    collect();
    const auto ticket = open.at(number);
    open.erase(number);
    auto answers = std::make_shared<std::vector<weir::result<std::uint64_t>>>();
    answers->push_back(std::move(reply));
    on.drive([&](effects& out) { on.subject.answered(ticket, answers, time, out); });
    collect();
  }
  /// Time passes; the timer fires if it is due.
  void pass(weir::duration by) {
    collect();
    time += by;
    if (!timer || *timer > time) return;
    timer.reset();
    on.drive([&](effects& out) { on.subject.overdue(0, time, out); });
    collect();
  }
  lines seen() { return on.seen(); }

  weir::timestamp time = noon;
  std::map<std::uint64_t, std::uint64_t> open;  // number asked about, ticket
  std::optional<weir::timestamp> timer;
  stage on;

 private:
  weir::delivery::handler_factory factory(plan handler) {
    return weir::delivery::handlers_of(
        [this, handler = std::move(handler)](
            const numbered& event,
            weir::task_context& context) -> weir::task<weir::result<void>> {
          on.text.note("begin " + std::to_string(event.number), context);
          auto done = co_await handler(event, context);
          on.text.lines.push_back((done ? "end " : "fail ") + std::to_string(event.number));
          if (done) ++on.text.succeeded[event.number];
          co_return done;
        });
  }
};

/// Asks the oracle about the event.
inline weir::task<weir::result<void>> ask_oracle(const numbered& event,
                                                 weir::task_context& context) {
  auto reply = co_await context.ask(the_oracle, event.number);
  if (!reply) co_return weir::fail(std::move(reply.error()));
  co_return weir::result<void>{};
}

}  // namespace delivery_tests
