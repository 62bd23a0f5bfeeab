// SPDX-License-Identifier: BSD-3-Clause
// A bar that is drawn over itself.
#include "weir/actors/cli/progress_bar.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

#include "weir/actors/cli/report.hpp"

namespace weir::cli {
namespace {

constexpr std::uint64_t bar_columns = 30;
constexpr duration redraw = std::chrono::milliseconds{100};

std::uint64_t rate(std::uint64_t done, double seconds) {
  return static_cast<std::uint64_t>(static_cast<double>(done) / std::max(seconds, 1e-3));
}

}  // namespace

std::string progress_line(std::uint64_t done, std::uint64_t all, std::uint64_t failed,
                          double seconds) {
  const auto filled = all == 0 ? bar_columns : bar_columns * std::min(done, all) / all;
  return "[" + std::string(filled, '#') + std::string(bar_columns - filled, '-') + "] " +
         grouped(done) + " of " + grouped(all) + " seeds, " + grouped(failed) + " failed, " +
         grouped(rate(done, seconds)) + " a second";
}

progress_bar::progress_bar(std::uint64_t all)
    : all_(all),
      terminal_(::isatty(STDERR_FILENO) == 1),
      began_(machine_clock().now()),
      drawn_(began_) {}

double progress_bar::elapsed() const {
  return std::chrono::duration<double>(machine_clock().now() - began_).count();
}

void progress_bar::at(std::uint64_t done, std::uint64_t failed) {
  done_ = done;
  if (!terminal_) return;
  const auto now = machine_clock().now();
  if (now - drawn_ < redraw) return;
  drawn_ = now;
  std::fprintf(stderr, "\r%s\033[K", progress_line(done, all_, failed, elapsed()).c_str());
  std::fflush(stderr);
}

void progress_bar::end(bool told, double virtual_seconds) {
  if (terminal_) std::fputs("\r\033[K", stderr);
  if (!told && !terminal_) return;
  const auto took = elapsed();
  std::fprintf(stderr, "%s seeds in %.2f s: %s a second, %s times real time\n",
               grouped(done_).c_str(), took, grouped(rate(done_, took)).c_str(),
               grouped(static_cast<std::uint64_t>(virtual_seconds / std::max(took, 1e-3))).c_str());
}

}  // namespace weir::cli
