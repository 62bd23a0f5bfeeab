// SPDX-License-Identifier: BSD-3-Clause
// `dead-letters`: what no handler could process: listed, shown, grouped by cause, exported; and
// discarded, edited or redriven. A node that runs on the directory is asked; without one the files
// are read and written.
#include <algorithm>
#include <iterator>
#include <utility>

#include "weir/actors/cli/letter_test.hpp"
#include "weir/actors/cli/letter_text.hpp"
#include "weir/actors/cli/tool.hpp"
#include "weir/actors/observe/control_client.hpp"
#include "weir/runtime/delivery/letter_event.hpp"
#include "weir/runtime/delivery/letter_query.hpp"
#include "weir/runtime/delivery/redrive.hpp"
#include "weir/runtime/store/rocksdb_store.hpp"
#include "weir/runtime/topic/name.hpp"

namespace weir::cli {
namespace {

using delivery::letter_filter;

/// What was given of these options, as text.
delivery::words words_of(const settings& chosen, std::span<const std::string_view> names) {
  delivery::words given;
  for (const auto name : names) {
    const auto found = chosen.own.find(name);
    if (found == chosen.own.end()) continue;
    const auto* number = std::get_if<std::uint64_t>(&found->second);
    const auto* text = std::get_if<std::string>(&found->second);
    given.emplace(name, number != nullptr ? std::to_string(*number)
                        : text != nullptr ? *text
                                          : "true");
  }
  return given;
}

/// There is nobody to ask: the files are what there is.
bool is_alone(const error& why) {
  return why.code == errc::not_found || why.code == errc::invalid_argument;
}

/// All that a running node has, page by page.
result<delivery::found_letters> ask_for_letters(const std::string& directory,
                                                delivery::words wanted) {
  delivery::found_letters all;
  for (;;) {
    auto given = actors::ask_node(directory, {.path = "/dead-letters/records", .query = wanted});
    if (!given) return fail(std::move(given.error()));
    const auto bytes = observe::body_of(std::move(*given));
    if (!bytes) return fail(bytes.error());
    auto page = delivery::read_bundle(*bytes);
    if (!page) return page;
    all.damaged = page->damaged;
    if (page->letters.empty()) return all;
    wanted["after"] = std::to_string(page->letters.back().number);
    std::move(page->letters.begin(), page->letters.end(), std::back_inserter(all.letters));
  }
}

/// Those of the node that runs there, or else those in the files.
result<delivery::found_letters> letters_of(const std::string& directory,
                                           const delivery::words& wanted, std::string& damage) {
  const auto filter = delivery::read_filter(wanted, "--");
  if (!filter) return fail(filter.error());
  auto asked = ask_for_letters(directory, wanted);
  // Who may not ask may be allowed to read.
  if (asked || !(is_alone(asked.error()) || asked.error().code == errc::io_failed)) return asked;
  const auto where = store::rocksdb_store::open_read_only(directory);
  if (!where) return fail(where.error());
  return delivery::find_letters(**where, *filter, [&](const std::string& one) { damage = one; });
}

/// What the node that runs there says to a word that writes; nothing if none runs.
result<std::optional<std::string>> ask_to(const std::string& what, const settings& chosen) {
  constexpr std::string_view options[] = {"into",    "limit",   "dry-run", "rate",
                                          "keep-going", "payload", "note"};
  const delivery::letter_request wanted{words_of(chosen, delivery::filter_words()),
                                        words_of(chosen, options)};
  auto given = actors::ask_node(
      *chosen.text("data"),
      {.method = "POST", .path = "/dead-letters/" + what, .body = delivery::to_json(wanted)});
  if (!given && is_alone(given.error())) return std::optional<std::string>{};
  if (!given) return fail(std::move(given.error()));
  auto body = observe::body_of(std::move(*given));
  if (body) return std::optional{std::move(*body)};
  return fail(body.error().code,
              *chosen.text("data") + ": the running node says: " + body.error().message);
}

void print(const std::string& what, const std::vector<delivery::found_letter>& letters,
           bool json, std::ostream& out) {
  if (what == "group") {
    const auto groups = delivery::group_letters(letters);
    if (!json) {
      out << group_table(groups);
      return;
    }
    for (const auto& one : groups) out << delivery::json_of(one) << '\n';
  } else if (what == "list" && !json) {
    out << letter_table(letters);
  } else {
    for (const auto& one : letters) {
      out << (what == "show" && !json ? letter_story(one) : delivery::cloud_event_of(one) + '\n');
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
  for (const auto* name : {"rate", "keep-going"}) {
    if (chosen.own.contains(name)) {
      return fail(errc::invalid_argument,
                  std::string{"--"} + name + ": no node runs here that would handle them");
    }
  }
  if (into) {
    if (auto sound = topic::check_topic_name(*into); !sound) {
      return fail(errc::invalid_argument, "--into: " + sound.error().message);
    }
  }
  auto opened = store::rocksdb_store::open(*chosen.text("data"));
  if (!opened) return fail(std::move(opened.error()));
  delivery::redrive_request request{.which = filter, .into = into.value_or("")};
  if (const auto limit = chosen.number("limit")) request.limit = *limit;
  request.dry_run = chosen.flag("dry-run");
  const auto done = into ? delivery::redrive(**opened, request)
                         : delivery::park_letters(**opened, request);
  if (!done) return fail(done.error());
  out << done->redriven << " dead letters " << (request.dry_run ? "would be " : "");
  if (into) {
    out << "redriven into " << *into;
  } else {
    out << "parked: they are handled when a node with their subscription starts";
  }
  if (done->undecoded > 0) out << ", " << done->undecoded << " are no JSON and stay";
  out << '\n';
  return {};
}

result<void> edit(const settings& chosen, std::ostream& out) {
  const auto directory = *chosen.text("data");
  auto opened = store::rocksdb_store::open(directory);
  if (!opened) return fail(std::move(opened.error()));
  const auto number = *chosen.number("number");
  auto done = delivery::edit_letter(**opened, number, *chosen.text("payload"),
                                    *chosen.text("note"), machine_clock().now());
  if (!done && done.error().code == errc::unknown_event_type) {
    return fail(errc::unknown_event_type,
                done.error().message + "; use the program that handles such events");
  }
  if (!done) return done;
  out << "dead letter " << number << " edited\n";
  return {};
}

result<void> print_test(const settings& chosen,
                        const std::vector<delivery::found_letter>& letters, std::ostream& out) {
  for (const auto* name : {"number", "include", "event", "handler"}) {
    if (!chosen.own.contains(name)) {
      return fail(errc::invalid_argument, std::string{"dead-letters test needs --"} + name);
    }
  }
  const auto& letter = letters.front().letter;
  // Beside a node that runs, as of its last flush.
  auto where = store::rocksdb_store::open_read_only(*chosen.text("data"));
  if (!where) return fail(std::move(where.error()));
  const delivery::state_place place{std::move(*where), letter.subscription, letter.topic,
                                    letter.partition};
  const auto states = delivery::states_for_key(place, letter.key);
  if (!states) return fail(states.error());
  const auto source =
      test_of(letters.front(),
              {*chosen.text("include"), *chosen.text("event"), *chosen.text("handler")}, *states);
  if (!source) return fail(source.error());
  out << *source;
  return {};
}

result<void> write(const std::string& what, const settings& chosen, std::ostream& out) {
  const auto filter = delivery::read_filter(words_of(chosen, delivery::filter_words()), "--");
  if (!filter) return fail(filter.error());
  for (const auto* name : {"number", "payload", "note"}) {
    if (what == "edit" && !chosen.own.contains(name)) {
      return fail(errc::invalid_argument, std::string{"dead-letters edit needs --"} + name);
    }
  }
  auto told = ask_to(what, chosen);
  if (!told) return fail(std::move(told.error()));
  if (*told) {
    out << **told << '\n';
    return {};
  }
  const auto directory = *chosen.text("data");
  // Opening it to write would make one.
  if (const auto there = store::rocksdb_store::open_read_only(directory); !there) {
    return fail(there.error());
  }
  if (what == "redrive") return redrive(chosen, *filter, out);
  if (what == "discard") return discard(directory, *filter, out);
  return edit(chosen, out);
}

result<void> read(const std::string& what, const settings& chosen, std::ostream& out) {
  const auto directory = *chosen.text("data");
  std::string damage;
  const auto wanted = words_of(chosen, delivery::filter_words());
  const auto found = letters_of(directory, wanted, damage);
  if (!found) return fail(found.error());
  if (found->letters.empty() && wanted.contains("number")) {
    return fail(errc::not_found, directory + ": no such dead letter");
  }
  if (what == "test") {
    if (auto done = print_test(chosen, found->letters, out); !done) return done;
  } else {
    print(what, found->letters, chosen.flag("json"), out);
  }
  if (found->damaged == 0) return {};
  return fail(errc::store_corrupt,
              std::to_string(found->damaged) + " dead letters cannot be read" +
                  (damage.empty() ? ": verify names them" : "; one of them: " + damage));
}

result<void> dead_letters(const settings& chosen, std::ostream& out, const interrupt&) {
  const auto what = *chosen.text("WHAT");
  const auto is_one_of = [&](std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), what) != words.end();
  };
  if (is_one_of({"list", "show", "group", "export", "test"})) return read(what, chosen, out);
  if (is_one_of({"discard", "edit", "redrive"})) return write(what, chosen, out);
  return fail(errc::invalid_argument, "dead-letters " + what +
                                          ": the words are list, show, group, export, test, "
                                          "discard, edit, redrive");
}

}  // namespace

tool dead_letters_tool() {
  return {"dead-letters",
          "what no handler could process: list, show, group, export, test, discard, edit, redrive",
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
           {"into", "redrive: a topic that gets the events, not their subscription",
            text{.name = "TOPIC"}},
           {"limit", "redrive: at most so many, the oldest first", number{.least = 1}},
           {"rate", "redrive on a node that runs: at most so many a second",
            number{.least = 1, .most = 1'000'000}},
           {"keep-going", "redrive on a node that runs: also when a failure repeats", flag{}},
           {"dry-run", "redrive: only says what would be done", flag{}},
           {"payload", "edit: what the event holds from now on", text{.name = "JSON"}},
           {"note", "edit: who, and why", text{.name = "TEXT"}},
           {"include", "test: the header of event and handler", text{.name = "FILE"}},
           {"event", "test: the C++ type of the event", text{.name = "TYPE"}},
           {"handler", "test: what is given to subscribe", text{.name = "HANDLER"}},
           {"json", "list and show as CloudEvents, group as one object a line", flag{}}},
          {"data"},
          &dead_letters};
}

}  // namespace weir::cli
