// SPDX-License-Identifier: BSD-3-Clause
// The law of the house, read against every source: floors, libraries, sizes, names, words, mirror.
// Tables are data files in this folder; every violation is reported as file:line.
#include <algorithm>
#include <cctype>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "weir/tests/house/source_tree.hpp"

using namespace weir::house;

namespace {

using violations = std::vector<std::string>;

void expect_none(const violations& found) {
  // Not through the test's reporter, which would wrap the lines an editor should jump to.
  for (const auto& violation : found) std::cerr << violation << '\n';
  CHECK(found.size() == 0);
}

std::string at(const source_file& file, std::size_t line, const std::string& what) {
  return file.path + ":" + std::to_string(line) + ": " + what;
}

bool in_house(std::string_view tree) { return tree == "runtime" || tree == "actors"; }

std::map<std::string, int> floors_of(const std::string& tree) {
  std::map<std::string, int> floors;
  int level = 0;
  for (const auto& row : table("floors.txt", ' ')) {
    if (row[0] != tree) continue;
    ++level;
    for (std::size_t i = 1; i < row.size(); ++i) floors[row[i]] = level;
  }
  return floors;
}

// Why a file at `from` may not include `target`, or "".
std::string floor_violation(const place& from, const std::string& target) {
  static const std::map<std::string, std::map<std::string, int>> floors{
      {"runtime", floors_of("runtime")}, {"actors", floors_of("actors")}};
  if (!target.starts_with("weir/")) return {};
  const auto to = place_of(std::string_view{target}.substr(5));
  if (!in_house(to.tree)) return "includes " + to.tree + "/ from " + from.tree + "/";
  if (from.tree == "runtime" && to.tree == "actors") return "runtime/ includes actors/";
  if (from.tree != to.tree || from.room == to.room) return {};
  const auto& levels = floors.at(from.tree);
  const auto own = levels.find(from.room), other = levels.find(to.room);
  if (own == levels.end()) return "room " + from.room + " has no floor";
  if (other == levels.end()) return "room " + to.room + " has no floor";
  if (other->second < own->second) return {};
  return from.tree + "/" + from.room + " includes " + to.room + ", which is not below it";
}

std::size_t columns_of(const std::string& line) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), begins));
}

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool has_word(std::string_view line, std::string_view word) {
  for (auto found = line.find(word); found != line.npos; found = line.find(word, found + 1)) {
    const auto end = found + word.size();
    if ((found == 0 || !is_name(line[found - 1])) && (end == line.size() || !is_name(line[end]))) {
      return true;
    }
  }
  return false;
}

// The first forbidden word among the words of `name`; whatever is no letter or digit parts words.
std::string forbidden_in(std::string_view name) {
  static const std::set<std::string, std::less<>> forbidden{
      "detail", "details", "util", "utils", "utility", "common", "misc",
      "manager", "managers", "helper", "helpers", "data2"};
  std::string word;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    if (i < name.size() && std::isalnum(static_cast<unsigned char>(name[i])) != 0) {
      word.push_back(name[i]);
      continue;
    }
    if (forbidden.contains(word)) return word;
    word.clear();
  }
  return {};
}

// The name that `line` declares as a namespace or type, or "".
std::string declared(std::string_view line) {
  for (const std::string_view keyword : {"namespace ", "class ", "struct ", "enum "}) {
    if (!line.starts_with(keyword)) continue;
    line.remove_prefix(keyword.size());
    const auto end = std::find_if_not(line.begin(), line.end(),
                                      [](char c) { return is_name(c) || c == ':'; });
    return {line.begin(), end};
  }
  return {};
}

}  // namespace

TEST_CASE("every include goes to a lower floor", "[house]") {
  violations found;
  for (const auto& file : sources()) {
    const auto from = place_of(file.path);
    if (!in_house(from.tree)) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto why = floor_violation(from, included(file.lines[i]));
      if (!why.empty()) found.push_back(at(file, i + 1, why));
    }
  }
  expect_none(found);
}

TEST_CASE("our own headers are included by their installed path", "[house]") {
  violations found;
  for (const auto& file : sources()) {
    if (!in_house(place_of(file.path).tree)) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto target = included(file.lines[i]);
      const bool ours = file.lines[i].find('"') != std::string::npos;
      if (!target.empty() && ours && !target.starts_with("weir/")) {
        found.push_back(at(file, i + 1, "\"" + target + "\" does not begin with weir/"));
      }
    }
  }
  expect_none(found);
}

TEST_CASE("a library is included only in its one place", "[house]") {
  std::map<std::string, std::vector<std::string>> places;
  for (const auto& row : table("libraries.txt", ' ')) places[row.at(0)].push_back(row.at(1));
  violations found;
  std::set<std::string> command_line_files;
  for (const auto& file : sources()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const auto target = included(file.lines[i]);
      if (target == "caf/all.hpp" && file.path.ends_with(".hpp")) {
        found.push_back(at(file, i + 1, "a header includes caf/all.hpp"));
      }
      if (target.starts_with("CLI/")) command_line_files.insert(file.path);
      for (const auto& [library, allowed] : places) {
        const bool fits = std::any_of(allowed.begin(), allowed.end(), [&](const auto& prefix) {
          return starts_with(file.path, prefix);
        });
        if (target.starts_with(library) && !fits) {
          found.push_back(at(file, i + 1, library + " may not be included here"));
        }
      }
    }
  }
  if (command_line_files.size() > 1) found.push_back("CLI11 is included by more than one file");
  expect_none(found);
}

