// SPDX-License-Identifier: BSD-3-Clause
// A node's status as a picture of text, and how a terminal is made to show the next picture in the
// place of the last. Text in, text out; dashboard.hpp has the terminal.
#pragma once

#include <cstddef>
#include <string>

#include "weir/actors/node/status.hpp"

namespace weir::cli {

/// Two tables: topics with what is published, subscriptions with what has become of it. Rates are
/// per second between the two statuses, 0 if no time has passed; what `previous` does not know is
/// taken to have been nothing. Lines end in '\n'; none can move a cursor.
std::string render(const node_status& previous, const node_status& current);

struct terminal_size {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// `text` without what does not fit: lines are cut at the last column, lines that would reach the
/// last row (the cursor's) are left out and counted in the last line shown.
std::string fit(const std::string& text, terminal_size size);

/// What draws `text` over a picture of `lines_before` lines that ends above the cursor.
std::string repaint(std::size_t lines_before, const std::string& text);

}  // namespace weir::cli
