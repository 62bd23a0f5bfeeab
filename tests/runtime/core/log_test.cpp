// SPDX-License-Identifier: BSD-3-Clause
// Log lines as an operator's tools see them: read back from the process's own stderr.
#include "weir/runtime/core/log.hpp"

#include <unistd.h>

#include <cstdio>
#include <regex>
#include <string>

#include <catch2/catch.hpp>

namespace {

// What `deed` writes to stderr, through a temporary file that takes the descriptor's place.
template <class Deed>
std::string captured(Deed deed) {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  std::fflush(stderr);
  const int saved = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  deed();
  std::fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  std::rewind(file);
  std::string text;
  for (int byte = 0; (byte = std::fgetc(file)) != EOF;) text += static_cast<char>(byte);
  std::fclose(file);
  return text;
}

// The threshold belongs to the process: every test gives it back as programs find it.
struct threshold {
  explicit threshold(weir::log_level level) { weir::set_log_level(level); }
  threshold(const threshold&) = delete;
  threshold& operator=(const threshold&) = delete;
  ~threshold() { weir::set_log_level(weir::log_level::warn); }
};

}  // namespace

TEST_CASE("a log line is UTC time, level, id in brackets, prose", "[core]") {
  const auto line = captured([] {
    weir::log(weir::log_level::warn, "partition-stalled", "orders/3 waits for {billing}");
  });
  CHECK(std::regex_match(
      line, std::regex{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning )"
                       R"(\[partition-stalled\] orders/3 waits for \{billing\}\n)"}));
}

TEST_CASE("a program that embeds Weir hears nothing below a warning", "[core]") {
  CHECK_FALSE(weir::log_enabled(weir::log_level::info));
  CHECK(weir::log_enabled(weir::log_level::warn));
  CHECK(captured([] { weir::log(weir::log_level::info, "quiet", "nothing to see"); }).empty());
}

TEST_CASE("the threshold lets through its own level and what is above", "[core]") {
  using enum weir::log_level;
  for (const auto level : {trace, debug, info, warn, error}) {
    const threshold set{level};
    for (const auto written : {trace, debug, info, warn, error}) {
      const auto line = captured([&] { weir::log(written, "level", "x"); });
      CHECK(line.empty() == (written < level));
      CHECK(weir::log_enabled(written) == (written >= level));
    }
  }
}

TEST_CASE("a threshold of off silences errors", "[core]") {
  const threshold off{weir::log_level::off};
  CHECK_FALSE(weir::log_enabled(weir::log_level::error));
  CHECK(captured([] { weir::log(weir::log_level::error, "loud", "x"); }).empty());
}

TEST_CASE("log levels are read by their names and by nothing else", "[core]") {
  using enum weir::log_level;
  CHECK(weir::parse_log_level("trace").value() == trace);
  CHECK(weir::parse_log_level("debug").value() == debug);
  CHECK(weir::parse_log_level("info").value() == info);
  CHECK(weir::parse_log_level("warn").value() == warn);
  CHECK(weir::parse_log_level("error").value() == error);
  CHECK(weir::parse_log_level("off").value() == off);
  for (const auto* text : {"", "Info", "warning", "warn "}) {
    const auto level = weir::parse_log_level(text);
    REQUIRE_FALSE(level.has_value());
    CHECK(level.error().code == weir::errc::invalid_argument);
    CHECK(level.error().message == "log level '" + std::string{text} +
                                       "' is none of trace, debug, info, warn, error, off");
  }
}
