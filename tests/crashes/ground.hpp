// SPDX-License-Identifier: BSD-3-Clause
// Where a node's data lie, and how its end comes: by a kill, which leaves what the kernel has, or
// by a loss of power, which leaves what the disk has.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <memory>
#include <string>

namespace crash_tests {

class ground {
 public:
  virtual ~ground() = default;
  virtual std::string directory() const = 0;
  /// Ends the process and goes on with what is left; false, with a line on stderr, if that cannot
  /// be done. It need not be reaped.
  virtual bool end(pid_t process) = 0;
};

/// A directory, and kills.
class killing_ground final : public ground {
 public:
  explicit killing_ground(std::string directory) : directory_(std::move(directory)) {}
  std::string directory() const override { return directory_; }
  bool end(pid_t process) override { return kill(process, SIGKILL) == 0; }

 private:
  std::string directory_;
};

/// A file system of its own on a loop device. Null, with the reason in `why`, where the machine
/// does not let us: not root, no loop devices, no mkfs.ext4.
std::unique_ptr<ground> powered_ground(const std::string& folder, std::string& why);

/// How many of the lines that a writer on `where` has announced without flushing them a loss of
/// power leaves: fewer, or the test shows nothing. Negative if it cannot be tried.
struct unflushed {
  long announced = -1;
  long left = -1;
};
unflushed cut_unflushed_writer(ground& where);

}  // namespace crash_tests
