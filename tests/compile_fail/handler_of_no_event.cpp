// SPDX-License-Identifier: BSD-3-Clause
// A handler takes events: a struct that was not declared with WEIR_EVENT has no name to arrive
// under.
#include "weir/runtime/delivery/handler.hpp"

struct order {
  int number = 0;
};

int main() {
  weir::delivery::handler_factory handlers;
  handlers = weir::delivery::copies_of([](const order&) {});  // must not compile
  return handlers ? 1 : 0;
}
