// SPDX-License-Identifier: BSD-3-Clause
// Rows and stories. What letters quote comes from outside: control characters are not
// printed.
#include "weir/actors/cli/letter_text.hpp"

#include "weir/actors/cli/report.hpp"

namespace weir::cli {
namespace {

using delivery::dead_letter;
using delivery::found_letter;

std::string type_of(const dead_letter& letter) {
  return letter.type_name + "@" + std::to_string(letter.type_version);
}

std::string place_of(const dead_letter& letter) {
  return letter.topic + "/" + std::to_string(letter.partition) + " @" +
         std::to_string(letter.offset);
}

void add_chain(std::string& story, const error& failure, const char* indent) {
  story += indent + std::string{to_string(failure.code)} + ": " + one_line(failure.message) + '\n';
  for (const auto& cause : failure.causes) {
    story += indent + std::string{"  caused by "} + one_line(cause.type) + ": " +
             one_line(cause.message) + '\n';
  }
}

}  // namespace

std::string letter_table(const std::vector<found_letter>& letters) {
  if (letters.empty()) return "no dead letters\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& [number, key, letter] : letters) {
    rows.push_back({std::to_string(number), to_string(letter.died_at), letter.subscription,
                    place_of(letter), type_of(letter),
                    letter.key.empty() ? "-" : one_line(letter.key),
                    std::string{to_string(letter.state)}, one_line(to_string(letter.failure))});
  }
  return table({"number", "died", "subscription", "event at", "type", "key", "state", "why"}, rows);
}

std::string group_table(const std::vector<delivery::letter_group>& groups) {
  if (groups.empty()) return "no dead letters\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& group : groups) {
    const auto& newest = group.newest;
    rows.push_back({grouped(group.letters), group.fingerprint, to_string(group.first_died),
                    to_string(group.last_died), newest.subscription, type_of(newest),
                    one_line(to_string(newest.failure))});
  }
  return table({"letters", "fingerprint", "first", "last", "subscription", "type",
                "why (the newest)"},
               rows);
}

std::string letter_story(const found_letter& one) {
  const auto& letter = one.letter;
  std::string story = "dead letter " + std::to_string(one.number) + ", " +
                      std::string{to_string(letter.state)} + '\n';
  const auto line = [&](const char* name, const std::string& value) {
    story += "  " + std::string{name} + std::string(16 - std::string_view{name}.size(), ' ') +
             one_line(value) + '\n';
  };
  line("subscription", letter.subscription);
  line("event at", place_of(letter));
  line("type", type_of(letter));
  line("key", letter.key.empty() ? "-" : letter.key);
  line("id", to_string(letter.id));
  line("correlation", to_string(letter.correlation_id));
  if (letter.causation_id) line("causation", to_string(letter.causation_id));
  line("published", to_string(letter.published_at));
  line("died", to_string(letter.died_at));
  line("fingerprint", letter.fingerprint());
  line("deliveries", std::to_string(letter.delivery_count));
  line("attempts", std::to_string(letter.attempt_count));
  if (letter.redeliveries > 0) line("delivered later", std::to_string(letter.redeliveries));
  if (letter.state == delivery::letter_state::parked) {
    line("waits",
         letter.due == timestamp{} ? "for those before it" : "until " + to_string(letter.due));
  }
  story += "  failure\n";
  add_chain(story, letter.failure, "    ");
  for (const auto& attempt : letter.attempts) {
    story += "  attempt at " + to_string(attempt.time) + '\n';
    add_chain(story, attempt.failure, "    ");
  }
  for (const auto& edit : letter.edits) {
    story += "  edited at " + to_string(edit.time) + ": " + one_line(edit.note) + "\n    before: " +
             one_line(edit.payload_before) + '\n';
  }
  story += "  payload\n    ";
  story += has_json(letter) ? letter.payload
                                   : std::to_string(letter.payload.size()) +
                                         " bytes that are no JSON: export shows them";
  return story + '\n';
}

}  // namespace weir::cli
