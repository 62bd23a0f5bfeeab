// SPDX-License-Identifier: BSD-3-Clause
// orders -> with-user -> with-metadata -> billing -> shipping -> notification. A consumer
// publishes, then meets its faults, then enters the order in its book: what a failed attempt has
// published is taken back by Weir, or shipping would see an order twice and the audit would say so.
#include "weir/samples/orders/topology.hpp"

#include "weir/samples/orders/shop.hpp"

namespace orders {
namespace {

using namespace std::chrono_literals;
using weir::context;
using weir::fail;
using weir::result;
using shared_workplace = std::shared_ptr<workplace>;

struct topics {
  weir::topic_handle created, identified, described, payments, shipments;
};

topics declare_topics(weir::node& node, std::uint32_t partitions, bool kept) {
  const weir::topic::topic_options options{.partitions = partitions,
                                           .ordered = true,
                                           .ring_bytes = 4 * 1024 * 1024,
                                           .durable = kept};
  topics all{node.topic("orders", options), node.topic("orders.identified", options),
             node.topic("orders.described", options), node.topic("payments", options),
             node.topic("shipments", options)};
  all.created.key<order_created>(&order_created::order_id);
  all.identified.key<order_identified>(&order_identified::order_id);
  all.described.key<order_described>(&order_described::order_id);
  all.payments.key<payment_processed>(&payment_processed::order_id);
  all.shipments.key<order_shipped>(&order_shipped::order_id);
  return all;
}

constexpr const char* book_state = "book";

/// Into the stage's book: where the node keeps its data, into a state, which goes with the attempt.
result<void> enter(bool kept, book& orders, const std::string& order, context& where) {
  if (kept) {
    return where.state<std::string, std::uint64_t>(book_state)
        .update(order, [](std::uint64_t& times) { ++times; });
  }
  orders.enter(order);
  return {};
}

/// A service that answers with `know` unless chaos has it fail.
template <class Reply>
auto declare_service(weir::node& node, const std::string& name, Reply (*know)(const std::string&),
                     const shared_workplace& shared) {
  return node.service(name, [=](const std::string& request) -> result<Reply> {
    auto struck = shared->trouble.strike_service(name, request);
    if (!struck) return fail(std::move(struck.error()));
    return know(request);
  });
}

void declare_enrichers(weir::node& node, const topics& all, const shared_workplace& shared) {
  // A user that the service does not know: the order is a dead letter.
  node.enrich("with-user", all.created, all.identified,
              weir::enrichment{
                  .from = declare_service(node, "users", &user_of, shared),
                  .ask = [](const order_created& order) { return order.user_id; },
                  .join = [=](const order_created& order, const user& buyer,
                              const context& where) -> result<order_identified> {
                    auto struck =
                        shared->trouble.strike_joining("with-user", order.order_id, where);
                    if (!struck) return fail(std::move(struck.error()));
                    return order_identified{order.order_id, order.product_id, buyer.name,
                                            buyer.country, order.quantity, order.cents};
                  }})
      .retry(0)  // its questions are asked again; see weir::enrichment::retries
      .max_deliveries(deliveries_max)
      .transactional(shared->kept);

  // Metadata that cannot be had: the order goes out as a parcel of unknown weight.
  node.enrich("with-metadata", all.identified, all.described,
              weir::enrichment{
                  .from = declare_service(node, "metadata", &metadata_of, shared),
                  .ask = [](const order_identified& order) { return order.product_id; },
                  .join = [=](const order_identified& order, const metadata& product,
                              const context& where) -> result<order_described> {
                    auto struck =
                        shared->trouble.strike_joining("with-metadata", order.order_id, where);
                    if (!struck) return fail(std::move(struck.error()));
                    return order_described{order.order_id, order.user_name, order.country,
                                           product.title, order.quantity * product.grams,
                                           order.cents};
                  },
                  .check = weir::nothing{},
                  .fallback = [=](const order_identified& order, const weir::error&,
                                  context& where) -> result<order_described> {
                    auto entered =
                        enter(shared->kept, shared->done.plain, order.order_id, where);
                    if (!entered) return fail(std::move(entered.error()));
                    return order_described{order.order_id, order.user_name, order.country,
                                           order.product_id, 0, order.cents};
                  }})
      .retry(0)
      .max_deliveries(deliveries_max)
      .transactional(shared->kept);
}

void declare_consumers(weir::node& node, const topics& all, const shared_workplace& shared) {
  node.subscribe("billing", "orders.described",
                 [=](const order_described& order, context& where) -> result<void> {
                   auto sent = where.publish(
                       all.payments, payment_processed{order.order_id, order.user_name,
                                                       order.country, order.grams, order.cents});
                   if (!sent) return sent;
                   auto struck = shared->trouble.strike("billing", order.order_id, where);
                   if (!struck) return struck;
                   return enter(shared->kept, shared->done.billed, order.order_id, where);
                 })
      .retry(retries, weir::exponential(1ms, 8ms))
      .max_deliveries(deliveries_max)
      .publishes_to(all.payments)
      .transactional(shared->kept);

  node.subscribe("shipping", "payments",
                 [=](const payment_processed& payment, context& where) -> result<void> {
                   auto sent = where.publish(
                       all.shipments, order_shipped{payment.order_id, payment.user_name,
                                                    carrier_of(payment.grams)});
                   if (!sent) return sent;
                   auto struck = shared->trouble.strike("shipping", payment.order_id, where);
                   if (!struck) return struck;
                   return enter(shared->kept, shared->done.shipped, payment.order_id, where);
                 })
      .retry(retries, weir::exponential(1ms, 8ms))
      .max_deliveries(deliveries_max)
      .publishes_to(all.shipments)
      .transactional(shared->kept);

  node.subscribe("notification", "shipments",
                 [=](const order_shipped& shipment, context& where) -> result<void> {
                   auto struck = shared->trouble.strike("notification", shipment.order_id, where);
                   if (!struck) return struck;
                   return enter(shared->kept, shared->done.notified, shipment.order_id, where);
                 })
      .retry(retries, weir::exponential(1ms, 8ms))
      .max_deliveries(deliveries_max)
      .transactional(shared->kept);
}

}  // namespace

weir::topic_handle declare(weir::node& node, std::uint32_t partitions,
                           const std::shared_ptr<workplace>& shared) {
  const auto all = declare_topics(node, partitions, shared->kept);
  declare_enrichers(node, all, shared);
  declare_consumers(node, all, shared);
  return all.created;
}

result<void> collect(const weir::node& node, workplace& shared) {
  if (!shared.kept) return {};
  const std::pair<const char*, book*> all[] = {{"billing", &shared.done.billed},
                                               {"shipping", &shared.done.shipped},
                                               {"notification", &shared.done.notified},
                                               {"with-metadata", &shared.done.plain}};
  for (const auto& [stage, orders] : all) {
    auto seen = node.scan_state<std::string, std::uint64_t>(
        stage, book_state, [into = orders](const std::string& order, std::uint64_t times) {
          for (; times > 0; --times) into->enter(order);
        });
    if (!seen) return seen;
  }
  return {};
}

}  // namespace orders
