// SPDX-License-Identifier: BSD-3-Clause
// Stages composed from left to right into one function, checked by type: `auto p = start<order>() |
// validate("has lines", has_lines) | filter(is_open) | stamp(price)`; then `p(order)`.
// Invariant: a pipeline is what its stages are one after the other; the first that filters or fails
// ends it. It allocates nothing of its own per event. Values, so copies are independent.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "weir/runtime/pipeline/filter.hpp"
#include "weir/runtime/pipeline/lookup.hpp"
#include "weir/runtime/pipeline/outcome.hpp"
#include "weir/runtime/pipeline/stamp.hpp"
#include "weir/runtime/pipeline/validate.hpp"

namespace weir::pipeline {

/// A pipeline from In to Out; itself a stage, so pipelines compose. Calling it is const: any
/// thread, if the functions in its stages allow that.
template <class In, class Out, class... Stages>
class pipeline {
 public:
  using input_type = In;
  using output_type = Out;

  explicit pipeline(std::tuple<Stages...> stages = {}) : stages_(std::move(stages)) {}

  outcome<Out> operator()(In value) const { return run<0>(std::move(value)); }

  /// This pipeline and one more stage. A stage that does not take what this gives is refused here.
  template <stage_for<Out> Stage>
  auto then(Stage stage) && {
    return pipeline<In, stage_value<Stage, Out>, Stages..., Stage>{
        std::tuple_cat(std::move(stages_), std::tuple<Stage>{std::move(stage)})};
  }

 private:
  template <std::size_t Index, class T>
  outcome<Out> run(T value) const {
    if constexpr (Index == sizeof...(Stages)) {
      return value;
    } else {
      auto made = std::get<Index>(stages_)(std::move(value));
      if (made.is_filtered()) return filtered;
      if (made.failed()) return std::move(made).failure();
      return run<Index + 1>(std::move(made).value());
    }
  }

  std::tuple<Stages...> stages_;
};

/// The empty pipeline: gives what it is given.
template <class T>
pipeline<T, T> start() {
  return pipeline<T, T>{};
}

template <class In, class Out, class... Stages, stage_for<Out> Stage>
auto operator|(pipeline<In, Out, Stages...> left, Stage stage) {
  return std::move(left).then(std::move(stage));
}

}  // namespace weir::pipeline
