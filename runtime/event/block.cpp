// SPDX-License-Identifier: BSD-3-Clause
// One allocation per block, laid out as slots, envelopes, arena; reused through the pool.
#include "weir/runtime/event/block.hpp"

#include <utility>

#include "weir/runtime/core/invariant.hpp"

namespace weir {
namespace {

constexpr std::size_t line = event_alignment_max;

constexpr std::size_t round_up(std::size_t size, std::size_t unit) noexcept {
  return (size + unit - 1) / unit * unit;
}
std::size_t slots_bytes(block_limits limits) noexcept {
  return round_up(limits.events * sizeof(event_slot), line);
}
std::size_t envelopes_bytes(block_limits limits) noexcept {
  return round_up(limits.events * sizeof(envelope), line);
}

}  // namespace

std::size_t block::memory_bytes(block_limits limits) noexcept {
  return slots_bytes(limits) + envelopes_bytes(limits) + limits.arena_bytes;
}

block::block(block_limits limits, boost::intrusive_ptr<block_pool> pool)
    : limits_(limits),
      share_bytes_(memory_bytes(limits) / limits.events),
      memory_(static_cast<std::byte*>(
          ::operator new(memory_bytes(limits), std::align_val_t{line}))),
      slots_(reinterpret_cast<event_slot*>(memory_)),
      envelopes_(reinterpret_cast<envelope*>(memory_ + slots_bytes(limits))),
      arena_(memory_ + slots_bytes(limits) + envelopes_bytes(limits)),
      pool_(std::move(pool)) {}

block::~block() {
  destroy_payloads(0);
  ::operator delete(memory_, std::align_val_t{line});
}

void block::rollback(std::uint32_t count) noexcept {
  // Invariant: what readers may have seen stays. The arena bytes of what is forgotten stay used
  // until the block is recycled: a failed attempt costs room, never correctness.
  WEIR_INVARIANT(count >= committed_.load(std::memory_order_relaxed) && count <= built_,
                 "rollback below what is committed");
  destroy_payloads(count);
  built_ = count;
}

void block::destroy_payloads(std::uint32_t from) noexcept {
  if (!owns_heap_) return;
  while (from < built_) {
    const auto* type = slots_[from].type;
    auto to = from + 1;
    while (to < built_ && slots_[to].type == type) ++to;
    if (type->destroy != nullptr) type->destroy(slots_ + from, to - from);
    from = to;
  }
}

void block::clear() noexcept {
  destroy_payloads(0);
  built_ = 0;
  used_ = 0;
  heap_ = 0;
  owns_heap_ = false;
  committed_.store(0, std::memory_order_relaxed);
  visible_used_.store(0, std::memory_order_relaxed);
  visible_heap_.store(0, std::memory_order_relaxed);
  sealed_.store(false, std::memory_order_relaxed);
  mixed_.store(false, std::memory_order_relaxed);
}

void intrusive_ptr_release(const block* memory) noexcept {
  if (memory->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  auto* unused = const_cast<block*>(memory);
  unused->clear();
  // A block in the pool must not keep the pool alive; one in use does, through this reference.
  auto pool = std::move(unused->pool_);
  pool->put(unused);
}

block_pool::~block_pool() { free_all(spare_); }

void block_pool::free_all(block* first) noexcept {
  while (first != nullptr) delete std::exchange(first, first->next_spare_);
}

block_ptr block_pool::take() {
  block* reused = nullptr;
  block* unneeded = nullptr;
  {
    const std::lock_guard lock{access_};
    if (spare_ != nullptr) {
      reused = std::exchange(spare_, spare_->next_spare_);
      --spares_;
    }
    fewest_ = std::min(fewest_, spares_);
    if (++takes_ % review_takes == 0) unneeded = shed();
  }
  free_all(unneeded);
  if (reused == nullptr) return block_ptr{new block{limits_, this}};
  reused->pool_ = this;
  return block_ptr{reused};
}

// Cuts half of what was not needed since the last review off the cold end.
block* block_pool::shed() noexcept {
  const auto keep = spares_ - (fewest_ + 1) / 2;
  auto** end = &spare_;
  for (std::size_t i = 0; i < keep; ++i) end = &(*end)->next_spare_;
  spares_ = fewest_ = keep;
  return std::exchange(*end, nullptr);
}

void block_pool::put(block* memory) noexcept {
  const std::lock_guard lock{access_};
  memory->next_spare_ = std::exchange(spare_, memory);
  ++spares_;
}

std::size_t block_pool::spare() {
  const std::lock_guard lock{access_};
  return spares_;
}

}  // namespace weir
