// SPDX-License-Identifier: BSD-3-Clause
// Scanning, and taking keys apart.
#include "weir/runtime/store/survey.hpp"

#include <algorithm>
#include <optional>

#include "weir/runtime/codec/batch_record.hpp"
#include "weir/runtime/store/key.hpp"

namespace weir::store {
namespace {

error no_record(table which, std::string_view key) {
  return {errc::store_corrupt, std::string{to_string(which)} + ": " + printable(key) +
                                   " is no record of this table"};
}

/// Scans a whole table; `take` is false for what is no record of it.
template <class Take>
result<void> scan_all(const store& where, table which, Take&& take) {
  std::optional<error> wrong;
  const auto seen = where.scan(which, {}, {}, [&](std::string_view key, std::string_view value) {
    if (!take(key, value)) wrong = no_record(which, key);
    return !wrong;
  });
  if (!seen) return seen;
  if (wrong) return fail(std::move(*wrong));
  return {};
}

}  // namespace

result<std::map<partition_name, log_survey>> survey_logs(const store& where) {
  std::map<partition_name, log_survey> logs;
  auto seen = scan_all(where, table::log, [&](std::string_view key, std::string_view value) {
    key_reader read{key};
    auto topic = read.text();
    const auto partition = read.u32();
    const auto offset = read.u64();
    const auto head = codec::read_header(value);
    if (!read.done() || !head || head->first_offset != offset) return false;
    const auto [entry, first] = logs.try_emplace({std::move(topic), partition});
    auto& log = entry->second;
    if (first) log.first = offset;
    log.end = head->end_offset();
    ++log.records;
    log.bytes += value.size();
    log.newest = std::max(log.newest, head->latest_time);
    return true;
  });
  if (!seen) return fail(std::move(seen.error()));
  return logs;
}

result<std::map<std::uint32_t, log_ends>> ends_of(const store& where, const std::string& topic) {
  std::map<std::uint32_t, log_ends> all;
  auto from = key_writer{}.text(topic).take();
  const auto behind_all = prefix_end(from);
  const auto name_bytes = from.size();
  for (;;) {
    std::optional<std::pair<std::uint32_t, std::uint64_t>> next;
    auto seen =
        where.scan(table::log, from, behind_all, [&](std::string_view key, std::string_view) {
          key_reader read{key.substr(name_bytes)};
          const auto partition = read.u32();
          next.emplace(partition, read.u64());
          return false;
        });
    if (!seen) return fail(std::move(seen.error()));
    if (!next) return all;
    const auto prefix = key_writer{}.text(topic).u32(next->first).take();
    from = prefix_end(prefix);
    record newest;
    const auto there = where.last(table::log, prefix, from, newest);
    if (!there) return fail(there.error());
    const auto head = codec::read_header(newest.value);
    if (!head) return fail(no_record(table::log, newest.key));
    all[next->first] = {next->second, head->end_offset()};
  }
}

result<std::vector<position>> survey_positions(const store& where) {
  std::vector<position> all;
  auto seen = scan_all(where, table::positions, [&](std::string_view key, std::string_view value) {
    key_reader read{key};
    position one;
    one.subscription = read.text();
    one.topic = read.text();
    one.partition = read.u32();
    key_reader settled{value};
    one.settled = settled.u64();
    all.push_back(std::move(one));
    return read.done() && settled.done();
  });
  if (!seen) return fail(std::move(seen.error()));
  return all;
}

result<std::uint64_t> count_records(const store& where, table which) {
  std::uint64_t records = 0;
  auto seen = scan_all(where, which, [&](std::string_view, std::string_view) {
    ++records;
    return true;
  });
  if (!seen) return fail(std::move(seen.error()));
  return records;
}

}  // namespace weir::store
