// SPDX-License-Identifier: BSD-3-Clause
// The stage that adds something to every value or turns it into another, and cannot fail.
#pragma once

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

#include "weir/runtime/pipeline/outcome.hpp"

namespace weir::pipeline {

template <class Function>
class stamp_stage {
 public:
  explicit stamp_stage(Function function) : function_(std::move(function)) {}

  template <class T>
  requires std::invocable<const Function&, T&> &&
      std::is_void_v<std::invoke_result_t<const Function&, T&>>
          outcome<T>
  operator()(T value) const {
    std::invoke(function_, value);
    return value;
  }

  template <class T>
  requires(std::invocable<const Function&, T> &&
           !std::is_void_v<std::invoke_result_t<const Function&, T>>)
      outcome<std::remove_cvref_t<std::invoke_result_t<const Function&, T>>>
  operator()(T value) const { return std::invoke(function_, std::move(value)); }

 private:
  Function function_;
};

/// `function(T&)` that returns nothing changes the value in place; `function(T)` that returns
/// something gives the next value, of any type.
template <class Function>
stamp_stage<Function> stamp(Function function) {
  return stamp_stage<Function>{std::move(function)};
}

}  // namespace weir::pipeline
