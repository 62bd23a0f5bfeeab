// SPDX-License-Identifier: BSD-3-Clause
// Lines out of a window. A line longer than the limit is skipped to its end without being held.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "weir/samples/flights/window.hpp"

namespace flights {

struct line {
  enum class kind : std::uint8_t { text, too_long, end };
  kind is = kind::end;
  std::string_view text;   ///< without its line end; of a line that is too long only the beginning
  bool terminated = true;  ///< false for a last line without a line end
};

/// Cuts at LF, takes a CR before it away. One thread at a time.
class line_scanner {
 public:
  explicit line_scanner(window& input) : input_(input) {}

  /// The next line; its text is valid until the next call. Errors: the source's.
  weir::result<line> next() {
    input_.drop(std::exchange(used_, 0));
    const auto held = input_.held();
    const auto* end = static_cast<const char*>(std::memchr(held.data(), '\n', held.size()));
    if (end == nullptr) return next_across_reads();
    return cut(static_cast<std::size_t>(end - held.data()), true);
  }

 private:
  weir::result<line> next_across_reads();
  weir::result<line> skip_long();
  line cut(std::size_t size, bool terminated) {
    auto text = input_.held().substr(0, size);
    used_ = size + (terminated ? 1 : 0);
    if (text.ends_with('\r')) text.remove_suffix(1);
    return {text.size() > max_record_bytes ? line::kind::too_long : line::kind::text, text,
            terminated};
  }

  window& input_;
  std::size_t used_ = 0;
  std::string beginning_;
};

}  // namespace flights
