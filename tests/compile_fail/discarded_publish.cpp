// SPDX-License-Identifier: BSD-3-Clause
// A handler that does not look whether its event could be published would lose it silently.
#include "weir/runtime/delivery/context.hpp"

struct order {
  int number = 0;
};
WEIR_EVENT(order, "order.created", 1, (number))

struct topic_name {
  std::shared_ptr<const weir::topic::settings> shared_settings() const { return nullptr; }
};

void handle(const order& value, weir::context& where) {
  where.publish(topic_name{}, value);  // must not compile
  static_cast<void>(where.publish(topic_name{}, value));
}

int main() { return 0; }
