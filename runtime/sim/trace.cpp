// SPDX-License-Identifier: BSD-3-Clause
// Rows are numbered in the order of their first call: processes are subscriptions, threads
// partitions.
#include "weir/runtime/sim/trace.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "weir/runtime/codec/json_writer.hpp"

namespace weir::sim {
namespace {

std::string microseconds(duration time) {
  // Three digits behind the point: nanoseconds.
  auto text = std::to_string(std::max<std::int64_t>(time.count(), 0));
  if (text.size() < 4) text.insert(0, 4 - text.size(), '0');
  return text.insert(text.size() - 3, 1, '.');
}

std::string head(std::string_view name, std::string_view phase, std::size_t process,
                 std::uint32_t row) {
  std::string text = "{\"name\":";
  codec::to_json(name, text);
  return text.append(",\"ph\":\"")
      .append(phase)
      .append("\",\"pid\":")
      .append(std::to_string(process))
      .append(",\"tid\":")
      .append(std::to_string(row));
}

std::string named(std::string_view what, std::size_t process, std::uint32_t row,
                  const std::string& name) {
  return head(what, "M", process, row) + ",\"args\":{\"name\":" + codec::to_json(name) + "}}";
}

std::string drawn(const call_record& call, std::size_t process) {
  constexpr duration least = std::chrono::microseconds{1};
  auto text = head(call.type + " @" + std::to_string(call.offset), "X", process, call.partition);
  text += ",\"ts\":" + microseconds(call.began) +
          ",\"dur\":" + microseconds(std::max(call.ended - call.began, least)) +
          ",\"args\":{\"key\":" + codec::to_json(call.key) +
          ",\"delivery\":" + std::to_string(call.delivery) +
          ",\"attempt\":" + std::to_string(call.attempt);
  if (!call.failure.empty()) text += ",\"failure\":" + codec::to_json(call.failure);
  return text + "}}";
}

}  // namespace

void trace::add(const call_record& call) {
  if (calls_.size() < kept_max_) calls_.push_back(call);
}

void trace::note(duration at, std::string_view what) {
  if (notes_.size() < kept_max_) notes_.push_back({at, std::string{what}});
}

std::string trace::json() const {
  std::string text = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
  const char* between = "\n";
  const auto add = [&](const std::string& event) {
    text.append(between).append(event);
    between = ",\n";
  };
  std::map<std::string, std::size_t, std::less<>> processes;
  std::set<std::pair<std::size_t, std::uint32_t>> rows;
  for (const auto& call : calls_) {
    const auto [entry, fresh] = processes.try_emplace(call.subscription, processes.size() + 1);
    if (fresh) add(named("process_name", entry->second, 0, call.subscription));
    if (rows.emplace(entry->second, call.partition).second) {
      add(named("thread_name", entry->second, call.partition,
                "partition " + std::to_string(call.partition)));
    }
    add(drawn(call, entry->second));
  }
  for (const auto& note : notes_) {
    add(head(note.what, "i", 0, 0) + ",\"s\":\"g\",\"ts\":" + microseconds(note.at) + "}");
  }
  return text + "\n]}\n";
}

}  // namespace weir::sim
