// SPDX-License-Identifier: BSD-3-Clause
// The signal handler and its installation.
#include "weir/actors/cli/interrupt.hpp"

#include <csignal>
#include <unistd.h>

#include "weir/runtime/core/invariant.hpp"

namespace weir::cli {
namespace {

std::atomic<interrupt*> watched{nullptr};
struct sigaction before_interrupt {};
struct sigaction before_terminate {};

void on_signal(int signal) {
  auto* const target = watched.load(std::memory_order_relaxed);
  if (target == nullptr) return;
  if (!target->request(signal)) ::_exit(128 + signal);
}

}  // namespace

signal_watch::signal_watch(interrupt& target) noexcept {
  interrupt* nobody = nullptr;
  WEIR_INVARIANT(watched.compare_exchange_strong(nobody, &target), "two signal watches at once");
  // Without SA_RESTART: a read that waits for standard input must return, or Ctrl-C seems dead.
  struct sigaction action {};
  action.sa_handler = &on_signal;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &before_interrupt);
  ::sigaction(SIGTERM, &action, &before_terminate);
}

signal_watch::~signal_watch() {
  ::sigaction(SIGINT, &before_interrupt, nullptr);
  ::sigaction(SIGTERM, &before_terminate, nullptr);
  watched = nullptr;
}

}  // namespace weir::cli
