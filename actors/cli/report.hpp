// SPDX-License-Identifier: BSD-3-Clause
// The tables a run closes with: any rows, the ledger, and dead letters by cause. Text in, text out.
// Invariant: whatever bytes an error message carries, a table's lines are one line each and cannot
// move a terminal's cursor.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "weir/actors/node/options.hpp"

namespace weir::cli {

/// Columns as wide as their widest cell; a column of numbers is aligned to the right. Rows may be
/// shorter than `head`. Lines end in '\n' and have no trailing blanks.
std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows);

/// One row per subscription and topic; drops are summed, and named below if there were any. The
/// last line says whether all of them balance.
std::string ledger_table(std::span<const subscription_ledger> ledgers);

/// True if every ledger is balanced.
bool balanced(std::span<const subscription_ledger> ledgers);

/// One row per fingerprint, the most frequent first: how many, where, which event, and the error of
/// the first of them. "no dead letters" if there are none.
std::string dead_letter_table(std::span<const delivery::dead_letter> letters);

/// Without control characters, and cut where it gets long: text of others, for a cell of a table.
std::string one_line(std::string text);

/// `1,234,567`
std::string grouped(std::uint64_t value);

}  // namespace weir::cli
