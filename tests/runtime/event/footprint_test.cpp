// SPDX-License-Identifier: BSD-3-Clause
// Heap bytes: zero for plain values, and for everything else at least what a counting allocator
// saw.
#include "weir/runtime/event/footprint.hpp"

#include <array>
#include <chrono>
#include <cstdint>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/runtime/event/describe.hpp"

using weir::heap_bytes;

namespace event_tests {
namespace {

struct plain {
  int number = 0;
  double fraction = 0;
  std::chrono::sys_seconds when;
};
WEIR_FIELDS(plain, (number, fraction, when))

struct line {
  std::string text;
  plain numbers;
};
WEIR_FIELDS(line, (text, numbers))

struct letter {
  std::vector<line> lines;
  std::optional<std::string> note;
  std::map<std::string, std::string> tags;
  std::array<std::string, 2> ends;
};
WEIR_EVENT(letter, "event_tests.letter", 1, (lines, note, tags, ends))

const std::string long_text(100, 'x');

}  // namespace
}  // namespace event_tests

using namespace event_tests;

TEST_CASE("a value without heap takes none", "[event]") {
  CHECK(heap_bytes(7) == 0);
  CHECK(heap_bytes(plain{}) == 0);
  CHECK(heap_bytes(std::array<int, 1000>{}) == 0);
  CHECK(heap_bytes(std::optional<int>{5}) == 0);
  CHECK(heap_bytes(letter{}) == 0);
}

TEST_CASE("a string counts only once it has left its own bytes", "[event]") {
  CHECK(heap_bytes(std::string{"fifteen letters"}) == 0);
  const std::string sixteen{"sixteen letters!"};
  CHECK(heap_bytes(sixteen) == sixteen.capacity() + 1);
  CHECK(heap_bytes(long_text) >= 101);
}

TEST_CASE("a vector counts its capacity and what its elements own", "[event]") {
  std::vector<int> numbers;
  numbers.reserve(10);
  CHECK(heap_bytes(numbers) == 10 * sizeof(int));
  const std::vector<std::string> texts{long_text, "short"};
  CHECK(heap_bytes(texts) == texts.capacity() * sizeof(std::string) + heap_bytes(texts[0]));
}

TEST_CASE("an optional counts what is in it", "[event]") {
  CHECK(heap_bytes(std::optional<std::string>{}) == 0);
  CHECK(heap_bytes(std::optional<std::string>{long_text}) == heap_bytes(std::string{long_text}));
}

TEST_CASE("a map counts a node for each entry", "[event]") {
  const std::map<std::string, std::string> tags{{"a", long_text}, {"b", ""}};
  CHECK(heap_bytes(tags) >= 2 * sizeof(*tags.begin()) + heap_bytes(tags.at("a")));
  const std::unordered_map<std::string, int> counts{{"a", 1}};
  CHECK(heap_bytes(counts) >= sizeof(*counts.begin()));
}

TEST_CASE("an array counts what its elements own", "[event]") {
  const std::array<std::string, 2> ends{long_text, "short"};
  CHECK(heap_bytes(ends) == heap_bytes(ends[0]));
}

TEST_CASE("a described struct counts the sum of its fields, nested ones too", "[event]") {
  letter sent;
  sent.lines = {{long_text, {}}, {long_text, {}}};
  sent.note = long_text;
  sent.tags["a"] = long_text;
  sent.ends[1] = long_text;
  CHECK(heap_bytes(sent) == heap_bytes(sent.lines) + heap_bytes(sent.note) + heap_bytes(sent.tags) +
                                heap_bytes(sent.ends));
  CHECK(heap_bytes(sent.lines) ==
        sent.lines.capacity() * sizeof(line) + heap_bytes(sent.lines[0].text) * 2);
}

TEST_CASE("more text is never fewer bytes", "[event][property]") {
  rc::prop("at least the characters of what is not short",
           [](const std::vector<std::string>& texts) {
             std::size_t least = texts.size() * sizeof(std::string);
             for (const auto& text : texts) least += text.size() > 15 ? text.size() + 1 : 0;
             RC_ASSERT(heap_bytes(texts) >= least);
           });
}
