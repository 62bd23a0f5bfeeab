// SPDX-License-Identifier: BSD-3-Clause
// The stage that rejects what breaks a named rule. The name is what a dead letter says, so it is
// written as the claim that should hold: "delay in range".
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <utility>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/pipeline/outcome.hpp"

namespace weir::pipeline {

template <class Rule>
class validate_stage {
 public:
  validate_stage(std::string name, Rule rule) : name_(std::move(name)), rule_(std::move(rule)) {}

  template <class T>
  requires std::invocable<const Rule&, const T&> outcome<T>
  operator()(T value) const {
    if constexpr (std::same_as<std::invoke_result_t<const Rule&, const T&>, result<void>>) {
      if (auto checked = std::invoke(rule_, std::as_const(value)); !checked) {
        return rejected(std::move(checked).error());
      }
    } else {
      if (!std::invoke(rule_, std::as_const(value)))
        return error{errc::rejected, "rule '" + name_ + "'"};
    }
    return value;
  }

 private:
  // Whatever the rule answered, the event is rejected; the rule's own words come along.
  error rejected(error why) const {
    error failure{errc::rejected, "rule '" + name_ + "': " + why.message};
    failure.causes = std::move(why.causes);
    return failure;
  }

  std::string name_;
  Rule rule_;
};

/// Lets a value pass if `rule(value)` holds, else gives errc::rejected with `rule '<name>'`. A rule
/// is a predicate, or a function that returns result<void> to say why in its own words.
template <class Rule>
validate_stage<Rule> validate(std::string name, Rule rule) {
  return {std::move(name), std::move(rule)};
}

}  // namespace weir::pipeline
