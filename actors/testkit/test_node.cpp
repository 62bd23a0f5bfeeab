// SPDX-License-Identifier: BSD-3-Clause
// Driving a simulated node and asking the checkers.
#include "weir/actors/testkit/test_node.hpp"

#include <exception>

#include "weir/actors/node/impl.hpp"

namespace weir::testkit {
namespace {

node_options simulated(node_options options, std::uint64_t seed) {
  options.simulated = true;
  options.seed = seed;
  return options;
}

}  // namespace

test_node::test_node(std::uint64_t seed, node_options options)
    : seed_(seed == 0 ? 1 : seed),
      exceptions_(std::uncaught_exceptions()),
      node_(simulated(std::move(options), seed_)) {}

test_node::~test_node() {
  if (std::uncaught_exceptions() > exceptions_) {
    log(log_level::error, "test-node-failed", story("the test ended here"));
  }
}

bool test_node::ready() {
  if (auto begun = node_.start(); !begun) not_started_ = to_string(begun.error());
  return node_.started();
}

std::uint64_t test_node::run(std::uint64_t messages_max) {
  if (!ready()) return 0;
  std::uint64_t handled = 0;
  while (handled < messages_max && node_.internals().simulated->step()) ++handled;
  return handled;
}

void test_node::advance(duration by) {
  if (ready()) node_.internals().simulated->advance(by);
}

drain_report test_node::drain(duration deadline) {
  static_cast<void>(ready());
  return node_.drain(deadline);
}

timestamp test_node::now() { return ready() ? node_.internals().link->time->now() : timestamp{}; }

observe::ledger test_node::ledger(const std::string& subscription) const {
  observe::ledger sum;
  for (const auto& one : node_.ledgers()) {
    if (one.subscription == subscription) sum += one.counts;
  }
  return sum;
}

std::vector<delivery::dead_letter> test_node::dead_letters(const std::string& subscription) const {
  auto letters = node_.dead_letters();
  std::erase_if(letters,
                [&](const auto& letter) { return letter.subscription != subscription; });
  return letters;
}

std::string test_node::summary() const {
  std::string text = "a test node of seed " + std::to_string(seed_) + '\n';
  for (const auto& [subscription, topic, counts] : node_.ledgers()) {
    text += "  " + subscription + " in " + topic + ": " + to_string(counts) + '\n';
  }
  for (const auto& letter : node_.dead_letters()) {
    text += "  dead letter of " + letter.subscription + ": " + letter.topic + "/" +
            std::to_string(letter.partition) + "@" + std::to_string(letter.offset) + ", " +
            to_string(letter.failure) + '\n';
  }
  return text;
}

std::logic_error test_node::not_watched(const std::string& topic, const event_type& type) {
  return std::logic_error{"nobody watches " + topic + " for " + to_string(type) +
                          ": test_node::watch before the start"};
}

void test_node::look() {
  for (const auto& [subscription, topic, counts] : node_.ledgers()) {
    ledgers_.seen(subscription + " in " + topic, counts);
  }
}

std::string test_node::story(const std::string& what) const {
  return "seed " + std::to_string(seed_) + ": " + what;
}

std::string test_node::verdict() {
  if (!not_started_.empty()) return story("the topology does not start: " + not_started_);
  look();
  if (!ledgers_.ok()) return story(ledgers_.violation());
  if (!recording_->order().ok()) return story(recording_->order().violation());
  return {};
}

std::string test_node::final_verdict() {
  look();
  ledgers_.finish();
  return verdict();
}

}  // namespace weir::testkit
