// SPDX-License-Identifier: BSD-3-Clause
// A place in a JSON text that may end anywhere. Every step answers ok, cut (the text ends before
// the answer is known) or broken (no longer text can make it right; `at` is on the mistake).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flights {

/// Values may be nested this deep inside a record.
inline constexpr int max_json_depth = 64;

inline bool is_json_space(char byte) noexcept {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/// What stands between a string's quotes, escapes as written.
struct json_string {
  std::string_view raw;
  bool escaped = false;
};

class json_cursor {
 public:
  enum class step : std::uint8_t { ok, cut, broken };

  json_cursor(std::string_view text, std::size_t at) noexcept : text_(text), at_(at) {}

  std::size_t at() const noexcept { return at_; }
  std::string_view text() const noexcept { return text_; }
  /// The byte here; only after skip_space() said ok.
  char peek() const noexcept { return text_[at_]; }
  void advance() noexcept { ++at_; }
  /// What the last broken step stumbled over, a sentence.
  std::string_view mistake() const noexcept { return mistake_; }
  /// Where the last string began: if its closing quote was lost, what it swallowed starts there.
  std::size_t last_string() const noexcept { return last_string_; }

  /// Moves to the next byte that is not white space; cut if there is none.
  step skip_space() noexcept {
    while (at_ < text_.size() && is_json_space(text_[at_])) ++at_;
    return at_ < text_.size() ? step::ok : step::cut;
  }
  /// White space, then `wanted`.
  step expect(char wanted, std::string_view mistake) noexcept {
    if (skip_space() == step::cut) return step::cut;
    if (text_[at_] != wanted) return broken(mistake);
    ++at_;
    return step::ok;
  }
  /// The string whose opening quote is here.
  step read_string(json_string& into);
  /// The run of bytes up to a delimiter: a number, a literal, nonsense or nothing; not judged.
  step read_scalar(std::string_view& token) noexcept;
  /// Passes over any value, checking its grammar, `depth` levels inside the record.
  step skip_value(int depth);

  step broken(std::string_view mistake) noexcept {
    mistake_ = mistake;
    return step::broken;
  }

 private:
  step skip_members(int depth);
  step skip_elements(int depth);

  std::string_view text_;
  std::size_t at_;
  std::string_view mistake_;
  std::size_t last_string_ = 0;
};

}  // namespace flights
