// SPDX-License-Identifier: BSD-3-Clause
// Wording of decode errors, kept out of the templates that raise them.
#include "weir/runtime/codec/decode_failure.hpp"

#include <algorithm>
#include <utility>

#include "weir/runtime/codec/json_document.hpp"
#include "weir/runtime/codec/json_text.hpp"

namespace weir::codec::internal {
namespace {

// A message is one line in a log: enough of a value to recognise it by.
constexpr std::size_t quote_max_bytes = 40;

std::string_view describe_kind(json_kind kind) noexcept {
  switch (kind) {
    case json_kind::null: return "null";
    case json_kind::boolean: return "a bool";
    case json_kind::number: return "a number";
    case json_kind::string: return "a string";
    case json_kind::array: return "an array";
    case json_kind::object: return "an object";
  }
  return "nothing";
}

bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

bool decode_failure::set(errc code, std::string text) {
  code_ = code;
  text_ = std::move(text);
  path_.clear();
  return false;
}

bool decode_failure::unexpected(std::string_view wanted, const json_value& found) {
  return set(errc::wrong_type,
             std::string{"expected "}.append(wanted).append(", found ").append(
                 describe_kind(found.kind)));
}

bool decode_failure::at_field(std::string_view name) {
  const bool plain = !name.empty() && name.size() <= quote_max_bytes &&
                     std::all_of(name.begin(), name.end(), is_name_character);
  if (!plain) return at_key(name);
  prepend(std::string{name});
  return false;
}

bool decode_failure::at_index(std::size_t index) {
  prepend("[" + std::to_string(index) + "]");
  return false;
}

bool decode_failure::at_key(std::string_view key) {
  prepend("[" + quoted(key) + "]");
  return false;
}

error decode_failure::to_error() const {
  return error{code_, (path_.empty() ? std::string{"document"} : path_) + ": " + text_};
}

void decode_failure::prepend(std::string step) {
  if (!path_.empty() && path_.front() != '[') step += '.';
  path_.insert(0, step);
}

std::string quoted(std::string_view text) {
  std::string out;
  if (text.size() <= quote_max_bytes) {
    append_text(text, out);
    return out;
  }
  std::size_t cut = quote_max_bytes;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  append_text(text.substr(0, cut), out);
  return out + "...";
}

}  // namespace weir::codec::internal
