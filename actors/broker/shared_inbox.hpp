// SPDX-License-Identifier: BSD-3-Clause
// The message ids that the inboxes of a topic remember, the newest `horizon` of them, and where the
// events are that they have become. Ids are claimed before their events are published, so that two
// threads that are brought the same message do not both publish it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "weir/actors/broker/publisher.hpp"

namespace weir::actors {

/// Any thread.
class shared_inbox {
 public:
  explicit shared_inbox(std::uint64_t horizon) : horizon_(horizon) {}

  enum class state : std::uint8_t { fresh, pending, published };
  struct claim {
    state found;
    std::uint64_t number = 0;  // of a fresh one
    ring_position where{};             // of a published one
  };

  /// Remembers what an earlier run has stored; before the first claim, in the order of numbers.
  void remember(std::uint64_t number, std::string_view id);
  /// A fresh id is the caller's, who says what has become of it; a pending one is somebody else's.
  claim claim_for(std::string_view id);
  void published(std::string_view id, std::uint64_t number, ring_position where);
  void give_back(std::string_view id, std::uint64_t number);

  std::uint64_t horizon() const noexcept { return horizon_; }
  /// Numbers below are forgotten, and may be in the store.
  std::uint64_t oldest() const;

 private:
  struct known {
    std::uint64_t number;
    bool pending;
    ring_position where;
  };
  using ids = std::unordered_map<std::string, known>;
  /// The claim of this number; none if that many came meanwhile that it is forgotten.
  ids::iterator find(std::string_view id, std::uint64_t number);
  void forget_old();

  const std::uint64_t horizon_;
  mutable std::mutex access_;
  ids ids_;
  std::map<std::uint64_t, ids::const_pointer> by_number_;
  std::uint64_t next_ = 1;
};

}  // namespace weir::actors
