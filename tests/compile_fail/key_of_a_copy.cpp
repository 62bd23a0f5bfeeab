// SPDX-License-Identifier: BSD-3-Clause
// A key function that returns a string of its own would leave the key pointing at a string that is
// gone.
#include "weir/runtime/topic/settings.hpp"

struct order {
  std::string customer;
};
WEIR_EVENT(order, "order.created", 1, (customer))

int main() {
  weir::topic::settings topic;
  topic.set_key<order>(&order::customer);
  topic.set_key<order>([](const order& from) { return from.customer + "!"; });  // must not compile
  return 0;
}
