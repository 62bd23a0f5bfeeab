// SPDX-License-Identifier: BSD-3-Clause
// Batches out to the commit actor and back.
#include "weir/actors/broker/stored_lane.hpp"

#include <algorithm>
#include <utility>

#include "weir/runtime/core/log.hpp"

namespace weir::actors {

stored_lane::stored_lane(std::unique_ptr<store::partition_log> log, commit_port commits,
                         std::uint64_t end, topic::partition_limits limits)
    : log_(std::move(log)), commits_(std::move(commits)), end_(end), limits_(limits) {}

void stored_lane::add(batch events) {
  events.set_first_offset(end_);
  end_ = events.end_offset();
  if (added_ == nullptr) added_ = std::make_shared<store::changes>();
  const auto before = added_->bytes();
  if (auto encoded = log_->append(*added_, events); !encoded && !failed_) {
    failed_ = std::move(encoded.error());
  }
  if (retention_ && retention_->add({events.first_offset(), end_, added_->bytes() - before,
                                     events.envelopes()[events.size() - 1].time})) {
    more_to_retain_ = true;
  }
  ++added_count_;
  waiting_events_ += events.size();
  waiting_bytes_ += events.bytes();
  waiting_.push_back(std::move(events));
}

void stored_lane::send(caf::event_based_actor& self, const transaction_ptr& part_of) {
  if (failed_ && part_of) commits_.part_missing(*failed_);
  if (added_ == nullptr || failed_) return;
  const auto count = std::exchange(added_count_, 0);
  auto done = std::make_shared<completion<result<void>>>(
      [owner = caf::actor{&self}, count](result<void> outcome) {
        tell(owner, batches_flushed{count, std::move(outcome)});
      });
  commits_.write({std::exchange(added_, nullptr), std::move(done), true, part_of});
}

std::vector<batch> stored_lane::flushed(const batches_flushed& flush) {
  if (!flush.outcome && !failed_) failed_ = flush.outcome.error();
  std::vector<batch> shown;
  if (failed_) return shown;
  for (auto left = flush.count; left > 0; --left) {
    waiting_events_ -= waiting_.front().size();
    waiting_bytes_ -= waiting_.front().bytes();
    shown.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return shown;
}

void stored_lane::keep(store::retention rules, std::shared_ptr<const clock> time) {
  retention_ = std::move(rules);
  time_ = std::move(time);
}

result<topic::cursor_slot> stored_lane::subscribe(topic::partition& core,
                                                  const stored_reader& wanted,
                                                  store::changes& to) const {
  const auto start = log_->start_of(wanted.name, wanted.from);
  if (!start) return fail(start.error());
  const auto known = log_->position(wanted.name);
  const auto yielded = log_->yields(wanted.name);
  const auto earliest = log_->earliest();
  if (!known) return fail(known.error());
  if (!yielded) return fail(yielded.error());
  if (!earliest) return fail(earliest.error());
  const auto there_from = std::max(*earliest, kept_from_);
  const bool lost = *known && *yielded && *start < there_from;
  // What was flushed a moment ago may not be shown yet; it will be, to this one too.
  const auto from = std::min(lost ? *start : std::max(*start, kept_from_), core.next_offset());
  const auto slot = core.subscribe_at(wanted.id, wanted.credit, from, wanted.yields || lost);
  if (lost) core.lose_stored(slot, there_from);
  if (lost && !wanted.yields) core.keep_stored(slot);
  log_->put_position(to, wanted.name, core.cursors()[slot].settled);
  log_->put_yields(to, wanted.name, wanted.yields);
  return slot;
}

std::optional<duration> stored_lane::retain(topic::partition& core) {
  if (!retention_) return std::nullopt;
  const auto now = time_->now();
  const auto due = retention_->due(now);
  if (failed_ || !due) return retention_->look_every();
  const auto lowest = log_->lowest_position();
  if (!lowest) {
    weir::log(log_level::warn, "nothing-deleted", to_string(lowest.error()));
    return retention_->look_every();
  }
  const auto others = lowest->value_or(end_);
  core.lose_stored(std::min(*due, others));
  if (const auto from = retention_->give_up(now, std::min(others, core.held_from()))) {
    kept_from_ = *from;
    auto what = std::make_shared<store::changes>();
    log_->erase_below(*what, *from);
    write(std::move(what));
  }
  return retention_->look_every();
}

void stored_lane::write(changes_ptr what) {
  commits_.write({std::move(what), nullptr, false});
}

void stored_lane::put_position(const std::string& subscription, std::uint64_t settled) {
  auto what = std::make_shared<store::changes>();
  log_->put_position(*what, subscription, settled);
  write(std::move(what));
}

void stored_lane::erase_position(const std::string& subscription) {
  auto what = std::make_shared<store::changes>();
  log_->erase_position(*what, subscription);
  write(std::move(what));
}

}  // namespace weir::actors
