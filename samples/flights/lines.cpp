// SPDX-License-Identifier: BSD-3-Clause
// The slow half of the line scanner: lines cut by a read, and lines over the limit.
#include "weir/samples/flights/lines.hpp"

#include "weir/samples/flights/departure.hpp"

namespace flights {

weir::result<line> line_scanner::next_across_reads() {
  std::size_t searched = input_.held().size();
  for (;;) {
    // One CR may belong to the line end, so only the second byte beyond the limit proves the
    // excess.
    if (input_.held().size() >= max_record_bytes + 2) return skip_long();
    auto more = input_.more();
    if (!more) return weir::fail(std::move(more.error()));
    const auto held = input_.held();
    if (!*more) {
      if (held.empty()) return line{};
      return cut(held.size(), false);
    }
    if (const auto at = held.find('\n', searched); at != std::string_view::npos) {
      return cut(at, true);
    }
    searched = held.size();
  }
}

weir::result<line> line_scanner::skip_long() {
  beginning_ = input_.held().substr(0, max_raw_bytes + 4);
  for (;;) {
    const auto held = input_.held();
    const auto at = held.find('\n');
    if (at != std::string_view::npos) {
      used_ = at + 1;
      return line{line::kind::too_long, beginning_, true};
    }
    input_.drop(held.size());
    auto more = input_.more();
    if (!more) return weir::fail(std::move(more.error()));
    if (!*more) return line{line::kind::too_long, beginning_, false};
  }
}

}  // namespace flights
