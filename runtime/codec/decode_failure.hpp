// SPDX-License-Identifier: BSD-3-Clause
// How decoding says what is wrong and where. One failure is filled in at the place that found it,
// and every level it passes on the way out puts its own step in front of the path. Nothing is built
// while decoding succeeds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "weir/runtime/core/error.hpp"

namespace weir::codec::internal {

struct json_value;

/// The first thing wrong with a document, be it JSON or binary. Every function returns false, to be
/// returned onwards.
class decode_failure {
 public:
  bool set(errc code, std::string text);
  /// `expected <wanted>, found a string`.
  bool unexpected(std::string_view wanted, const json_value& found);

  /// A struct or map says one thing once.
  bool comes_twice() { return set(errc::malformed, "this name comes twice"); }

  /// Puts `name` in front of the path: `items[3].price` -> `order.items[3].price`.
  /// A name that is no plain word is put as a key.
  bool at_field(std::string_view name);
  /// Puts `[index]` in front of the path.
  bool at_index(std::size_t index);
  /// Puts `["key"]` in front of the path.
  bool at_key(std::string_view key);

  /// `path: text`; an empty path reads `document`.
  error to_error() const;

 private:
  void prepend(std::string step);

  errc code_ = errc::malformed;
  std::string path_;
  std::string text_;
};

/// `text` in quotes and escaped, cut after 40 bytes: for messages.
std::string quoted(std::string_view text);

}  // namespace weir::codec::internal
