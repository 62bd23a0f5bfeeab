// SPDX-License-Identifier: BSD-3-Clause
// Accounting that takes nobody's word: each stage writes down the orders it has finished, and the
// audit holds these lists, the orders placed and the dead letters against each other. Weir's ledger
// is not asked.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "weir/runtime/delivery/dead_letter.hpp"

namespace orders {

/// The orders one stage has finished. Any thread may enter; read when nobody does.
class book {
 public:
  void enter(const std::string& order) {
    const std::lock_guard lock{access_};
    if (!orders_.insert(order).second) ++repeated_;
  }
  bool has(const std::string& order) const { return orders_.contains(order); }
  const std::unordered_set<std::string>& orders() const noexcept { return orders_; }
  std::uint64_t size() const noexcept { return orders_.size(); }
  /// How often an order was entered that was there already.
  std::uint64_t repeated() const noexcept { return repeated_; }

 private:
  std::mutex access_;
  std::unordered_set<std::string> orders_;
  std::uint64_t repeated_ = 0;
};

/// The subscriptions an order passes, in this order; the last three keep books.
inline constexpr const char* stages[] = {"with-user", "with-metadata", "billing", "shipping",
                                         "notification"};

struct books {
  book placed;
  book billed;
  book shipped;
  book notified;
  /// Orders that go out with plain metadata because the service was down.
  book plain;
};

struct audit_result {
  /// Orders without exactly one fate that every book agrees with; orders in a book that nobody
  /// placed; work done twice. Nothing is lost and nothing is invented if this is 0.
  std::uint64_t unaccounted = 0;
  /// The first of them, in words.
  std::vector<std::string> examples;
  /// Dead letters by stage.
  std::vector<std::uint64_t> dead;
};

/// An order that died at a stage must be in the books of all stages before it and of none from it
/// on; one that did not die must be in all of them.
audit_result audit(const books& kept, std::span<const weir::delivery::dead_letter> letters);

}  // namespace orders
