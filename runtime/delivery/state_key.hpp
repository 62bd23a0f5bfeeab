// SPDX-License-Identifier: BSD-3-Clause
// Keys of states as bytes that sort as the keys do: the last field of a record's key.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/runtime/store/key.hpp"

namespace weir {

/// What a state may be keyed by: texts (any bytes) and integers.
template <class K>
concept state_key =
    std::same_as<K, std::string> || (std::integral<K> && !std::same_as<K, bool>);

/// The longest text, in bytes; longer is errc::too_long.
inline constexpr std::size_t state_key_bytes_max = 1024;

namespace delivery {

template <state_key K>
void write_key(const K& key, store::key_writer& to) {
  if constexpr (std::same_as<K, std::string>) {
    to.rest(key);
  } else if constexpr (std::is_signed_v<K>) {
    to.i64(key);
  } else {
    to.u64(key);
  }
}

/// False if `bytes` are no key of this kind.
template <state_key K>
bool read_key(std::string_view bytes, K& key) {
  if constexpr (std::same_as<K, std::string>) {
    key.assign(bytes);
    return true;
  } else {
    store::key_reader read{bytes};
    if constexpr (std::is_signed_v<K>) {
      key = static_cast<K>(read.i64());
    } else {
      key = static_cast<K>(read.u64());
    }
    return read.done();
  }
}

}  // namespace delivery
}  // namespace weir
