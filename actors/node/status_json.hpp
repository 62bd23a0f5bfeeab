// SPDX-License-Identifier: BSD-3-Clause
// A node's status as JSON, and back: for whoever asks from outside.
#pragma once

#include <string>
#include <string_view>

#include "weir/actors/node/status.hpp"
#include "weir/runtime/core/result.hpp"

namespace weir {

/// One object: `at`, `topics`, `subscriptions`, `subscribers`, `bulkheads`, each an array of
/// objects. Reasons of drops are names; times are RFC 3339, ages nanoseconds.
std::string to_json(const node_status& seen);
/// errc::malformed and its like.
result<node_status> read_status(std::string_view json);

}  // namespace weir
