// SPDX-License-Identifier: BSD-3-Clause
// Partition by partition, commit by commit.
#include "weir/runtime/store/replay.hpp"

#include <map>
#include <optional>
#include <utility>

#include "weir/runtime/codec/record_builder.hpp"
#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/log_cursor.hpp"

namespace weir::store {
namespace {

constexpr std::size_t record_bytes = 128 * 1024;
constexpr std::size_t commit_bytes = std::size_t{1} << 20;

using marks = std::map<std::uint32_t, std::uint64_t>;  // by partition: the next offset to replay

class replaying {
 public:
  replaying(std::shared_ptr<store> where, const replay_request& request)
      : where_(std::move(where)), request_(request) {}

  result<replay_report> run() {
    if (request_.topic == request_.into) {
      return fail(errc::invalid_argument, "a topic is not replayed into itself: " + request_.into);
    }
    const auto sources = ends_of(*where_, request_.topic);
    if (!sources) return fail(sources.error());
    if (sources->empty()) return fail(errc::not_found, "no events of a topic " + request_.topic);
    auto targets = ends_of(*where_, request_.into);
    if (!targets) return fail(targets.error());
    const auto begun = interrupted();
    if (!begun) return fail(begun.error());
    for (const auto& [partition, log] : *sources) {
      const auto mark = begun->find(partition);
      const auto from = mark == begun->end() ? request_.from(log) : mark->second;
      auto done = one(partition, from, log.end, (*targets)[partition].end);
      if (!done) return fail(std::move(done.error()));
      if (report_.interrupted) return report_;
      ++report_.partitions;
    }
    what_.erase_range(table::meta, mark_key().take(), prefix_end(mark_key().bytes()));
    if (auto forgotten = where_->commit(what_); !forgotten) return fail(forgotten.error());
    return report_;
  }

 private:
  key_writer mark_key() const {
    key_writer key;
    key.text("replays").text(request_.topic).text(request_.into);
    return key;
  }

  /// How far one has come that did not end.
  result<marks> interrupted() const {
    marks found;
    const auto prefix = mark_key().take();
    auto seen = where_->scan(table::meta, prefix, prefix_end(prefix),
                             [&](std::string_view key, std::string_view value) {
                               key.remove_prefix(prefix.size());
                               found[key_reader{key}.u32()] = key_reader{value}.u64();
                               return true;
                             });
    if (!seen) return fail(std::move(seen.error()));
    const auto which = "of " + request_.topic + " into " + request_.into;
    if (request_.resume && found.empty()) {
      return fail(errc::not_found, "no replay " + which + " was interrupted");
    }
    if (!request_.resume && !found.empty()) {
      return fail(errc::already_exists, "a replay " + which + " was interrupted: resume it");
    }
    return found;
  }

  result<void> one(std::uint32_t partition, std::uint64_t from, std::uint64_t end,
                   std::uint64_t target) {
    log_cursor cursor{where_, request_.topic, partition, from};
    codec::stored_event event;
    while (cursor.offset() < end) {
      auto more = cursor.next(event);
      if (!more) return fail(std::move(more.error()));
      if (!*more || event.offset >= end) break;
      const auto& type = cursor.type_of(event);
      if (!request_.wanted(event, type)) {
        ++report_.left_out;
      } else {
        const bool another = record_.bytes() >= record_bytes || record_.format() != cursor.format();
        if (record_.events() > 0 && another) finish_record(partition, target);
        record_.add(event, type, cursor.format());
        ++report_.replayed;
      }
      if (what_.bytes() < commit_bytes) continue;
      if (auto done = commit(partition, target, cursor.offset()); !done) return done;
      if (report_.interrupted) return {};
    }
    return commit(partition, target, end);
  }

  void finish_record(std::uint32_t partition, std::uint64_t& target) {
    const auto events = record_.events();
    bytes_.clear();
    record_.finish(target, bytes_);
    what_.put(table::log, key_writer{}.text(request_.into).u32(partition).u64(target).bytes(),
              bytes_);
    target += events;
  }

  result<void> commit(std::uint32_t partition, std::uint64_t& target, std::uint64_t next) {
    if (record_.events() > 0) finish_record(partition, target);
    what_.put(table::meta, mark_key().u32(partition).bytes(), key_writer{}.u64(next).bytes());
    auto done = where_->commit(what_);
    what_.clear();
    if (done && request_.stop && request_.stop()) report_.interrupted = true;
    return done;
  }

  std::shared_ptr<store> where_;
  const replay_request& request_;
  replay_report report_;
  codec::record_builder record_;
  changes what_;
  std::string bytes_;  // of a record
};

}  // namespace

result<replay_report> replay(const std::shared_ptr<store>& where, const replay_request& request) {
  return replaying{where, request}.run();
}

}  // namespace weir::store
