// SPDX-License-Identifier: BSD-3-Clause
// A simulated run as a picture: JSON of the Trace Event Format, which chrome://tracing and
// ui.perfetto.dev open. One row per subscription and partition, in virtual time; faults and other
// notes are marks across all rows.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "weir/runtime/sim/call_record.hpp"

namespace weir::sim {

/// Something that is no call: a fault that strikes, the node that begins again.
struct trace_note {
  duration at{};
  std::string what{};
};

/// Keeps the first `kept_max` calls and as many notes. One owner at a time.
class trace {
 public:
  explicit trace(std::size_t kept_max) noexcept : kept_max_(kept_max) {}

  void add(const call_record& call);
  void note(duration at, std::string_view what);
  /// The whole document. A call that takes no virtual time is drawn one microsecond wide.
  std::string json() const;

 private:
  std::size_t kept_max_;
  std::vector<call_record> calls_;
  std::vector<trace_note> notes_;
};

}  // namespace weir::sim
