// SPDX-License-Identifier: BSD-3-Clause
// The only file that includes spdlog (3.6 seconds to compile, once).
#include "weir/runtime/core/log.hpp"

#include <array>
#include <string>
#include <utility>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace weir {
namespace {

constexpr std::array<std::pair<std::string_view, log_level>, 6> names{{
    {"trace", log_level::trace},
    {"debug", log_level::debug},
    {"info", log_level::info},
    {"warn", log_level::warn},
    {"error", log_level::error},
    {"off", log_level::off},
}};

spdlog::level::level_enum native(log_level level) noexcept {
  switch (level) {
    case log_level::trace: return spdlog::level::trace;
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warn: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
    case log_level::off: break;
  }
  return spdlog::level::off;
}

spdlog::logger& logger() {
  static spdlog::logger instance = [] {
    spdlog::logger made{"weir", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
    made.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    made.set_level(spdlog::level::warn);
    return made;
  }();
  return instance;
}

}  // namespace

void log(log_level level, std::string_view id, std::string_view prose) noexcept {
  logger().log(native(level), "[{}] {}", fmt::string_view{id.data(), id.size()},
               fmt::string_view{prose.data(), prose.size()});
}

void set_log_level(log_level threshold) noexcept { logger().set_level(native(threshold)); }

bool log_enabled(log_level level) noexcept { return logger().should_log(native(level)); }

result<log_level> parse_log_level(std::string_view text) {
  for (const auto& [name, level] : names) {
    if (name == text) return level;
  }
  return fail(errc::invalid_argument, "log level '" + std::string{text} +
                                          "' is none of trace, debug, info, warn, error, off");
}

}  // namespace weir
