// SPDX-License-Identifier: BSD-3-Clause
// Flight records as one JSON array. Records are scanned where they lie in the window; whatever is
// not a record is passed over by the byte machines of json_skip and reported with its beginning.
#include "weir/samples/flights/json_cursor.hpp"
#include "weir/samples/flights/json_object.hpp"
#include "weir/samples/flights/json_skip.hpp"
#include "weir/samples/flights/record_format.hpp"

namespace flights {
namespace {

using weir::errc;

constexpr std::size_t kept_bytes = max_raw_bytes + 4;  // one character more than is shown

class json_records final : public record_format {
 public:
  explicit json_records(window& input) : input_(input) {}

  weir::result<outcome> next(departure& record, malformed& problem) override;

 private:
  enum class place : std::uint8_t { start, after_comma, after_record, closed };

  /// The next byte that is not white space, not consumed; -1 at the end.
  weir::result<int> peek();
  weir::result<outcome> next_object(departure& record, malformed& problem);
  weir::result<outcome> take_object(object_scan scan, malformed& problem);
  weir::result<outcome> pass_broken(object_scan scan, malformed& problem);
  /// Reports the element that starts here, whatever it is, as `why`.
  weir::result<outcome> pass_element(defect why, malformed& problem);
  weir::result<outcome> close();
  /// Reports one byte, without consuming it, as a record.
  weir::result<outcome> nothing_there(malformed& problem);
  template <class machine>
  weir::result<void> pass(machine& end, std::string& raw);
  weir::result<bool> more_of_record(std::size_t held_before);

  tl::unexpected<weir::error> failed(const weir::error& why) const {
    return weir::fail(why.code, "record " + std::to_string(record_) + ": " + why.message);
  }

  window& input_;
  place place_ = place::start;
  std::uint64_t record_ = 0;
};

weir::result<int> json_records::peek() {
  for (;;) {
    const auto held = input_.held();
    std::size_t at = 0;
    while (at < held.size() && is_json_space(held[at])) ++at;
    input_.drop(at);
    if (at < held.size()) return static_cast<unsigned char>(held[at]);
    auto more = input_.more();
    if (!more) return weir::fail(std::move(more.error()));
    if (!*more) return -1;
  }
}

defect not_an_object(char first) {
  std::string what = "a number or a word";
  if (first == '"') what = "a string";
  if (first == '[') what = "an array";
  return {"", errc::wrong_type, "not an object, found " + what};
}

weir::result<outcome> json_records::next(departure& record, malformed& problem) {
  for (;;) {
    if (place_ == place::closed) return outcome::end;
    auto byte = peek();
    if (!byte) return ++record_, failed(byte.error());
    if (*byte < 0) {
      return weir::fail(errc::malformed, "record " + std::to_string(record_ + 1) +
                                             ": the file ends before it, without a closing ]");
    }
    if (place_ == place::after_record) {
      if (*byte == ']') return close();
      if (*byte != ',') {
        return pass_element({"", errc::malformed, "no comma before the record"}, problem);
      }
      input_.drop(1);
      place_ = place::after_comma;
      continue;
    }
    if (*byte == '{') return next_object(record, problem);
    if (*byte == ']' && place_ == place::start) return close();
    if (*byte == ']' || *byte == ',') return nothing_there(problem);
    return pass_element(not_an_object(static_cast<char>(*byte)), problem);
  }
}

weir::result<outcome> json_records::next_object(departure& record, malformed& problem) {
  ++record_;
  for (;;) {
    const auto text = input_.held().substr(0, max_record_bytes);
    auto scan = scan_object(text, record);
    if (scan.how == object_scan::extent::complete) {
      if (scan.wrong) return take_object(std::move(scan), problem);
      input_.drop(scan.size);
      place_ = place::after_record;
      return outcome::departure;
    }
    if (scan.how == object_scan::extent::broken) return pass_broken(std::move(scan), problem);
    if (text.size() == max_record_bytes) {
      --record_;
      return pass_element({"", errc::too_long, "the record is longer than 1 MiB"}, problem);
    }
    auto more = more_of_record(text.size());
    if (!more) return failed(more.error());
    if (!*more) {
      return failed({errc::malformed, "the file ends inside it"});
    }
  }
}

// A long record is scanned again only when it has doubled, or a slow pipe would make it quadratic.
weir::result<bool> json_records::more_of_record(std::size_t held_before) {
  constexpr std::size_t short_record = 4096;
  const auto wanted = held_before < short_record ? held_before + 1 : 2 * held_before;
  while (input_.held().size() < std::min(wanted, max_record_bytes)) {
    auto more = input_.more();
    if (!more) return more;
    if (!*more) return input_.held().size() > held_before;
  }
  return true;
}

weir::result<outcome> json_records::take_object(object_scan scan, malformed& problem) {
  problem = to_malformed(record_, std::move(*scan.wrong), input_.held().substr(0, scan.size));
  input_.drop(scan.size);
  place_ = place::after_record;
  return outcome::malformed;
}

weir::result<outcome> json_records::pass_broken(object_scan scan, malformed& problem) {
  std::string raw{input_.held().substr(0, std::min(scan.size, kept_bytes))};
  input_.drop(scan.size);
  place_ = place::after_comma;
  if (!scan.next_object) {
    next_record end;
    if (auto done = pass(end, raw); !done) return failed(done.error());
    if (!end.found()) place_ = end.array_closed() ? place::closed : place::after_record;
    // The search ends behind the record; what it took too much is separators, unless cut before.
    if (const auto brace = raw.rfind('}'); raw.size() < kept_bytes && brace != std::string::npos) {
      raw.resize(brace + 1);
    }
  }
  problem = to_malformed(record_, std::move(*scan.wrong), raw);
  return outcome::malformed;
}

weir::result<outcome> json_records::pass_element(defect why, malformed& problem) {
  ++record_;
  std::string raw;
  element_end end;
  if (auto done = pass(end, raw); !done) return failed(done.error());
  place_ = place::after_record;
  problem = to_malformed(record_, std::move(why), raw);
  return outcome::malformed;
}

weir::result<outcome> json_records::nothing_there(malformed& problem) {
  ++record_;
  place_ = place::after_record;
  problem = to_malformed(record_, {"", errc::malformed, "nothing where a record should be"},
                         input_.held().substr(0, 1));
  return outcome::malformed;
}

template <class machine>
weir::result<void> json_records::pass(machine& end, std::string& raw) {
  for (;;) {
    const auto held = input_.held();
    const auto taken = end.take(held);
    raw += held.substr(0, std::min(taken, kept_bytes - raw.size()));
    input_.drop(taken);
    if (end.found()) return {};
    auto more = input_.more();
    if (!more) return weir::fail(std::move(more.error()));
    if (!*more) return {};
  }
}

weir::result<outcome> json_records::close() {
  input_.drop(1);
  auto byte = peek();
  if (!byte) return failed(byte.error());
  if (*byte >= 0) {
    return weir::fail(errc::malformed, "record " + std::to_string(record_ + 1) +
                                           ": text behind the array's closing ]");
  }
  place_ = place::closed;
  return outcome::end;
}

}  // namespace

std::unique_ptr<record_format> json_format(window& input) {
  return std::make_unique<json_records>(input);
}

}  // namespace flights
