// SPDX-License-Identifier: BSD-3-Clause
// Whether the calling thread is in a handler: what waits for subscribers may not be called there,
// as it would wait for itself.
#pragma once

#include <string>

#include "weir/runtime/core/error.hpp"

namespace weir::actors {

/// Exists while a subscriber runs handlers.
class handler_turn {
 public:
  handler_turn() noexcept { ++depth; }
  ~handler_turn() { --depth; }
  handler_turn(const handler_turn&) = delete;
  handler_turn& operator=(const handler_turn&) = delete;

  static bool here() noexcept { return depth > 0; }

 private:
  static inline thread_local int depth = 0;
};

inline bool in_handler() noexcept { return handler_turn::here(); }

/// `what` was called in a handler.
inline error called_in_handler(const std::string& what) {
  return {errc::invalid_argument, what + ": called in a handler, it would wait for itself"};
}

}  // namespace weir::actors
