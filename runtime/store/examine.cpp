// SPDX-License-Identifier: BSD-3-Clause
// Table by table.
#include "weir/runtime/store/examine.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "weir/runtime/codec/batch_record.hpp"
#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/salvage.hpp"
#include "weir/runtime/store/survey.hpp"

namespace weir::store {
namespace {

class examination {
 public:
  examination(const store& where, const std::function<void(const std::string&)>& damaged)
      : where_(where), damaged_(damaged) {}

  result<examined> all() {
    for (const auto which : all_tables) {
      auto seen = salvage(
          where_, which, {}, {},
          [&](std::string_view key, std::string_view value) {
            ++found_.records;
            look(which, key, value);
          },
          [&](const std::string& what) { report(what); });
      if (!seen) return fail(std::move(seen.error()));
      if (which == table::log) look_for_gaps();
    }
    return found_;
  }

 private:
  struct range {
    std::uint64_t first;
    std::uint64_t end;
  };

  void report(const std::string& what) {
    ++found_.damages;
    damaged_(what);
  }
  static std::string text(const partition_name& name) {
    return name.first + "/" + std::to_string(name.second);
  }

  void look(table which, std::string_view key, std::string_view value) {
    key_reader read{key};
    bool sound = true;
    switch (which) {
      case table::log: return look_at_record(key, value);
      case table::positions: return look_at_position(key, value);
      case table::timers:
      case table::inbox:
        read.text();
        read.u64();
        sound = read.done();
        break;
      case table::meta: sound = is_meta(read, value); break;
      case table::state:
        read.text();
        read.text();
        read.u32();
        read.text();
        sound = read.ok();
        break;
      case table::outbox:
      case table::dead_letters: break;
    }
    if (!sound) report(no_record(which, key));
  }

  /// How far a producer or a replay has come, or that a subscription yields.
  static bool is_meta(key_reader& read, std::string_view value) {
    const auto kind = read.text();
    read.text();
    if (kind == "replays") read.text();
    read.u32();
    if (kind != "replays") read.text();
    return read.done() && value.size() == (kind == "yielding" ? 0 : sizeof(std::uint64_t));
  }

  static std::string no_record(table which, std::string_view key) {
    return std::string{to_string(which)} + ": " + printable(key) + " is no record of this table";
  }

  void look_at_record(std::string_view key, std::string_view value) {
    key_reader read{key};
    auto topic = read.text();
    const auto partition = read.u32();
    const auto offset = read.u64();
    if (!read.done()) return report(no_record(table::log, key));
    const partition_name name{std::move(topic), partition};
    const auto wrong = [&](const std::string& why) {
      report(text(name) + ": the record of offset " + std::to_string(offset) + ": " + why);
    };
    codec::record_walker walker;
    if (auto opened = walker.open(value); !opened) return wrong(to_string(opened.error()));
    if (walker.header().first_offset != offset) return wrong("another lies in its place");
    logs_[name].push_back({offset, walker.header().end_offset()});
    codec::stored_event event;
    for (;;) {
      auto more = walker.next(event);
      if (!more) return wrong(to_string(more.error()));
      if (!*more) return;
      ++found_.events;
    }
  }

  void look_for_gaps() {
    for (auto& [name, ranges] : logs_) {
      std::sort(ranges.begin(), ranges.end(),
                [](const range& a, const range& b) { return a.first < b.first; });
      for (std::size_t i = 1; i < ranges.size(); ++i) {
        const auto end = ranges[i - 1].end;
        const auto next = ranges[i].first;
        if (next == end) continue;
        report(text(name) + ": " +
               (next > end ? "offsets " + std::to_string(end) + " to " + std::to_string(next - 1) +
                                 " are missing"
                           : "offset " + std::to_string(next) + " is there twice"));
      }
    }
  }

  void look_at_position(std::string_view key, std::string_view value) {
    key_reader read{key};
    const auto subscription = read.text();
    auto topic = read.text();
    const partition_name name{std::move(topic), read.u32()};
    key_reader number{value};
    const auto settled = number.u64();
    if (!read.done() || !number.done()) return report(no_record(table::positions, key));
    const auto log = logs_.find(name);
    const auto end = log == logs_.end() ? 0 : log->second.back().end;
    if (settled <= end) return;
    report(subscription + " has settled up to offset " + std::to_string(settled) + " of " +
           text(name) + ", which ends at " + std::to_string(end));
  }

  const store& where_;
  const std::function<void(const std::string&)>& damaged_;
  std::map<partition_name, std::vector<range>> logs_;
  examined found_;
};

}  // namespace

result<examined> examine(const store& where,
                         const std::function<void(const std::string&)>& damaged) {
  return examination{where, damaged}.all();
}

}  // namespace weir::store
