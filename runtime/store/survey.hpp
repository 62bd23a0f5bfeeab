// SPDX-License-Identifier: BSD-3-Clause
// What a store holds, as numbers: its logs by partition, and where subscriptions are in them. For
// tools: everything is read, and no type need be known.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::store {

/// A topic's name, and one of its partitions.
using partition_name = std::pair<std::string, std::uint32_t>;

struct log_survey {
  std::uint64_t first = 0;  // offset of the oldest event
  std::uint64_t end = 0;    // of the next event that comes
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // of records, as they were before they were compressed
  timestamp newest{};       // time of an event
};
/// By topic and partition; those without an event are not there. Errors of store::scan;
/// errc::store_corrupt for what is no record of a log.
result<std::map<partition_name, log_survey>> survey_logs(const store& where);

/// What a partition has: its oldest event, and where the next one begins.
struct log_ends {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};
/// Of one topic, by partition, those that have events; two records of each are read. Errors as of
/// survey_logs.
result<std::map<std::uint32_t, log_ends>> ends_of(const store& where, const std::string& topic);

struct position {
  std::string subscription;
  std::string topic;
  std::uint32_t partition = 0;
  std::uint64_t settled = 0;  // everything below
};
/// In the order of the fields. Errors as of survey_logs.
result<std::vector<position>> survey_positions(const store& where);

/// Errors of store::scan.
result<std::uint64_t> count_records(const store& where, table which);

}  // namespace weir::store
