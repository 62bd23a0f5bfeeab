// SPDX-License-Identifier: BSD-3-Clause
// The bounded ring between one publisher and one partition: events are built in place in blocks,
// and the partition takes them out as batches that share those blocks. One producer, one consumer,
// no lock.
//
// Invariants: at most `blocks` blocks are in the ring; the consumer sees an event only after
// commit(); what rollback() forgets was never seen. A full ring is the producer's to wait for: see
// want_room() and room_made(), which pair up as the doorbell's two sides do.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "weir/runtime/event/batch.hpp"

namespace weir::topic {

struct ring_limits {
  block_limits block;
  /// Blocks between producer and consumer; a power of two, at least 2.
  std::uint32_t blocks = 4;
  /// A block is closed early once its events own this much heap.
  std::size_t block_heap_max = 256 * 1024;
};

class ring {
 public:
  /// Blocks come from `pool`, whose limits are those of `limits`.
  ring(ring_limits limits, boost::intrusive_ptr<block_pool> pool);
  explicit ring(ring_limits limits)
      : ring(limits, boost::intrusive_ptr<block_pool>{new block_pool{limits.block}}) {}

  // --- producer ---

  /// Room for one event, or nulls if the ring is full.
  block::place reserve(std::size_t size, std::size_t alignment, std::size_t key_bytes) noexcept {
    // The last opened block is never sealed: commit() seals those before it.
    if (current_ != nullptr && current_->built_heap() < limits_.block_heap_max) [[likely]] {
      const auto place = current_->reserve(size, alignment, key_bytes);
      if (place.payload != nullptr) [[likely]] return place;
    }
    return open_block() ? current_->reserve(size, alignment, key_bytes) : block::place{};
  }
  /// The place just reserved holds an event now; it is staged until commit().
  void push(const envelope& header, void* payload, std::size_t heap, bool destroy) noexcept {
    current_->push(header, payload, heap, destroy);
    ++built_;
  }
  /// Makes everything staged visible. True if that completed a block and half of the ring is not
  /// taken yet: worth waking the partition for, even while its subscriptions have enough to do.
  bool commit() noexcept {
    if (built_ == committed_) return false;
    const bool spans_blocks = first_staged_ + 1 < opened_;
    if (spans_blocks) [[unlikely]] finish_blocks();
    current_->commit();
    if (tail_.load(std::memory_order_relaxed) != opened_) {
      tail_.store(opened_, std::memory_order_release);
    }
    committed_ = built_;
    if (!spans_blocks && !current_->full()) [[likely]] return false;
    complete_.store(current_->full() ? opened_ : opened_ - 1, std::memory_order_release);
    return opened_ - head() >= slots_.size() / 2;
  }
  /// Events staged since the last commit.
  std::uint64_t staged() const noexcept { return built_ - committed_; }
  /// Forgets the staged events after the first `keep`.
  void rollback(std::uint64_t keep) noexcept;
  /// True if a whole block is free beside the current one: a handler may publish before waiting.
  bool has_room() const noexcept;
  /// Events committed so far.
  std::uint64_t committed() const noexcept { return committed_; }
  /// Asks to be woken when there is room. False if there already is: do not wait then. Who was told
  /// to wait before is woken all the same.
  bool want_room() noexcept;

  // --- consumer ---

  /// The committed events of the oldest block that were not taken yet; empty if there are none, or
  /// if `complete_only` and the block is still being filled.
  batch take(bool complete_only = false) noexcept;
  /// True if a complete block has something to take. Cheap to ask again and again: the producer
  /// writes what this reads once per block.
  bool has_complete() const noexcept {
    return complete_.load(std::memory_order_acquire) > finished_;
  }
  /// Events that take() would give now. Asking slows the producer, who writes this per commit.
  std::uint32_t available() const noexcept;
  /// True if everything committed has been taken.
  bool drained() const noexcept { return available() == 0; }
  /// After taking: true if the producer waits and must be woken now.
  bool room_made() noexcept;
  std::uint64_t taken() const noexcept { return taken_; }

 private:
  std::uint64_t head() const noexcept { return head_.load(std::memory_order_acquire); }
  block_ptr& at(std::uint64_t index) noexcept { return slots_[index & (slots_.size() - 1)]; }
  const block_ptr& at(std::uint64_t index) const noexcept {
    return slots_[index & (slots_.size() - 1)];
  }
  bool open_block() noexcept;
  void finish_blocks() noexcept;

  ring_limits limits_;
  boost::intrusive_ptr<block_pool> pool_;
  std::vector<block_ptr> slots_;
  block* current_ = nullptr;  // the producer's: the block being filled

  // Producer's: blocks opened, and the first of them that holds something uncommitted.
  alignas(apart) std::uint64_t opened_ = 0;
  std::uint64_t first_staged_ = 0;
  std::uint64_t built_ = 0;
  std::uint64_t committed_ = 0;

  alignas(apart) std::atomic<std::uint64_t> tail_{0};
  std::atomic<std::uint64_t> complete_{0};  // blocks, from the first, that nothing is added to
  alignas(apart) std::atomic<std::uint64_t> head_{0};
  std::atomic<bool> producer_waits_{false};

  // Consumer's: progress in the block at head.
  alignas(apart) std::uint32_t read_ = 0;
  std::size_t read_bytes_ = 0;
  std::uint64_t finished_ = 0;  // complete blocks read to their end
  std::uint64_t taken_ = 0;
};

}  // namespace weir::topic
