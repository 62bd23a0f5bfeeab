// SPDX-License-Identifier: BSD-3-Clause
// The two byte machines.
#include "weir/samples/flights/json_skip.hpp"

#include "weir/samples/flights/json_cursor.hpp"

namespace flights {

bool element_end::take_byte(char byte) noexcept {
  if (in_string_) {
    if (escaped_) {
      escaped_ = false;
    } else if (byte == '\\') {
      escaped_ = true;
    } else if (byte == '"') {
      in_string_ = false;
      found_ = depth_ == 0;
    }
    return true;
  }
  const bool opens = byte == '{' || byte == '[';
  if (is_ == kind::unknown) {
    is_ = opens ? kind::container : byte == '"' ? kind::string : kind::scalar;
    if (is_ == kind::scalar) return true;
  }
  if (is_ == kind::scalar) {
    found_ = opens || byte == '"' || byte == ',' || byte == ']' || is_json_space(byte);
    return !found_;
  }
  if (byte == '"') {
    in_string_ = true;
  } else if (opens) {
    ++depth_;
  } else if (byte == '}' || byte == ']') {
    found_ = --depth_ == 0;
  }
  return true;
}

std::size_t element_end::take(std::string_view bytes) noexcept {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool ours = take_byte(bytes[i]);
    if (found_) return ours ? i + 1 : i;
  }
  return bytes.size();
}

std::size_t next_record::take(std::string_view bytes) noexcept {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char byte = bytes[i];
    if (is_json_space(byte)) continue;
    if (byte == '}') {
      seen_ = seen::brace;
    } else if (seen_ == seen::brace && (byte == ',' || byte == ']')) {
      seen_ = byte == ',' ? seen::comma : seen::bracket;
    } else if (seen_ == seen::comma && byte == '{') {
      seen_ = seen::object;
      return i;
    } else {
      seen_ = seen::nothing;
    }
  }
  return bytes.size();
}

}  // namespace flights
