// SPDX-License-Identifier: BSD-3-Clause
// The stage that leaves events out. Nothing is wrong with them: they are counted as filtered.
#pragma once

#include <concepts>
#include <functional>
#include <utility>

#include "weir/runtime/pipeline/outcome.hpp"

namespace weir::pipeline {

template <class Predicate>
class filter_stage {
 public:
  explicit filter_stage(Predicate keeps) : keeps_(std::move(keeps)) {}

  template <class T>
  requires std::predicate<const Predicate&, const T&> outcome<T>
  operator()(T value) const {
    if (!std::invoke(keeps_, std::as_const(value))) return filtered;
    return value;
  }

 private:
  Predicate keeps_;
};

/// Lets a value pass if `keeps(value)`, else the event is filtered.
template <class Predicate>
filter_stage<Predicate> filter(Predicate keeps) {
  return filter_stage<Predicate>{std::move(keeps)};
}

}  // namespace weir::pipeline
