// SPDX-License-Identifier: BSD-3-Clause
// Departures are published a batch at a time: partitions are woken once for all of it.
#include "weir/samples/flights/intake.hpp"

#include <span>
#include <vector>

namespace flights {
namespace {

constexpr std::size_t batch_records = 256;
constexpr std::uint64_t progress_every_records = 16 * batch_records;

struct publishing {
  weir::publisher departures;
  weir::publisher malformed_records;
  std::vector<flight_departed> batch;

  weir::result<void> flush(intake_counts& counts) {
    const auto size = batch.size();
    auto sent = departures.publish_batch(std::span{batch});
    batch.clear();
    if (!sent) return weir::fail(std::move(sent.error()));
    counts.published += size;
    return {};
  }
};

weir::result<bool> take_one(reader& input, publishing& out, intake_counts& counts) {
  departure record;
  malformed problem;
  auto next = input.next(record, problem);
  if (!next) return weir::fail(std::move(next.error()));
  if (*next == outcome::end) return false;
  ++counts.read;
  if (*next == outcome::departure) {
    out.batch.push_back({counts.read, record.at, record.delay_minutes, record.distance_miles,
                         record.origin, record.destination});
    if (out.batch.size() < batch_records) return true;
    if (auto sent = out.flush(counts); !sent) return weir::fail(std::move(sent.error()));
    return true;
  }
  ++counts.malformed;
  auto sent = out.malformed_records.publish(
      record_malformed{problem.record, problem.field, problem.reason, problem.raw});
  if (!sent) return weir::fail(std::move(sent.error()));
  return true;
}

}  // namespace

intake_counts take_in(
    reader& input, weir::node& node, const topology& topics, const stop_request& stop,
    const std::function<void(std::uint64_t, std::uint64_t, std::uint64_t)>& progress) {
  intake_counts counts;
  auto departures = node.make_publisher(topics.departures);
  auto malformed_records = node.make_publisher(topics.malformed);
  if (!departures || !malformed_records) {
    counts.failure = departures ? malformed_records.error() : departures.error();
    return counts;
  }
  publishing out{std::move(*departures), std::move(*malformed_records), {}};
  out.batch.reserve(batch_records);
  for (bool more = true; more && !counts.failure;) {
    if (stop()) {
      counts.interrupted = true;
      break;
    }
    auto taken = take_one(input, out, counts);
    more = taken && *taken;
    if (!taken) {
      counts.interrupted = taken.error().code == weir::errc::cancelled;
      if (!counts.interrupted) counts.failure = std::move(taken.error());
    }
    if (counts.read % progress_every_records == 0) {
      progress(input.bytes_read(), input.total_bytes(), counts.read);
    }
  }
  if (auto sent = out.flush(counts); !sent && !counts.failure) counts.failure = sent.error();
  progress(input.bytes_read(), input.total_bytes(), counts.read);
  return counts;
}

}  // namespace flights
