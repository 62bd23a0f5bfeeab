// SPDX-License-Identifier: BSD-3-Clause
// A run of committed events in one block, with the offsets a partition gave them. This is the unit
// of everything: one message, one reference count, one ledger update. Immutable; copies share the
// events.
#pragma once

#include <cstdint>

#include "weir/runtime/event/block.hpp"

namespace weir {

/// One event as a reader sees it; valid while its batch lives.
struct event_view {
  const envelope& header;
  const void* payload;
  std::uint64_t offset;

  template <event_payload T>
  bool is() const noexcept {
    return header.type == &type_of<T>();
  }
  /// The payload; the event must be a T (see is()).
  template <event_payload T>
  const T& as() const noexcept {
    return *static_cast<const T*>(payload);
  }
};

class batch {
 public:
  batch() = default;
  batch(boost::intrusive_ptr<const block> events, std::uint32_t first, std::uint32_t count,
        std::size_t bytes) noexcept
      : events_(std::move(events)), first_(first), count_(count), bytes_(bytes) {}

  std::uint32_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  /// What it takes of a partition's ring.
  std::size_t bytes() const noexcept { return bytes_; }
  std::uint64_t first_offset() const noexcept { return offset_; }
  std::uint64_t end_offset() const noexcept { return offset_ + count_; }
  /// Called once, by the partition that sequences the batch.
  void set_first_offset(std::uint64_t offset) noexcept { offset_ = offset; }

  /// The end of the run of one event type that begins at `from`, at most `size()`.
  std::uint32_t end_of_run(std::uint32_t from) const noexcept {
    if (!events_->mixed()) return count_;
    const auto* type = slots()[from].type;
    auto to = from + 1;
    while (to < count_ && slots()[to].type == type) ++to;
    return to;
  }

  const event_slot* slots() const noexcept { return events_->slots() + first_; }
  const envelope* envelopes() const noexcept { return events_->envelopes() + first_; }

  event_view operator[](std::uint32_t index) const noexcept {
    return {envelopes()[index], slots()[index].payload, offset_ + index};
  }

  /// The events from `index` on, as a batch that shares them.
  batch from(std::uint32_t index) const noexcept {
    batch rest = *this;
    rest.first_ += index;
    rest.count_ -= index;
    rest.offset_ += index;
    return rest;
  }

  class iterator {
   public:
    iterator(const batch* owner, std::uint32_t index) noexcept : owner_(owner), index_(index) {}
    event_view operator*() const noexcept { return (*owner_)[index_]; }
    iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    friend bool operator==(const iterator&, const iterator&) = default;

   private:
    const batch* owner_;
    std::uint32_t index_;
  };
  iterator begin() const noexcept { return {this, 0}; }
  iterator end() const noexcept { return {this, count_}; }

 private:
  boost::intrusive_ptr<const block> events_;
  std::uint32_t first_ = 0;
  std::uint32_t count_ = 0;
  std::uint64_t offset_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace weir
