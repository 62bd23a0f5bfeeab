// SPDX-License-Identifier: BSD-3-Clause
// Sealing and unsealing. Key and value are hashed apart, so that no byte can move between them.
#include "weir/runtime/store/seal.hpp"

#include <array>

#include "weir/runtime/core/hash.hpp"
#include "weir/runtime/store/key.hpp"

namespace weir::store {
namespace {

void store_little_endian(char* to, std::uint64_t value) noexcept {
  for (std::size_t i = 0; i < 8; ++i) to[i] = static_cast<char>(value >> (8 * i));
}

}  // namespace

std::uint64_t seal_of(table where, std::string_view key, std::string_view value) noexcept {
  std::array<char, 17> parts;
  parts[0] = static_cast<char>(where);
  store_little_endian(&parts[1], stable_hash(key));
  store_little_endian(&parts[9], stable_hash(value));
  return stable_hash({parts.data(), parts.size()});
}

void append_seal(std::string& bytes, table where, std::string_view key, std::size_t value_at) {
  std::array<char, seal_size> seal;
  store_little_endian(seal.data(), seal_of(where, key, std::string_view{bytes}.substr(value_at)));
  bytes.append(seal.data(), seal.size());
}

result<std::string_view> unseal(table where, std::string_view key, std::string_view sealed) {
  if (sealed.size() >= seal_size) {
    const auto value = sealed.substr(0, sealed.size() - seal_size);
    std::array<char, seal_size> seal;
    store_little_endian(seal.data(), seal_of(where, key, value));
    if (sealed.substr(value.size()) == std::string_view{seal.data(), seal.size()}) return value;
  }
  return fail(errc::store_corrupt, "table " + std::string{to_string(where)} + ", key " +
                                       printable(key) + ": the record (" +
                                       std::to_string(sealed.size()) +
                                       " bytes) is not what was written");
}

}  // namespace weir::store
