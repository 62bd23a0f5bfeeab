// SPDX-License-Identifier: BSD-3-Clause
// codec: what an event costs on its way to JSON and back.
#include <cstddef>
#include <new>
#include <string>

#include "weir/runtime/codec/codec.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/events.hpp"

namespace weir::bench {

void measure_codec(const run_options& options, report& out) {
  const auto& json = codec::codec_of<order>();
  const order sample{"o-2001-01-31-000042", "customer-7", 199'900, 12.75, true};
  const auto events = options.scaled(500'000);
  std::vector<double> encode, decode;
  std::string text;
  for (unsigned round = 0; round < options.rounds; ++round) {
    auto begin = thread_cpu_seconds();
    for (std::uint64_t i = 0; i < events; ++i) {
      text.clear();
      json.encode(&sample, text);
    }
    encode.push_back(1e9 * (thread_cpu_seconds() - begin) / static_cast<double>(events));

    std::int64_t cents = 0;
    begin = thread_cpu_seconds();
    for (std::uint64_t i = 0; i < events; ++i) {
      alignas(order) std::byte storage[sizeof(order)];
      const auto done = json.decode(text, storage);
      require(done.has_value(), "codec: the encoder's own text does not decode");
      auto* back = std::launder(reinterpret_cast<order*>(storage));
      cents += back->cents;
      back->~order();
    }
    decode.push_back(1e9 * (thread_cpu_seconds() - begin) / static_cast<double>(events));
    require(cents == sample.cents * static_cast<std::int64_t>(events), "codec: a value changed");
  }
  out.add(row{}
              .add("json_bytes", static_cast<double>(text.size()))
              .add("encode_ns", median(encode), 1)
              .add("decode_ns", median(decode), 1));
}

}  // namespace weir::bench
