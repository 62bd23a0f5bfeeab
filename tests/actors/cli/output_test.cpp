// SPDX-License-Identifier: BSD-3-Clause
// Standard output that is closed, and descriptors that must not be mistaken for it.
#include "weir/actors/cli/output.hpp"

#include <fcntl.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace {

/// What a child process that runs `body` exits with; 255 if a signal ended it.
template <class Body>
int exit_code_of(Body body) {
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(body());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

}  // namespace

TEST_CASE("a stream that took everything finishes well", "[cli]") {
  std::ostringstream out;
  out << "text";
  CHECK(weir::cli::finish(out).has_value());
}

TEST_CASE("a stream that failed at any time finishes with an error", "[cli]") {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  const auto done = weir::cli::finish(out);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == weir::errc::io_failed);
  CHECK(done.error().message == "cannot write to standard output");
}

TEST_CASE("a file opened after the guard never becomes standard output", "[cli]") {
  CHECK(exit_code_of([] {
          ::close(STDIN_FILENO);
          ::close(STDOUT_FILENO);
          weir::cli::guard_standard_streams();
          char byte = 'x';
          if (::open("/dev/null", O_RDWR) <= STDERR_FILENO) return 1;
          if (::write(STDOUT_FILENO, &byte, 1) != -1) return 2;
          if (::read(STDIN_FILENO, &byte, 1) != -1) return 3;
          return 0;
        }) == 0);
}

TEST_CASE("writing to a pipe that nobody reads is a failure and not the end", "[cli]") {
  CHECK(exit_code_of([] {
          int ends[2];
          if (::pipe(ends) != 0) return 1;
          weir::cli::guard_standard_streams();
          ::close(ends[0]);
          return ::write(ends[1], "x", 1) == -1 ? 0 : 2;
        }) == 0);
}
