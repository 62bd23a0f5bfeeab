// SPDX-License-Identifier: BSD-3-Clause
// A scan of C++ that is good enough for counting lines: it removes comments and literals, then
// follows braces. A brace opens a function if it stands in a namespace or class and what precedes
// it has a parameter list; anything else is a scope, an initializer, or inside a function already.
#include <regex>

#include "weir/tests/house/source_tree.hpp"

namespace weir::house {
namespace {

enum class mode { code, block_comment, raw_string };

// Removes literals and comments from line after line; comments and raw strings may span lines.
class stripper {
 public:
  std::string strip(std::string_view line) {
    std::string kept;
    std::size_t at = 0;
    while (at < line.size()) {
      if (mode_ == mode::block_comment) {
        at = skip_past(line, at, "*/");
      } else if (mode_ == mode::raw_string) {
        at = skip_past(line, at, raw_end_);
      } else {
        at = step(line, at, kept);
      }
    }
    return kept;
  }

 private:
  std::size_t skip_past(std::string_view line, std::size_t at, std::string_view end) {
    const auto found = line.find(end, at);
    if (found == line.npos) return line.size();
    mode_ = mode::code;
    return found + end.size();
  }

  std::size_t step(std::string_view line, std::size_t at, std::string& kept) {
    const auto rest = line.substr(at);
    if (rest.starts_with("//")) return line.size();
    if (rest.starts_with("/*")) {
      mode_ = mode::block_comment;
      return at + 2;
    }
    if (rest.starts_with("R\"")) {
      mode_ = mode::raw_string;
      const auto open = rest.find('(');
      raw_end_ = ")" + std::string{rest.substr(2, open - 2)} + "\"";
      return at + open + 1;
    }
    const bool digit_separator =
        rest[0] == '\'' && at > 0 && std::isxdigit(static_cast<unsigned char>(line[at - 1]));
    if ((rest[0] == '"' || rest[0] == '\'') && !digit_separator) return past_literal(line, at);
    kept.push_back(rest[0]);
    return at + 1;
  }

  static std::size_t past_literal(std::string_view line, std::size_t at) {
    const char quote = line[at];
    for (++at; at < line.size() && line[at] != quote; ++at) {
      if (line[at] == '\\') ++at;
    }
    return at + 1;
  }

  mode mode_ = mode::code;
  std::string raw_end_;
};

enum class brace { scope, function, inner };

bool declares_scope(std::string head) {
  static const std::regex parameters{R"(template\s*<[^{}]*>\s*(?=class|struct|union))"};
  static const std::regex access{R"((public|private|protected)\s*:)"};
  // A macro that needs no semicolon, before the scope it has nothing to do with.
  static const std::regex macros{R"(^(\s*[A-Z][A-Z0-9_]*\s*\([^()]*\))+)"};
  static const std::regex scope{
      R"(^\s*((inline|typedef|static)\s+)*(namespace|class|struct|union|enum|extern)\b[^()]*$)"};
  head = std::regex_replace(std::regex_replace(head, access, ""), parameters, "");
  head = std::regex_replace(head, macros, "");
  return std::regex_search(head, scope);
}

brace classify(const std::string& head, brace parent) {
  if (parent != brace::scope) return brace::inner;
  if (declares_scope(head)) return brace::scope;
  const auto last = head.find_last_not_of(" \t");
  // An empty head follows the braces of a constructor's member initializers.
  if (last == head.npos) return brace::function;
  if (head[last] == '=' || head.find(')') == head.npos) return brace::inner;
  return brace::function;
}

}  // namespace

std::vector<std::string> code_only(const source_file& file) {
  std::vector<std::string> code;
  stripper strip;
  bool directive = false;
  for (const auto& line : file.lines) {
    const auto first = line.find_first_not_of(" \t");
    directive = directive || (first != line.npos && line[first] == '#');
    auto kept = strip.strip(line);
    code.push_back(directive ? std::string{} : std::move(kept));
    directive = directive && line.ends_with('\\');
  }
  return code;
}

std::vector<function_extent> functions_of(const source_file& file) {
  struct open_brace {
    brace kind;
    std::size_t line;
  };
  std::vector<function_extent> found;
  std::vector<open_brace> open;
  std::string head;
  std::size_t number = 0;
  for (const auto& line : code_only(file)) {
    ++number;
    for (const char c : line) {
      if (c == '{') {
        open.push_back({classify(head, open.empty() ? brace::scope : open.back().kind), number});
        head.clear();
      } else if (c == '}' && !open.empty()) {
        if (open.back().kind == brace::function) {
          found.push_back({open.back().line, number - open.back().line + 1});
        }
        open.pop_back();
        head.clear();
      } else if (c == ';') {
        head.clear();
      } else {
        head.push_back(c);
      }
    }
    head.push_back(' ');
  }
  return found;
}

}  // namespace weir::house
