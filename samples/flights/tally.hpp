// SPDX-License-Identifier: BSD-3-Clause
// What one subscription counts, by a number: in memory, or, where the node keeps its data, in its
// state, which is written in the commit that also moves it on. Handlers say what changes and need
// not know which.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

#include "weir/actors/node/node.hpp"

namespace flights {

/// Changed by the handlers of one subscription; read when the node is drained.
template <class K, class V>
class tally {
 public:
  tally(std::string subscription, bool kept)
      : subscription_(std::move(subscription)), kept_(kept) {}

  /// Errors of keyed_state.
  template <class Change>
  weir::result<void> update(weir::context& where, K key, Change&& change) {
    if (kept_) return where.state<K, V>(name).update(key, std::forward<Change>(change));
    change(counted_[key]);
    return {};
  }
  /// `visit(key, value)`; a key may come from several partitions. Errors of node::scan_state.
  template <class Visit>
  weir::result<void> visit(weir::node& node, Visit&& visit) const {
    if (kept_) return node.scan_state<K, V>(subscription_, name, std::forward<Visit>(visit));
    for (const auto& [key, value] : counted_) visit(key, value);
    return {};
  }

 private:
  static constexpr const char* name = "tally";
  std::string subscription_;
  bool kept_;
  std::unordered_map<K, V> counted_;
};

}  // namespace flights
