// SPDX-License-Identifier: BSD-3-Clause
// A handler returns nothing or a result<void>: a bool would be an outcome that nobody reads.
#include "weir/runtime/delivery/handler.hpp"

struct order {
  int number = 0;
};
WEIR_EVENT(order, "order.created", 1, (number))

int main() {
  weir::delivery::handler_factory handlers;
  handlers = weir::delivery::copies_of([](const order&) { return true; });  // must not compile
  return handlers ? 1 : 0;
}
