// SPDX-License-Identifier: BSD-3-Clause
// One connection over a Unix socket: bytes there and back, until a time, and no longer than
// somebody wants it. Whoever is at the other end may stall or trickle: no call waits beyond the
// deadline.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/result.hpp"

namespace weir::actors {

/// A descriptor, closed with the object.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept;
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor() { close(); }

  int get() const noexcept { return number_; }
  bool open() const noexcept { return number_ >= 0; }
  void close() noexcept;

 private:
  int number_ = -1;
};

/// How much a connection may take and give, and how long.
struct connection_limits {
  std::size_t received_max;
  timestamp until;  // of the machine's clock
};

class connection {
 public:
  /// `stop`: a descriptor that becomes readable when the connection is to end; -1: there is none.
  connection(descriptor socket, int stop, connection_limits limits) noexcept
      : socket_(std::move(socket)), stop_(stop), limits_(limits) {}

  /// At least one byte, at most `size`. 0: the other end has said all. -1: the deadline, too many
  /// bytes, a failure, or it is to end.
  ssize_t read(char* into, std::size_t size) noexcept;
  /// At least one byte. -1 as of read.
  ssize_t write(const char* from, std::size_t size) noexcept;
  /// More was sent than may be.
  bool overfull() const noexcept { return overfull_; }
  bool overdue() const noexcept { return overdue_; }

 private:
  bool wait(short wanted) noexcept;

  descriptor socket_;
  int stop_;
  connection_limits limits_;
  std::size_t received_ = 0;
  bool overfull_ = false;
  bool overdue_ = false;
  // Who reads HTTP reads it byte by byte.
  char buffer_[4096];
  std::size_t taken_ = 0;
  std::size_t filled_ = 0;
};

/// Where a node with this data directory listens.
std::string control_path(const std::string& data_dir);
/// errc::invalid_argument: the path is longer than the 107 bytes that a socket's address holds.
result<void> check_control_path(const std::string& path);
/// errc::not_found: nobody listens there; errc::io_failed: anything else, such as no permission.
result<descriptor> connect_to(const std::string& path);

}  // namespace weir::actors
