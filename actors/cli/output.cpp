// SPDX-License-Identifier: BSD-3-Clause
// Descriptors and flushing.
#include "weir/actors/cli/output.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace weir::cli {

void guard_standard_streams() noexcept {
  std::signal(SIGPIPE, SIG_IGN);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // Opened the wrong way round: reading from 0 and writing to 1 and 2 fails, as it would have.
    // The lowest free number is the one that was closed.
    static_cast<void>(::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
}

result<void> finish(std::ostream& out) {
  errno = 0;
  out.flush();
  if (out) return {};
  std::string why = "cannot write to standard output";
  if (errno != 0) why.append(": ").append(std::strerror(errno));
  return fail(errc::io_failed, std::move(why));
}

}  // namespace weir::cli
