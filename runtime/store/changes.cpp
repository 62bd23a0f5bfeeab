// SPDX-License-Identifier: BSD-3-Clause
// Changes, one after the other in one buffer: header, key, then the sealed value or the range's
// end.
#include "weir/runtime/store/changes.hpp"

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/store/seal.hpp"

namespace weir::store {

// Everything but the second part, and where in the buffer that goes.
std::size_t changes::begin(change::kind what, table where, std::string_view key,
                           std::size_t second_size) {
  WEIR_INVARIANT(!key.empty() && key.size() <= key_bytes_max,
                 "a key of " + std::to_string(key.size()) + " bytes");
  WEIR_INVARIANT(second_size <= value_bytes_max + seal_size,
                 "a value of " + std::to_string(second_size) + " bytes");
  const header head{what, where, static_cast<std::uint16_t>(key.size()),
                    static_cast<std::uint32_t>(second_size)};
  char bytes[sizeof head];
  std::memcpy(bytes, &head, sizeof head);
  bytes_.append(bytes, sizeof head).append(key);
  ++count_;
  return bytes_.size();
}

void changes::put(table where, std::string_view key, std::string_view value) {
  put(where, key, {&value, 1});
}

void changes::put(table where, std::string_view key, std::span<const std::string_view> pieces) {
  std::size_t size = seal_size;
  for (const auto piece : pieces) size += piece.size();
  const auto value_at = begin(change::kind::put, where, key, size);
  for (const auto piece : pieces) bytes_.append(piece);
  append_seal(bytes_, where, key, value_at);
}

void changes::erase(table where, std::string_view key) {
  begin(change::kind::erase, where, key, 0);
}

void changes::erase_range(table where, std::string_view from, std::string_view to) {
  if (from >= to) return;
  WEIR_INVARIANT(to.size() <= key_bytes_max, "a key of " + std::to_string(to.size()) + " bytes");
  begin(change::kind::erase_range, where, from, to.size());
  bytes_.append(to);
}

void changes::append(const changes& other) {
  bytes_.append(other.bytes_);
  count_ += other.count_;
}

void changes::clear() noexcept {
  if (bytes_.capacity() > kept_bytes_max) std::string{}.swap(bytes_);
  bytes_.clear();
  count_ = 0;
}

}  // namespace weir::store
