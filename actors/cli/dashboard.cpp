// SPDX-License-Identifier: BSD-3-Clause
// The thread that draws, and the terminal it draws on.
#include "weir/actors/cli/dashboard.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

#include "weir/actors/cli/status_text.hpp"

namespace weir::cli {
namespace {

terminal_size size_of(int terminal) {
  winsize found{};
  if (::ioctl(terminal, TIOCGWINSZ, &found) != 0 || found.ws_col == 0 || found.ws_row == 0) {
    return {};
  }
  return {found.ws_col, found.ws_row};
}

/// False if the terminal has gone away.
bool write_all(int terminal, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(terminal, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::optional<int> terminal_of_process() noexcept {
  const char* const kind = std::getenv("TERM");
  if (kind == nullptr || std::string_view{kind} == "dumb") return std::nullopt;
  if (::isatty(STDOUT_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) return std::nullopt;
  return STDERR_FILENO;
}

dashboard::dashboard(node& shown, std::optional<int> terminal, duration interval)
    : node_(shown), terminal_(terminal.value_or(-1)), interval_(interval) {
  if (!terminal) return;
  last_ = node_.status();
  thread_ = std::thread{[this] { run(); }};
}

dashboard::~dashboard() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{access_};
    end_ = true;
  }
  ending_.notify_one();
  thread_.join();
}

void dashboard::run() {
  std::unique_lock lock{access_};
  while (!ending_.wait_for(lock, interval_, [this] { return end_; })) {
    lock.unlock();
    draw();
    lock.lock();
  }
  lock.unlock();
  draw();
}

void dashboard::draw() {
  if (gone_) return;
  auto current = node_.status();
  const auto picture = fit(render(last_, current), size_of(terminal_));
  gone_ = !write_all(terminal_, repaint(lines_, picture));
  lines_ = static_cast<std::size_t>(std::count(picture.begin(), picture.end(), '\n'));
  last_ = std::move(current);
}

}  // namespace weir::cli
