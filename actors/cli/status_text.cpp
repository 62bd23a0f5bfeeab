// SPDX-License-Identifier: BSD-3-Clause
// Tables, and the three escape sequences that every terminal since the VT100 knows.
#include "weir/actors/cli/status_text.hpp"

#include <algorithm>
#include <cstdio>

#include "weir/actors/cli/report.hpp"

namespace weir::cli {
namespace {

std::uint64_t ended(const observe::ledger& counts) {
  return counts.accounted() - counts.in_flight;
}

/// Of a count that grew from `before` to `now`.
std::string per_second(std::uint64_t before, std::uint64_t now, duration elapsed) {
  if (elapsed <= duration::zero() || now < before) return "0";
  const std::chrono::duration<double> seconds = elapsed;
  return grouped(static_cast<std::uint64_t>(static_cast<double>(now - before) / seconds.count()));
}

std::string seconds_text(const std::optional<duration>& age) {
  if (!age) return "-";
  const std::chrono::duration<double> seconds = *age;
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds.count());
  return text;
}

const topic_status* find(const node_status& in, const topic_status& like) {
  const auto found = std::find_if(in.topics.begin(), in.topics.end(),
                                  [&](const auto& one) { return one.topic == like.topic; });
  return found == in.topics.end() ? nullptr : &*found;
}

const subscription_status* find(const node_status& in, const subscription_status& like) {
  const auto& all = in.subscriptions;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) {
    return one.subscription == like.subscription && one.topic == like.topic;
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

std::string render(const node_status& previous, const node_status& current) {
  const auto elapsed = current.at - previous.at;
  std::vector<std::vector<std::string>> topics, subscriptions;
  for (const auto& one : current.topics) {
    const auto* before = find(previous, one);
    topics.push_back({one.topic, grouped(one.partitions), grouped(one.published),
                      per_second(before == nullptr ? 0 : before->published, one.published, elapsed),
                      grouped(one.kept_bytes / 1024)});
  }
  for (const auto& one : current.subscriptions) {
    const auto* before = find(previous, one);
    const auto done = ended(one.counts);
    subscriptions.push_back(
        {one.subscription, one.topic,
         per_second(before == nullptr ? 0 : ended(before->counts), done, elapsed), grouped(done),
         grouped(one.counts.in_flight), grouped(one.behind.sent),
         seconds_text(one.behind.oldest_age), grouped(one.counts.expired),
         grouped(one.counts.dropped_total()), grouped(one.counts.dead_lettered),
         one.behind.halted ? "HALTED " + one_line(one.halted) : ""});
  }
  return table({"topic", "partitions", "published", "per second", "kept KiB"}, topics) + "\n" +
         table({"subscription", "topic", "per second", "settled", "lag", "sent", "oldest s",
                "expired", "dropped", "dead", ""},
               subscriptions);
}

std::string fit(const std::string& text, terminal_size size) {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  const auto room = std::max<std::size_t>(size.rows, 2) - 1;
  const auto shown = lines <= room ? lines : room - 1;
  std::string fitted;
  std::size_t line = 0, column = 0;
  for (const char letter : text) {
    if (line == shown) break;
    if (letter == '\n') {
      ++line;
      column = 0;
      fitted += letter;
      continue;
    }
    // A continuation byte of UTF-8 belongs to the character before it.
    if ((static_cast<unsigned char>(letter) & 0xC0U) != 0x80U) ++column;
    if (column <= size.columns) fitted += letter;
  }
  if (shown < lines) fitted += "  and " + std::to_string(lines - shown) + " more lines\n";
  return fitted;
}

std::string repaint(std::size_t lines_before, const std::string& text) {
  std::string painted = "\r";
  // Up, then clear to the end of the screen: what the last picture had more is gone.
  if (lines_before > 0) painted += "\x1b[" + std::to_string(lines_before) + "A";
  return painted + "\x1b[J" + text;
}

}  // namespace weir::cli
