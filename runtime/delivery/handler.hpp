// SPDX-License-Identifier: BSD-3-Clause
// From a plain function to something a subscriber can run over a batch: one virtual call per run of
// events of one type, then a typed loop. A handler is void or result<void>, and takes the event
// and, if it likes, the context.
//
// A std::exception ends the attempt, not the subscriber. Anything else that is thrown passes
// through and ends the actor, whose supervisor decides.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/delivery/context.hpp"
#include "weir/runtime/delivery/deferring.hpp"

namespace weir::delivery {

/// What became of a run. `handled` events from its start are done; if `failed`, the next one is
/// not. Without failure and short of the end, the rest is to be run again when there is room.
struct run_outcome {
  std::uint32_t handled = 0;
  bool failed = false;
  error failure{};
};

/// Handles runs of one event type. Not thread-safe: one incarnation of one subscriber owns it.
class run_handler {
 public:
  virtual ~run_handler() = default;
  /// Handles events [from, to) of an opened batch, stopping at the first failure.
  virtual run_outcome run(const event_slot* slots, std::uint32_t from, std::uint32_t to,
                          context& where) = 0;
  /// The same for the events with these indices, ascending and at least one: those that filters
  /// have left. `handled` counts them only.
  virtual run_outcome run_chosen(const event_slot* slots, std::span<const std::uint32_t> indices,
                                 context& where);
};

/// A handler of one type that may defer its events.
class deferring_handler : public run_handler, public deferring {};

/// The exception being handled as an error of code handler_threw, nested exceptions as its causes.
/// Call only inside a catch block.
error current_exception_error();

namespace internal {

template <class F>
struct callable : callable<decltype(&F::operator())> {};
template <class R, class... A>
struct callable<R (*)(A...)> {
  using result_type = R;
  using arguments = std::tuple<A...>;
};
template <class R, class... A>
struct callable<R (*)(A...) noexcept> : callable<R (*)(A...)> {};
template <class C, class R, class... A>
struct callable<R (C::*)(A...)> : callable<R (*)(A...)> {};
template <class C, class R, class... A>
struct callable<R (C::*)(A...) const> : callable<R (*)(A...)> {};
template <class C, class R, class... A>
struct callable<R (C::*)(A...) noexcept> : callable<R (*)(A...)> {};
template <class C, class R, class... A>
struct callable<R (C::*)(A...) const noexcept> : callable<R (*)(A...)> {};

template <class First>
struct first_parameter {
  using event = First;
  static constexpr bool is_batch = false;
};
template <class T>
struct first_parameter<std::span<const T* const>> {
  using event = T;
  static constexpr bool is_batch = true;
};
template <class F>
using first_parameter_of = first_parameter<
    std::remove_cvref_t<std::tuple_element_t<0, typename callable<F>::arguments>>>;

}  // namespace internal

/// The event type a handler takes.
template <class F>
using handled_type = typename internal::first_parameter_of<F>::event;

/// True if F takes runs of events at once: see batch_handler.hpp.
template <class F>
inline constexpr bool takes_batch = internal::first_parameter_of<F>::is_batch;

template <class F>
class typed_handler final : public run_handler {
 public:
  using event = handled_type<F>;
  static_assert(event_payload<event>, "declare the event with WEIR_EVENT");
  static constexpr bool wants_context = std::is_invocable_v<F&, const event&, context&>;
  static_assert(wants_context || std::is_invocable_v<F&, const event&>,
                "a handler takes (const Event&) or (const Event&, weir::context&)");
  using returned = typename internal::callable<F>::result_type;
  static_assert(std::is_void_v<returned> || std::is_convertible_v<returned, result<void>>,
                "a handler returns void or weir::result<void>");

  explicit typed_handler(F function) : function_(std::move(function)) {}

  run_outcome run(const event_slot* slots, std::uint32_t from, std::uint32_t to,
                  context& where) override {
    return each(slots, from, to, where, [](std::uint32_t at) { return at; });
  }
  run_outcome run_chosen(const event_slot* slots, std::span<const std::uint32_t> indices,
                         context& where) override {
    return each(slots, 0, static_cast<std::uint32_t>(indices.size()), where,
                [indices](std::uint32_t at) { return indices[at]; });
  }

