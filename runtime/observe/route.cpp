// SPDX-License-Identifier: BSD-3-Clause
// Finding a route, and saying what went wrong.
#include "weir/runtime/observe/route.hpp"

#include <algorithm>
#include <vector>

#include "weir/runtime/codec/json_reader.hpp"
#include "weir/runtime/codec/json_writer.hpp"
#include "weir/runtime/event/describe.hpp"

namespace weir::observe {
namespace {

constexpr std::size_t names_max = 64;
constexpr std::size_t quoted_max = 200;

struct told_cause {
  std::string type;
  std::string message;
};
WEIR_FIELDS(told_cause, (type, message))

struct told_error {
  std::string error;
  std::string message;
  std::vector<told_cause> causes;
};
WEIR_FIELDS(told_error, (error, message, causes))

response refusal(int status, error why) {
  auto made = response_to(why);
  made.status = status;
  return made;
}

/// Of what somebody else sent.
std::string quoted(const std::string& text) {
  return codec::to_json(text.substr(0, quoted_max));
}

response call(const route& to, const request& asked) {
  try {
    auto body = to.answer(asked);
    if (!body) return response_to(body.error());
    return {200, std::string{to.type}, std::move(*body)};
  } catch (const std::exception& thrown) {
    return refusal(500, {errc::handler_threw, to.path + ": " + thrown.what()});
  }
}

int digit_of(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

result<std::string> unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      plain += text[at] == '+' ? ' ' : text[at];
      continue;
    }
    const int high = at + 2 < text.size() ? digit_of(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? digit_of(text[at + 2]) : -1;
    if (high < 0 || low < 0) {
      return fail(errc::invalid_argument, "the query has a % without two hex digits");
    }
    plain += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return plain;
}

std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  std::string made;
  for (const char letter : text) {
    if (plain.find(letter) != std::string_view::npos) {
      made += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    made += '%';
    made += digits[byte >> 4U];
    made += digits[byte & 15U];
  }
  return made;
}

}  // namespace

response answer(std::span<const route> routes, const request& asked, right allowed) {
  std::string others;
  for (const auto& one : routes) {
    if (one.path != asked.path) continue;
    if (one.method != asked.method) {
      others += (others.empty() ? "" : ", ") + one.method;
      continue;
    }
    if (one.needs == right::write && allowed == right::read) {
      return refusal(403, {errc::invalid_argument, one.method + " " + one.path +
                                                       ": only reading is allowed here"});
    }
    return call(one, asked);
  }
  if (!others.empty()) {
    return refusal(405, {errc::invalid_argument,
                         quoted(asked.path) + " takes " + others + ", not " +
                             quoted(asked.method)});
  }
  return refusal(404, {errc::not_found, "this node has no " + quoted(asked.path)});
}

response response_to(const error& failure) {
  told_error told{std::string{to_string(failure.code)}, failure.message, {}};
  for (const auto& one : failure.causes) told.causes.push_back({one.type, one.message});
  return {http_status(failure.code), std::string{json_type}, codec::to_json(told)};
}

int http_status(errc code) noexcept {
  switch (code) {
    case errc::not_found:
    case errc::unknown_topic: return 404;
    case errc::already_exists:
    case errc::store_locked: return 409;
    case errc::too_long:
    case errc::event_too_large: return 413;
    case errc::timeout: return 504;
    case errc::unavailable:
    case errc::closed:
    case errc::backpressure:
    case errc::cancelled: return 503;
    case errc::invalid_argument:
    case errc::invalid_name:
    case errc::malformed:
    case errc::missing_field:
    case errc::wrong_type:
    case errc::out_of_range:
    case errc::invalid_utf8:
    case errc::too_deep: return 400;
    default: return 500;
  }
}

result<std::string> body_of(response given) {
  if (given.good()) return std::move(given.body);
  const auto told = codec::from_json<told_error>(given.body);
  if (!told) {
    return fail(errc::unavailable, "the node answered with status " +
                                       std::to_string(given.status) + " and no error of ours");
  }
  const auto table = error_table();
  const auto row = std::find_if(table.begin(), table.end(),
                                [&](const auto& one) { return one.name == told->error; });
  error failure{row == table.end() ? errc::unavailable : row->code, told->message};
  for (const auto& one : told->causes) failure.causes.push_back({one.type, one.message});
  return fail(std::move(failure));
}

result<query_values> read_query(std::string_view text) {
  query_values values;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const auto equals = std::min(part.find('='), part.size());
    auto name = unescaped(part.substr(0, equals));
    if (!name) return fail(std::move(name.error()));
    auto value = unescaped(part.substr(std::min(equals + 1, part.size())));
    if (!value) return fail(std::move(value.error()));
    if (name->empty()) return fail(errc::invalid_argument, "the query has a value without a name");
    if (values.size() == names_max) {
      return fail(errc::invalid_argument,
                  "the query has more than " + std::to_string(names_max) + " names");
    }
    if (!values.emplace(*name, std::move(*value)).second) {
      return fail(errc::invalid_argument, "the query has " + quoted(*name) + " twice");
    }
  }
  return values;
}

std::string write_query(const query_values& values) {
  std::string text;
  for (const auto& [name, value] : values) {
    text += (text.empty() ? "" : "&") + escaped(name) + "=" + escaped(value);
  }
  return text;
}

}  // namespace weir::observe
