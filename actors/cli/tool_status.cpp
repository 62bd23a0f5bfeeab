// SPDX-License-Identifier: BSD-3-Clause
// `status`: how a running node is doing, from the node itself.
#include "weir/actors/cli/report.hpp"
#include "weir/actors/cli/tool.hpp"
#include "weir/actors/node/status_json.hpp"
#include "weir/actors/observe/control_client.hpp"

namespace weir::cli {
namespace {

using rows = std::vector<std::vector<std::string>>;

std::string topics_of(const node_status& seen) {
  rows all;
  for (const auto& one : seen.topics) {
    all.push_back({one.topic, grouped(one.partitions), grouped(one.published),
                   grouped(one.kept_bytes / 1024)});
  }
  return table({"topic", "partitions", "published", "kept KiB"}, all);
}

std::string age_text(const std::optional<duration>& age) {
  if (!age) return "-";
  return grouped(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(*age).count()));
}

std::string subscriptions_of(const node_status& seen) {
  rows all;
  for (const auto& one : seen.subscriptions) {
    std::string mark = one.paused ? "paused" : "";
    if (one.behind.halted) mark = "HALTED " + one_line(one.halted);
    all.push_back({one.subscription, one.topic,
                   grouped(one.counts.accounted() - one.counts.in_flight),
                   grouped(one.counts.in_flight), age_text(one.behind.oldest_age),
                   grouped(one.counts.expired), grouped(one.counts.dropped_total()),
                   grouped(one.counts.dead_lettered), std::move(mark)});
  }
  return table(
      {"subscription", "topic", "settled", "lag", "oldest s", "expired", "dropped", "dead", ""},
      all);
}

std::string subscribers_of(const node_status& seen) {
  rows all;
  for (const auto& [name, counts] : seen.subscribers) {
    all.push_back({name, grouped(counts.retries), grouped(counts.restarts),
                   counts.breaker ? std::string{to_string(*counts.breaker)} : "-",
                   grouped(counts.breaker_openings), grouped(counts.held_partitions)});
  }
  return table({"subscriber", "retries", "restarts", "breaker", "openings", "held"}, all);
}

std::string bulkheads_of(const node_status& seen) {
  rows all;
  for (const auto& [name, counts] : seen.bulkheads) {
    all.push_back({name, grouped(counts.at_most), grouped(counts.in_progress),
                   grouped(counts.waiting)});
  }
  return table({"bulkhead", "at most", "in progress", "waiting"}, all);
}

result<void> show_status(const settings& chosen, std::ostream& out, const interrupt&) {
  auto given = actors::ask_node(*chosen.text("data"), {.path = "/status"});
  if (!given) return fail(std::move(given.error()));
  const auto json = observe::body_of(std::move(*given));
  if (!json) return fail(json.error());
  if (chosen.flag("json")) {
    out << *json << '\n';
    return {};
  }
  const auto seen = read_status(*json);
  if (!seen) return fail(seen.error());
  out << "at " << to_string(seen->at) << "\n\n" << topics_of(*seen);
  if (!seen->subscriptions.empty()) out << '\n' << subscriptions_of(*seen);
  if (!seen->subscribers.empty()) out << '\n' << subscribers_of(*seen);
  if (!seen->bulkheads.empty()) out << '\n' << bulkheads_of(*seen);
  return {};
}

}  // namespace

tool status_tool() {
  return {"status",
          "how the node that runs on a data directory is doing",
          {},
          {{"data", "the data directory", text{.name = "DIR"}},
           {"json", "one JSON object", flag{}}},
          {"data"},
          &show_status};
}

}  // namespace weir::cli
