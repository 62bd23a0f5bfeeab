// SPDX-License-Identifier: BSD-3-Clause
// One event, one question, one call.
#include "weir/runtime/delivery/interference.hpp"

#include <memory>
#include <utility>

namespace weir::delivery {
namespace {

class interfered_handler final : public run_handler {
 public:
  interfered_handler(std::unique_ptr<run_handler> inner, std::string subscription,
                     interference interfere)
      : inner_(std::move(inner)),
        subscription_(std::move(subscription)),
        interfere_(std::move(interfere)) {}

  run_outcome run(const event_slot* slots, std::uint32_t from, std::uint32_t to,
                  context& where) override {
    for (auto at = from; at < to; ++at) {
      where.at(at);
      auto outcome = one(slots, at, where);
      if (outcome.failed || outcome.handled == 0) {
        outcome.handled = at - from;
        return outcome;
      }
      // What was staged before a handler that takes no context is accepted here.
      const bool room = !where.staged() || where.accept();
      if (!room || where.paused() || !where.has_room()) return {at + 1 - from, false, {}};
    }
    return {to - from, false, {}};
  }

 private:
  run_outcome one(const event_slot* slots, std::uint32_t at, context& where) {
    auto outcome = interfered_call(slots, at, where);
    if (interfere_.after) {
      interfere_.after(subscription_, where, outcome.failed ? &outcome.failure : nullptr);
    }
    return outcome;
  }

  run_outcome interfered_call(const event_slot* slots, std::uint32_t at, context& where) {
    if (auto struck = strike(where); !struck) return {0, true, std::move(struck.error())};
    auto spoiled = interfere_.spoils ? interfere_.spoils(subscription_, where) : std::nullopt;
    if (!spoiled) return inner_->run(slots, at, at + 1, where);
    const auto deferrals = where.next_deferral();
    where.withhold(true);
    run_outcome outcome;
    try {
      outcome = inner_->run(slots, at, at + 1, where);
    } catch (...) {
      where.withhold(false);
      throw;
    }
    where.withhold(false);
    if (outcome.failed || outcome.handled == 0 || where.next_deferral() != deferrals) {
      return outcome;
    }
    return {0, true, std::move(*spoiled)};
  }

  result<void> strike(context& where) const {
    try {
      return interfere_.before(subscription_, where);
    } catch (const std::exception&) {
      return fail(current_exception_error());
    }
  }

  std::unique_ptr<run_handler> inner_;
  std::string subscription_;
  interference interfere_;
};

}  // namespace

handler_factory interfered(handler_factory inner, std::string subscription,
                           interference interfere) {
  if (!interfere) return inner;
  return [inner = std::move(inner), subscription = std::move(subscription),
          interfere = std::move(interfere)] {
    auto table = inner();
    table.wrap([&](std::unique_ptr<run_handler> handler) {
      return std::make_unique<interfered_handler>(std::move(handler), subscription, interfere);
    });
    return table;
  };
}

}  // namespace weir::delivery
