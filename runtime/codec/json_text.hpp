// SPDX-License-Identifier: BSD-3-Clause
// Text to JSON string literals, and the check that text is UTF-8. Whatever bytes come in, what goes
// out is valid JSON in valid UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::codec::internal {

/// Appends `text` as a JSON string literal with its quotes. Bytes that are not UTF-8 become U+FFFD,
/// one for each maximal broken part (as the Unicode standard recommends). Any thread.
void append_text(std::string_view text, std::string& out);

/// Length of the longest prefix that is valid UTF-8; `text.size()` if all of it is.
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

}  // namespace weir::codec::internal
