// SPDX-License-Identifier: BSD-3-Clause
// The events of one partition as they are stored, one after the other, whether their types are
// known or not. For tools; subscriptions read whole batches, see partition_log.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "weir/runtime/codec/batch_record.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::store {

/// One thread at a time; reads block.
class log_cursor {
 public:
  /// Begins with the event at `offset`, or the next one there is.
  log_cursor(std::shared_ptr<const store> where, std::string topic, std::uint32_t partition,
             std::uint64_t offset)
      : where_(std::move(where)),
        topic_(std::move(topic)),
        partition_(partition),
        offset_(offset) {}

  /// The next event, whose views are valid until the next call; false if there is none (yet).
  /// Errors of store::get; errc::store_corrupt, which comes again.
  result<bool> next(codec::stored_event& into);
  /// Of the event given last.
  const codec::stored_type& type_of(const codec::stored_event& event) const {
    return walker_.types()[event.type];
  }
  payload_format format() const noexcept { return walker_.header().format; }

  const std::string& topic() const noexcept { return topic_; }
  std::uint32_t partition() const noexcept { return partition_; }
  /// Of the next event.
  std::uint64_t offset() const noexcept { return offset_; }
  /// Goes on in a newer snapshot of the store.
  void look_in(std::shared_ptr<const store> newer) { where_ = std::move(newer); }

 private:
  result<bool> open();
  error damaged(const std::string& why) const;

  std::shared_ptr<const store> where_;
  std::string topic_;
  std::uint32_t partition_;
  std::uint64_t offset_;
  record record_;
  bool open_ = false;
  codec::record_walker walker_;
};

}  // namespace weir::store
