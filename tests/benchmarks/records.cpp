// SPDX-License-Identifier: BSD-3-Clause
// records: what an event costs in the record a durable topic keeps: writing it, walking over it,
// making a batch of it again, and that with a typed handler behind it, which is replay.
#include <cstring>
#include <string>

#include "weir/runtime/codec/batch_reader.hpp"
#include "weir/runtime/delivery/consumer.hpp"
#include "weir/runtime/delivery/task_handler.hpp"
#include "weir/runtime/event/footprint.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/events.hpp"

namespace weir::bench {
namespace {

constexpr std::int64_t batch_events = 512;

using pool_ptr = boost::intrusive_ptr<block_pool>;

// As a publisher builds them: key behind the payload, times that go on, one lineage in eight.
batch orders_in(block_pool& pool) {
  const auto memory = pool.take();
  static const lineage origin{{1, 2}, {3, 4}};
  for (std::int64_t i = 0; i < batch_events; ++i) {
    auto value = order_of(i);
    const auto key = value.customer;
    const auto heap = heap_bytes(value);
    const auto place = memory->reserve(sizeof(order), alignof(order), key.size());
    std::memcpy(place.key, key.data(), key.size());
    new (place.payload) order(std::move(value));
    memory->push({.id = {static_cast<std::uint64_t>(i) + 1, 1},
                  .time = timestamp{std::chrono::seconds{1'000'000'000} + i * duration{700}},
                  .key = {place.key, key.size()},
                  .type = &type_of<order>(),
                  .origin = i % 8 == 0 ? &origin : nullptr},
                 place.payload, heap, true);
  }
  memory->commit();
  batch made{memory, 0, memory->committed(), memory->bytes()};
  made.set_first_offset(1'000'000);
  return made;
}

// CPU nanoseconds an event takes if `call` handles a batch of them.
template <class Call>
double event_ns(std::uint64_t batches, Call&& call) {
  const auto begin = thread_cpu_seconds();
  for (std::uint64_t i = 0; i < batches; ++i) call();
  return 1e9 * (thread_cpu_seconds() - begin) / static_cast<double>(batches * batch_events);
}

std::uint64_t walk(codec::record_walker& walker, std::string_view record) {
  require(walker.open(record).has_value(), "records: a record does not open");
  std::uint64_t bytes = 0;
  codec::stored_event event;
  for (;;) {
    const auto more = walker.next(event);
    require(more.has_value(), "records: a record cannot be walked");
    if (!*more) return bytes;
    bytes += event.payload.size();
  }
}

template <class Take>
void read(codec::batch_reader& reader, std::string_view record, block_pool& pool, Take&& take) {
  require(reader.open(record).has_value(), "records: a record does not open");
  for (;;) {
    auto next = reader.next(pool);
    require(next.has_value(), "records: an event does not decode");
    if (next->empty()) return;
    take(std::move(*next));
  }
}

// Records through a consumer with one handler: the whole of replay but the store.
double replay_ns(std::uint64_t batches, std::string_view record, block_pool& pool) {
  std::int64_t cents = 0;
  delivery::consumer subject{
      "bench", {}, delivery::handlers_of([&cents](const order& one) { cents += one.cents; }), 1};
  subject.open_lane(0, "orders", 0, 0);
  delivery::effects out;
  codec::batch_reader reader;
  std::uint64_t offset = 0;
  const auto each = event_ns(batches, [&] {
    read(reader, record, pool, [&](batch next) {
      next.set_first_offset(offset);
      offset += next.size();
      subject.receive(0, std::move(next), true, timestamp{}, out);
      out.settlements.clear();
    });
  });
  std::int64_t expected = 0;
  for (std::int64_t i = 0; i < batch_events; ++i) expected += order_of(i).cents;
  require(cents == expected * static_cast<std::int64_t>(batches), "records: an event is missing");
  return each;
}

}  // namespace

void measure_records(const run_options& options, report& out) {
  codec::enroll<order>();
  const pool_ptr pool{new block_pool{{}}};
  const auto events = orders_in(*pool);
  const auto batches = options.scaled(1'000);
  constexpr codec::payload_format formats[] = {codec::payload_format::json,
                                               codec::payload_format::binary};
  std::vector<double> encoded[2], walked[2], decoded[2], replayed[2];
  std::string record[2];
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (const auto format : formats) {
      const auto i = static_cast<std::size_t>(format);
      encoded[i].push_back(event_ns(batches, [&] {
        record[i].clear();
        const auto done = codec::encode_record(events, format, record[i]);
        require(done.has_value(), "records: a batch cannot be written");
      }));
      codec::record_walker walker;
      walked[i].push_back(event_ns(batches, [&] { walk(walker, record[i]); }));
      codec::batch_reader reader;
      decoded[i].push_back(
          event_ns(batches, [&] { read(reader, record[i], *pool, [](const batch&) {}); }));
      replayed[i].push_back(replay_ns(batches, record[i], *pool));
    }
  }
  for (const auto format : formats) {
    const auto i = static_cast<std::size_t>(format);
    out.add(row{}
                .add("payload", to_string(format))
                .add("bytes", static_cast<double>(record[i].size()) / batch_events, 1)
                .add("encode_ns", median(encoded[i]), 1)
                .add("walk_ns", median(walked[i]), 1)
                .add("decode_ns", median(decoded[i]), 1)
                .add("replay_ns", median(replayed[i]), 1)
                .add("replayed_per_s", 1e9 / median(replayed[i])));
  }
}

}  // namespace weir::bench
