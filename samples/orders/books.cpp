// SPDX-License-Identifier: BSD-3-Clause
// The audit.
#include "weir/samples/orders/books.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace orders {
namespace {

constexpr std::size_t stage_count = std::size(stages);
constexpr std::size_t examples_max = 5;

std::size_t stage_of(const std::string& subscription) {
  return static_cast<std::size_t>(
      std::find(std::begin(stages), std::end(stages), subscription) - std::begin(stages));
}

void complain(audit_result& found, std::string about) {
  ++found.unaccounted;
  if (found.examples.size() < examples_max) found.examples.push_back(std::move(about));
}

}  // namespace

audit_result audit(const books& kept, std::span<const weir::delivery::dead_letter> letters) {
  audit_result found;
  found.dead.resize(stage_count);
  std::unordered_map<std::string, std::size_t> died_at;
  for (const auto& letter : letters) {
    const auto stage = stage_of(letter.subscription);
    if (stage == stage_count || !kept.placed.has(letter.key)) {
      complain(found, "a dead letter of '" + letter.subscription + "' for '" + letter.key +
                          "', which nobody placed");
      continue;
    }
    ++found.dead[stage];
    if (!died_at.emplace(letter.key, stage).second) complain(found, letter.key + " died twice");
  }
  struct kept_by {
    const book& orders;
    std::size_t stage;
  };
  const kept_by all[] = {{kept.billed, 2}, {kept.shipped, 3}, {kept.notified, 4}};
  for (const auto& order : kept.placed.orders()) {
    const auto died = died_at.find(order);
    const auto end = died == died_at.end() ? stage_count : died->second;
    for (const auto& [orders, stage] : all) {
      if (orders.has(order) == (stage < end)) continue;
      const std::string how = stage < end ? " is missing in the book of " : " is in the book of ";
      complain(found, order + how + stages[stage] +
                          (end == stage_count ? "" : std::string{" but died at "} + stages[end]));
      break;
    }
  }
  for (const auto& [orders, stage] : all) {
    for (const auto& order : orders.orders()) {
      if (!kept.placed.has(order)) complain(found, order + " was never placed");
    }
    for (std::uint64_t i = 0; i < orders.repeated(); ++i) {
      complain(found, std::string{stages[stage]} + " did something twice");
    }
  }
  return found;
}

}  // namespace orders
