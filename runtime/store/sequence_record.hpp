// SPDX-License-Identifier: BSD-3-Clause
// How far a named producer has come in a partition, as a record of the table meta: written with the
// events, so that it never says more or less than the log holds. FORMAT.md has the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/changes.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::store {

inline constexpr std::size_t producer_name_bytes_max = 128;

void put_sequence(changes& to, std::string_view producer, std::string_view topic,
                  std::uint32_t partition, std::uint64_t sequence);
/// Nothing if it has published nothing there. Errors of store::get; errc::store_corrupt.
result<std::optional<std::uint64_t>> last_sequence(const store& where, std::string_view producer,
                                                   std::string_view topic,
                                                   std::uint32_t partition);

}  // namespace weir::store
