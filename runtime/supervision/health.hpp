// SPDX-License-Identifier: BSD-3-Clause
// How a supervision tree is doing at one moment, as data: who runs, who is restarted how often, and
// what the last failure was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/runtime/core/error.hpp"
#include "weir/runtime/supervision/supervisor.hpp"

namespace weir::supervision {

/// What a member of the tree is.
enum class member_kind : std::uint8_t { supervisor, subscription, dead_letters };

/// `running`; `restarting`: it has ended and will start, perhaps after a backoff; `stopping`: it
/// was asked to and has not yet; `ended`: it is done and will not start; `failed`: it was given up,
/// or has halted, because of `last_error`.
enum class member_state : std::uint8_t { running, restarting, stopping, ended, failed };

std::string_view to_string(member_kind value) noexcept;
std::string_view to_string(member_state value) noexcept;

/// One supervisor or child, with everything below it. A value; nothing in it changes.
struct health {
  std::string name;
  member_kind kind = member_kind::supervisor;
  member_state state = member_state::ended;
  restart_type type = restart_type::permanent;
  /// Times it was started again, since the node started.
  std::uint64_t restarts = 0;
  /// Of a supervisor: the restarts that count against one now, and how many may.
  std::size_t recent = 0;
  std::optional<intensity> limit{};
  /// The failure that ended it last, or because of which it has halted.
  std::optional<error> last_error{};
  std::vector<health> children{};  // in start order

  /// It and everything below it runs, or has ended as it should.
  bool well() const noexcept;
};

/// A line for each member, children below their supervisor and further in:
///   weir: supervisor, running, 0 of 3 restarts in 5000ms
///     billing: subscription, running, restarted 2 times, last: handler_threw: ...
std::string to_string(const health& tree);

}  // namespace weir::supervision
