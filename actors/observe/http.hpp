// SPDX-License-Identifier: BSD-3-Clause
// Requests and responses as HTTP/1.1 over a connection, one of each. The library that knows the
// protocol is behind this; it sees no socket.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "weir/actors/observe/connection.hpp"
#include "weir/runtime/observe/route.hpp"

namespace weir::actors {

/// A request may have so many bytes in its body, and beside it; and so many headers.
inline constexpr std::size_t body_bytes_max = std::size_t{4} << 20U;
inline constexpr std::size_t head_bytes_max = std::size_t{64} << 10U;
inline constexpr std::size_t headers_max = 64;
inline constexpr std::size_t line_bytes_max = 8192;

/// Serves one request at a time and closes. Any thread, several at once.
class http_side {
 public:
  using answering = std::function<observe::response(const observe::request&)>;

  explicit http_side(answering answer);
  ~http_side();
  /// Reads one request, has it answered, writes the response.
  void serve(connection& with) const;

 private:
  class server;
  std::unique_ptr<server> server_;
};

/// Sends a request and reads its response, of at most so many bytes as the connection may receive.
/// errc::timeout; errc::too_long; errc::unavailable if there was no whole response.
result<observe::response> exchange(connection& with, const observe::request& asked);

}  // namespace weir::actors
