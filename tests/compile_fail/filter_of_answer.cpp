// SPDX-License-Identifier: BSD-3-Clause
// A filter says yes or no: nothing else would be understood.
#include "weir/runtime/delivery/event_filter.hpp"

struct order {
  int number = 0;
};
WEIR_EVENT(order, "order.created", 1, (number))

int main() {
  weir::delivery::filter_of<order>([](const order&) { return true; });
  weir::delivery::filter_of<order>([](const order&) {});  // must not compile
  return 0;
}
