// SPDX-License-Identifier: BSD-3-Clause
// A stage whose handler defers the events it is told to and completes them when it is told to; a
// death or a restart makes it forget, as a new incarnation must. Its acts are: one for the call,
// one for the completion.
#pragma once

#include <algorithm>
#include <deque>
#include <set>

#include "weir/tests/runtime/delivery/outlet.hpp"
#include "weir/tests/runtime/delivery/stage.hpp"

namespace delivery_tests {

class deferring_stage {
 public:
  explicit deferring_stage(weir::recoverability policy = {})
      : deferring_stage(policy, [](deferring_stage& own) { return own.handlers(); }) {}
  /// With handlers that are made of, or instead of, its own.
  template <class Make>
  deferring_stage(weir::recoverability policy, Make make)
      : on(policy, [this, make] {
          waiting.clear();
          ready.clear();
          return make(*this);
        }) {
    on.open(0);
    on.open(1);
  }

  weir::delivery::handler_table handlers() {
    weir::delivery::handler_table table;
    table.add_deferring(weir::type_of<numbered>(), std::make_unique<handler>(*this));
    return table;
  }
  void defer(std::set<std::uint64_t> numbers) { to_defer = std::move(numbers); }
  /// Makes these events ready, in this order, and tells the consumer that an answer has come.
  void complete(const std::vector<std::uint64_t>& numbers) {
    for (const auto number : numbers) ready.push_back(waiting.at(number));
    on.drive([&](effects& out) { on.subject.answered(0, nullptr, on.now, out); });
  }

  std::set<std::uint64_t> to_defer;
  std::map<std::uint64_t, std::uint64_t> waiting;  // event number to deferral
  std::deque<std::uint64_t> ready;
  std::size_t pause_at = 1'000'000;
  std::uint64_t questions = 0;
  const outlet* publish_to = nullptr;
  stage on;  // last: its first handlers are made with the members above

 private:
  class handler final : public weir::delivery::deferring_handler {
   public:
    explicit handler(deferring_stage& owner) : owner_(owner) {}

    weir::delivery::run_outcome run(const weir::event_slot* slots, std::uint32_t from,
                                    std::uint32_t to, weir::context& where) override {
      try {
        for (auto index = from; index < to; ++index) {
          where.at(index);
          const auto number = static_cast<const numbered*>(slots[index].payload)->number;
          owner_.on.text.note(std::to_string(number), where);
          if (auto done = owner_.on.text.play(number); !done) {
            return {index - from, true, std::move(done.error())};
          }
          if (owner_.to_defer.contains(number)) {
            owner_.waiting[number] = where.defer();
            owner_.on.text.lines.push_back("deferred " + std::to_string(number));
          } else {
            ++owner_.on.text.succeeded[number];
          }
          if (owner_.waiting.size() < owner_.pause_at) continue;
          where.pause();
          return {index + 1 - from, false, {}};
        }
        return {to - from, false, {}};
      } catch (const std::exception&) {
        return {where.index() - from, true, weir::delivery::current_exception_error()};
      }
    }
    std::optional<std::uint64_t> next_ready() override {
      if (owner_.ready.empty()) return std::nullopt;
      const auto id = owner_.ready.front();
      owner_.ready.pop_front();
      return id;
    }
    std::optional<weir::result<void>> complete(std::uint64_t, const void* payload,
                                               weir::context& where) override {
      const auto number = static_cast<const numbered*>(payload)->number;
      owner_.waiting.erase(number);
      owner_.on.text.note("complete " + std::to_string(number), where);
      if (owner_.publish_to != nullptr) {
        if (auto sent = where.publish(*owner_.publish_to, numbered{number}); !sent) return sent;
      }
      auto done = owner_.on.text.play(number);
      if (done) ++owner_.on.text.succeeded[number];
      return done;
    }
    bool take_ask(weir::delivery::ask& out) override {
      if (owner_.questions == 0) return false;
      out.ticket = owner_.questions--;
      return true;
    }
    void answered(std::uint64_t ticket, const std::shared_ptr<const void>&) override {
      if (ticket > 0) owner_.on.text.lines.push_back("answered " + std::to_string(ticket));
    }
    void overdue(std::uint64_t ticket, weir::timestamp) override {
      owner_.on.text.lines.push_back("overdue " + std::to_string(ticket));
    }

   private:
    deferring_stage& owner_;
  };
};

}  // namespace delivery_tests
