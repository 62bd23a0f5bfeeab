// SPDX-License-Identifier: BSD-3-Clause
// codec: what an event costs on its way to JSON or binary and back.
#include <cstddef>
#include <new>
#include <string>
#include <string_view>

#include "weir/runtime/codec/codec.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/events.hpp"

namespace weir::bench {
namespace {

using codec::payload_format;

// CPU nanoseconds per call.
template <class Call>
double nanoseconds_each(std::uint64_t calls, Call&& call) {
  const auto begin = thread_cpu_seconds();
  for (std::uint64_t i = 0; i < calls; ++i) call();
  return 1e9 * (thread_cpu_seconds() - begin) / static_cast<double>(calls);
}

void encode(payload_format format, const order& sample, std::string& out) {
  out.clear();
  const auto& codec = codec::codec_of<order>();
  if (format == payload_format::json) return codec.encode(&sample, out);
  codec::byte_writer writer{out};
  codec.encode_binary(&sample, writer);
}

std::int64_t decode(payload_format format, std::string_view bytes) {
  const auto& codec = codec::codec_of<order>();
  alignas(order) std::byte storage[sizeof(order)];
  const auto done =
      (format == payload_format::json ? codec.decode : codec.decode_binary)(bytes, storage);
  require(done.has_value(), "codec: the encoder's own bytes do not decode");
  auto* back = std::launder(reinterpret_cast<order*>(storage));
  const auto cents = back->cents;
  back->~order();
  return cents;
}

}  // namespace

void measure_codec(const run_options& options, report& out) {
  const auto sample = order_of(0);
  const auto events = options.scaled(500'000);
  constexpr payload_format formats[] = {payload_format::json, payload_format::binary};
  std::vector<double> encoded[2], decoded[2];
  std::string bytes[2];
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (const auto format : formats) {
      const auto i = static_cast<std::size_t>(format);
      encoded[i].push_back(
          nanoseconds_each(events, [&] { encode(format, sample, bytes[i]); }));
      std::int64_t cents = 0;
      decoded[i].push_back(
          nanoseconds_each(events, [&] { cents += decode(format, bytes[i]); }));
      require(cents == sample.cents * static_cast<std::int64_t>(events), "codec: a value changed");
    }
  }
  for (const auto format : formats) {
    const auto i = static_cast<std::size_t>(format);
    out.add(row{}
                .add("payload", to_string(format))
                .add("bytes", static_cast<double>(bytes[i].size()))
                .add("encode_ns", median(encoded[i]), 1)
                .add("decode_ns", median(decoded[i]), 1));
  }
}

}  // namespace weir::bench
