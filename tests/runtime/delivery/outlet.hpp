// SPDX-License-Identifier: BSD-3-Clause
// A topic that handlers can publish to, and a way to see what reached it. For the tests of this
// room.
#pragma once

#include <memory>
#include <vector>

#include "weir/runtime/delivery/context.hpp"

namespace delivery_tests {

struct outlet {
  explicit outlet(weir::topic::topic_options options = {}, std::uint32_t index = 0)
      : settings(std::make_shared<weir::topic::settings>()) {
    settings->name = "outlet-" + std::to_string(index);
    settings->index = index;
    settings->options = options;
  }
  std::shared_ptr<const weir::topic::settings> shared_settings() const { return settings; }

  std::shared_ptr<weir::topic::settings> settings;
};

/// Commits, then takes everything from the rings, batch by batch, as the partitions would.
inline std::vector<weir::batch> commit_and_take(weir::context& where) {
  where.commit([](const auto&, auto, const auto&, bool, bool) {});
  std::vector<weir::batch> taken;
  where.visit_rings([&](const auto&, auto, const std::shared_ptr<weir::topic::ring>& ring) {
    for (auto some = ring->take(); !some.empty(); some = ring->take()) taken.push_back(some);
  });
  return taken;
}

/// The numbers (see sample_events.hpp) of T's events in these batches.
template <class T>
std::vector<std::uint64_t> numbers_of(const std::vector<weir::batch>& batches) {
  std::vector<std::uint64_t> numbers;
  for (const auto& events : batches) {
    for (const auto event : events) numbers.push_back(event.as<T>().number);
  }
  return numbers;
}

}  // namespace delivery_tests
