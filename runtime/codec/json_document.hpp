// SPDX-License-Identifier: BSD-3-Clause
// One JSON text, wholly checked and laid out as a flat row of values for the typed reader to walk.
// The parser (simdjson) is behind this door. Values live until the document is destroyed or parses
// again; the memory behind them is kept per thread, so a small event allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "weir/runtime/codec/decode_failure.hpp"

namespace weir::codec {

/// What a document may ask of us before it is refused.
struct json_limits {
  /// Longest text that is looked at; longer is errc::too_long. Parsing takes at most about 20 times
  /// the text's size in memory, and gives it back.
  std::size_t size_max_bytes = 16U << 20U;
  /// Deepest nesting of arrays and objects, the outermost being 1; deeper is errc::too_deep.
  /// Values above 512 count as 512.
  std::size_t depth_max = 64;
};

namespace internal {

enum class json_kind : std::uint8_t { null, boolean, number, string, array, object };

/// A value in the row. An array is followed by its `size` elements, an object by its `size` pairs
/// of a string (the key) and a value, each element taking its own `span` places.
struct json_value {
  const char* text = nullptr;  // string: unescaped; number: as written
  std::uint32_t size = 0;      // string, number: bytes; array, object: elements
  std::uint32_t span = 1;      // places in the row, this one included
  json_kind kind = json_kind::null;
  bool truth = false;          // of a boolean
  bool whole = false;          // a number without fraction and exponent

  std::string_view view() const noexcept { return {text, size}; }
  const json_value* first() const noexcept { return this + 1; }
  const json_value* next() const noexcept { return this + span; }
};

struct json_arena;

/// A parsed text. One thread at a time; may be nested.
class json_document {
 public:
  json_document();
  ~json_document();
  json_document(const json_document&) = delete;
  json_document& operator=(const json_document&) = delete;

  /// The outermost value, or nullptr with `failure` set: errc::malformed, invalid_utf8, too_deep,
  /// too_long. `text` need not outlive the call.
  const json_value* parse(std::string_view text, const json_limits& limits,
                          decode_failure& failure);

 private:
  std::unique_ptr<json_arena> arena_;
};

}  // namespace internal
}  // namespace weir::codec
