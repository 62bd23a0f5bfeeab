// SPDX-License-Identifier: BSD-3-Clause
// The audit.
#include "weir/samples/ride_hailing/books.hpp"

#include <algorithm>

namespace ride_hailing {
namespace {

constexpr std::size_t examples_max = 5;

void complain(audit_result& found, const std::string& ride, const char* what) {
  ++found.unaccounted;
  if (found.examples.size() < examples_max) found.examples.push_back("ride " + ride + " " + what);
}

}  // namespace

void books::request(std::int64_t ride) {
  const std::lock_guard lock{access_};
  requested_.insert(ride);
}

void books::end(std::int64_t ride, fate how) {
  const std::lock_guard lock{access_};
  if (!ends_.emplace(ride, how).second) ++repeated_;
}

std::uint64_t books::ended(fate how) const {
  return static_cast<std::uint64_t>(std::count_if(
      ends_.begin(), ends_.end(), [how](const auto& one) { return one.second == how; }));
}

audit_result audit(const books& kept, std::span<const weir::delivery::dead_letter> letters) {
  audit_result found;
  std::unordered_set<std::string> dead;
  for (const auto& letter : letters) {
    if (!dead.insert(letter.key).second) complain(found, letter.key, "died twice");
  }
  for (const auto ride : kept.requests()) {
    const auto name = std::to_string(ride);
    const bool died = dead.erase(name) > 0;
    const bool ended = kept.ends().contains(ride);
    if (!died && !ended) complain(found, name, "has no end");
    if (died && ended) complain(found, name, "has ended and died");
  }
  for (const auto& name : dead) complain(found, name, "died and was never requested");
  for (const auto& [ride, how] : kept.ends()) {
    if (!kept.requests().contains(ride)) {
      complain(found, std::to_string(ride), "has ended and was never requested");
    }
  }
  for (std::uint64_t i = 0; i < kept.repeated(); ++i) complain(found, "?", "has ended twice");
  return found;
}

}  // namespace ride_hailing
