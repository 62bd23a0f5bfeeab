// SPDX-License-Identifier: BSD-3-Clause
// Loading airports.csv. A table with a mistake is refused whole: a half-loaded one would turn good
// flights into dead letters.
#include "weir/samples/flights/airports.hpp"

#include <array>
#include <charconv>
#include <vector>

#include "weir/samples/flights/csv_fields.hpp"
#include "weir/samples/flights/fields.hpp"
#include "weir/samples/flights/lines.hpp"
#include "weir/samples/flights/utf8.hpp"

namespace flights {
namespace {

using weir::errc;

constexpr std::array<std::string_view, 7> columns = {"iata",    "name",     "city",     "state",
                                                     "country", "latitude", "longitude"};
constexpr std::size_t latitude = 5, longitude = 6;

// A mistake in the row at hand: `column` counts from 0; the file and line are added by the loader.
tl::unexpected<weir::error> fail_column(std::size_t column, errc code, const std::string& what) {
  return weir::fail(code, "column " + std::string{columns[column]} + ": " + what);
}

weir::result<void> split_row(std::string_view text, std::vector<std::string>& row) {
  if (const auto at = find_invalid_utf8(text); at != std::string_view::npos) {
    (void)split_quoted(text.substr(0, at), row);
    return fail_column(std::min(row.empty() ? 0 : row.size() - 1, columns.size() - 1),
                       errc::invalid_utf8, "invalid UTF-8");
  }
  if (auto split = split_quoted(text, row); !split) {
    return fail_column(std::min(row.size(), columns.size() - 1), split.error().code,
                       split.error().message);
  }
  if (row.size() == columns.size()) return {};
  const auto what = "wrong column count: expected 7, found " + std::to_string(row.size());
  if (row.size() < columns.size()) return fail_column(row.size(), errc::missing_field, what);
  return weir::fail(errc::malformed, what);
}

weir::result<void> check_header(const std::vector<std::string>& row) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (row[i] != columns[i]) {
      return fail_column(i, errc::malformed, "expected this column, found " + quoted(row[i]));
    }
  }
  return {};
}

weir::result<double> parse_degrees(const std::vector<std::string>& row, std::size_t column,
                                   double limit) {
  const auto& text = row[column];
  double degrees = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, failure] = std::from_chars(text.data(), end, degrees);
  if (failure != std::errc{} || stopped != end) {
    return fail_column(column, errc::wrong_type, "expected a number, found " + quoted(text));
  }
  // Written so that a NaN is out of range too.
  if (!(degrees >= -limit && degrees <= limit)) {
    return fail_column(column, errc::out_of_range, quoted(text) + " degrees");
  }
  return degrees;
}

weir::result<void> add_row(std::vector<std::string>& row,
                           std::unordered_map<iata, airport>& into) {
  const auto code = iata::from(row[0]);
  if (!code) {
    return fail_column(0, row[0].size() > iata::capacity ? errc::too_long : errc::wrong_type,
                       "expected a code of 1 to 4 characters, found " + quoted(row[0]));
  }
  auto north = parse_degrees(row, latitude, 90);
  if (!north) return weir::fail(std::move(north.error()));
  auto east = parse_degrees(row, longitude, 180);
  if (!east) return weir::fail(std::move(east.error()));
  const bool added = into.try_emplace(*code, airport{std::move(row[1]), std::move(row[2]),
                                                     std::move(row[3]), std::move(row[4]), *north,
                                                     *east}).second;
  if (!added) return fail_column(0, errc::already_exists, quoted(row[0]) + " is there twice");
  return {};
}

weir::result<void> load_lines(window& input, std::unordered_map<iata, airport>& into,
                              std::uint64_t& line_number) {
  line_scanner lines{input};
  std::vector<std::string> row;
  for (;;) {
    ++line_number;
    auto read = lines.next();
    if (!read) return weir::fail(std::move(read.error()));
    if (read->is == line::kind::too_long) {
      return weir::fail(errc::too_long, "the line is longer than 1 MiB");
    }
    if (read->is == line::kind::end) {
      if (line_number == 1) return weir::fail(errc::malformed, "the file is empty");
      return {};
    }
    if (read->text.empty() && line_number > 1) continue;
    auto text = read->text;
    if (line_number == 1 && text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    auto done = split_row(text, row);
    if (done) done = line_number == 1 ? check_header(row) : add_row(row, into);
    if (!done) return done;
  }
}

}  // namespace

weir::result<airport_table> airport_table::load(const std::string& path) {
  auto source = open_source(path);
  if (!source) return weir::fail(source.error().code, path + ": " + source.error().message);
  return load(std::move(*source), path);
}

weir::result<airport_table> airport_table::load(std::unique_ptr<byte_source> source,
                                                const std::string& name) {
  window input{std::move(source)};
  airport_table table;
  std::uint64_t line_number = 0;
  if (auto done = load_lines(input, table.airports_, line_number); !done) {
    return weir::fail(done.error().code, name + ": line " + std::to_string(line_number) + ": " +
                                             done.error().message);
  }
  return table;
}

}  // namespace flights
