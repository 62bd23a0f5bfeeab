// SPDX-License-Identifier: BSD-3-Clause
// Orders from the customer to the parcel: enriched by a user service and a metadata service,
// billed, shipped, notified. --chaos SEED breaks handlers, services and subscribers on the way;
// every order still ends notified or as a dead letter, and the report proves it.
#include <chrono>
#include <ostream>

#include "weir/actors/cli/cli.hpp"
#include "weir/actors/cli/report.hpp"
#include "weir/samples/orders/report.hpp"
#include "weir/samples/orders/shop.hpp"
#include "weir/samples/orders/topology.hpp"

namespace {

using namespace std::chrono_literals;
using namespace orders;
using weir::cli::interrupt;
using weir::cli::settings;
using weir::cli::report_format;

/// Places the orders the way customers do: one after the other. `publish(order, number)`.
template <class Publish>
weir::result<void> place(std::uint64_t count, Publish&& publish, book& placed,
                         const interrupt& stop) {
  for (std::uint64_t n = 1; n <= count && !stop.requested(); ++n) {
    auto order = order_of(n);
    const auto id = order.order_id;
    if (auto sent = publish(std::move(order), n); !sent) return weir::fail(std::move(sent.error()));
    placed.enter(id);
  }
  return {};
}

/// Where the node keeps its data, orders have numbers: one that was placed by an earlier run is not
/// placed again.
weir::result<void> place_all(weir::node& node, const weir::topic_handle& created,
                             workplace& shared, std::uint64_t count, const interrupt& stop) {
  if (shared.kept) {
    auto counter = node.make_producer(created, "counter");
    if (!counter) return weir::fail(std::move(counter.error()));
    return place(
        count, [&](order_created order, std::uint64_t n) { return counter->publish(order, n); },
        shared.done.placed, stop);
  }
  auto counter = node.make_publisher(created);
  if (!counter) return weir::fail(std::move(counter.error()));
  return place(
      count, [&](order_created order, std::uint64_t) { return counter->publish(std::move(order)); },
      shared.done.placed, stop);
}

/// Everything there is to know after the run, from the node and from the books.
findings look(weir::node& node, const workplace& shared, weir::drain_report drained) {
  findings found;
  found.drained = std::move(drained);
  found.ledgers = node.ledgers();
  found.letters = node.dead_letters(1, shared.done.placed.size());
  found.audit = audit(shared.done, found.letters);
  found.numbers.orders = shared.done.placed.size();
  found.numbers.billed = shared.done.billed.size();
  found.numbers.shipped = shared.done.shipped.size();
  found.numbers.notified = shared.done.notified.size();
  found.numbers.dead_letters = found.letters.size();
  found.numbers.fallbacks = shared.done.plain.size();
  found.numbers.retries = shared.trouble.retried();
  found.numbers.restarts = shared.trouble.deaths();
  found.numbers.unaccounted = found.audit.unaccounted;
  found.numbers.ledger_balanced = weir::cli::balanced(found.ledgers);
  return found;
}

weir::result<void> run(weir::node& node, const weir::topic_handle& created, workplace& shared,
                       const settings& chosen, std::ostream& out, const interrupt& stop) {
  const auto began = std::chrono::steady_clock::now();
  auto placed = place_all(node, created, shared, *chosen.number("orders"), stop);
  auto drained = node.drain(5min);
  if (auto read = collect(node, shared); !read && placed) placed = std::move(read);
  auto found = look(node, shared, std::move(drained));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  found.numbers.seconds = took.count();
  found.numbers.interrupted = stop.requested();
  if (chosen.number("chaos")) found.plan = shared.trouble.text();
  out << (chosen.report == report_format::json ? json_report(found) : text_report(found));
  if (!placed) return placed;
  if (!all_is_well(found)) {
    return weir::fail(weir::errc::timeout, "not every order is accounted for");
  }
  return {};
}

weir::result<weir::cli::program> build(const settings& chosen) {
  auto options = chosen.node;
  // At most one letter per order, and chaos kills fewer than one in eight.
  options.dead_letters.letters_max = *chosen.number("orders") / 4 + 1000;
  options.dead_letters.bytes_max = options.dead_letters.letters_max * 2048;
  options.data_dir = chosen.text("data").value_or("");
  auto shared =
      std::make_shared<workplace>(chosen.number("chaos"), !options.data_dir.empty());
  weir::cli::program program;
  program.node = std::make_unique<weir::node>(options);
  auto created = declare(*program.node, chosen.partitions.value_or(4), shared);
  program.run = [node = program.node.get(), created, shared, chosen](std::ostream& out,
                                                                     const interrupt& stop) {
    return run(*node, created, *shared, chosen, out, stop);
  };
  return program;
}

}  // namespace

int main(int argc, char** argv) {
  using weir::cli::number;
  // Subscribers die by the hundred here, on purpose and all at once. The usual intensity (3
  // restarts in 5 s) is for accidents: it would rightly conclude that something is badly wrong and
  // give up. For the same reason restarts are counted in the report and not logged one by one.
  const weir::node_options options{
      .log_threshold = weir::log_level::error,
      .intensity = {.restarts = weir::supervision::intensity::restarts_max, .window = 100ms}};
  return weir::cli::main(
      argc, argv,
      {{.name = "orders",
        .summary = "orders enriched, billed, shipped, notified; --chaos SEED breaks things",
        .options = {{"orders", "how many orders are placed",
                     number{.standard = 1000, .least = 1, .most = 1'000'000}},
                    {"chaos", "breaks handlers, services and subscribers, by this seed",
                     number{.name = "SEED"}},
                    {"data", "keeps everything there, and goes on where an earlier run was",
                     weir::cli::text{.name = "DIR"}}},
        .node = options,
        .build = build}});
}
