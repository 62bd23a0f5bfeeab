// SPDX-License-Identifier: BSD-3-Clause
// A program that embeds a node: an event of its own goes through a topic to a handler.
#include <weir/actors/node/node.hpp>

#include <atomic>
#include <string>

struct order_created {
  std::string order_id;
  std::int64_t cents;
};
WEIR_EVENT(order_created, "order.created", 1, (order_id, cents))

int main() {
  std::atomic<std::int64_t> total{0};
  weir::node node;
  auto orders = node.topic("orders", {.partitions = 2});
  orders.key<order_created>(&order_created::order_id);
  node.subscribe("billing", "orders",
                 [&total](const order_created& order) { total += order.cents; });
  for (int i = 0; i < 100; ++i) {
    if (!orders.publish(order_created{"o-" + std::to_string(i), i})) return 1;
  }
  return node.drain().drained && total == 4950 ? 0 : 1;
}
