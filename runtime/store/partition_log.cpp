// SPDX-License-Identifier: BSD-3-Clause
// Keys, records, and looking for offsets and times.
#include "weir/runtime/store/partition_log.hpp"

#include <algorithm>
#include <set>

#include "weir/runtime/core/invariant.hpp"

namespace weir::store {
namespace {

/// The first event of the record that was published at `time` or later; none if it is broken.
std::optional<std::uint64_t> first_at(std::string_view bytes, timestamp time) {
  codec::record_walker walker;
  codec::stored_event event;
  if (!walker.open(bytes)) return std::nullopt;
  while (walker.next(event).value_or(false)) {
    if (event.time >= time) return event.offset;
  }
  return std::nullopt;
}

std::string position_key(std::string_view subscription, std::string_view topic,
                         std::uint32_t partition) {
  return key_writer{}.text(subscription).text(topic).u32(partition).take();
}

}  // namespace

void put_position(changes& to, std::string_view subscription, std::string_view topic,
                  std::uint32_t partition, std::uint64_t settled) {
  to.put(table::positions, position_key(subscription, topic, partition),
         key_writer{}.u64(settled).bytes());
}

partition_log::partition_log(std::shared_ptr<const store> where, std::string topic,
                             std::uint32_t partition, payload_format format,
                             boost::intrusive_ptr<block_pool> blocks)
    : where_(std::move(where)),
      topic_(std::move(topic)),
      partition_(partition),
      format_(format),
      blocks_(std::move(blocks)) {}

std::string partition_log::key_of(std::uint64_t offset) const {
  return std::string{key_writer{}.text(topic_).u32(partition_).u64(offset).bytes()};
}

std::string partition_log::key_of(std::string_view subscription) const {
  return position_key(subscription, topic_, partition_);
}

std::string partition_log::prefix() const {
  return std::string{key_writer{}.text(topic_).u32(partition_).bytes()};
}

error partition_log::damaged(std::uint64_t offset, const std::string& why) const {
  return {errc::store_corrupt, topic_ + "/" + std::to_string(partition_) +
                                   ": the record of offset " + std::to_string(offset) + ": " + why};
}

result<std::uint64_t> partition_log::end() const {
  record newest;
  const auto found = where_->last(table::log, prefix(), prefix_end(prefix()), newest);
  if (!found) return fail(found.error());
  if (!*found) return std::uint64_t{0};
  const auto head = codec::read_header(newest.value);
  if (!head) return fail(damaged(0, head.error().message));
  return head->end_offset();
}

result<std::uint64_t> partition_log::earliest() const {
  std::optional<std::uint64_t> first;
  const auto seen = where_->scan(table::log, prefix(), prefix_end(prefix()),
                                 [&](std::string_view key, std::string_view) {
                                   key.remove_prefix(prefix().size());
                                   first = key_reader{key}.u64();
                                   return false;
                                 });
  if (!seen) return fail(seen.error());
  return first ? *first : end();
}

result<std::uint64_t> partition_log::start_of(std::string_view subscription,
                                              const start_position& from) const {
  const auto known = position(subscription);
  if (!known) return fail(known.error());
  if (!*known) return offset_of(from);
  const auto last = end();
  if (!last) return last;
  if (**known <= *last) return **known;
  return fail(errc::store_corrupt,
              std::string{subscription} + " has settled up to offset " + std::to_string(**known) +
                  " of " + topic_ + "/" + std::to_string(partition_) + ", which ends at " +
                  std::to_string(*last));
}

result<std::uint64_t> partition_log::offset_of(const start_position& from) const {
  switch (from.from()) {
    case start_position::kind::latest: return end();
    case start_position::kind::earliest: return earliest();
    case start_position::kind::time: return offset_of(from.time());
    case start_position::kind::offset: break;
  }
  const auto first = earliest();
  const auto last = end();
  if (!first || !last) return fail(first ? last.error() : first.error());
  if (from.offset() >= *first && from.offset() <= *last) return from.offset();
  return fail(errc::not_found,
              "offset " + std::to_string(from.offset()) + " of " + topic_ + "/" +
                  std::to_string(partition_) + " is not stored: the oldest is " +
                  std::to_string(*first) + ", the next will be " + std::to_string(*last));
}

// Publishers' clocks differ, so times need not rise: only looking at each record finds the first.
result<std::uint64_t> partition_log::offset_of(timestamp time) const {
  std::optional<std::uint64_t> found;
  std::optional<error> wrong;
  const auto seen = where_->scan(
      table::log, prefix(), prefix_end(prefix()), [&](std::string_view, std::string_view value) {
        const auto head = codec::read_header(value);
        if (!head) {
          wrong = damaged(0, head.error().message);
          return false;
        }
        if (head->latest_time < time) return true;
        found = first_at(value, time);
        return !found;
      });
  if (!seen) return fail(seen.error());
  if (wrong) return fail(std::move(*wrong));
  return found ? *found : end();
}

result<void> partition_log::visit_extents(
    const std::function<void(const record_extent&)>& visit) const {
  std::optional<error> wrong;
  auto seen = where_->scan(
      table::log, prefix(), prefix_end(prefix()), [&](std::string_view, std::string_view value) {
        const auto head = codec::read_header(value);
        if (head) {
          visit({head->first_offset, head->end_offset(), value.size(), head->latest_time});
        } else {
          wrong = damaged(0, head.error().message);
        }
        return !wrong;
      });
  if (!seen) return seen;
  if (wrong) return fail(std::move(*wrong));
  return {};
}

key_writer partition_log::yielding() const {
  key_writer key;
  key.text("yielding").text(topic_).u32(partition_);
  return key;
}

result<bool> partition_log::yields(std::string_view subscription) const {
  std::string value;
  return where_->get(table::meta, yielding().text(subscription).bytes(), value);
}

void partition_log::put_yields(changes& to, std::string_view subscription, bool yields) const {
  const auto key = yielding().text(subscription).take();
  if (yields) {
    to.put(table::meta, key, std::string_view{});
  } else {
    to.erase(table::meta, key);
  }
}

result<std::optional<std::uint64_t>> partition_log::lowest_position() const {
  std::set<std::string, std::less<>> yielding_here;
  const auto prefix = yielding().take();
  auto seen = where_->scan(table::meta, prefix, prefix_end(prefix),
                           [&](std::string_view key, std::string_view) {
                             key.remove_prefix(prefix.size());
                             yielding_here.insert(key_reader{key}.text());
                             return true;
                           });
  if (!seen) return fail(std::move(seen.error()));
  std::optional<std::uint64_t> lowest;
  seen = where_->scan(table::positions, {}, {}, [&](std::string_view key, std::string_view value) {
    key_reader read{key};
    const auto subscription = read.text();
    if (read.text() != topic_ || read.u32() != partition_) return true;
    if (yielding_here.contains(subscription)) return true;
    const auto settled = key_reader{value}.u64();
    lowest = std::min(lowest.value_or(settled), settled);
    return true;
  });
  if (!seen) return fail(std::move(seen.error()));
  return lowest;
}

void partition_log::erase_below(changes& to, std::uint64_t offset) const {
  to.erase_range(table::log, prefix(), key_of(offset));
}

result<void> partition_log::append(changes& to, const batch& events) {
  bytes_.clear();
  if (auto encoded = codec::encode_record(events, format_, bytes_); !encoded) return encoded;
  to.put(table::log, key_of(events.first_offset()), bytes_);
  return {};
}

const batch* partition_log::find_read(std::uint64_t offset) const noexcept {
  for (const auto& events : read_) {
    if (events.first_offset() <= offset && offset < events.end_offset()) return &events;
  }
  return nullptr;
}

// Several cursors catch up at the same place more often than not.
result<batch> partition_log::read(std::uint64_t offset) {
  if (const auto* events = find_read(offset)) return *events;
  read_.clear();
  const auto there = where_->last(table::log, prefix(), key_of(offset + 1), record_);
  if (!there) return fail(there.error());
  if (!*there) return fail(damaged(offset, "it is missing"));
  if (auto opened = reader_.open(record_.value, offset); !opened) {
    return fail(damaged(offset, to_string(opened.error())));
  }
  for (;;) {
    auto events = reader_.next(*blocks_);
    if (!events && reader_.failed() != nullptr) events = reader_.take_failed();
    if (!events && read_.empty()) return fail(damaged(offset, to_string(events.error())));
    if (!events || events->empty()) break;
    read_.push_back(std::move(*events));
  }
  if (const auto* events = find_read(offset)) return *events;
  return fail(damaged(offset, "another lies in its place"));
}

result<std::optional<std::uint64_t>> partition_log::position(std::string_view subscription) const {
  std::string value;
  const auto found = where_->get(table::positions, key_of(subscription), value);
  if (!found) return fail(found.error());
  if (!*found) return std::optional<std::uint64_t>{};
  key_reader read{value};
  const auto settled = read.u64();
  if (read.done()) return std::optional<std::uint64_t>{settled};
  return fail(errc::store_corrupt, "the position of " + std::string{subscription} + " in " +
                                       topic_ + "/" + std::to_string(partition_) +
                                       " is no offset");
}

void partition_log::put_position(changes& to, std::string_view subscription,
                                 std::uint64_t settled) const {
  weir::store::put_position(to, subscription, topic_, partition_, settled);
}

void partition_log::erase_position(changes& to, std::string_view subscription) const {
  const auto key = key_of(subscription);
  to.erase(table::positions, key);
  put_yields(to, subscription, false);
  // What its handlers kept begins like it.
  to.erase_range(table::state, key, prefix_end(key));
}

}  // namespace weir::store
