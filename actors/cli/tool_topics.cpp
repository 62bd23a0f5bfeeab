// SPDX-License-Identifier: BSD-3-Clause
// `topics` and `inspect`: what a data directory holds, and how far its subscriptions have come.
#include "weir/actors/cli/report.hpp"
#include "weir/actors/cli/tool.hpp"
#include "weir/runtime/codec/json_writer.hpp"
#include "weir/runtime/store/rocksdb_store.hpp"
#include "weir/runtime/store/survey.hpp"

namespace weir::cli {
namespace {

const std::vector<option>& options() {
  static const std::vector<option> both{
      {"data", "the data directory", text{.name = "DIR"}},
      {"json", "one JSON object a line", flag{}}};
  return both;
}

std::string json_text(const std::string& text) { return codec::to_json(text); }

void print_log(std::ostream& out, const store::partition_name& name, const store::log_survey& log) {
  out << "{\"topic\":" << json_text(name.first) << ",\"partition\":" << name.second
      << ",\"first\":" << log.first << ",\"end\":" << log.end
      << ",\"events\":" << log.end - log.first << ",\"records\":" << log.records
      << ",\"bytes\":" << log.bytes << ",\"newest\":\"" << to_string(log.newest) << "\"}\n";
}

result<void> show_topics(const settings& chosen, std::ostream& out, const interrupt&) {
  const auto where = store::rocksdb_store::open_read_only(*chosen.text("data"));
  if (!where) return fail(where.error());
  const auto logs = store::survey_logs(**where);
  if (!logs) return fail(logs.error());
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, log] : *logs) {
    if (chosen.flag("json")) {
      print_log(out, name, log);
      continue;
    }
    rows.push_back({name.first, std::to_string(name.second), grouped(log.first), grouped(log.end),
                    grouped(log.end - log.first), grouped(log.bytes), to_string(log.newest)});
  }
  if (chosen.flag("json")) return {};
  out << (rows.empty() ? "no events are stored\n"
                       : table({"topic", "partition", "first", "end", "events", "bytes", "newest"},
                               rows));
  return {};
}

result<void> inspect(const settings& chosen, std::ostream& out, const interrupt&) {
  const auto where = store::rocksdb_store::open_read_only(*chosen.text("data"));
  if (!where) return fail(where.error());
  const auto logs = store::survey_logs(**where);
  if (!logs) return fail(logs.error());
  const auto positions = store::survey_positions(**where);
  if (!positions) return fail(positions.error());
  const auto letters = store::count_records(**where, store::table::dead_letters);
  if (!letters) return fail(letters.error());
  const auto timers = store::count_records(**where, store::table::timers);
  if (!timers) return fail(timers.error());
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : *positions) {
    const auto log = logs->find({one.topic, one.partition});
    const auto end = log == logs->end() ? 0 : log->second.end;
    const auto lag = end > one.settled ? end - one.settled : 0;
    if (chosen.flag("json")) {
      out << "{\"subscription\":" << json_text(one.subscription)
          << ",\"topic\":" << json_text(one.topic) << ",\"partition\":" << one.partition
          << ",\"settled\":" << one.settled << ",\"end\":" << end << ",\"lag\":" << lag << "}\n";
      continue;
    }
    rows.push_back({one.subscription, one.topic, std::to_string(one.partition),
                    grouped(one.settled), grouped(end), grouped(lag)});
  }
  if (chosen.flag("json")) {
    out << "{\"dead_letters\":" << *letters << ",\"timers\":" << *timers << "}\n";
    return {};
  }
  out << (rows.empty()
              ? "no subscription was here\n"
              : table({"subscription", "topic", "partition", "settled", "end", "lag"}, rows))
      << grouped(*letters) << " dead letters, " << grouped(*timers) << " scheduled events\n";
  return {};
}

}  // namespace

tool topics_tool() {
  return {"topics", "what is stored, by partition", {}, options(), {"data"}, &show_topics};
}

tool inspect_tool() {
  return {"inspect", "how far subscriptions have come", {}, options(), {"data"}, &inspect};
}

}  // namespace weir::cli
