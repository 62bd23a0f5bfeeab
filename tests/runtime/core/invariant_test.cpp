// SPDX-License-Identifier: BSD-3-Clause
// A broken invariant ends the process with a story. Each death happens in a child process.
#include "weir/runtime/core/invariant.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include "weir/runtime/core/clock.hpp"

#include <catch2/catch.hpp>

namespace {

struct death {
  bool aborted = false;
  std::string last_words;
};

// Runs `deed` in a child and returns how it ended and what it wrote to stderr.
template <class Deed>
death die(Deed deed) {
  std::array<int, 2> pipe_ends{};
  REQUIRE(pipe(pipe_ends.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    std::signal(SIGABRT, SIG_DFL);  // the test framework's handler would report the death as ours
    dup2(pipe_ends[1], STDERR_FILENO);
    deed();
    _exit(0);
  }
  close(pipe_ends[1]);
  death found;
  std::array<char, 512> words{};
  for (ssize_t size = 0; (size = read(pipe_ends[0], words.data(), words.size())) > 0;) {
    found.last_words.append(words.data(), static_cast<std::size_t>(size));
  }
  close(pipe_ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  found.aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
  return found;
}

}  // namespace

TEST_CASE("a broken invariant aborts and says where, what and why", "[core]") {
  const int line = __LINE__ + 1;
  const auto end = die([] { WEIR_INVARIANT(1 + 1 == 3, "sum, offset " + std::to_string(7)); });
  CHECK(end.aborted);
  CHECK(end.last_words == std::string{__FILE__} + ":" + std::to_string(line) +
                              ": invariant broken: 1 + 1 == 3 (sum, offset 7)\n");
}

TEST_CASE("an invariant that holds does nothing and does not build its story", "[core]") {
  bool told = false;
  const auto story = [&told] {
    told = true;
    return "never";
  };
  WEIR_INVARIANT(1 + 1 == 2, story());
  CHECK_FALSE(told);
}

TEST_CASE("moving the machine's clock, or advancing one backwards, is our bug", "[core]") {
  const auto machine = die([] {
    weir::clock machine_time;
    machine_time.advance(std::chrono::seconds{1});
  });
  CHECK(machine.aborted);
  CHECK_THAT(machine.last_words, Catch::Contains("only a manual clock can be moved"));

  const auto set = die([] {
    weir::clock machine_time;
    machine_time.set(weir::timestamp{});
  });
  CHECK(set.aborted);
  CHECK_THAT(set.last_words, Catch::Contains("only a manual clock can be set"));

  const auto backwards = die([] {
    weir::clock manual{weir::timestamp{}};
    manual.advance(std::chrono::seconds{-1});
  });
  CHECK(backwards.aborted);
  CHECK_THAT(backwards.last_words, Catch::Contains("time advances forward"));
}
