// SPDX-License-Identifier: BSD-3-Clause
// What stands between the quotes of a JSON string, and its scalars' grammar.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flights {

/// `raw` with its escapes resolved; nothing if an escape is wrong or half a surrogate pair.
std::optional<std::string> unescape_json(std::string_view raw);

/// True for a JSON number, `true`, `false` or `null`.
bool is_json_scalar(std::string_view token) noexcept;
/// True for a JSON number without fraction and exponent.
bool is_json_integer(std::string_view token) noexcept;

}  // namespace flights
