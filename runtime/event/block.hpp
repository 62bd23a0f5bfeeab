// SPDX-License-Identifier: BSD-3-Clause
// The memory events are built in: one producer appends, and any number of readers read what it has
// committed, without a copy in between. Reference counted; the last reader returns it to its pool.
//
// Invariants: slots below committed() never change; committed() <= built <= capacity; a block is
// recycled only when nobody refers to it. Only the producer calls the functions marked so.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include "weir/runtime/core/cache_line.hpp"
#include "weir/runtime/event/envelope.hpp"

namespace weir {

/// Limits of one block. An event needs room in the arena for its payload and its key.
struct block_limits {
  std::uint32_t events = 1024;
  std::uint32_t arena_bytes = 192 * 1024;
};

class block_pool;

class block {
 public:
  block(block_limits limits, boost::intrusive_ptr<block_pool> pool);
  ~block();
  block(const block&) = delete;
  block& operator=(const block&) = delete;

  std::uint32_t capacity() const noexcept { return limits_.events; }

  /// Producer: room for a payload and a key, or null if the block is full.
  struct place {
    void* payload;
    char* key;
  };
  place reserve(std::size_t size, std::size_t alignment, std::size_t key_bytes) noexcept {
    const auto start = (used_ + alignment - 1) & ~(alignment - 1);
    const auto end = start + size + key_bytes;
    if (built_ == limits_.events || end > limits_.arena_bytes) [[unlikely]] return {};
    used_ = end;
    auto* payload = arena_ + start;
    return {payload, reinterpret_cast<char*>(payload + size)};
  }
  /// Producer: the place just reserved now holds an event. `heap` is what its payload owns beside;
  /// `destroy` says that its type has something to destroy. Inline, so that the envelope is written
  /// in place and never copied.
  void push(const envelope& header, void* payload, std::size_t heap, bool destroy) noexcept {
    new (envelopes_ + built_) envelope(header);
    new (slots_ + built_) event_slot{header.type, payload};
    if (header.type != slots_->type) mixed_.store(true, std::memory_order_relaxed);
    ++built_;
    if (destroy) owns_heap_ = true;
    heap_ += heap;
    claim_ahead();
  }
  /// Producer: forgets what was built after `count` events, destroying the payloads.
  void rollback(std::uint32_t count) noexcept;
  /// Producer: lets readers see everything built so far.
  void commit() noexcept {
    visible_used_.store(used_, std::memory_order_relaxed);
    visible_heap_.store(heap_, std::memory_order_relaxed);
    committed_.store(built_, std::memory_order_release);
  }
  /// Producer: nothing more will be built here.
  void seal() noexcept { sealed_.store(true, std::memory_order_release); }
  std::uint32_t built() const noexcept { return built_; }
  bool full() const noexcept { return built_ == limits_.events; }
  /// Bytes behind what is built, heap included; never less than their share of the block, so that a
  /// ring full of small events is accounted for with the blocks it holds.
  std::size_t built_bytes() const noexcept { return bytes_of(built_, used_, heap_); }
  std::size_t built_heap() const noexcept { return heap_; }

  /// Readers.
  std::uint32_t committed() const noexcept { return committed_.load(std::memory_order_acquire); }
  bool sealed() const noexcept { return sealed_.load(std::memory_order_acquire); }
  /// The bytes that were built when it was committed last.
  std::size_t bytes() const noexcept {
    return bytes_of(committed(), visible_used_.load(std::memory_order_relaxed),
                    visible_heap_.load(std::memory_order_relaxed));
  }
  /// False if all events a reader sees here have one type; may be true although they have.
  bool mixed() const noexcept { return mixed_.load(std::memory_order_relaxed); }
  const event_slot* slots() const noexcept { return slots_; }
  const envelope* envelopes() const noexcept { return envelopes_; }

  /// What an empty block takes.
  static std::size_t memory_bytes(block_limits limits) noexcept;

 private:
  friend class block_pool;
  friend void intrusive_ptr_add_ref(const block* memory) noexcept;
  friend void intrusive_ptr_release(const block* memory) noexcept;
  std::size_t bytes_of(std::uint32_t events, std::size_t used, std::size_t heap) const noexcept {
    const auto own = used + events * (sizeof(event_slot) + sizeof(envelope));
    return std::max(own, events * share_bytes_) + heap;
  }
  // A recycled block lies in its readers' caches. Asking to own its lines some events ahead lets
  // their way to this core pass while the events before them are built. It may reach past the end:
  // a prefetch never faults.
  void claim_ahead() noexcept {
    constexpr std::uint32_t events = 8;
    constexpr std::size_t bytes = 512;
    claim(envelopes_ + built_ + events);
    claim(slots_ + built_ + events);
    claim(arena_ + used_ + bytes);
  }
  static void claim([[maybe_unused]] const void* there) noexcept {
#if defined(__x86_64__)
    // The builtin gives a read's prefetch where -mprfchw is not set; older processors ignore this.
    asm volatile("prefetchw %0" : : "m"(*static_cast<const char*>(there)));
#else
    __builtin_prefetch(there, 1);
#endif
  }
  void destroy_payloads(std::uint32_t from) noexcept;
  void clear() noexcept;

  // Three cache lines: readers' counting must not slow the producer's building, nor the other way.
  alignas(apart) mutable std::atomic<std::uint32_t> references_{0};

  alignas(apart) std::atomic<std::uint32_t> committed_{0};
  std::atomic<bool> sealed_{false};
  std::atomic<bool> mixed_{false};
  std::atomic<std::size_t> visible_used_{0};
  std::atomic<std::size_t> visible_heap_{0};

  alignas(apart) std::uint32_t built_ = 0;
  std::size_t used_ = 0;
  std::size_t heap_ = 0;
  bool owns_heap_ = false;

  // Fixed for the life of the block: readers may have this line in their caches for good.
  alignas(apart) block_limits limits_;
  std::size_t share_bytes_;  // of the block's memory, per event it has room for
  std::byte* memory_;
  event_slot* slots_;
  envelope* envelopes_;
  std::byte* arena_;
  boost::intrusive_ptr<block_pool> pool_;
  block* next_spare_ = nullptr;  // the pool's, while it is there
};

using block_ptr = boost::intrusive_ptr<block>;

/// Keeps blocks that fell free for their producers: memory that comes back from the operating
/// system costs a page fault every few events. Any thread. Bounded: it allocates only when none is
/// spare, so there are never more blocks than were in use at one time; and of those that were spare
/// all through `review_takes` takes it frees half.
class block_pool : public boost::intrusive_ref_counter<block_pool> {
 public:
  static constexpr std::uint64_t review_takes = 4096;

  explicit block_pool(block_limits limits) : limits_(limits) {}
  ~block_pool();

  /// An empty block, from the pool if there is one.
  block_ptr take();
  const block_limits& limits() const noexcept { return limits_; }
  /// How many blocks it keeps.
  std::size_t spare();

 private:
  friend void intrusive_ptr_release(const block* memory) noexcept;
  void put(block* memory) noexcept;
  block* shed() noexcept;
  static void free_all(block* first) noexcept;

  block_limits limits_;
  std::mutex access_;
  block* spare_ = nullptr;  // the one used last comes first, as it may still be in a cache
  std::size_t spares_ = 0;
  std::size_t fewest_ = 0;  // spares since the last review
  std::uint64_t takes_ = 0;
};

inline void intrusive_ptr_add_ref(const block* memory) noexcept {
  memory->references_.fetch_add(1, std::memory_order_relaxed);
}
void intrusive_ptr_release(const block* memory) noexcept;

}  // namespace weir
