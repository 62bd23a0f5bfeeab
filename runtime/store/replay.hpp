// SPDX-License-Identifier: BSD-3-Clause
// Events of one topic again, as events of another: whoever subscribes to that gets them. They keep
// their ids, times, keys, lineage and payload bytes, and their partition and its order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "weir/runtime/codec/batch_record.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/store.hpp"
#include "weir/runtime/store/survey.hpp"

namespace weir::store {

struct replay_request {
  std::string topic;
  std::string into;
  /// Where to begin in a partition; asked once for each.
  std::function<std::uint64_t(const log_ends& log)> from;
  /// Whether the event is replayed.
  std::function<bool(const codec::stored_event& event, const codec::stored_type& type)> wanted;
  /// Goes on with one that was interrupted; `from` counts only where that had not begun.
  bool resume = false;
  /// Asked after each commit; true interrupts.
  std::function<bool()> stop;
};

struct replay_report {
  std::uint64_t replayed = 0;
  std::uint64_t left_out = 0;  // not wanted
  std::uint32_t partitions = 0;
  bool interrupted = false;
};

/// What is stored of `topic` now is appended to the logs of `into`, about a megabyte a commit. How
/// far it has come is part of each commit, and forgotten by the last: wherever it is killed or
/// fails, resuming replays the rest and nothing twice. errc::not_found: no events of such a topic,
/// or nothing to resume (it had not begun, or was done); errc::already_exists: one that was
/// interrupted can be resumed; errc::invalid_argument: into the topic itself; errors of log_cursor
/// and store::commit.
result<replay_report> replay(const std::shared_ptr<store>& where, const replay_request& request);

}  // namespace weir::store
