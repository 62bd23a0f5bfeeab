// SPDX-License-Identifier: BSD-3-Clause
// START HERE. A whole node on the calling thread: virtual time, an order of actors chosen by a
// seed, and checkers of what Weir promises. The same seed and the same calls give the same run.
//
// Example:
//   weir::testkit::test_node kit{7};
//   auto orders = kit.node().topic("orders");
//   kit.node().subscribe("billing", "orders", kit.recording("billing", [](const order&) {}));
//   orders.publish(order{...});
//   kit.run();
//   CHECK(kit.verdict() == "");
#pragma once

#include <memory>
#include <string>

#include "weir/actors/node/node.hpp"
#include "weir/actors/testkit/recording.hpp"
#include "weir/runtime/sim/ledger_checker.hpp"

namespace weir::testkit {

/// One thread. Nothing happens but in these calls and in those of the node that wait (a publish on
/// a full ring, drain, stop, ledgers). If it is destroyed by an exception, which is how test
/// frameworks end a failed test, it logs its seed.
class test_node {
 public:
  /// `options.simulated` and `options.seed` are the kit's own; 0 as a seed is taken as 1.
  explicit test_node(std::uint64_t seed, node_options options = {});
  ~test_node();
  test_node(const test_node&) = delete;
  test_node& operator=(const test_node&) = delete;

  weir::node& node() noexcept { return node_; }
  std::uint64_t seed() const noexcept { return seed_; }

  /// Starts the node if need be and runs until no actor has a message, or `messages_max` were
  /// handled; time stands still. Returns how many were.
  std::uint64_t run(std::uint64_t messages_max = ~std::uint64_t{0});
  /// Moves time forward, firing timers in their order and running what they cause.
  void advance(duration by);
  /// Drains; time moves to the next timer whenever nothing else is left, up to `deadline`.
  drain_report drain(duration deadline = std::chrono::hours{24});
  /// The node's time; a fixed start in the past before anything ran.
  timestamp now();

  /// `handler`, written down under the name of its subscription at each call.
  template <class F>
  recorded<F> recording(std::string subscription, F handler) {
    return {recording_, std::move(subscription), std::move(handler)};
  }
  /// What recording handlers were given so far.
  const sim::transcript& transcript() const noexcept { return recording_->lines(); }

  /// Feeds every ledger to its checker, as it stands now. It may be called at any moment.
  void look();
  /// Looks, and says what is wrong: an unbalanced ledger, one that ran backwards, events out of
  /// order, a topology that does not start. Empty if nothing is; begins with the seed otherwise.
  std::string verdict();
  /// The same after the run: events that are still in flight are wrong too.
  std::string final_verdict();

 private:
  bool ready();
  std::string story(const std::string& what) const;

  std::uint64_t seed_;
  int exceptions_;
  std::shared_ptr<testkit::recording> recording_ = std::make_shared<testkit::recording>();
  sim::ledger_checker ledgers_;
  std::string not_started_;
  weir::node node_;
};

}  // namespace weir::testkit
