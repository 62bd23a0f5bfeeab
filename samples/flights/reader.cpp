// SPDX-License-Identifier: BSD-3-Clause
// Which format is it, and whose fault is it: everything between the first bytes and the formats.
#include "weir/samples/flights/reader.hpp"

#include "weir/samples/flights/json_cursor.hpp"

namespace flights {
namespace {

using weir::errc;

bool is_compressed(std::string_view bytes) noexcept {
  return bytes.starts_with("\x28\xb5\x2f\xfd") || bytes.starts_with("\x1f\x8b");
}

tl::unexpected<weir::error> named(const std::string& name, weir::error failure) {
  failure.message.insert(0, name + ": ");
  return weir::fail(std::move(failure));
}

}  // namespace

weir::result<reader> reader::open(const std::string& path, const stop_request& stop) {
  std::string name = path == "-" ? "standard input" : path;
  auto source = open_source(path, stop);
  if (!source) return named(name, std::move(source.error()));
  return over(std::move(*source), std::move(name));
}

weir::result<reader> reader::over(std::unique_ptr<byte_source> source, std::string name) {
  reader made{std::move(name), std::make_unique<window>(std::move(source))};
  auto known = made.recognise();
  if (!known) return named(made.name_, std::move(known.error()));
  return made;
}

weir::result<void> reader::recognise() {
  while (input_->held().size() < 4) {
    auto more = input_->more();
    if (!more) return weir::fail(std::move(more.error()));
    if (!*more) break;
  }
  if (is_compressed(input_->held())) {
    return weir::fail(errc::malformed, "the input is compressed; decompress it first");
  }
  if (input_->held().starts_with("\xef\xbb\xbf")) input_->drop(3);
  for (;;) {
    const auto held = input_->held();
    std::size_t at = 0;
    while (at < held.size() && is_json_space(held[at])) ++at;
    input_->drop(at);
    if (at < held.size()) break;
    auto more = input_->more();
    if (!more) return weir::fail(std::move(more.error()));
    if (!*more) return weir::fail(errc::malformed, "the input is empty");
  }
  const char first = input_->held().front();
  if (first == '[') {
    input_->drop(1);
    format_ = json_format(*input_);
    return {};
  }
  if (first == '{') {
    return weir::fail(errc::malformed, "expected a JSON array or a CSV header, found '{'");
  }
  auto csv = csv_format(*input_);
  if (!csv) return weir::fail(std::move(csv.error()));
  format_ = std::move(*csv);
  return {};
}

weir::result<outcome> reader::next(departure& record, malformed& problem) {
  if (failure_) return weir::fail(*failure_);
  if (ended_) return outcome::end;
  auto got = format_->next(record, problem);
  if (!got) {
    auto failure = named(name_, std::move(got.error()));
    failure_ = failure.value();
    return failure;
  }
  ended_ = *got == outcome::end;
  return got;
}

}  // namespace flights
