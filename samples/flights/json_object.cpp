// SPDX-License-Identifier: BSD-3-Clause
// Members to fields. A value of the wrong kind is no mistake of syntax but a defect: the first one
// is noted and the scan goes on, so that the record's end is known.
#include "weir/samples/flights/json_object.hpp"

#include <bitset>

#include "weir/samples/flights/json_cursor.hpp"
#include "weir/samples/flights/json_string.hpp"
#include "weir/samples/flights/utf8.hpp"

namespace flights {
namespace {

using step = json_cursor::step;
using weir::errc;

bool is_number(field which) noexcept { return which == field::delay || which == field::distance; }

class object_scanner {
 public:
  object_scanner(std::string_view text, departure& into) : here_(text, 1), into_(into) {}

  object_scan scan();
  /// Scans a well-formed object for the name of the member whose name or value covers `offset`.
  std::string member_at(std::size_t offset);

 private:
  step scan_members();
  step scan_member();
  step scan_value(field which);
  step scan_text(field which);
  step scan_token(field which);
  void take(field which, std::string_view text);
  void note(field which, errc code, std::string reason) {
    if (!wrong_) wrong_ = defect{std::string{name_of(which)}, code, std::move(reason)};
  }
  std::optional<defect> judge(std::string_view object);
  std::string shown_member() const {
    const bool valid = find_invalid_utf8(member_) == std::string_view::npos;
    return valid ? std::string{cut_utf8(member_, 64)} : std::string{};
  }

  json_cursor here_;
  departure& into_;
  std::bitset<field_count> seen_;
  std::string_view member_;  // the name of the member at hand, escapes as written
  std::optional<defect> wrong_;
  bool next_object_ = false;
  std::size_t watched_ = std::string_view::npos;
  std::string watched_member_;
};

object_scan object_scanner::scan() {
  switch (scan_members()) {
    case step::cut: return {};
    case step::broken:
      return {object_scan::extent::broken, next_object_ ? here_.at() : here_.last_string(),
              defect{shown_member(), errc::malformed, std::string{here_.mistake()}}, next_object_};
    case step::ok: break;
  }
  return {object_scan::extent::complete, here_.at(), judge(here_.text().substr(0, here_.at())),
          false};
}

std::string object_scanner::member_at(std::size_t offset) {
  watched_ = offset;
  if (scan_members() != step::ok) return {};
  return watched_member_;
}

step object_scanner::scan_members() {
  if (here_.skip_space() == step::cut) return step::cut;
  if (here_.peek() == '}') return here_.advance(), step::ok;
  for (;;) {
    const auto start = here_.at();
    if (const auto done = scan_member(); done != step::ok) return done;
    if (watched_ >= start && watched_ < here_.at()) watched_member_ = shown_member();
    if (here_.skip_space() == step::cut) return step::cut;
    if (here_.peek() == '}') return here_.advance(), step::ok;
    const auto done = here_.expect(',', "expected ',' or '}' behind the value");
    if (done != step::ok) return done;
    if (here_.skip_space() == step::cut) return step::cut;
    next_object_ = here_.peek() == '{';
  }
}

step object_scanner::scan_member() {
  if (here_.peek() != '"') return here_.broken("expected a field name");
  json_string name;
  if (const auto done = here_.read_string(name); done != step::ok) return done;
  member_ = name.raw;
  if (const auto done = here_.expect(':', "expected ':' behind the name"); done != step::ok) {
    return done;
  }
  const auto which = name.escaped ? find_field(unescape_json(name.raw).value_or(std::string{}))
                                  : find_field(name.raw);
  if (!which) return here_.skip_value(1);
  if (here_.skip_space() == step::cut) return step::cut;
  if (seen_[static_cast<std::size_t>(*which)]) {
    note(*which, errc::malformed, "the field is there twice");
  }
  seen_.set(static_cast<std::size_t>(*which));
  return scan_value(*which);
}

step object_scanner::scan_value(field which) {
  const char first = here_.peek();
  if (first == '"') return scan_text(which);
  if (first != '{' && first != '[') return scan_token(which);
  note(which, errc::wrong_type,
       std::string{is_number(which) ? "expected a number" : "expected a string"} +
           (first == '{' ? ", found an object" : ", found an array"));
  return here_.skip_value(1);
}

step object_scanner::scan_text(field which) {
  json_string value;
  if (const auto done = here_.read_string(value); done != step::ok) return done;
  if (is_number(which)) {
    note(which, errc::wrong_type, "expected a number, found the string " + quoted(value.raw));
  } else if (value.escaped) {
    take(which, unescape_json(value.raw).value_or(std::string{}));
  } else {
    take(which, value.raw);
  }
  return step::ok;
}

step object_scanner::scan_token(field which) {
  std::string_view token;
  if (const auto done = here_.read_scalar(token); done != step::ok) return done;
  if (is_number(which) && is_json_integer(token)) {
    take(which, token);
  } else if (token.empty()) {
    note(which, errc::malformed, "the value is missing");
  } else if (!is_json_scalar(token)) {
    note(which, errc::malformed, "not a JSON value: " + quoted(token));
  } else {
    note(which, errc::wrong_type,
         (is_number(which) ? "expected a whole number, found " : "expected a string, found ") +
             quoted(token));
  }
  return step::ok;
}

void object_scanner::take(field which, std::string_view text) {
  const auto why = set_field(into_, which, text);
  if (why == verdict::fine || wrong_) return;
  wrong_ = explain(which, why, text);
}

std::optional<defect> object_scanner::judge(std::string_view object) {
  if (const auto at = find_invalid_utf8(object); at != std::string_view::npos) {
    return defect{object_scanner{object, into_}.member_at(at), errc::invalid_utf8, "invalid UTF-8"};
  }
  if (wrong_ || seen_.all()) return std::move(wrong_);
  for (std::size_t i = 0; i < field_count; ++i) {
    if (!seen_[i]) {
      return defect{std::string{field_names[i]}, errc::missing_field, "the field is missing"};
    }
  }
  return std::nullopt;
}

}  // namespace

object_scan scan_object(std::string_view text, departure& into) {
  return object_scanner{text, into}.scan();
}

}  // namespace flights