 private:
  template <class IndexOf>
  run_outcome each(const event_slot* slots, std::uint32_t first, std::uint32_t end, context& where,
                   IndexOf index_of) {
    auto at = first;
    try {
      for (; at < end; ++at) {
        const auto index = index_of(at);
        where.at(index);
        const auto& payload = *static_cast<const event*>(slots[index].payload);
        if constexpr (std::is_void_v<returned>) {
          call(payload, where);
        } else {
          result<void> returned_value = call(payload, where);
          if (!returned_value) return {at - first, true, std::move(returned_value.error())};
        }
        if constexpr (wants_context) {
          if (where.staged() && !where.accept()) return {at + 1 - first, false, {}};
        }
      }
      return {end - first, false, {}};
    } catch (const std::exception&) {
      return {at - first, true, current_exception_error()};
    }
  }
  decltype(auto) call(const event& payload, context& where) {
    if constexpr (wants_context) {
      return function_(payload, where);
    } else {
      return function_(payload);
    }
  }

  F function_;
};

/// The handlers of one incarnation, by event type index: dispatch is an array access per run.
class handler_table {
 public:
  handler_table() = default;
  handler_table(handler_table&&) = default;
  handler_table& operator=(handler_table&& other) noexcept {
    // What waits goes before the handlers it belongs to, as it does at the end.
    std::swap(by_type_, other.by_type_);
    std::swap(catch_all_, other.catch_all_);
    std::swap(deferring_, other.deferring_);
    std::swap(owned_, other.owned_);
    return *this;
  }

  /// Later handlers of the same type replace earlier ones.
  void add(const event_type& type, std::unique_ptr<run_handler> handler);
  /// Takes every type that has no handler of its own.
  void add_catch_all(std::unique_ptr<run_handler> handler) { catch_all_ = std::move(handler); }
  /// A table has at most one handler that defers, or one runner for several.
  void add_deferring(const event_type& type, std::unique_ptr<deferring_handler> handler) {
    deferring_ = handler.get();
    add(type, std::move(handler));
  }
  /// Takes a type's own handler out, to be added again behind something else; null if none.
  std::unique_ptr<run_handler> take(const event_type& type) noexcept {
    return type.index < by_type_.size() ? std::move(by_type_[type.index]) : nullptr;
  }
  /// Puts each handler into what `into(handler)` makes of it.
  template <class Into>
  void wrap(Into&& into) {
    for (auto& one : by_type_) {
      if (one != nullptr) one = into(std::move(one));
    }
    if (catch_all_ != nullptr) catch_all_ = into(std::move(catch_all_));
  }
  void set_deferring(std::unique_ptr<delivery::deferring> runner) {
    deferring_ = runner.get();
    owned_ = std::move(runner);
  }
  delivery::deferring* deferring() const noexcept { return deferring_; }

  run_handler* find(const event_type& type) const noexcept {
    if (type.index < by_type_.size() && by_type_[type.index] != nullptr) {
      return by_type_[type.index].get();
    }
    return catch_all_.get();
  }

 private:
  std::vector<std::unique_ptr<run_handler>> by_type_;
  std::unique_ptr<run_handler> catch_all_;
  delivery::deferring* deferring_ = nullptr;
  std::unique_ptr<delivery::deferring> owned_;  // last: frames go before their handlers
};

/// Builds the handlers of a new incarnation from their prototypes; called at start and restart.
using handler_factory = std::function<handler_table()>;

/// A factory that copies `functions`: a restart begins with the state they have now.
template <class... F>
handler_factory copies_of(F... functions) {
  return [... prototypes = std::move(functions)] {
    handler_table table;
    (table.add(type_of<handled_type<F>>(), std::make_unique<typed_handler<F>>(prototypes)), ...);
    return table;
  };
}

}  // namespace weir::delivery
