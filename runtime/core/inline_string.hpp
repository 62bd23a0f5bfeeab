// SPDX-License-Identifier: BSD-3-Clause
// A short string that lives inside its owner: an event made of such strings and numbers is copied,
// stored and dropped without touching the heap. Trivially copyable.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string_view>

namespace weir {

/// At most `N` (1..255) bytes of text.
template <std::size_t N>
class inline_string {
 public:
  static_assert(N >= 1 && N <= 255);
  static constexpr std::size_t capacity = N;

  constexpr inline_string() noexcept = default;
  /// Nothing if `text` does not fit: what is cut silently is lost silently.
  static constexpr std::optional<inline_string> from(std::string_view text) noexcept {
    if (text.size() > N) return std::nullopt;
    return cut(text);
  }
  /// As much of `text` as fits; may end inside a UTF-8 sequence.
  static constexpr inline_string cut(std::string_view text) noexcept {
    inline_string made;
    made.size_ = static_cast<std::uint8_t>(text.size() < N ? text.size() : N);
    for (std::size_t i = 0; i < made.size_; ++i) made.bytes_[i] = text[i];
    return made;
  }

  constexpr std::string_view view() const noexcept { return {bytes_.data(), size_}; }
  constexpr operator std::string_view() const noexcept { return view(); }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }

  friend constexpr bool operator==(const inline_string& a, const inline_string& b) noexcept {
    return a.view() == b.view();
  }
  friend constexpr auto operator<=>(const inline_string& a, const inline_string& b) noexcept {
    return a.view() <=> b.view();
  }

 private:
  std::array<char, N> bytes_{};
  std::uint8_t size_ = 0;
};

}  // namespace weir

template <std::size_t N>
struct std::hash<weir::inline_string<N>> {
  std::size_t operator()(const weir::inline_string<N>& text) const noexcept {
    return std::hash<std::string_view>{}(text.view());
  }
};
