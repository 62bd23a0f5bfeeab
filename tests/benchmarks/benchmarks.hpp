// SPDX-License-Identifier: BSD-3-Clause
// The benchmarks by name; main() runs all of them or those that are asked for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "weir/tests/benchmarks/measure.hpp"

namespace weir::bench {

struct benchmark {
  std::string_view name;
  std::string_view measures;
  void (*run)(const run_options&, report&);
};

void measure_fanout(const run_options& options, report& out);
void measure_latency(const run_options& options, report& out);
void measure_bounded(const run_options& options, report& out);
void measure_handlers(const run_options& options, report& out);
void measure_coroutine(const run_options& options, report& out);
void measure_per_key(const run_options& options, report& out);
void measure_groups(const run_options& options, report& out);
void measure_request_reply(const run_options& options, report& out);
void measure_publish(const run_options& options, report& out);
void measure_scheduled(const run_options& options, report& out);
void measure_spawn(const run_options& options, report& out);
void measure_codec(const run_options& options, report& out);
void measure_records(const run_options& options, report& out);
void measure_append_sync(const run_options& options, report& out);
void measure_append_stream(const run_options& options, report& out);
void measure_exactly_once(const run_options& options, report& out);
void measure_recovery(const run_options& options, report& out);
void measure_supervised(const run_options& options, report& out);
void measure_poison(const run_options& options, report& out);
void measure_restart(const run_options& options, report& out);

/// What `recovery` has another process of this program do, asked by the word with a directory and a
/// number: stores so many events there and kills itself.
inline constexpr const char* fill_and_die_word = "--fill-and-die";
[[noreturn]] void fill_and_die(const std::string& directory, std::uint64_t events);

/// Worker threads of Weir and of the peer alike: one per core.
unsigned worker_threads() noexcept;

}  // namespace weir::bench
