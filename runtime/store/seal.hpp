// SPDX-License-Identifier: BSD-3-Clause
// The seal of a record: eight bytes after its value, over its table, key and value. A flipped byte,
// and a record that turns up under another key or in another table, are found when it is read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/table.hpp"

namespace weir::store {

/// Bytes a seal takes after the value.
inline constexpr std::size_t seal_size = 8;

/// XXH3-64 over the table's number and the XXH3-64 of key and of value. Frozen: it is on disk.
std::uint64_t seal_of(table where, std::string_view key, std::string_view value) noexcept;

/// Appends the seal to `bytes`, whose end from `value_at` on is the value.
void append_seal(std::string& bytes, table where, std::string_view key, std::size_t value_at);

/// The value inside `sealed`. errc::store_corrupt, naming table and key: it is not what was sealed.
result<std::string_view> unseal(table where, std::string_view key, std::string_view sealed);

}  // namespace weir::store
