// SPDX-License-Identifier: BSD-3-Clause
// From functions of which some are coroutines to the handlers of a subscriber: a coroutine takes
// the event and, if it likes, a task_context, and returns task<result<void>>. Plain functions
// beside it keep the order of keys with it.
#pragma once

#include "weir/runtime/delivery/batch_handler.hpp"
#include "weir/runtime/delivery/task_runner.hpp"

namespace weir {

/// Up to `keys` keys in progress at once, each strictly in order; see subscription::concurrency.
struct per_key {
  std::uint32_t keys;
};

namespace delivery {

/// True if F is a handler that returns a task.
template <class F>
inline constexpr bool returns_task =
    weir::internal::is_task<typename internal::callable<F>::result_type>::value;

template <class F>
class task_handler final : public run_handler, private task_starter {
 public:
  using event = handled_type<F>;
  static_assert(event_payload<event>, "declare the event with WEIR_EVENT");

  task_handler(F function, task_runner& runner)
      : function_(std::move(function)), runner_(runner) {}

  run_outcome run(const event_slot* slots, std::uint32_t from, std::uint32_t to,
                  context& where) override {
    return runner_.run(*this, slots, from, to, where);
  }

 private:
  std::optional<result<void>> begin(const void* payload, task_context& waiting, context& where,
                                    task<result<void>>& running) override {
    const auto& value = *static_cast<const event*>(payload);
    if constexpr (returns_task<F>) {
      static_assert(std::is_same_v<typename internal::callable<F>::result_type,
                                   task<result<void>>>,
                    "a handler that waits returns weir::task<weir::result<void>>");
      if constexpr (std::is_invocable_v<F&, const event&, task_context&>) {
        running = function_(value, waiting);
      } else {
        static_assert(std::is_invocable_v<F&, const event&>,
                      "a handler that waits takes (const Event&) or (const Event&, "
                      "weir::task_context&)");
        running = function_(value);
      }
      return std::nullopt;
    } else if constexpr (std::is_void_v<typename internal::callable<F>::result_type>) {
      call(value, where);
      return result<void>{};
    } else {
      return result<void>{call(value, where)};
    }
  }
  decltype(auto) call(const event& value, context& where) {
    if constexpr (std::is_invocable_v<F&, const event&, context&>) {
      return function_(value, where);
    } else {
      return function_(value);
    }
  }

  F function_;
  task_runner& runner_;
};

/// The handler of a function that does not wait.
template <class F>
using plain_handler = std::conditional_t<takes_batch<F>, batch_handler<F>, typed_handler<F>>;

/// As copies_of, also for functions that return tasks or take batches.
template <class... F>
handler_factory handlers_of(F... functions) {
  if constexpr ((returns_task<F> || ...)) {
    static_assert(!(takes_batch<F> || ...),
                  "a handler that takes a batch neither waits nor stands beside one that does, "
                  "whose keys it would overtake: give it a subscription of its own");
    return [... prototypes = std::move(functions)] {
      handler_table table;
      auto runner = std::make_unique<task_runner>();
      (table.add(type_of<handled_type<F>>(),
                 std::make_unique<task_handler<F>>(prototypes, *runner)),
       ...);
      table.set_deferring(std::move(runner));
      return table;
    };
  } else {
    return [... prototypes = std::move(functions)] {
      handler_table table;
      (table.add(type_of<handled_type<F>>(), std::make_unique<plain_handler<F>>(prototypes)), ...);
      return table;
    };
  }
}

}  // namespace delivery
}  // namespace weir
