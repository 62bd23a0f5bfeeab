// SPDX-License-Identifier: BSD-3-Clause
// What a stage makes of a value: another value, nothing because it was filtered, or an error.
// Invariant: exactly one of the three. Lives on the stack; only an error's text touches the heap.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "weir/runtime/core/error.hpp"
#include "weir/runtime/core/invariant.hpp"

namespace weir::pipeline {

/// `return filtered;` from a stage of your own: the event is left out and counted as filtered.
struct filtered_out {
  bool operator==(const filtered_out&) const = default;
};
inline constexpr filtered_out filtered{};

template <class T>
class [[nodiscard]] outcome {
  static_assert(std::is_object_v<T> && !std::is_const_v<T>, "a stage gives a value");
  static_assert(!std::is_same_v<T, error> && !std::is_same_v<T, filtered_out>,
                "an error and a filtered event are not values");

 public:
  using value_type = T;

  outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  outcome(filtered_out) noexcept : state_(std::in_place_index<1>) {}
  outcome(error failure) noexcept : state_(std::in_place_index<2>, std::move(failure)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  bool is_filtered() const noexcept { return state_.index() == 1; }
  bool failed() const noexcept { return state_.index() == 2; }

  /// The value; asking without one breaks an invariant.
  const T& value() const& noexcept {
    WEIR_INVARIANT(has_value(), "an outcome without a value");
    return *std::get_if<0>(&state_);
  }
  T& value() & noexcept { return const_cast<T&>(std::as_const(*this).value()); }
  T&& value() && noexcept { return std::move(value()); }

  /// The error; asking without one breaks an invariant.
  const error& failure() const& noexcept {
    WEIR_INVARIANT(failed(), "an outcome without an error");
    return *std::get_if<2>(&state_);
  }
  error&& failure() && noexcept {
    return std::move(const_cast<error&>(std::as_const(*this).failure()));
  }

 private:
  std::variant<T, filtered_out, error> state_;
};

template <class T>
struct is_outcome : std::false_type {};
template <class T>
struct is_outcome<outcome<T>> : std::true_type {};

/// A stage for T: called as const with a T, it gives an `outcome` of something.
template <class Stage, class T>
concept stage_for = requires(const Stage& stage, T value) {
  requires is_outcome<std::remove_cvref_t<decltype(stage(std::move(value)))>>::value;
};

/// What a stage for T gives.
template <class Stage, class T>
using stage_value = typename std::remove_cvref_t<std::invoke_result_t<const Stage&, T>>::value_type;

}  // namespace weir::pipeline
