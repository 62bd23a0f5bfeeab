// SPDX-License-Identifier: BSD-3-Clause
// Watches the promise that nothing is lost: ledgers must balance whenever they are looked at, must
// not run backwards, and at the end nothing may be on its way. One owner at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "weir/runtime/observe/ledger.hpp"

namespace weir::sim {

/// Feed it snapshots of each subscription's ledger, at any moment and as often as liked.
class ledger_checker {
 public:
  /// The ledger of `subscription` as it stands now. Violations: it does not balance, or a count
  /// other than `in_flight` is lower than in the snapshot before.
  void seen(std::string_view subscription, const observe::ledger& counts);
  /// The run is over: whoever still has events in flight in the latest snapshot violates.
  void finish();

  bool ok() const noexcept { return violation_.empty(); }
  /// The first violation with the ledger's equation; empty if there is none.
  const std::string& violation() const noexcept { return violation_; }
  /// The sum of the latest snapshots.
  observe::ledger total() const noexcept;

 private:
  void violated(std::string_view subscription, std::string_view why, const observe::ledger& counts);

  std::map<std::string, observe::ledger, std::less<>> latest_;
  std::string violation_;
};

}  // namespace weir::sim
