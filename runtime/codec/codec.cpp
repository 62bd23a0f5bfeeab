// SPDX-License-Identifier: BSD-3-Clause
// The table grows by doubling blocks that never move, so that readers need no lock.
#include "weir/runtime/codec/codec.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <mutex>

namespace weir::codec {
namespace {

using slot = std::atomic<const event_codec*>;

// Block b holds the indexes from 2^b - 1 to 2^(b+1) - 2; 33 blocks hold every index.
struct place {
  std::size_t block;
  std::size_t offset;
};

place place_of(std::uint32_t index) noexcept {
  const std::uint64_t shifted = std::uint64_t{index} + 1;
  const auto block = static_cast<std::size_t>(std::bit_width(shifted)) - 1;
  return {block, static_cast<std::size_t>(shifted - (std::uint64_t{1} << block))};
}

class codec_table {
 public:
  void enter(std::uint32_t index, const event_codec& codec) {
    const auto [block, offset] = place_of(index);
    const std::lock_guard lock{entering_};
    if (!owned_[block]) {
      owned_[block] = std::make_unique<slot[]>(std::size_t{1} << block);
      blocks_[block].store(owned_[block].get(), std::memory_order_release);
    }
    owned_[block][offset].store(&codec, std::memory_order_release);
  }

  const event_codec* find(std::uint32_t index) const noexcept {
    const auto [block, offset] = place_of(index);
    const slot* const slots = blocks_[block].load(std::memory_order_acquire);
    return slots == nullptr ? nullptr : slots[offset].load(std::memory_order_acquire);
  }

 private:
  static constexpr std::size_t block_count = 33;
  std::mutex entering_;
  std::array<std::unique_ptr<slot[]>, block_count> owned_;
  std::array<std::atomic<slot*>, block_count> blocks_{};
};

// Types enrol during static initialisation and are looked up until the last destructor: the table
// is made on first use and never destroyed.
codec_table& table() {
  static codec_table& instance = *new codec_table;
  return instance;
}

}  // namespace

void enroll(const event_type& type, const event_codec& codec) { table().enter(type.index, codec); }

const event_codec* find_codec(std::uint32_t type_index) noexcept {
  return table().find(type_index);
}

}  // namespace weir::codec
