// SPDX-License-Identifier: BSD-3-Clause
// Matchers for Catch2, version 2 or 3: what a test node has delivered, buried and published. Only
// programs that use Catch2 include this; nothing else of Weir does.
//
// Example:
//   kit.watch<order_paid>(payments);
//   orders.publish(order{...});
//   kit.drain();
//   CHECK_THAT(kit, delivered("billing", 3));
//   CHECK_THAT(kit, dead_lettered_with("billing", errc::rejected));
//   CHECK_THAT(kit, published<order_paid>("payments", 2) && !dead_lettered("audit"));
#pragma once

#include <optional>
#include <string>

#if __has_include(<catch2/matchers/catch_matchers.hpp>)
#include <catch2/catch_tostring.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include "weir/actors/testkit/test_node.hpp"

/// A failed check shows the seed, every ledger and every dead letter.
template <>
struct Catch::StringMaker<weir::testkit::test_node> {
  static std::string convert(const weir::testkit::test_node& kit) { return kit.summary(); }
};

namespace weir::testkit {

#if __has_include(<catch2/matchers/catch_matchers.hpp>)
using node_matcher = Catch::Matchers::MatcherBase<test_node>;
#else
using node_matcher = Catch::MatcherBase<test_node>;
#endif

/// Counts something of a node: at least one, or exactly `wanted`.
class counting_matcher : public node_matcher {
 public:
  bool match(const test_node& kit) const override {
    const auto found = count(kit);
    return wanted_ ? found == *wanted_ : found > 0;
  }
  std::string describe() const override {
    return "has " + what_ + (wanted_ ? " " + std::to_string(*wanted_) + " times" : "");
  }

 protected:
  counting_matcher(std::string what, std::optional<std::uint64_t> wanted)
      : what_(std::move(what)), wanted_(wanted) {}
  virtual std::uint64_t count(const test_node& kit) const = 0;

 private:
  std::string what_;
  std::optional<std::uint64_t> wanted_;
};

class delivered_matcher final : public counting_matcher {
 public:
  delivered_matcher(std::string subscription, std::optional<std::uint64_t> wanted)
      : counting_matcher("delivered to " + subscription, wanted),
        subscription_(std::move(subscription)) {}

 private:
  std::uint64_t count(const test_node& kit) const override {
    return kit.ledger(subscription_).delivered;
  }
  std::string subscription_;
};

class dead_lettered_matcher final : public counting_matcher {
 public:
  dead_lettered_matcher(std::string subscription, std::optional<errc> code,
                        std::optional<std::uint64_t> wanted)
      : counting_matcher("dead-lettered from " + subscription +
                             (code ? " with " + std::string{to_string(*code)} : ""),
                         wanted),
        subscription_(std::move(subscription)),
        code_(code) {}

 private:
  std::uint64_t count(const test_node& kit) const override {
    std::uint64_t found = 0;
    for (const auto& letter : kit.dead_letters(subscription_)) {
      if (!code_ || letter.failure.code == *code_) ++found;
    }
    return found;
  }
  std::string subscription_;
  std::optional<errc> code_;
};

template <event_payload T>
class published_matcher final : public counting_matcher {
 public:
  published_matcher(std::string topic, std::optional<std::uint64_t> wanted)
      : counting_matcher("published " + to_string(type_of<T>()) + " to " + topic, wanted),
        topic_(std::move(topic)) {}

 private:
  std::uint64_t count(const test_node& kit) const override {
    return kit.template watched<T>(topic_).size();
  }
  std::string topic_;
};

/// A subscription (or group) has handled events, so many if said, over all its topics.
inline delivered_matcher delivered(std::string subscription,
                                   std::optional<std::uint64_t> events = std::nullopt) {
  return {std::move(subscription), events};
}
/// Events of a subscription are dead letters, whatever their errors.
inline dead_lettered_matcher dead_lettered(std::string subscription,
                                           std::optional<std::uint64_t> events = std::nullopt) {
  return {std::move(subscription), std::nullopt, events};
}
/// Events of a subscription are dead letters because of an error with this code.
inline dead_lettered_matcher dead_lettered_with(
    std::string subscription, errc code, std::optional<std::uint64_t> events = std::nullopt) {
  return {std::move(subscription), code, events};
}
/// Events of type T have reached a topic that is watched for them (test_node::watch).
template <event_payload T>
published_matcher<T> published(std::string topic,
                               std::optional<std::uint64_t> events = std::nullopt) {
  return {std::move(topic), events};
}

}  // namespace weir::testkit