TEST_CASE("no file is longer than 500 lines and no line than 100 columns", "[house]") {
  violations found;
  for (const auto& file : sources()) {
    if (file.lines.size() > 500) found.push_back(at(file, 500, "longer than 500 lines"));
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (columns_of(file.lines[i]) > 100) found.push_back(at(file, i + 1, "over 100 columns"));
    }
  }
  expect_none(found);
}

TEST_CASE("the median source file has at most 120 lines", "[house]") {
  std::vector<std::size_t> sizes;
  for (const auto& file : sources()) {
    if (in_house(place_of(file.path).tree)) sizes.push_back(file.lines.size());
  }
  REQUIRE_FALSE(sizes.empty());
  std::nth_element(sizes.begin(), sizes.begin() + static_cast<long>(sizes.size() / 2), sizes.end());
  CHECK(sizes[sizes.size() / 2] <= 120);
}

TEST_CASE("no function is longer than 60 lines", "[house]") {
  violations found;
  for (const auto& file : sources()) {
    for (const auto& function : functions_of(file)) {
      if (function.line_count > 60) {
        found.push_back(at(file, function.first_line,
                           "a function of " + std::to_string(function.line_count) + " lines"));
      }
    }
  }
  expect_none(found);
}

TEST_CASE("the scan for functions finds a long one", "[house]") {
  source_file file{"made_up.cpp", {"namespace a {", "struct b {", "  void c(int x = '{') {"}};
  for (int i = 0; i < 61; ++i) file.lines.push_back("    if (x) { call(\"}\"); }  // }");
  file.lines.insert(file.lines.end(), {"  }", "};", "}"});
  const auto functions = functions_of(file);
  REQUIRE(functions.size() == 1);
  CHECK(functions[0].first_line == 3);
  CHECK(functions[0].line_count == 63);
}

TEST_CASE("every source begins with its licence and says what it is", "[house]") {
  violations found;
  for (const auto& file : sources()) {
    if (file.lines.empty() || file.lines[0] != "// SPDX-License-Identifier: BSD-3-Clause") {
      found.push_back(at(file, 1, "the first line is not the SPDX line"));
    } else if (file.lines.size() < 2 || !file.lines[1].starts_with("// ")) {
      found.push_back(at(file, 2, "no prose says what the file is"));
    }
  }
  expect_none(found);
}

TEST_CASE("no file, namespace or type has a name that says nothing", "[house]") {
  violations found;
  for (const auto& file : sources()) {
    const auto in_path = forbidden_in(file.path);
    if (!in_path.empty()) found.push_back(at(file, 1, "the path says '" + in_path + "'"));
    const auto code = code_only(file);
    for (std::size_t i = 0; i < code.size(); ++i) {
      const auto word = forbidden_in(declared(code[i]));
      if (!word.empty()) found.push_back(at(file, i + 1, "a name says '" + word + "'"));
    }
  }
  expect_none(found);
}

TEST_CASE("words that hide work, time or chance stay out", "[house]") {
  const auto rules = table("words.txt", '|');
  violations found;
  for (const auto& file : sources()) {
    for (const auto& rule : rules) {
      if (!starts_with(file.path, rule.at(1)) || starts_with(file.path, rule.at(2))) continue;
      for (std::size_t i = 0; i < file.lines.size(); ++i) {
        if (has_word(file.lines[i], rule[0])) {
          found.push_back(at(file, i + 1, rule[0] + ": " + rule.at(3)));
        }
      }
    }
  }
  expect_none(found);
}

TEST_CASE("every source of the house has its test or a reason", "[house]") {
  violations found;
  std::set<std::string> excused;
  for (const auto& row : table("mirror.txt", ' ')) {
    excused.insert(row.at(0));
    if (row.size() < 4) found.push_back("tests/house/mirror.txt: no reason for " + row[0]);
    if (!exists(row[0])) found.push_back("tests/house/mirror.txt: no such file: " + row[0]);
  }
  for (const auto& file : sources()) {
    if (!in_house(place_of(file.path).tree) || !file.path.ends_with(".cpp")) continue;
    const auto test = "tests/" + file.path.substr(0, file.path.size() - 4) + "_test.cpp";
    if (exists(test) && excused.contains(file.path)) {
      found.push_back(at(file, 1, "has a test and needs no excuse in tests/house/mirror.txt"));
    }
    if (!exists(test) && !excused.contains(file.path)) found.push_back(at(file, 1, "no " + test));
  }
  expect_none(found);
}

TEST_CASE("every test in the mirror has its source", "[house]") {
  violations found;
  for (const auto& file : sources()) {
    const bool mirrored =
        file.path.starts_with("tests/runtime/") || file.path.starts_with("tests/actors/");
    if (!mirrored || !file.path.ends_with("_test.cpp")) continue;
    const auto source = file.path.substr(6, file.path.size() - 6 - 9);
    if (!exists(source + ".cpp") && !exists(source + ".hpp")) {
      found.push_back(at(file, 1, "no " + source + ".hpp"));
    }
  }
  expect_none(found);
}

TEST_CASE("every folder of sources has a README of at most 60 lines", "[house]") {
  std::set<std::string> folders{"runtime", "actors", "samples", "tests", "tests/house", "cmake"};
  for (const auto& file : sources()) {
    const auto where = place_of(file.path);
    if (where.tree != "tests" && !where.room.empty()) folders.insert(where.tree + "/" + where.room);
  }
  violations found;
  for (const auto& folder : folders) {
    const auto readme = folder + "/README.md";
    if (!exists(readme)) {
      found.push_back(readme + ":1: missing");
    } else if (lines_of(readme).size() > 60) {
      found.push_back(readme + ":60: longer than 60 lines");
    }
  }
  expect_none(found);
}
