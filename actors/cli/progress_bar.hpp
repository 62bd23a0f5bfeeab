// SPDX-License-Identifier: BSD-3-Clause
// How far a campaign of seeds has come, on standard error, if that is a terminal; and how long it
// took. Invariant: standard output never depends on it.
#pragma once

#include <cstdint>
#include <string>

#include "weir/runtime/core/clock.hpp"

namespace weir::cli {

/// `[#####-----] 500 of 1,000 seeds, 3 failed, 210 a second`
std::string progress_line(std::uint64_t done, std::uint64_t all, std::uint64_t failed,
                          double seconds);

/// One thread at a time.
class progress_bar {
 public:
  explicit progress_bar(std::uint64_t all);

  /// Draws, ten times a second at most.
  void at(std::uint64_t done, std::uint64_t failed);
  /// Wipes the bar. With `told`, or on a terminal, one line: seeds a second, and how often real
  /// time the virtual was.
  void end(bool told, double virtual_seconds);

 private:
  double elapsed() const;

  std::uint64_t all_;
  std::uint64_t done_ = 0;
  bool terminal_;
  timestamp began_;
  timestamp drawn_;
};

}  // namespace weir::cli
