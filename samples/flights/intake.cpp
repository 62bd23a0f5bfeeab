// SPDX-License-Identifier: BSD-3-Clause
// Record by record.
#include "weir/samples/flights/intake.hpp"

namespace flights {
namespace {

constexpr std::uint64_t progress_every_records = 4'096;

weir::result<bool> take_one(reader& input, way_in& out, intake_counts& counts) {
  departure record;
  malformed problem;
  auto next = input.next(record, problem);
  if (!next) return weir::fail(std::move(next.error()));
  if (*next == outcome::end) return false;
  ++counts.read;
  if (*next == outcome::departure) {
    auto sent = out.departed({counts.read, record.at, record.delay_minutes, record.distance_miles,
                              record.origin, record.destination});
    if (!sent) return weir::fail(std::move(sent.error()));
    ++counts.published;
    return true;
  }
  ++counts.malformed;
  auto sent = out.malformed(
      record_malformed{problem.record, problem.field, problem.reason, problem.raw});
  if (!sent) return weir::fail(std::move(sent.error()));
  return true;
}

}  // namespace

intake_counts take_in(
    reader& input, way_in& out, const stop_request& stop,
    const std::function<void(std::uint64_t, std::uint64_t, std::uint64_t)>& progress) {
  intake_counts counts;
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
  if (auto sent = out.flush(); !sent && !counts.failure) counts.failure = sent.error();
  progress(input.bytes_read(), input.total_bytes(), counts.read);
  return counts;
}

}  // namespace flights
