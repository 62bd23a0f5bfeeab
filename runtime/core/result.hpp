// SPDX-License-Identifier: BSD-3-Clause
// The return type of everything that may fail for reasons outside our code. Its shape is
// std::expected's, so that a newer standard library can replace it; and_then and its like want a
// tl::expected from their function.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "weir/runtime/core/error.hpp"

namespace weir {

/// A value or an error; discarding one is a warning, and warnings are errors here.
template <class T>
class [[nodiscard]] result : public tl::expected<T, error> {
 public:
  using base = tl::expected<T, error>;
  using base::base;
  result(base&& other) : base(std::move(other)) {}
  result(const base& other) : base(other) {}
};

/// `return fail(errc::not_found, "topic orders");`
inline tl::unexpected<error> fail(errc code, std::string message) {
  return tl::unexpected<error>(error{code, std::move(message)});
}
inline tl::unexpected<error> fail(error failure) {
  return tl::unexpected<error>(std::move(failure));
}

}  // namespace weir
