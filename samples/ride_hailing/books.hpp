// SPDX-License-Identifier: BSD-3-Clause
// Who asked for a ride and how each of them ended, written down by those who saw it, and the audit
// that holds these against each other and the dead letters. Weir's ledger is not asked.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "weir/runtime/delivery/dead_letter.hpp"

namespace ride_hailing {

enum class fate { completed, cancelled, expired };

/// Any thread writes; read when nobody does.
class books {
 public:
  void request(std::int64_t ride);
  void end(std::int64_t ride, fate how);

  std::uint64_t requested() const { return requested_.size(); }
  std::uint64_t ended(fate how) const;
  const std::unordered_set<std::int64_t>& requests() const noexcept { return requested_; }
  const std::unordered_map<std::int64_t, fate>& ends() const noexcept { return ends_; }
  /// Rides that ended more than once.
  std::uint64_t repeated() const noexcept { return repeated_; }

 private:
  std::mutex access_;
  std::unordered_set<std::int64_t> requested_;
  std::unordered_map<std::int64_t, fate> ends_;
  std::uint64_t repeated_ = 0;
};

struct audit_result {
  /// Rides requested without exactly one end, ends of rides nobody requested, ends repeated.
  std::uint64_t unaccounted = 0;
  /// The first of them, in words.
  std::vector<std::string> examples;
};

/// A ride ends completed, cancelled, expired or as a dead letter, and once.
audit_result audit(const books& kept, std::span<const weir::delivery::dead_letter> letters);

}  // namespace ride_hailing
