// SPDX-License-Identifier: BSD-3-Clause
// `replay`: the events of a topic again, as events of another. It writes, so no node may run there.
#include "weir/actors/cli/event_choice.hpp"
#include "weir/actors/cli/tool.hpp"
#include "weir/runtime/store/replay.hpp"
#include "weir/runtime/store/rocksdb_store.hpp"
#include "weir/runtime/topic/name.hpp"

namespace weir::cli {
namespace {

/// Opened to write only where there is a store: opening would make one.
result<std::shared_ptr<store::store>> open(const std::string& directory) {
  if (auto there = store::rocksdb_store::open_read_only(directory); !there) {
    return fail(std::move(there.error()));
  }
  auto opened = store::rocksdb_store::open(directory);
  if (!opened) return fail(std::move(opened.error()));
  return std::shared_ptr<store::store>{std::move(*opened)};
}

result<void> replay(const settings& chosen, std::ostream& out, const interrupt& stop) {
  const auto from = beginning_of(chosen.text("from").value_or("earliest"));
  if (!from) return fail(from.error());
  const auto wanted = filter_of(chosen.text("filter").value_or(""));
  if (!wanted) return fail(wanted.error());
  const auto into = *chosen.text("into");
  if (auto sound = topic::check_topic_name(into); !sound) {
    return fail(errc::invalid_argument, "--into: " + sound.error().message);
  }
  const auto where = open(*chosen.text("data"));
  if (!where) return fail(where.error());
  const store::replay_request request{
      .topic = *chosen.text("TOPIC"),
      .into = into,
      .from = [&](const store::log_ends& log) { return from->offset_in(log); },
      .wanted =
          [&](const codec::stored_event& event, const codec::stored_type& type) {
            return event.time >= from->not_before() && wanted->passes(event, type);
          },
      .resume = chosen.flag("resume"),
      .stop = [&] { return stop.requested(); }};
  const auto done = store::replay(*where, request);
  if (!done) return fail(done.error());
  out << request.topic << " -> " << into << ": " << done->replayed << " events replayed, "
      << done->left_out << " left out, " << done->partitions << " partitions\n";
  if (!done->interrupted) return {};
  return fail(errc::cancelled, "interrupted: --resume goes on with it");
}

}  // namespace

tool replay_tool() {
  return {"replay",
          "the events of a topic again, as events of another; of a node that is stopped",
          {"TOPIC"},
          {{"data", "the data directory", text{.name = "DIR"}},
           {"into", "the topic that gets them", text{.name = "TOPIC"}},
           {"from", "earliest, latest, an offset, -N (the newest N of each partition) or a time",
            text{.name = "WHERE", .standard = "earliest"}},
           {"filter", "only these: key=KEY or type=TYPE", text{.name = "FILTER"}},
           {"resume", "goes on with one that was interrupted", flag{}}},
          {"data", "into"},
          &replay};
}

}  // namespace weir::cli
