// SPDX-License-Identifier: BSD-3-Clause
// The slow way through a line: only lines that hold a quote, and small files, come here.
#include "weir/samples/flights/csv_fields.hpp"

namespace flights {
namespace {

// Reads the column that starts at `at`, leaves `at` on the comma behind it or at the end.
weir::result<std::string> read_column(std::string_view line, std::size_t& at) {
  if (at == line.size() || line[at] != '"') {
    const auto end = std::min(line.find(',', at), line.size());
    const auto text = line.substr(at, end - at);
    if (text.find('"') != std::string_view::npos) {
      return weir::fail(weir::errc::malformed, "a quote inside an unquoted column");
    }
    at = end;
    return std::string{text};
  }
  std::string text;
  for (++at;; ++at) {
    const auto quote = line.find('"', at);
    if (quote == std::string_view::npos) {
      return weir::fail(weir::errc::malformed, "a quote is not closed");
    }
    text += line.substr(at, quote - at);
    at = quote + 1;
    if (at == line.size() || line[at] == ',') return text;
    if (line[at] != '"') {
      return weir::fail(weir::errc::malformed, "text behind a closing quote");
    }
    text += '"';
  }
}

}  // namespace

weir::result<void> split_quoted(std::string_view line, std::vector<std::string>& columns) {
  columns.clear();
  for (std::size_t at = 0;; ++at) {
    auto column = read_column(line, at);
    if (!column) return weir::fail(std::move(column.error()));
    columns.push_back(std::move(*column));
    if (at == line.size()) return {};
  }
}

}  // namespace flights
