// SPDX-License-Identifier: BSD-3-Clause
// `tail`: the events of a topic, the oldest first over its partitions, and those that come.
#include <poll.h>

#include <algorithm>
#include <charconv>

#include "weir/actors/cli/event_text.hpp"
#include "weir/actors/cli/tool.hpp"
#include "weir/runtime/codec/rfc3339.hpp"
#include "weir/runtime/store/log_cursor.hpp"
#include "weir/runtime/store/rocksdb_store.hpp"
#include "weir/runtime/store/survey.hpp"

namespace weir::cli {
namespace {

using logs = std::map<std::uint32_t, store::log_ends>;

constexpr std::uint64_t newest_shown = 10;
/// How often a directory is looked at again for what came.
constexpr int look_every_ms = 200;

/// Where to begin: an offset, so many before the end, or a time.
struct beginning {
  enum class kind : std::uint8_t { offset, before_end, time } what = kind::before_end;
  std::uint64_t number = newest_shown;
  timestamp time{};

  std::uint64_t offset_in(const store::log_ends& log) const {
    switch (what) {
      case kind::offset: return std::max(number, log.first);
      case kind::before_end: return log.end - std::min(number, log.end - log.first);
      case kind::time: break;
    }
    return log.first;
  }
};

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

result<beginning> beginning_of(const std::string& text) {
  using kind = beginning::kind;
  if (text == "earliest") return beginning{kind::offset, 0};
  if (text == "latest") return beginning{kind::before_end, 0};
  if (const auto number = number_of(text)) return beginning{kind::offset, *number};
  if (text.starts_with('-')) {
    if (const auto number = number_of(std::string_view{text}.substr(1))) {
      return beginning{kind::before_end, *number};
    }
  }
  if (const auto time = codec::internal::parse_time(text)) {
    if (const auto since = codec::internal::join<duration>(*time)) {
      return beginning{kind::time, 0, timestamp{*since}};
    }
  }
  return fail(errc::invalid_argument, "--from: '" + text +
                                          "' is not earliest, latest, an offset, -N or a time "
                                          "such as 2026-11-27T08:00:00Z");
}

struct filter {
  std::string field;  // key or type; empty: everything passes
  std::string value;

  bool passes(const codec::stored_event& event, const codec::stored_type& type) const {
    if (field == "key") return event.key == value;
    if (field == "type") return type.name == value || codec::to_string(type) == value;
    return true;
  }
};

result<filter> filter_of(const std::string& text) {
  const auto equals = text.find('=');
  const auto field = text.substr(0, equals);
  if (equals == std::string::npos || (field != "key" && field != "type")) {
    return fail(errc::invalid_argument, "--filter: '" + text + "' is not key=KEY or type=TYPE");
  }
  return filter{field, text.substr(equals + 1)};
}

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
    not_before_ = from.what == beginning::kind::time ? from.time : timestamp::min();
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
    const found_event found{topic_, from.cursor.partition(), from.next, type,
                            from.cursor.format()};
    out_ << (json_ ? cloud_event_of(found) : text_of(found)) << '\n';
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
  filter wanted;
  if (const auto given = chosen.text("filter")) {
    auto found = filter_of(*given);
    if (!found) return fail(std::move(found.error()));
    wanted = std::move(*found);
  }
  auto where = look(directory);
  if (!where) return fail(std::move(where.error()));
  const auto found = store::ends_of(**where, topic);
  if (!found) return fail(found.error());
  if (found->empty() && !follow) {
    return fail(errc::not_found, directory + ": no events of a topic " + topic);
  }
  tailing shown{topic, out, std::move(wanted), chosen.flag("json"),
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
