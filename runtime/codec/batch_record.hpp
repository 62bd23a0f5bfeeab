// SPDX-License-Identifier: BSD-3-Clause
// One batch as bytes: the record a durable topic keeps. Here: writing one, reading its header, and
// walking over its events without decoding a payload; batch_reader.hpp makes batches of it again.
// FORMAT.md has the grammar. Whether the bytes are those that were stored is their keeper's to say:
// here bytes that are wrong give an error or other events, and nothing worse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/runtime/codec/byte_reader.hpp"
#include "weir/runtime/codec/codec.hpp"
#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/event/batch.hpp"

namespace weir::codec {

/// Who published a batch, for partitions that drop what they have already: the events have the
/// sequence numbers from `first_sequence` on.
struct producer_stamp {
  std::uint64_t id = 0;
  std::uint32_t epoch = 0;
  std::uint64_t first_sequence = 0;

  bool operator==(const producer_stamp&) const = default;
};

struct record_header {
  payload_format format = payload_format::binary;
  std::uint32_t events = 0;  // at least 1
  std::uint64_t first_offset = 0;
  timestamp first_time;   // of the first event
  timestamp latest_time;  // of any
  std::optional<producer_stamp> producer;

  std::uint64_t end_offset() const noexcept { return first_offset + events; }
  bool operator==(const record_header&) const = default;
};

/// Appends the record of `events` (at least one). Allocates nothing per event beyond the growth of
/// `out`. errc::no_codec if the codec of a type was not entered or lacks the form; `out` is then
/// as before. Any thread.
result<void> encode_record(const batch& events, payload_format format, std::string& out,
                           const std::optional<producer_stamp>& producer = {});

/// The header alone: a few dozen bytes are read, however long the record. errc::malformed,
/// errc::newer_format. Any thread.
result<record_header> read_header(std::string_view record);

/// A type as the record names it.
struct stored_type {
  std::string_view name;
  std::uint32_t version = 0;
  std::uint64_t fingerprint = 0;
};

/// `order.created@1`
std::string to_string(const stored_type& type);

/// An event as the record has it; its views are valid as long as the record's bytes.
struct stored_event {
  std::uint64_t offset = 0;
  event_id id;
  timestamp time;
  std::string_view key;
  std::optional<lineage> origin;
  std::uint32_t type = 0;  // index into types()
  std::string_view payload;
};

/// Walks over a record's events. One thread at a time; one walker may read many records.
class record_walker {
 public:
  /// Begins with the first event of `record`, which must outlive the walk. Errors of read_header.
  result<void> open(std::string_view record);
  const record_header& header() const noexcept { return header_; }
  const std::vector<stored_type>& types() const noexcept { return types_; }
  /// The next event; false at the end. errc::malformed if the bytes are no event: there is no way
  /// on from there, and every further call says so again.
  result<bool> next(stored_event& into);

 private:
  bool read_event(stored_event& into) noexcept;

  byte_reader bytes_;
  record_header header_;
  std::vector<stored_type> types_;
  std::uint64_t offset_ = 0;
  timestamp time_;
};

}  // namespace weir::codec
