// SPDX-License-Identifier: BSD-3-Clause
// Reading the tree. WEIR_SOURCE_DIR is the source root, given by the build.
#include "weir/tests/house/source_tree.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace weir::house {
namespace {

namespace fs = std::filesystem;

const fs::path root{WEIR_SOURCE_DIR};

std::vector<source_file> read_sources() {
  std::vector<source_file> files;
  for (const char* tree : {"runtime", "actors", "samples", "tests"}) {
    if (!fs::exists(root / tree)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / tree)) {
      const auto extension = entry.path().extension();
      if (extension != ".cpp" && extension != ".hpp" && extension != ".def") continue;
      auto path = entry.path().lexically_relative(root).generic_string();
      auto lines = lines_of(path);
      files.push_back({std::move(path), std::move(lines)});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const auto& left, const auto& right) { return left.path < right.path; });
  return files;
}

}  // namespace

place place_of(std::string_view path) {
  const auto first = path.find('/');
  const auto second = path.find('/', first + 1);
  if (first == path.npos) return {};
  if (second == path.npos) return {std::string{path.substr(0, first)}, {}};
  return {std::string{path.substr(0, first)},
          std::string{path.substr(first + 1, second - first - 1)}};
}

const std::vector<source_file>& sources() {
  static const auto files = read_sources();
  return files;
}

std::string included(std::string_view line) {
  const auto hash = line.find_first_not_of(" \t");
  if (hash == line.npos || line[hash] != '#') return {};
  const auto word = line.find_first_not_of(" \t", hash + 1);
  if (word == line.npos || !line.substr(word).starts_with("include")) return {};
  const auto open = line.find_first_of("<\"", word);
  if (open == line.npos) return {};
  const auto close = line.find_first_of(">\"", open + 1);
  return std::string{line.substr(open + 1, close - open - 1)};
}

std::vector<std::vector<std::string>> table(std::string_view name, char separator) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& line : lines_of("tests/house/" + std::string{name})) {
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string> cells;
    for (std::size_t from = 0; from <= line.size();) {
      const auto to = std::min(line.find(separator, from), line.size());
      if (to > from) cells.push_back(line.substr(from, to - from));
      from = to + 1;
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

bool exists(std::string_view path) { return fs::exists(root / path); }

std::vector<std::string> lines_of(std::string_view path) {
  std::ifstream in{root / path};
  if (!in) throw std::runtime_error("cannot read " + std::string{path});
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  return lines;
}

bool starts_with(std::string_view path, std::string_view prefix) {
  return prefix != "-" && path.starts_with(prefix);
}

}  // namespace weir::house
