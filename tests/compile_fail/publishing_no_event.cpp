// SPDX-License-Identifier: BSD-3-Clause
// Only events can be published: a struct that was not declared with WEIR_EVENT has no name to
// travel under.
#include "weir/runtime/topic/publisher.hpp"

struct order {
  int number = 0;
};

int main() {
  weir::topic::publisher orders{std::make_shared<weir::topic::settings>(), 1};
  static_cast<void>(orders.build(order{7}, weir::timestamp{}));  // must not compile
  return orders.published() == 0 ? 0 : 1;
}
