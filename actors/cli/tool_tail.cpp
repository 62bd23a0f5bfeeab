// SPDX-License-Identifier: BSD-3-Clause
// `tail`: the events of a topic, the oldest first over its partitions, and those that come.
#include <poll.h>

#include <algorithm>

#include "weir/actors/cli/event_choice.hpp"
#include "weir/runtime/observe/event_text.hpp"
#include "weir/actors/cli/tool.hpp"
#include "weir/runtime/store/log_cursor.hpp"
#include "weir/runtime/store/rocksdb_store.hpp"
#include "weir/runtime/store/survey.hpp"

namespace weir::cli {
namespace {

using logs = std::map<std::uint32_t, store::log_ends>;

/// How often a directory is looked at again for what came.
constexpr int look_every_ms = 200;

/// One partition, with the event that comes next.
struct source {
  store::log_cursor cursor;
  codec::stored_event next{};
  bool there = false;

  result<void> advance() {
    auto more = cursor.next(next);
    if (!more) return fail(std::move(more.error()));
    there = *more;
    return {};
  }
};

class tailing {
 public:
  tailing(std::string topic, std::ostream& out, filter wanted, bool json, std::uint64_t limit)
      : topic_(std::move(topic)),
        out_(out),
        wanted_(std::move(wanted)),
        json_(json),
        left_(limit) {}

  void begin(const std::shared_ptr<const store::store>& where, const logs& found,
             const beginning& from) {
    not_before_ = from.not_before();
    for (const auto& [partition, log] : found) add(where, partition, from.offset_in(log));
  }
  /// Everything that is there now; what is of a partition that was not there begins with it.
  result<void> print(const std::shared_ptr<const store::store>& where, const interrupt& stop) {
    for (auto& one : sources_) {
      one.cursor.look_in(where);
      if (one.there) continue;
      if (auto found = one.advance(); !found) return found;
    }
    while (left_ > 0 && out_ && !stop.requested()) {
      source* oldest = nullptr;
      for (auto& one : sources_) {
        if (one.there && (oldest == nullptr || one.next.time < oldest->next.time)) oldest = &one;
      }
      if (oldest == nullptr) break;
      show(*oldest);
      if (auto found = oldest->advance(); !found) return found;
    }
    out_.flush();
    return {};
  }
  void look_for_partitions(const std::shared_ptr<const store::store>& where, const logs& found) {
    for (const auto& [partition, log] : found) {
      const bool known = std::any_of(
          sources_.begin(), sources_.end(),
          [number = partition](const source& one) { return one.cursor.partition() == number; });
      if (!known) add(where, partition, log.first);
    }
  }
  bool done() const { return left_ == 0 || !out_; }

 private:
  void add(const std::shared_ptr<const store::store>& where, std::uint32_t partition,
           std::uint64_t from) {
    sources_.push_back({store::log_cursor{where, topic_, partition, from}});
  }
  void show(const source& from) {
    const auto& type = from.cursor.type_of(from.next);
    if (from.next.time < not_before_ || !wanted_.passes(from.next, type)) return;
    const observe::found_event found{topic_, from.cursor.partition(), from.next, type,
                                     from.cursor.format()};
    out_ << (json_ ? observe::cloud_event_of(found) : observe::text_of(found)) << '\n';
    --left_;
  }

  std::string topic_;
  std::ostream& out_;
  filter wanted_;
  bool json_;
  std::uint64_t left_;
  timestamp not_before_{};
  std::vector<source> sources_;
};

result<std::shared_ptr<const store::store>> look(const std::string& directory) {
  auto opened = store::rocksdb_store::open_read_only(directory);
  if (!opened) return fail(std::move(opened.error()));
  return std::shared_ptr<const store::store>{std::move(*opened)};
}

result<void> tail(const settings& chosen, std::ostream& out, const interrupt& stop) {
  const auto directory = *chosen.text("data");
  const auto topic = *chosen.text("TOPIC");
  const bool follow = chosen.flag("follow");
  const auto from = beginning_of(chosen.text("from").value_or("-10"));
  if (!from) return fail(from.error());
  auto wanted = filter_of(chosen.text("filter").value_or(""));
  if (!wanted) return fail(std::move(wanted.error()));
  auto where = look(directory);
  if (!where) return fail(std::move(where.error()));
  const auto found = store::ends_of(**where, topic);
  if (!found) return fail(found.error());
  if (found->empty() && !follow) {
    return fail(errc::not_found, directory + ": no events of a topic " + topic);
  }
  tailing shown{topic, out, std::move(*wanted), chosen.flag("json"),
                chosen.number("limit").value_or(~std::uint64_t{0})};
  shown.begin(*where, *found, *from);
  for (;;) {
    if (auto printed = shown.print(*where, stop); !printed) return printed;
    if (!follow || shown.done() || stop.requested()) return {};
    // A signal ends it early.
    poll(nullptr, 0, look_every_ms);
    where = look(directory);
    if (!where) return fail(std::move(where.error()));
    const auto now = store::ends_of(**where, topic);
    if (!now) return fail(now.error());
    shown.look_for_partitions(*where, *now);
  }
}

}  // namespace

tool tail_tool() {
  return {"tail",
          "the events of a topic, one a line",
          {"TOPIC"},
          {{"data", "the data directory", text{.name = "DIR"}},
           {"from", "earliest, latest, an offset, -N (the newest N of each partition) or a time",
            text{.name = "WHERE", .standard = "-10"}},
           {"follow", "goes on with what comes, until Ctrl-C", flag{}},
           {"filter", "only these: key=KEY or type=TYPE", text{.name = "FILTER"}},
           {"limit", "ends after so many", number{.least = 1}},
           {"json", "as CloudEvents", flag{}}},
          {"data"},
          &tail};
}

}  // namespace weir::cli
