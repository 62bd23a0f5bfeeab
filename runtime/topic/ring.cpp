// SPDX-License-Identifier: BSD-3-Clause
// Producer and consumer sides of the ring.
#include "weir/runtime/topic/ring.hpp"

#include <bit>

#include "weir/runtime/core/invariant.hpp"

namespace weir::topic {

ring::ring(ring_limits limits, boost::intrusive_ptr<block_pool> pool)
    : limits_(limits), pool_(std::move(pool)), slots_(limits.blocks) {
  WEIR_INVARIANT(limits.blocks >= 2 && std::has_single_bit(limits.blocks),
                 "a ring needs two blocks, to read one while writing another, and a power of two");
}

bool ring::open_block() noexcept {
  if (opened_ - head() == slots_.size()) return false;
  current_ = (at(opened_++) = pool_->take()).get();
  return true;
}

void ring::finish_blocks() noexcept {
  // Commit before seal: whoever sees the seal must see the last event too.
  for (; first_staged_ + 1 < opened_; ++first_staged_) {
    auto& full = *at(first_staged_);
    full.commit();
    full.seal();
  }
}

void ring::rollback(std::uint64_t keep) noexcept {
  WEIR_INVARIANT(keep <= staged(), "rollback keeps more than is staged");
  auto forget = staged() - keep;
  built_ -= forget;
  while (forget > 0) {
    auto& last = *at(opened_ - 1);
    const auto here = last.built() - last.committed();
    if (here > forget || opened_ - 1 == first_staged_) {
      last.rollback(last.built() - static_cast<std::uint32_t>(forget));
      return;
    }
    // Opened since the last commit and empty again. Kept, it would take the room of a whole block,
    // and its predecessor could not be sealed: the reader could never make room.
    forget -= here;
    last.rollback(last.committed());
    at(--opened_).reset();
    current_ = at(opened_ - 1).get();
  }
}

bool ring::has_room() const noexcept { return opened_ - head() < slots_.size(); }

bool ring::want_room() noexcept {
  const bool asked_before = producer_waits_.exchange(true, std::memory_order_acq_rel);
  if (!has_room()) return true;
  // Whoever asked before may still wait: of a consumer's lanes one may find room where another,
  // a moment ago, did not.
  if (!asked_before) producer_waits_.store(false, std::memory_order_relaxed);
  return false;
}

batch ring::take(bool complete_only) noexcept {
  // Read before what a block has committed: what is committed then is all there will be.
  const auto complete = complete_.load(std::memory_order_acquire);
  // A block that was read to its end may still have to make room: see below.
  const bool all_released = head_.load(std::memory_order_relaxed) >= finished_;
  if (complete_only && complete <= finished_ && all_released) return {};
  for (;;) {
    const auto index = head_.load(std::memory_order_relaxed);
    if (index == tail_.load(std::memory_order_acquire)) return {};
    auto& oldest = at(index);
    const bool sealed = oldest->sealed();
    const auto committed = oldest->committed();
    if (read_ < committed) {
      if (complete_only && index >= complete) return {};
      const auto bytes = oldest->bytes();
      batch events{oldest, read_, committed - read_, bytes - read_bytes_};
      taken_ += committed - read_;
      read_ = committed;
      read_bytes_ = bytes;
      if (index < complete) finished_ = index + 1;
      return events;
    }
    if (!sealed) return {};
    oldest.reset();
    read_ = 0;
    read_bytes_ = 0;
    finished_ = index + 1;
    head_.store(index + 1, std::memory_order_release);
  }
}

std::uint32_t ring::available() const noexcept {
  auto index = head_.load(std::memory_order_relaxed);
  const auto tail = tail_.load(std::memory_order_acquire);
  auto read = read_;
  // The block at head may have been read to its end already.
  for (; index != tail; ++index, read = 0) {
    const bool sealed = at(index)->sealed();
    const auto committed = at(index)->committed();
    if (read < committed) return committed - read;
    if (!sealed) break;
  }
  return 0;
}

bool ring::room_made() noexcept {
  const auto used = tail_.load(std::memory_order_relaxed) - head_.load(std::memory_order_relaxed);
  return used <= slots_.size() / 2 && producer_waits_.exchange(false, std::memory_order_acq_rel);
}

}  // namespace weir::topic
