// SPDX-License-Identifier: BSD-3-Clause
// A small topology without mistakes, for the tests of this room.
#pragma once

#include "weir/runtime/topology/description.hpp"

namespace weir::topology {

inline description shop() {
  topic_description orders;
  orders.name = "orders.eu";
  orders.partitions = 4;
  orders.ordered = true;
  orders.event_types = {"order.created@1", "order.paid@2"};
  orders.keyed_types = orders.event_types;
  topic_description invoices;
  invoices.name = "invoices";
  invoices.event_types = {"invoice.sent@1"};
  subscription_description billing;
  billing.name = "billing";
  billing.pattern = "orders.*";
  billing.handles = {"order.created@1", "order.paid@2"};
  billing.publishes_to = {"invoices"};
  subscription_description audit;
  audit.name = "audit";
  audit.pattern = ">";
  audit.catch_all = true;
  audit.credit_batches = 1;
  description made;
  made.name = "shop";
  made.topics = {orders, invoices};
  made.subscriptions = {billing, audit};
  made.publishers = {{"web", "orders.eu"}};
  return made;
}

}  // namespace weir::topology
