// SPDX-License-Identifier: BSD-3-Clause
// Reads everything a store holds and says what is wrong with it; changes nothing. What the store
// itself finds damaged, and what is sound by itself but fits nothing else: offsets that are
// missing, positions beyond the end of a log, keys and values that are none.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::store {

struct examined {
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t damages = 0;
};

/// `damaged` is told of each: one line that says what and where. Goes around what cannot be read as
/// salvage() does. errc::store_io: the files cannot be read.
result<examined> examine(const store& where,
                         const std::function<void(const std::string&)>& damaged);

}  // namespace weir::store
