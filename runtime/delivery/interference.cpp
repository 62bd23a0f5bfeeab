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
      if (auto struck = strike(where); !struck) {
        return {at - from, true, std::move(struck.error())};
      }
      auto outcome = inner_->run(slots, at, at + 1, where);
      if (outcome.failed || outcome.handled == 0) {
        outcome.handled = at - from;
        return outcome;
      }
      if (where.paused() || !where.has_room()) return {at + 1 - from, false, {}};
    }
    return {to - from, false, {}};
  }

 private:
  result<void> strike(const context& where) const {
    try {
      return interfere_(subscription_, where);
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
