// SPDX-License-Identifier: BSD-3-Clause
// Connect, exchange, close.
#include "weir/actors/observe/control_client.hpp"

#include "weir/actors/observe/http.hpp"

namespace weir::actors {

result<observe::response> ask_node(const std::string& data_dir,
                                    const observe::request& asked, duration patience) {
  const auto path = control_path(data_dir);
  auto socket = connect_to(path);
  if (!socket) return fail(std::move(socket.error()));
  connection with{std::move(*socket), -1,
                  {response_bytes_max, machine_clock().now() + patience}};
  auto given = exchange(with, asked);
  if (given) return given;
  return fail(given.error().code, path + ": " + given.error().message);
}

}  // namespace weir::actors
