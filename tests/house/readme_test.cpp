// SPDX-License-Identifier: BSD-3-Clause
// What the front page shows is what is compiled: README.md's first program against samples/hello.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "weir/tests/house/source_tree.hpp"

using namespace weir::house;

namespace {

// The program without the comment lines and blank lines it begins with.
std::string body(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) {
    if (text.empty() && (line.empty() || line.starts_with("//"))) continue;
    text += line + "\n";
  }
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

// The first C++ block of a Markdown page that contains `int main`.
std::vector<std::string> first_program(const std::vector<std::string>& page) {
  std::vector<std::string> block;
  bool inside = false, whole = false;
  for (const auto& line : page) {
    if (!inside && line.starts_with("```cpp")) {
      inside = true;
      block.clear();
    } else if (inside && line.starts_with("```")) {
      if (whole) return block;
      inside = false;
    } else if (inside) {
      whole = whole || line.find("int main") != std::string::npos;
      block.push_back(line);
    }
  }
  return {};
}

}  // namespace

TEST_CASE("the program on the front page is the hello sample", "[house]") {
  const auto shown = body(first_program(lines_of("README.md")));
  REQUIRE_FALSE(shown.empty());
  CHECK(shown == body(lines_of("samples/hello/main.cpp")));
}
