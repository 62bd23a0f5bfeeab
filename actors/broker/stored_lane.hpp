// SPDX-License-Identifier: BSD-3-Clause
// What a partition of a durable topic has taken and may not show yet: batches that have their
// offsets and are on their way to the disk, in order. And what it writes beside them: positions.
//
// Invariant: a batch is shown only after its flush; offsets are given in the order of the records.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/actors/store/commit_port.hpp"
#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/store/partition_log.hpp"
#include "weir/runtime/topic/partition.hpp"
#include "weir/runtime/topic/start_position.hpp"

namespace weir::actors {

/// So many batches, the oldest that were not flushed, are now, or never will be; to the partition.
struct batches_flushed {
  std::size_t count;
  result<void> outcome;
};

/// A subscription that begins, or is there again.
struct stored_reader {
  topic::subscription_id id;
  std::string name;
  std::uint32_t credit;
  start_position from;
  /// What it has not been sent may be deleted; it is counted then.
  bool yields;
};

class stored_lane {
 public:
  /// `end`: where the log ends. `limits`: of what may be on its way, as for a ring.
  stored_lane(std::unique_ptr<store::partition_log> log, commit_port commits, std::uint64_t end,
              topic::partition_limits limits);

  store::partition_log& log() noexcept { return *log_; }
  /// Where the next batch will begin.
  std::uint64_t end() const noexcept { return end_; }
  /// Nothing is on its way, and nothing will be if a flush has failed.
  bool idle() const noexcept { return waiting_.empty() || failed_; }
  bool has_room() const noexcept {
    return !failed_ && waiting_events_ < limits_.ring_events && waiting_bytes_ < limits_.ring_bytes;
  }
  /// Why nothing is stored any more.
  const std::optional<error>& failure() const noexcept { return failed_; }
  /// Events that were taken and are not stored.
  std::uint64_t unstored() const noexcept { return waiting_events_; }

  /// Gives the batch its offsets and adds it to what send() has written.
  void add(batch events);
  /// What is to be written with the events just added.
  store::changes& added() noexcept { return *added_; }
  /// Has everything added since the last call written in one flush, with the other parts of the
  /// transaction if it is one's.
  void send(caf::event_based_actor& self, const transaction_ptr& part_of = nullptr);
  /// The batches of a flush, to be shown. After a failed one there are none, and never again.
  std::vector<batch> flushed(const batches_flushed& flush);

  /// Begins where the subscription was, or where it wants to; what it is to be known by from then
  /// on is added to `to`. What was deleted while it was away is lost to it, and counted. Errors of
  /// partition_log::start_of.
  result<topic::cursor_slot> subscribe(topic::partition& core, const stored_reader& wanted,
                                       store::changes& to) const;

  /// From now on what need not be kept is deleted; what the log holds has been added to `rules`.
  void keep(store::retention rules, std::shared_ptr<const clock> time);
  /// True if something else may be deleted since the last call, because of what has come.
  bool take_more_to_retain() noexcept { return std::exchange(more_to_retain_, false); }
  /// Deletes it, but nothing that a subscription of `core` may still be sent; how often to call
  /// this for what grows old or was settled late, if at all.
  std::optional<duration> retain(topic::partition& core);

  /// Without waiting for it.
  void write(changes_ptr what);
  void put_position(const std::string& subscription, std::uint64_t settled);
  void erase_position(const std::string& subscription);

 private:
  std::unique_ptr<store::partition_log> log_;
  commit_port commits_;
  std::uint64_t end_;
  topic::partition_limits limits_;
  changes_ptr added_;
  std::size_t added_count_ = 0;
  std::deque<batch> waiting_;
  std::uint64_t waiting_events_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::optional<error> failed_;
  std::optional<store::retention> retention_;
  std::shared_ptr<const clock> time_;
  std::uint64_t kept_from_ = 0;  // though what is below may be there for a moment
  bool more_to_retain_ = false;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::batches_flushed)
