// SPDX-License-Identifier: BSD-3-Clause
// Rows, stories and objects. What letters quote comes from outside: control characters are not
// printed.
#include "weir/actors/cli/letter_text.hpp"

#include "weir/actors/cli/event_text.hpp"
#include "weir/actors/cli/report.hpp"
#include "weir/runtime/codec/json_writer.hpp"

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

std::string quoted(const std::string& text) { return codec::to_json(text); }

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
  story += "  failure\n";
  add_chain(story, letter.failure, "    ");
  for (const auto& attempt : letter.attempts) {
    story += "  attempt at " + to_string(attempt.time) + '\n';
    add_chain(story, attempt.failure, "    ");
  }
  story += "  payload\n    ";
  story += has_json(letter) ? letter.payload
                                   : std::to_string(letter.payload.size()) +
                                         " bytes that are no JSON: export shows them";
  return story + '\n';
}

std::string cloud_event_of(const found_letter& one) {
  const auto& letter = one.letter;
  codec::stored_event event;
  event.offset = letter.offset;
  event.id = letter.id;
  event.time = letter.published_at;
  event.key = letter.key;
  event.payload = letter.payload;
  event.origin = lineage{letter.correlation_id, letter.causation_id};
  const codec::stored_type type{letter.type_name, letter.type_version, 0};
  const auto format = has_json(letter) ? payload_format::json : payload_format::binary;
  auto line = cloud_event_of(found_event{letter.topic, letter.partition, event, type, format});
  line.pop_back();
  line += R"(,"deadletternumber":)" + quoted(std::to_string(one.number)) +
          R"(,"deadletterstate":)" + quoted(std::string{to_string(letter.state)}) +
          R"(,"deadlettersubscription":)" + quoted(letter.subscription) +
          R"(,"deadlettertime":)" + quoted(to_string(letter.died_at)) +
          R"(,"deadlettercode":)" + quoted(std::string{to_string(letter.failure.code)}) +
          R"(,"deadletterreason":)" + quoted(to_string(letter.failure)) +
          R"(,"deadletterfingerprint":)" + quoted(letter.fingerprint()) +
          R"(,"deadletterattempts":)" + std::to_string(letter.attempt_count) +
          R"(,"deadletterdeliveries":)" + std::to_string(letter.delivery_count);
  return line + '}';
}

std::string json_of(const delivery::letter_group& group) {
  const auto& newest = group.newest;
  return R"({"fingerprint":)" + quoted(group.fingerprint) + R"(,"letters":)" +
         std::to_string(group.letters) + R"(,"first":)" + quoted(to_string(group.first_died)) +
         R"(,"last":)" + quoted(to_string(group.last_died)) + R"(,"newest":)" +
         quoted(std::to_string(group.newest_number)) + R"(,"subscription":)" +
         quoted(newest.subscription) + R"(,"type":)" + quoted(type_of(newest)) + R"(,"code":)" +
         quoted(std::string{to_string(newest.failure.code)}) + R"(,"reason":)" +
         quoted(to_string(newest.failure)) + '}';
}

}  // namespace weir::cli
