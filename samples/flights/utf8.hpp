// SPDX-License-Identifier: BSD-3-Clause
// Is it UTF-8, and if not, where does it stop being so. Plain ASCII is decided eight bytes at a
// time.
#pragma once

#include <cstddef>
#include <string_view>

namespace flights {

/// The offset of the first byte that is not part of well-formed UTF-8 (overlong forms, surrogates
/// and code points above U+10FFFF are not); npos if all of it is.
std::size_t find_invalid_utf8(std::string_view text) noexcept;

/// `text` cut to at most `limit` bytes, not through a character.
std::string_view cut_utf8(std::string_view text, std::size_t limit) noexcept;

}  // namespace flights
