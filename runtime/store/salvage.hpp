// SPDX-License-Identifier: BSD-3-Clause
// Reading a part of a table where one damaged record must not cost the others.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "weir/runtime/store/store.hpp"

namespace weir::store {

/// Visits the records of [from, to) that can be read: by a scan, which ends at the first damaged
/// record, and from there on backwards from the end, up to the last damaged one. `damaged` is told
/// of each (of one alone once), and what lies between two is not reached: it says so. Other errors
/// are those of store::scan. The order is that of the keys only if nothing is damaged.
result<void> salvage(const store& where, table which, std::string_view from, std::string_view to,
                     const std::function<void(std::string_view key, std::string_view value)>& visit,
                     const std::function<void(const std::string& what)>& damaged);

}  // namespace weir::store
