// SPDX-License-Identifier: BSD-3-Clause
// Flight records as CSV. One line is one record, so a broken one never costs its neighbours. The
// common line has no quotes and is cut in place; nothing is allocated for it.
#include <array>
#include <bitset>

#include "weir/samples/flights/csv_fields.hpp"
#include "weir/samples/flights/fields.hpp"
#include "weir/samples/flights/lines.hpp"
#include "weir/samples/flights/record_format.hpp"
#include "weir/samples/flights/utf8.hpp"

namespace flights {
namespace {

using column_order = std::array<field, field_count>;
using column_texts = std::array<std::string_view, field_count>;

std::string at_record(std::uint64_t record) { return "record " + std::to_string(record) + ": "; }

class csv_records final : public record_format {
 public:
  explicit csv_records(window& input) : lines_(input) {}

  weir::result<void> read_header();
  weir::result<outcome> next(departure& record, malformed& problem) override;

 private:
  enum class shape : std::uint8_t { good, wrong_count, wrong_quotes };
  shape cut_columns(std::string_view text);
  weir::result<outcome> refuse(const line& from, defect why, malformed& problem) const;
  weir::result<outcome> refuse_shape(const line& from, shape how, malformed& problem) const;
  weir::result<outcome> refuse_column(const line& from, std::size_t at, verdict why,
                                      malformed& problem) const;

  line_scanner lines_;
  column_order order_{};
  column_texts columns_;
  std::vector<std::string> unquoted_;
  std::string quote_mistake_;
  std::size_t count_ = 0;  // columns found in the current line
  std::uint64_t record_ = 0;
};

weir::result<void> csv_records::read_header() {
  constexpr auto expected = "; expected date,delay,distance,origin,destination";
  auto header = lines_.next();
  if (!header) return weir::fail(std::move(header.error()));
  if (header->is == line::kind::too_long) {
    return weir::fail(weir::errc::too_long, "the header is longer than 1 MiB");
  }
  if (find_invalid_utf8(header->text) != std::string_view::npos) {
    return weir::fail(weir::errc::invalid_utf8, "the header is not valid UTF-8");
  }
  auto split = split_quoted(header->text, unquoted_);
  if (!split) return weir::fail(split.error().code, "header: " + split.error().message + expected);
  std::bitset<field_count> seen;
  for (std::size_t i = 0; i < unquoted_.size(); ++i) {
    const auto which = find_field(unquoted_[i]);
    const auto column = "header: column " + std::to_string(i + 1) + " " + quoted(unquoted_[i]);
    if (!which) return weir::fail(weir::errc::malformed, column + " is unknown" + expected);
    const auto index = static_cast<std::size_t>(*which);
    if (seen[index]) return weir::fail(weir::errc::malformed, column + " is there twice");
    seen.set(index);
    order_[i] = *which;
  }
  for (std::size_t i = 0; i < field_count; ++i) {
    if (seen[i]) continue;
    return weir::fail(weir::errc::missing_field,
                      "header: column " + quoted(field_names[i]) + " is missing");
  }
  return {};
}

csv_records::shape csv_records::cut_columns(std::string_view text) {
  count_ = 0;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ',') {
      if (count_ < field_count) columns_[count_] = text.substr(start, at - start);
      ++count_;
      start = at + 1;
    } else if (text[at] == '"') {
      auto split = split_quoted(text, unquoted_);
      count_ = unquoted_.size();
      for (std::size_t i = 0; i < std::min(count_, field_count); ++i) columns_[i] = unquoted_[i];
      if (!split) quote_mistake_ = split.error().message;
      if (!split) return shape::wrong_quotes;
      return count_ == field_count ? shape::good : shape::wrong_count;
    }
  }
  if (count_ < field_count) columns_[count_] = text.substr(start);
  return ++count_ == field_count ? shape::good : shape::wrong_count;
}

weir::result<outcome> csv_records::refuse(const line& from, defect why, malformed& problem) const {
  problem = to_malformed(record_, std::move(why), from.text);
  return outcome::malformed;
}

weir::result<outcome> csv_records::refuse_shape(const line& from, shape how,
                                                malformed& problem) const {
  // The first column that is not there, or whose quotes are wrong, is the one to name.
  const std::string name{count_ < field_count ? name_of(order_[count_]) : ""};
  const bool short_of_columns = count_ < field_count;
  if (!from.terminated && short_of_columns) {
    return weir::fail(weir::errc::malformed,
                      at_record(record_) + "the file ends inside it, at field " + name);
  }
  if (find_invalid_utf8(from.text) != std::string_view::npos) {
    return refuse(from, {"", weir::errc::invalid_utf8, "invalid UTF-8"}, problem);
  }
  if (how == shape::wrong_quotes) {
    return refuse(from, {name, weir::errc::malformed, quote_mistake_}, problem);
  }
  return refuse(from,
                {name, short_of_columns ? weir::errc::missing_field : weir::errc::malformed,
                 "wrong column count: expected 5, found " + std::to_string(count_)},
                problem);
}

weir::result<outcome> csv_records::refuse_column(const line& from, std::size_t at, verdict why,
                                                 malformed& problem) const {
  const std::string name{name_of(order_[at])};
  if (!from.terminated && why == verdict::empty && at + 1 == field_count) {
    return weir::fail(weir::errc::malformed,
                      at_record(record_) + "the file ends inside it, at field " + name);
  }
  if (find_invalid_utf8(columns_[at]) != std::string_view::npos) {
    return refuse(from, {name, weir::errc::invalid_utf8, "invalid UTF-8"}, problem);
  }
  return refuse(from, explain(order_[at], why, columns_[at]), problem);
}

weir::result<outcome> csv_records::next(departure& record, malformed& problem) {
  for (;;) {
    auto read = lines_.next();
    if (!read) {
      return weir::fail(read.error().code, at_record(record_ + 1) + read.error().message);
    }
    if (read->is == line::kind::end) return outcome::end;
    if (read->text.empty()) continue;
    ++record_;
    if (read->is == line::kind::too_long) {
      return refuse(*read, {"", weir::errc::too_long, "the line is longer than 1 MiB"}, problem);
    }
    const auto how = cut_columns(read->text);
    if (how != shape::good) return refuse_shape(*read, how, problem);
    for (std::size_t i = 0; i < field_count; ++i) {
      const auto why = set_field(record, order_[i], columns_[i]);
      if (why != verdict::fine) return refuse_column(*read, i, why, problem);
    }
    return outcome::departure;
  }
}

}  // namespace

weir::result<std::unique_ptr<record_format>> csv_format(window& input) {
  auto records = std::make_unique<csv_records>(input);
  auto header = records->read_header();
  if (!header) return weir::fail(std::move(header.error()));
  return records;
}

}  // namespace flights
