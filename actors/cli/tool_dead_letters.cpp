// SPDX-License-Identifier: BSD-3-Clause
// `dead-letters`: what no handler could process: listed, shown, grouped by cause, exported; and
// discarded or redriven, which write and so want the node stopped.
#include <algorithm>
#include <utility>

#include "weir/actors/cli/event_choice.hpp"
#include "weir/actors/cli/letter_test.hpp"
#include "weir/actors/cli/letter_text.hpp"
#include "weir/actors/cli/tool.hpp"
#include "weir/runtime/delivery/redrive.hpp"
#include "weir/runtime/store/rocksdb_store.hpp"
#include "weir/runtime/topic/name.hpp"

namespace weir::cli {
namespace {

using delivery::letter_filter;
using delivery::letter_state;

result<void> take_times(const settings& chosen, letter_filter& filter) {
  for (const auto& [name, to] : {std::pair{"since", &filter.since}, {"until", &filter.until}}) {
    const auto given = chosen.text(name);
    if (!given) continue;
    auto time = time_of(std::string{"--"} + name, *given);
    if (!time) return fail(std::move(time.error()));
    *to = *time;
  }
  return {};
}

result<letter_filter> filter_of_letters(const settings& chosen) {
  letter_filter filter{.number = chosen.number("number"),
                       .topic = chosen.text("topic"),
                       .subscription = chosen.text("subscription"),
                       .type = chosen.text("type"),
                       .failure = chosen.text("error"),
                       .key = chosen.text("key"),
                       .fingerprint = chosen.text("fingerprint")};
  if (const auto state = chosen.text("state")) {
    for (const auto one : {letter_state::dead, letter_state::parked, letter_state::redriven,
                           letter_state::discarded}) {
      if (to_string(one) == *state) filter.state = one;
    }
  }
  if (auto taken = take_times(chosen, filter); !taken) return fail(std::move(taken.error()));
  return filter;
}

void print(const std::string& what, const std::vector<delivery::found_letter>& letters,
           bool json, std::ostream& out) {
  if (what == "group") {
    const auto groups = delivery::group_letters(letters);
    if (!json) {
      out << group_table(groups);
      return;
    }
    for (const auto& one : groups) out << json_of(one) << '\n';
  } else if (what == "list" && !json) {
    out << letter_table(letters);
  } else {
    for (const auto& one : letters) {
      out << (what == "show" && !json ? letter_story(one) : cloud_event_of(one) + '\n');
    }
  }
}

result<void> discard(const std::string& directory, const letter_filter& filter,
                     std::ostream& out) {
  auto opened = store::rocksdb_store::open(directory);
  if (!opened) return fail(std::move(opened.error()));
  const auto discarded = delivery::discard_letters(**opened, filter);
  if (!discarded) return fail(discarded.error());
  out << *discarded << " dead letters discarded\n";
  return {};
}

result<void> redrive(const settings& chosen, const letter_filter& filter, std::ostream& out) {
  const auto into = chosen.text("into");
  if (!into) {
    return fail(errc::invalid_argument,
                "dead-letters redrive needs --into, a topic for the events");
  }
  if (auto sound = topic::check_topic_name(*into); !sound) {
    return fail(errc::invalid_argument, "--into: " + sound.error().message);
  }
  auto opened = store::rocksdb_store::open(*chosen.text("data"));
  if (!opened) return fail(std::move(opened.error()));
  delivery::redrive_request request{.which = filter, .into = *into};
  if (const auto limit = chosen.number("limit")) request.limit = *limit;
  request.dry_run = chosen.flag("dry-run");
  const auto done = delivery::redrive(**opened, request);
  if (!done) return fail(done.error());
  out << done->redriven << " dead letters " << (request.dry_run ? "would be " : "")
      << "redriven into " << *into;
  if (done->undecoded > 0) out << ", " << done->undecoded << " are no JSON and stay";
  out << '\n';
  return {};
}

result<void> print_test(const settings& chosen,
                        const std::vector<delivery::found_letter>& letters, std::ostream& out) {
  for (const auto* name : {"number", "include", "event", "handler"}) {
    if (!chosen.own.contains(name)) {
      return fail(errc::invalid_argument, std::string{"dead-letters test needs --"} + name);
    }
  }
  const auto source =
      test_of(letters.front(),
              {*chosen.text("include"), *chosen.text("event"), *chosen.text("handler")});
  if (!source) return fail(source.error());
  out << *source;
  return {};
}

result<void> dead_letters(const settings& chosen, std::ostream& out, const interrupt&) {
  const auto what = *chosen.text("WHAT");
  const auto directory = *chosen.text("data");
  constexpr std::string_view words[] = {"list", "show",    "group",  "export",
                                        "test", "discard", "redrive"};
  if (std::find(std::begin(words), std::end(words), what) == std::end(words)) {
    return fail(errc::invalid_argument, "dead-letters " + what +
                                            ": the words are list, show, group, export, test, "
                                            "discard, redrive");
  }
  const auto filter = filter_of_letters(chosen);
  if (!filter) return fail(filter.error());
  const auto where = store::rocksdb_store::open_read_only(directory);
  if (!where) return fail(where.error());
  std::string damage;
  const auto found = delivery::find_letters(**where, *filter,
                                            [&](const std::string& one) { damage = one; });
  if (!found) return fail(found.error());
  if (found->letters.empty() && filter->number) {
    return fail(errc::not_found, directory + ": no such dead letter");
  }
  if (what == "test") {
    if (auto done = print_test(chosen, found->letters, out); !done) return done;
  } else if (what == "redrive") {
    if (auto done = redrive(chosen, *filter, out); !done) return done;
  } else if (what == "discard") {
    if (auto done = discard(directory, *filter, out); !done) return done;
  } else {
    print(what, found->letters, chosen.flag("json"), out);
  }
  if (found->damaged == 0) return {};
  return fail(errc::store_corrupt, std::to_string(found->damaged) +
                                       " dead letters cannot be read; one of them: " + damage);
}

}  // namespace

tool dead_letters_tool() {
  return {"dead-letters",
          "what no handler could process: list, show, group, export, test, discard or redrive",
          {"WHAT"},
          {{"data", "the data directory", text{.name = "DIR"}},
           {"number", "only this one", number{.least = 1}},
           {"topic", "only of this topic", text{.name = "TOPIC"}},
           {"subscription", "only of this subscription", text{.name = "NAME"}},
           {"type", "only events of this type, with @version or without", text{.name = "TYPE"}},
           {"error", "only failures with this code or exception type", text{.name = "NAME"}},
           {"key", "only events with this key", text{.name = "KEY"}},
           {"fingerprint", "only of this cause, as group shows it", text{.name = "HEX"}},
           {"state", "only in this state",
            text{.name = "STATE", .one_of = {"dead", "parked", "redriven", "discarded"}}},
           {"since", "only those that died at this time or later", text{.name = "TIME"}},
           {"until", "only those that died before this time", text{.name = "TIME"}},
           {"into", "redrive: the topic that gets the events", text{.name = "TOPIC"}},
           {"limit", "redrive: at most so many, the oldest first", number{.least = 1}},
           {"dry-run", "redrive: only says how many there are", flag{}},
           {"include", "test: the header of event and handler", text{.name = "FILE"}},
           {"event", "test: the C++ type of the event", text{.name = "TYPE"}},
           {"handler", "test: what is given to subscribe", text{.name = "HANDLER"}},
           {"json", "list and show as CloudEvents, group as one object a line", flag{}}},
          {"data"},
          &dead_letters};
}

}  // namespace weir::cli
