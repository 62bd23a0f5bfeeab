// SPDX-License-Identifier: BSD-3-Clause
// Forwards to the first damaged record, backwards to the last.
#include "weir/runtime/store/salvage.hpp"

namespace weir::store {

result<void> salvage(const store& where, table which, std::string_view from, std::string_view to,
                     const std::function<void(std::string_view, std::string_view)>& visit,
                     const std::function<void(const std::string&)>& damaged) {
  std::string lowest{from};
  const auto seen = where.scan(which, from, to, [&](std::string_view key, std::string_view value) {
    lowest = key;
    lowest += '\0';  // the next key there can be
    visit(key, value);
    return true;
  });
  if (seen) return {};
  if (seen.error().code != errc::store_corrupt) return seen;
  damaged(to_string(seen.error()));
  record found;
  for (std::string end{to};; end = found.key) {
    const auto there = where.last(which, lowest, end, found);
    if (!there) {
      if (there.error().message == seen.error().message) return {};
      damaged(to_string(there.error()) + "; what lies between the two is not read");
      return {};
    }
    if (!*there) return {};
    visit(found.key, found.value);
  }
}

}  // namespace weir::store
