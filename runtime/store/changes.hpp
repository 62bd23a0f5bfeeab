// SPDX-License-Identifier: BSD-3-Clause
// What a commit writes: an ordered list of changes in one buffer. Each value is sealed when it is
// put, by the thread that puts it, so that the one committing thread only copies bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "weir/runtime/store/table.hpp"

namespace weir::store {

/// The longest key, in bytes; the shortest is one.
inline constexpr std::size_t key_bytes_max = 4096;
/// The longest value, in bytes.
inline constexpr std::size_t value_bytes_max = std::size_t{256} << 20;

/// One change of a list. `second` is the sealed value of a put and the end of a range.
struct change {
  enum class kind : std::uint8_t { put, erase, erase_range };
  kind what;
  table where;
  std::string_view key;
  std::string_view second;
};

/// Changes that become true together, in their order: the last word on a key counts. One thread at
/// a time. Keys and values are copied into one buffer, which `clear` keeps: a list that is used
/// again allocates nothing until it grows beyond what it was. Keys of 1 to `key_bytes_max` bytes,
/// values of up to `value_bytes_max`; anything else is a broken invariant, so check what users
/// give.
class changes {
 public:
  /// What a cleared list keeps of its buffer at most.
  static constexpr std::size_t kept_bytes_max = std::size_t{4} << 20;

  /// `key` has this value from now on.
  void put(table where, std::string_view key, std::string_view value);
  /// The same; the value is the pieces one after the other.
  void put(table where, std::string_view key, std::span<const std::string_view> pieces);
  /// `key` has no value; it need not have had one.
  void erase(table where, std::string_view key);
  /// No key in [from, to) has a value. Nothing if `from` is not below `to`.
  void erase_range(table where, std::string_view from, std::string_view to);
  /// All of `other`, after what is here. Costs one copy of its bytes.
  void append(const changes& other);

  /// Calls `see(const change&)` for each change, in order.
  template <class See>
  void visit(See&& see) const;

  std::size_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  /// What the list takes in memory, and about what it will write.
  std::size_t bytes() const noexcept { return bytes_.size(); }
  void clear() noexcept;

 private:
  // Before the bytes of each change; in memory only, so as the machine has it.
  struct header {
    change::kind what;
    table where;
    std::uint16_t key_size;
    std::uint32_t second_size;
  };
  std::size_t begin(change::kind what, table where, std::string_view key, std::size_t second_size);

  std::string bytes_;
  std::size_t count_ = 0;
};

template <class See>
void changes::visit(See&& see) const {
  for (std::string_view rest = bytes_; !rest.empty();) {
    header head;
    std::memcpy(&head, rest.data(), sizeof head);
    rest.remove_prefix(sizeof head);
    see(change{head.what, head.where, rest.substr(0, head.key_size),
               rest.substr(head.key_size, head.second_size)});
    rest.remove_prefix(head.key_size + head.second_size);
  }
}

}  // namespace weir::store
