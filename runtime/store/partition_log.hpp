// SPDX-License-Identifier: BSD-3-Clause
// One partition of a durable topic in a store: its batches, each a record under the offset of its
// first event, and how far each subscription has come. It decides bytes and keys; when something is
// flushed is its owner's to know.
//
// Invariant: records are dense: one ends where the next begins.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/runtime/codec/batch_reader.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/event/batch.hpp"
#include "weir/runtime/event/payload_format.hpp"
#include "weir/runtime/store/changes.hpp"
#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/retention.hpp"
#include "weir/runtime/store/store.hpp"
#include "weir/runtime/topic/start_position.hpp"

namespace weir::store {

/// Everything of the partition below `settled` is settled by the subscription.
void put_position(changes& to, std::string_view subscription, std::string_view topic,
                  std::uint32_t partition, std::uint64_t settled);

/// One thread at a time; reads block. Errors of reading are those of the store, and
/// errc::store_corrupt where a record does not lie where it should.
class partition_log {
 public:
  /// `blocks` is where batches that are read back are built.
  partition_log(std::shared_ptr<const store> where, std::string topic, std::uint32_t partition,
                payload_format format, boost::intrusive_ptr<block_pool> blocks);

  /// Where the next batch will begin.
  result<std::uint64_t> end() const;
  /// The oldest event that is stored; end() if none is.
  result<std::uint64_t> earliest() const;
  /// Where a subscription goes on: its position, or what `from` means if it was never here. That is
  /// as topic::partition says it of what is retained: errc::not_found.
  result<std::uint64_t> start_of(std::string_view subscription, const start_position& from) const;

  /// Visits the records of the log, in order: `visit(const record_extent&)`. Reads all of it.
  result<void> visit_extents(const std::function<void(const record_extent&)>& visit) const;
  /// The lowest position of any subscription that has been here and does not yield; nothing if none
  /// has.
  result<std::optional<std::uint64_t>> lowest_position() const;
  /// Deletes the records below `offset`, with which one begins.
  void erase_below(changes& to, std::uint64_t offset) const;

  /// Adds the batch, which has its offsets, to what is to be written. Errors of
  /// codec::encode_record, after which nothing has been added.
  result<void> append(changes& to, const batch& events);
  /// Events in whose midst the one at `offset` lies: at most what was appended with it. For what
  /// cannot be decoded stands a codec::undecoded_event.
  result<batch> read(std::uint64_t offset);

  /// Everything below it is settled; nothing if the subscription was never here.
  result<std::optional<std::uint64_t>> position(std::string_view subscription) const;
  void put_position(changes& to, std::string_view subscription, std::uint64_t settled) const;
  /// Whether what the subscription has not settled may be deleted.
  result<bool> yields(std::string_view subscription) const;
  void put_yields(changes& to, std::string_view subscription, bool yields) const;
  /// And all else that is known of it here, with what its handlers have kept of the partition.
  void erase_position(changes& to, std::string_view subscription) const;

 private:
  result<std::uint64_t> offset_of(const start_position& from) const;
  result<std::uint64_t> offset_of(timestamp time) const;
  std::string prefix() const;
  std::string key_of(std::uint64_t offset) const;
  std::string key_of(std::string_view subscription) const;
  key_writer yielding() const;
  const batch* find_read(std::uint64_t offset) const noexcept;
  error damaged(std::uint64_t offset, const std::string& why) const;

  std::shared_ptr<const store> where_;
  std::string topic_;
  std::uint32_t partition_;
  payload_format format_;
  boost::intrusive_ptr<block_pool> blocks_;
  std::string bytes_;  // being encoded
  record record_;      // that was read last
  codec::batch_reader reader_;
  std::vector<batch> read_{};  // of that record
};

}  // namespace weir::store
