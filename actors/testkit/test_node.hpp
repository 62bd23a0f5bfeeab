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
#include <stdexcept>
#include <string>
#include <vector>

#include "weir/actors/node/node.hpp"
#include "weir/actors/testkit/recording.hpp"
#include "weir/actors/testkit/watch_book.hpp"
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

  /// Keeps copies of the events of these types that reach the topic, for watched() and the matcher
  /// published<T>. A subscription of its own (`watch-<topic>`), so also in ledgers. Before the node
  /// starts, once a topic.
  template <event_payload... T>
  void watch(const topic_handle& topic) {
    subscription_declaration declared;
    declared.name = "watch-" + topic.name();
    declared.pattern = topic.name();
    declared.handled = {&type_of<T>()...};
    declared.catch_all = true;
    declared.handlers = [keep = delivery::handlers_of(
                             [into = watched_.open<T>(topic.name())](const T& event) {
                               into->push_back(event);
                             }...)] {
      auto table = keep();
      table.add_catch_all(std::make_unique<passing_by>());
      return table;
    };
    node_.declare(std::move(declared));
  }
  /// In the order they came. Throws std::logic_error if the topic is not watched for them.
  template <event_payload T>
  const std::vector<T>& watched(const std::string& topic) const {
    const auto* found = watched_.find<T>(topic);
    if (found == nullptr) throw not_watched(topic, type_of<T>());
    return *found;
  }

  // Asking the node lets it run until it has answered.
  /// The ledger of a subscription or group, summed over topics.
  observe::ledger ledger(const std::string& subscription) const;
  /// Its dead letters.
  std::vector<delivery::dead_letter> dead_letters(const std::string& subscription) const;
  /// Seed, ledgers and dead letters, a line each: for people.
  std::string summary() const;

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
  static std::logic_error not_watched(const std::string& topic, const event_type& type);

  std::uint64_t seed_;
  int exceptions_;
  std::shared_ptr<testkit::recording> recording_ = std::make_shared<testkit::recording>();
  sim::ledger_checker ledgers_;
  std::string not_started_;
  watch_book watched_;
  mutable weir::node node_;  // looking at it drives it
};

}  // namespace weir::testkit
