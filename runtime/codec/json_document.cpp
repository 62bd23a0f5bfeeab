// SPDX-License-Identifier: BSD-3-Clause
// The only file that includes simdjson. Its on-demand parser finds structure and checks UTF-8 with
// vector instructions; the walk here visits every value, so that nothing malformed hides in a field
// nobody reads, and leaves numbers as text, so that their fields convert and refuse them exactly.
#include "weir/runtime/codec/json_document.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "weir/runtime/codec/json_text.hpp"

namespace weir::codec::internal {

namespace ondemand = simdjson::ondemand;

namespace {

// Memory a thread keeps between documents: enough for any usual event, little enough for any
// thread.
constexpr std::size_t kept_max_bytes = 256U << 10U;
constexpr std::size_t depth_ceiling = 512;  // the walk recurses

}  // namespace

struct json_arena {
  ondemand::parser parser;
  std::vector<char> buffer;
  std::vector<json_value> row;

  std::size_t kept_bytes() const noexcept {
    constexpr std::size_t parser_bytes_per_byte = 6;  // 4 of positions, 5/3 of strings
    return buffer.capacity() + row.capacity() * sizeof(json_value) +
           parser.capacity() * parser_bytes_per_byte;
  }
};

namespace {

thread_local std::unique_ptr<json_arena> spare_arena;

std::string_view explain(simdjson::error_code code) noexcept {
  switch (code) {
    case simdjson::EMPTY: return "the text is empty";
    case simdjson::UNCLOSED_STRING: return "a string is not closed";
    case simdjson::UNESCAPED_CHARS: return "a string holds an unescaped control character";
    case simdjson::STRING_ERROR: return "a string has an invalid escape";
    case simdjson::NUMBER_ERROR: return "a number is not well-formed";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT: 
      return "the outermost array or object is not closed at the end";
    case simdjson::TRAILING_CONTENT: return "something follows the end of the document";
    default: return "not well-formed JSON";
  }
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// A number by RFC 8259 at the start of `token`, with only blanks after it; 0 bytes if it is none.
struct number_shape {
  std::size_t size = 0;
  bool whole = true;
};

number_shape shape_of(std::string_view token) noexcept {
  const auto digits = [token](std::size_t at) {
    while (at < token.size() && is_digit(token[at])) ++at;
    return at;
  };
  number_shape shape;
  std::size_t at = token.starts_with('-') ? 1 : 0;
  const std::size_t integer_end = digits(at);
  if (integer_end == at || (token[at] == '0' && integer_end - at > 1)) return {};
  at = integer_end;
  if (at < token.size() && token[at] == '.') {
    shape.whole = false;
    const std::size_t end = digits(at + 1);
    if (end == at + 1) return {};
    at = end;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    shape.whole = false;
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    const std::size_t end = digits(at);
    if (end == at) return {};
    at = end;
  }
  shape.size = at;
  while (at < token.size() && is_space(token[at])) ++at;
  return at == token.size() ? shape : number_shape{};
}

// Lays one document out as a row. Every step returns false once the failure is set.
class row_builder {
 public:
  row_builder(std::vector<json_value>& row, const char* begin, std::size_t depth_max,
              decode_failure& failure) noexcept
      : row_(row), begin_(begin), depth_max_(depth_max), failure_(failure) {}

  // `first` opens the document. A single value of another kind has been put into an array.
  bool build(ondemand::document& document, char first) {
    if (first == '{') {
      ondemand::object object;
      if (const auto code = document.get_object().get(object)) return malformed(code);
      if (!members(object, 1)) return false;
    } else {
      ondemand::array array;
      if (const auto code = document.get_array().get(array)) return malformed(code);
      if (!(first == '[' ? elements(array, 1) : single(array))) return false;
    }
    // At the end there is no location left; anything else is text behind the document.
    const bool finished = document.current_location().get(seen_) == simdjson::OUT_OF_BOUNDS;
    return finished || malformed(simdjson::TRAILING_CONTENT);
  }

  // Says where as far as is known: the last token that was in order.
  bool malformed(simdjson::error_code code) {
    std::string text{explain(code)};
    if (seen_ != nullptr) text += " (near byte " + std::to_string(seen_ - begin_) + ")";
    return failure_.set(errc::malformed, std::move(text));
  }

 private:
  bool single(ondemand::array& only) {
    bool found = false;
    for (auto element : only) {
      ondemand::value inner;
      if (const auto code = std::move(element).get(inner)) return malformed(code);
      if (found) return malformed(simdjson::TRAILING_CONTENT);
      if (!value(inner, 1)) return false;
      found = true;
    }
    return found || malformed(simdjson::TAPE_ERROR);
  }

  bool value(ondemand::value& found, std::size_t depth) {
    const std::string_view token = found.raw_json_token();
    seen_ = token.data();
    switch (token.front()) {
      case '{': {
        ondemand::object object;
        if (const auto code = found.get_object().get(object)) return malformed(code);
        return members(object, depth);
      }
      case '[': {
        ondemand::array array;
        if (const auto code = found.get_array().get(array)) return malformed(code);
        return elements(array, depth);
      }
      case '"': {
        std::string_view text;
        if (const auto code = found.get_string().get(text)) return malformed(code);
        place(json_kind::string, text);
        return true;
      }
      case 't':
      case 'f': {
        bool truth = false;
        if (const auto code = found.get_bool().get(truth)) return malformed(code);
        place(json_kind::boolean, {}).truth = truth;
        return true;
      }
      case 'n': {
        bool null = false;
        if (found.is_null().get(null) || !null) return malformed(simdjson::N_ATOM_ERROR);
        place(json_kind::null, {});
        return true;
      }
      default: return number(token);
    }
  }

  bool number(std::string_view token) {
    const char first = token.front();
    if (first != '-' && !is_digit(first)) return malformed(simdjson::TAPE_ERROR);
    const auto shape = shape_of(token);
    if (shape.size == 0) return malformed(simdjson::NUMBER_ERROR);
    place(json_kind::number, token.substr(0, shape.size)).whole = shape.whole;
    return true;
  }

  bool elements(ondemand::array& array, std::size_t depth) {
    if (depth > depth_max_) return too_deep();
    const std::size_t at = row_.size();
    place(json_kind::array, {});
    std::uint32_t count = 0;
    for (auto element : array) {
      ondemand::value inner;
      if (const auto code = std::move(element).get(inner)) return malformed(code);
      if (!value(inner, depth + 1)) return failure_.at_index(count);
      ++count;
    }
    close(at, count);
    return true;
  }

  bool members(ondemand::object& object, std::size_t depth) {
    if (depth > depth_max_) return too_deep();
    const std::size_t at = row_.size();
    place(json_kind::object, {});
    std::uint32_t count = 0;
    for (auto member : object) {
      ondemand::field field;
      if (const auto code = std::move(member).get(field)) return malformed(code);
      seen_ = field.key().raw() - 1;
      std::string_view key;
      if (const auto code = field.unescaped_key().get(key)) return malformed(code);
      place(json_kind::string, key);
      if (!value(field.value(), depth + 1)) return failure_.at_field(key);
      ++count;
    }
    close(at, count);
    return true;
  }

  json_value& place(json_kind kind, std::string_view text) {
    auto& placed = row_.emplace_back();
    placed.kind = kind;
    placed.text = text.data();
    placed.size = static_cast<std::uint32_t>(text.size());
    return placed;
  }

  void close(std::size_t at, std::uint32_t count) noexcept {
    row_[at].size = count;
    row_[at].span = static_cast<std::uint32_t>(row_.size() - at);
  }

  bool too_deep() {
    return failure_.set(errc::too_deep, "nested deeper than " + std::to_string(depth_max_));
  }

  std::vector<json_value>& row_;
  const char* begin_;
  const char* seen_ = nullptr;
  std::size_t depth_max_;
  decode_failure& failure_;
};

// The text with one place in front, and the room behind it that simdjson reads ahead into.
void copy_into(std::vector<char>& buffer, std::string_view text) {
  const std::size_t needed = text.size() + 2 + simdjson::SIMDJSON_PADDING;
  if (buffer.size() < needed) buffer.resize(needed);
  buffer[0] = ' ';
  if (!text.empty()) std::memcpy(buffer.data() + 1, text.data(), text.size());
  std::memset(buffer.data() + 1 + text.size(), ' ', 1 + simdjson::SIMDJSON_PADDING);
}

}  // namespace

json_document::json_document()
    : arena_(spare_arena ? std::move(spare_arena) : std::make_unique<json_arena>()) {}

json_document::~json_document() {
  if (arena_->kept_bytes() <= kept_max_bytes) spare_arena = std::move(arena_);
}

const json_value* json_document::parse(std::string_view text, const json_limits& limits,
                                       decode_failure& failure) {
  // Places in the row and simdjson's own positions are 32 bits wide.
  constexpr std::size_t size_ceiling = std::numeric_limits<std::uint32_t>::max() / 2;
  const std::size_t size_max = std::min(limits.size_max_bytes, size_ceiling);
  if (text.size() > size_max) {
    failure.set(errc::too_long, std::to_string(text.size()) + " bytes are more than the limit of " +
                                    std::to_string(size_max));
    return nullptr;
  }
  copy_into(arena_->buffer, text);
  arena_->row.clear();
  const char* const begin = arena_->buffer.data() + 1;
  row_builder builder{arena_->row, begin, std::min(limits.depth_max, depth_ceiling), failure};

  std::size_t first = 0;
  while (first < text.size() && is_space(text[first])) ++first;
  if (first == text.size()) {
    builder.malformed(simdjson::EMPTY);
    return nullptr;
  }
  const bool bracketed = text[first] != '{' && text[first] != '[';
  std::size_t size = text.size() + 1;
  if (bracketed) {
    arena_->buffer[0] = '[';
    arena_->buffer[size++] = ']';
  }
  ondemand::document document;
  const auto code = arena_->parser
                        .iterate(simdjson::padded_string_view(arena_->buffer.data(), size,
                                                              arena_->buffer.size()))
                        .get(document);
  if (code == simdjson::UTF8_ERROR) {
    failure.set(errc::invalid_utf8,
                "byte " + std::to_string(valid_utf8_prefix(text)) + " is not valid UTF-8");
    return nullptr;
  }
  if (code == simdjson::MEMALLOC) throw std::bad_alloc{};
  if (code) {
    builder.malformed(code);
    return nullptr;
  }
  return builder.build(document, text[first]) ? arena_->row.data() : nullptr;
}

}  // namespace weir::codec::internal
