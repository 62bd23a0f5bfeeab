// SPDX-License-Identifier: BSD-3-Clause
// The twenty lines of the front page.
#include <iostream>

#include <weir/actors/node/node.hpp>

struct order_created { std::string order_id, customer_id; std::int64_t cents; };
WEIR_EVENT(order_created, "order.created", 1, (order_id, customer_id, cents))

int main() {
  weir::node node;  // in memory, all cores
  auto orders = node.topic("orders", {.partitions = 4});
  orders.key<order_created>(&order_created::customer_id);

  node.subscribe("billing", "orders", [](const order_created& order) -> weir::result<void> {
    if (order.cents < 0) return weir::fail(weir::errc::rejected, "negative amount");
    std::cout << order.customer_id << " pays " << order.cents << " cents\n";
    return {};
  }).retry(5, weir::exponential(std::chrono::milliseconds{100})).then_dead_letter();

  auto sent = orders.publish(order_created{"o-1", "c-7", 1999});
  if (!sent) std::cerr << to_string(sent.error()) << '\n';
  return node.drain().drained ? 0 : 1;  // settled everywhere, or says what is not
}
