// SPDX-License-Identifier: BSD-3-Clause
// A live picture of a running node: topics, rates, lag and ages, redrawn in place.
// Any program may have one while it runs; where nobody looks (a pipe, a file), it does nothing.
//
// Example:
//   weir::result<void> run(weir::node& node, std::ostream& out, const interrupt& stop) {
//     {
//       weir::cli::dashboard live{node};
//       ... publish, drain ...
//     }  // the last picture stays, the report goes below it
//   }
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "weir/actors/node/node.hpp"

namespace weir::cli {

/// Standard error, if it and standard output are terminals (what is written to a file or a pipe
/// beside the picture would not be the whole story) that know escape sequences; empty otherwise.
std::optional<int> terminal_of_process() noexcept;

/// Draws from construction to destruction, on a thread of its own, which asks the node for its
/// status. The node must have been started, must not be stopped meanwhile, and must outlive it; not
/// for a simulated node, which belongs to one thread.
class dashboard {
 public:
  /// `terminal`: a descriptor, or nothing to draw nothing. `interval` > 0.
  explicit dashboard(node& shown, std::optional<int> terminal = terminal_of_process(),
                     duration interval = std::chrono::milliseconds{250});
  /// Draws once more.
  ~dashboard();
  dashboard(const dashboard&) = delete;
  dashboard& operator=(const dashboard&) = delete;

 private:
  void run();
  void draw();

  node& node_;
  int terminal_;
  duration interval_;
  node_status last_;
  std::size_t lines_ = 0;
  bool gone_ = false;  // the terminal
  std::mutex access_;
  std::condition_variable ending_;
  bool end_ = false;
  std::thread thread_;
};

}  // namespace weir::cli
