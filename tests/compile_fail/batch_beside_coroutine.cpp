// SPDX-License-Identifier: BSD-3-Clause
// A batch may not overtake the keys of a coroutine beside it.
#include <span>

#include "weir/runtime/delivery/task_handler.hpp"

struct order {
  int number = 0;
};
WEIR_EVENT(order, "order.created", 1, (number))
struct invoice {
  int number = 0;
};
WEIR_EVENT(invoice, "invoice.created", 1, (number))

int main() {
  const auto waits = [](const invoice&) -> weir::task<weir::result<void>> {
    co_return weir::result<void>{};
  };
  using rows [[maybe_unused]] = std::span<const order* const>;
  auto handlers = weir::delivery::handlers_of(waits);
  handlers = weir::delivery::handlers_of(waits, [](rows) {});  // must not compile
  return handlers ? 1 : 0;
}
