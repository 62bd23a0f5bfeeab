// SPDX-License-Identifier: BSD-3-Clause
// Text with holes. What letters quote comes from outside, so it is cut to one line, or quoted.
#include "weir/actors/cli/letter_test.hpp"

#include "weir/actors/cli/report.hpp"
#include "weir/runtime/codec/json_writer.hpp"

namespace weir::cli {
namespace {

/// A raw string literal; its delimiter is one that the text does not end.
std::string literal(const std::string& text) {
  std::string mark = "json";
  while (text.find(")" + mark + "\"") != std::string::npos) mark += "_";
  return "R\"" + mark + "(" + text + ")" + mark + "\"";
}

}  // namespace

result<std::string> test_of(const delivery::found_letter& one, const test_names& names) {
  const auto& letter = one.letter;
  if (!has_json(letter)) {
    return fail(errc::invalid_argument, "dead letter " + std::to_string(one.number) +
                                            ": its payload is no JSON, there is no event in it");
  }
  const auto quoted = [](const std::string& text) { return codec::to_json(text); };
  std::string source = "// Dead letter " + std::to_string(one.number) + " of " +
                       letter.subscription + ", event " + to_string(letter.id) + ":\n//   " +
                       one_line(to_string(letter.failure)) + "\n";
  source += "#include <catch2/catch.hpp>\n\n#include <weir/actors/testkit/test_node.hpp>\n"
            "#include <weir/runtime/codec/json_reader.hpp>\n\n#include " +
            quoted(names.header) + "\n\n";
  source += "TEST_CASE(" +
            quoted("dead letter " + std::to_string(one.number) + " of " + letter.subscription +
                   ": " + std::string{to_string(letter.failure.code)}) +
            ", \"[dead-letter]\") {\n";
  source += "  auto event = weir::codec::from_json<" + names.event + ">(\n      " +
            literal(letter.payload) + ");\n  REQUIRE(event);\n";
  source += "  weir::testkit::test_node kit{1};\n  auto topic = kit.node().topic(" +
            quoted(letter.topic) + ");\n  topic.carries<" + names.event + ">();\n";
  source += "  kit.node().subscribe(" + quoted(letter.subscription) + ", " +
            quoted(letter.topic) + ", " + names.handler + ");\n  REQUIRE(kit.node().start());\n";
  source += "  REQUIRE(topic.publish(*std::move(event)" +
            (letter.key.empty() ? std::string{} : ", {.key = " + quoted(letter.key) + "}") +
            "));\n  REQUIRE(kit.drain().drained);\n";
  source += "  for (const auto& letter : kit.node().dead_letters()) {\n"
            "    FAIL(to_string(letter.failure));\n  }\n}\n";
  return source;
}

}  // namespace weir::cli
