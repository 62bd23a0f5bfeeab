// SPDX-License-Identifier: BSD-3-Clause
// Batch handlers: functions that take a run of consecutive events of one type at once, as
// std::span<const Event* const> and, if they like, the context; for what is cheaper together, as an
// INSERT of many rows.
//
// A call gets what one batch has of the run: the events that pass the filters, that are not too
// old, and for which the rate limit has tokens. In a call of several events the context's header(),
// key() and offset() are those of the first, which is also the cause of what is published. Pointers
// are valid during the call only.
//
// If a call of several events fails or throws, nothing it published stays, and its events are given
// again one by one (spans of one). Only then do failures count: attempt() is 1 in the first of
// these calls, and only an event that fails alone is retried, dead-lettered or skipped. The same if
// a call of several events ends the subscriber: nobody knows which of them did, so none counts a
// delivery; the restart gives them one by one, and one that ends its subscriber alone
// `max_deliveries` times is a dead letter. (So it may have ended it once more than that.) What a
// failed call has done outside may be done again; a handler that minds does it in one transaction.
#pragma once

#include <span>
#include <vector>

#include "weir/runtime/delivery/handler.hpp"

namespace weir::delivery {

template <class F>
class batch_handler final : public run_handler {
 public:
  using event = handled_type<F>;
  using view = std::span<const event* const>;
  static_assert(event_payload<event>, "declare the event with WEIR_EVENT");
  static constexpr bool wants_context = std::is_invocable_v<F&, view, context&>;
  static_assert(wants_context || std::is_invocable_v<F&, view>,
                "a batch handler takes (std::span<const Event* const>), and weir::context& if it "
                "likes");
  using returned = typename internal::callable<F>::result_type;
  static_assert(std::is_void_v<returned> || std::is_convertible_v<returned, result<void>>,
                "a batch handler returns void or weir::result<void>");

  explicit batch_handler(F function) : function_(std::move(function)) {}

  run_outcome run(const event_slot* slots, std::uint32_t from, std::uint32_t to,
                  context& where) override {
    payloads_.clear();
    for (auto index = from; index < to; ++index) add(slots[index]);
    return give(from, to, where);
  }
  run_outcome run_chosen(const event_slot* slots, std::span<const std::uint32_t> indices,
                         context& where) override {
    payloads_.clear();
    for (const auto index : indices) add(slots[index]);
    return give(indices.front(), indices.back() + 1, where);
  }

 private:
  void add(const event_slot& slot) { payloads_.push_back(static_cast<const event*>(slot.payload)); }

  run_outcome give(std::uint32_t from, std::uint32_t to, context& where) {
    const auto count = static_cast<std::uint32_t>(payloads_.size());
    const bool wide = count > 1;
    where.at(from);
    if (wide) where.begin_wide({to, count});
    try {
      if constexpr (std::is_void_v<returned>) {
        call(where);
      } else {
        result<void> done = call(where);
        if (!done) return wide ? run_outcome{} : run_outcome{0, true, std::move(done.error())};
      }
    } catch (const std::exception&) {
      return wide ? run_outcome{} : run_outcome{0, true, current_exception_error()};
    }
    if (where.staged()) where.accept();
    static_cast<void>(where.take_wide());
    return {count, false, {}};
  }
  decltype(auto) call(context& where) {
    if constexpr (wants_context) {
      return function_(view{payloads_}, where);
    } else {
      return function_(view{payloads_});
    }
  }

  F function_;
  std::vector<const event*> payloads_;  // reused: a call allocates nothing once it is warm
};

/// The types that some of these functions take in batches.
template <class... F>
std::vector<const event_type*> batched_types() {
  std::vector<const event_type*> types;
  ((takes_batch<F> ? types.push_back(&type_of<handled_type<F>>()) : void()), ...);
  return types;
}

}  // namespace weir::delivery
