// SPDX-License-Identifier: BSD-3-Clause
// The project's sources as values, for the house test: read once, never changed. Paths are relative
// to the source root with forward slashes; line numbers count from 1.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::house {

struct source_file {
  std::string path;
  std::vector<std::string> lines;
};

/// `runtime/topic/partition.cpp` is tree `runtime`, room `topic`; outside a room, room is "".
struct place {
  std::string tree;
  std::string room;
};
place place_of(std::string_view path);

/// Every .cpp, .hpp and .def under runtime, actors, samples and tests, in path order.
const std::vector<source_file>& sources();
/// The file's text without what stands in comments, strings, characters and preprocessor lines;
/// every line keeps its number.
std::vector<std::string> code_only(const source_file& file);
/// What the line includes (`weir/runtime/core/error.hpp`), or "" if it includes nothing.
std::string included(std::string_view line);

/// The lines of a data file of this folder without comments and blank lines, cut at `separator`.
std::vector<std::vector<std::string>> table(std::string_view name, char separator);

bool exists(std::string_view path);
std::vector<std::string> lines_of(std::string_view path);
/// True if `path` is inside the folder or starts with the prefix; "-" starts nothing.
bool starts_with(std::string_view path, std::string_view prefix);

struct function_extent {
  std::size_t first_line;
  std::size_t line_count;
};
/// The bodies of all functions (test cases count as such) from opening to closing brace.
std::vector<function_extent> functions_of(const source_file& file);

}  // namespace weir::house
