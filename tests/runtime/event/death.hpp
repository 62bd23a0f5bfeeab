// SPDX-License-Identifier: BSD-3-Clause
// Runs what must abort in a child process, so that a broken invariant can be watched. The rooms
// that stand on events share it.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include <catch2/catch.hpp>

namespace event_tests {

/// What `deed` wrote to stderr before it aborted; "lived" if it did not abort.
template <class Deed>
std::string last_words_of(Deed deed) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    std::signal(SIGABRT, SIG_DFL);  // the test framework would report the death as ours
    dup2(ends[1], STDERR_FILENO);
    deed();
    _exit(0);
  }
  close(ends[1]);
  std::string words;
  std::array<char, 512> some{};
  for (ssize_t size = 0; (size = read(ends[0], some.data(), some.size())) > 0;) {
    words.append(some.data(), static_cast<std::size_t>(size));
  }
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? words : "lived";
}

}  // namespace event_tests
