// SPDX-License-Identifier: BSD-3-Clause
// What every benchmark needs: how often to run, medians, a stopwatch, and rows that become a table
// or JSON lines. Nothing here decides whether a number is good.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weir::bench {

struct run_options {
  /// Rounds of each measurement; ours and the peer take turns within a round.
  unsigned rounds = 7;
  /// A tenth of the events: to see that it runs, not to quote.
  bool quick = false;
  bool json = false;

  std::uint64_t scaled(std::uint64_t events) const noexcept { return quick ? events / 10 : events; }
};

/// A number and the digits behind the point that it deserves.
struct number {
  double value;
  int digits = 0;
};

/// One result: columns in the order in which they are shown.
class row {
 public:
  row& add(std::string_view column, std::string_view text);
  row& add(std::string_view column, double value, int digits = 0);

  using cell = std::variant<std::string, number>;
  const std::vector<std::pair<std::string, cell>>& cells() const noexcept { return cells_; }

 private:
  std::vector<std::pair<std::string, cell>> cells_;
};

/// Prints the rows of one benchmark: JSON at once, tables when the benchmark is over.
class report {
 public:
  report(std::string bench, bool json) : bench_(std::move(bench)), json_(json) {}
  void add(const row& result);
  void finish() const;

 private:
  std::string bench_;
  bool json_;
  std::vector<row> rows_;
};

class stopwatch {
 public:
  double seconds() const noexcept {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// CPU seconds of the calling thread: what it costs, whoever else uses the machine.
double thread_cpu_seconds() noexcept;
/// Context switches of the process so far, in which a thread gave up its core by waiting.
std::uint64_t voluntary_switches() noexcept;
/// Resident memory of the process.
std::uint64_t resident_bytes();

/// Of a copy; 0 if empty.
double median(std::vector<double> values) noexcept;
/// The value that `share` (0 to 1) of the values do not exceed.
double quantile(std::vector<double> values, double share) noexcept;
/// Median of left[i] / right[i]: rounds that suffered from a neighbour suffered on both sides.
double median_ratio(const std::vector<double>& left, const std::vector<double>& right) noexcept;

/// A benchmark whose run is wrong has no result: says what is wrong and ends the program.
void require(bool holds, std::string_view what);

}  // namespace weir::bench
