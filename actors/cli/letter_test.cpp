// SPDX-License-Identifier: BSD-3-Clause
// Text with holes. What letters quote comes from outside, so it is cut to one line, or quoted.
#include "weir/actors/cli/letter_test.hpp"

#include "weir/actors/cli/report.hpp"
#include "weir/runtime/codec/json_writer.hpp"
#include "weir/runtime/observe/event_text.hpp"

namespace weir::cli {
namespace {

/// A raw string literal; its delimiter is one that the text does not end.
std::string literal(const std::string& text) {
  std::string mark = "json";
  while (text.find(")" + mark + "\"") != std::string::npos) mark += "_";
  return "R\"" + mark + "(" + text + ")" + mark + "\"";
}

std::string quoted(const std::string& text) { return codec::to_json(text); }

std::string heading(const delivery::found_letter& one, const test_names& names, bool states) {
  const auto& letter = one.letter;
  const auto number = std::to_string(one.number);
  std::string source = "// Dead letter " + number + " of " + letter.subscription + ", event " +
                       to_string(letter.id) + ":\n//   " + one_line(to_string(letter.failure)) +
                       "\n";
  source += "#include <catch2/catch.hpp>\n\n";
  if (states) source += "#include <weir/actors/testkit/kept_states.hpp>\n";
  source += "#include <weir/actors/testkit/test_node.hpp>\n"
            "#include <weir/runtime/codec/json_reader.hpp>\n\n#include " +
            quoted(names.header) + "\n\n";
  return source + "TEST_CASE(" +
         quoted("dead letter " + number + " of " + letter.subscription + ": " +
                std::string{to_string(letter.failure.code)}) +
         ", \"[dead-letter]\") {\n";
}

/// The store that the handler's states are in.
std::string store_of(const delivery::dead_letter& letter,
                     const std::vector<delivery::kept_value>& values) {
  std::string source =
      "  // What it had kept for the event's key when this was written: name, key, value.\n"
      "  const auto store = weir::testkit::store_with(" +
      quoted(letter.subscription) + ", " + quoted(letter.topic) + ", {";
  for (const auto& one : values) {
    source += (&one == values.data() ? "\n      {" : ",\n      {") + quoted(one.name) + ", " +
              quoted(observe::hex_of(one.key)) + ", " + quoted(observe::hex_of(one.value)) + "}";
  }
  return source + "});\n";
}

/// When the last attempt was made; a letter of one that ended its subscriber has none.
timestamp failed_at(const delivery::dead_letter& letter) {
  return letter.attempts.empty() ? letter.died_at : letter.attempts.back().time;
}

}  // namespace

result<std::string> test_of(const delivery::found_letter& one, const test_names& names,
                            const delivery::state_snapshot& states) {
  const auto& letter = one.letter;
  if (!has_json(letter)) {
    return fail(errc::invalid_argument, "dead letter " + std::to_string(one.number) +
                                            ": its payload is no JSON, there is no event in it");
  }
  auto source = heading(one, names, states.keeps);
  source += "  auto event = weir::codec::from_json<" + names.event + ">(\n      " +
            literal(letter.payload) + ");\n  REQUIRE(event);\n";
  if (states.keeps) source += store_of(letter, states.values);
  // Its dice: see context::chance.
  const auto chance = delivery::chance_seed(letter.subscription, letter.id);
  source += std::string{"  weir::testkit::test_node kit{1, {"} +
            (states.keeps ? ".store = store, " : "") + ".event_chance = " +
            std::to_string(chance) + "U}};\n  auto topic = kit.node().topic(" +
            quoted(letter.topic) + (states.keeps ? ", {.durable = true}" : "") +
            ");\n  topic.carries<" + names.event + ">();\n";
  source += "  kit.node().subscribe(" + quoted(letter.subscription) + ", " +
            quoted(letter.topic) + ", " + names.handler + ")" +
            (states.keeps ? ".transactional()" : "") +
            ".retry(0);\n  REQUIRE(kit.node().start());\n";
  const auto at = failed_at(letter);
  source += "  // " + to_string(at) +
            ", when it failed.\n  kit.advance(weir::timestamp{weir::duration{" +
            std::to_string(at.time_since_epoch().count()) + "}} - kit.now());\n";
  source += "  REQUIRE(topic.publish(*std::move(event)" +
            (letter.key.empty() ? std::string{} : ", {.key = " + quoted(letter.key) + "}") +
            "));\n  REQUIRE(kit.drain().drained);\n";
  source += "  for (const auto& letter : kit.node().dead_letters()) {\n"
            "    FAIL(to_string(letter.failure));\n  }\n}\n";
  return source;
}

}  // namespace weir::cli
