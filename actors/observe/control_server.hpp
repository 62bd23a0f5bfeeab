// SPDX-License-Identifier: BSD-3-Clause
// Listens on a node's control socket and answers by a table of routes. Two threads; each accepts a
// connection, serves one request, and closes it.
//
// Invariants: only the user it runs as gets in. The socket is there from open() to the end of the
// object, and never stands for a process that has ended once another has opened it. Nothing waits
// for a client: a connection ends after `request_time`, and at once when the server stops.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "weir/actors/observe/connection.hpp"
#include "weir/actors/observe/http.hpp"

namespace weir::actors {

class control_server {
 public:
  static constexpr std::size_t threads = 2;
  /// How long a client may take to ask and to take its answer.
  static constexpr duration request_time = std::chrono::seconds{30};

  /// Makes the socket in a data directory that is this process's, and what a killed process has
  /// left there goes. Clients may connect, and wait until serve(). errc::invalid_argument: the path
  /// is too long; errc::already_exists: somebody listens there, or it is no socket;
  /// errc::io_failed.
  static result<std::unique_ptr<control_server>> open(const std::string& data_dir);
  /// Stops: waits for answers that are being made, not for clients; then the socket is gone.
  ~control_server();
  control_server(const control_server&) = delete;
  control_server& operator=(const control_server&) = delete;

  /// Begins to answer. Once.
  void serve(std::vector<observe::route> routes);

 private:
  control_server(std::string path, descriptor listening, descriptor stopping, std::uint64_t inode);
  void work();

  std::string path_;
  descriptor listening_;
  descriptor stopping_;  // readable once it stops
  std::uint64_t inode_;  // of the socket's file
  std::vector<observe::route> routes_;
  std::unique_ptr<http_side> http_;
  std::vector<std::thread> threads_;
};

}  // namespace weir::actors
