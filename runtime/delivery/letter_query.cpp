// SPDX-License-Identifier: BSD-3-Clause
// Words into conditions.
#include "weir/runtime/delivery/letter_query.hpp"

#include <algorithm>
#include <charconv>

#include "weir/runtime/codec/json_reader.hpp"
#include "weir/runtime/codec/json_writer.hpp"
#include "weir/runtime/codec/rfc3339.hpp"
#include "weir/runtime/event/describe.hpp"

namespace weir::delivery {
namespace {

constexpr std::string_view names[] = {"number", "topic",       "subscription", "type",  "error",
                                      "key",    "fingerprint", "state",        "since", "until"};

std::optional<std::string> text(const words& given, std::string_view name) {
  const auto found = given.find(name);
  return found == given.end() ? std::nullopt : std::optional{found->second};
}

tl::unexpected<error> refuse(std::string_view prefix, std::string_view name,
                             const std::string& value, const char* what) {
  return fail(errc::invalid_argument,
              std::string{prefix} + std::string{name} + ": '" + value + "' is not " + what);
}

result<void> read_time(const words& given, std::string_view name, std::string_view prefix,
                       timestamp& into) {
  const auto value = text(given, name);
  if (!value) return {};
  const auto time = codec::internal::parse_time(*value);
  const auto since = time ? codec::internal::join<duration>(*time) : std::nullopt;
  if (!since) return refuse(prefix, name, *value, "a time such as 2026-11-27T08:00:00Z");
  into = timestamp{*since};
  return {};
}

result<void> read_state(const words& given, std::string_view prefix, letter_filter& filter) {
  const auto value = text(given, "state");
  if (!value) return {};
  for (const auto one : {letter_state::dead, letter_state::parked, letter_state::redriven,
                         letter_state::discarded}) {
    if (to_string(one) == *value) filter.state = one;
  }
  if (filter.state) return {};
  return refuse(prefix, "state", *value, "dead, parked, redriven or discarded");
}

std::optional<std::uint64_t> number_in(const std::string& value) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (problem != std::errc{} || end != value.data() + value.size() || number == 0) return {};
  return number;
}

}  // namespace

WEIR_FIELDS(letter_request, (filter, options))

std::span<const std::string_view> filter_words() noexcept { return names; }

result<letter_filter> read_filter(const words& given, std::string_view prefix) {
  letter_filter filter{.topic = text(given, "topic"),
                       .subscription = text(given, "subscription"),
                       .type = text(given, "type"),
                       .failure = text(given, "error"),
                       .key = text(given, "key"),
                       .fingerprint = text(given, "fingerprint")};
  if (const auto value = text(given, "number")) {
    filter.number = number_in(*value);
    if (!filter.number) return refuse(prefix, "number", *value, "a whole number from 1");
  }
  if (auto read = read_state(given, prefix, filter); !read) return fail(std::move(read.error()));
  for (const auto& [name, into] :
       {std::pair{"since", &filter.since}, std::pair{"until", &filter.until}}) {
    if (auto read = read_time(given, name, prefix, *into); !read) {
      return fail(std::move(read.error()));
    }
  }
  return filter;
}

result<std::uint64_t> read_count(const words& given, std::string_view name,
                                 std::uint64_t otherwise) {
  const auto value = text(given, name);
  if (!value) return otherwise;
  if (const auto number = number_in(*value)) return *number;
  return refuse("", name, *value, "a whole number from 1");
}

std::string to_json(const letter_request& wanted) { return codec::to_json(wanted); }

result<letter_request> read_letter_request(std::string_view json) {
  auto wanted = codec::from_json<letter_request>(json);
  if (!wanted) return wanted;
  for (const auto& [name, value] : wanted->filter) {
    if (std::find(std::begin(names), std::end(names), name) == std::end(names)) {
      return fail(errc::invalid_argument, "filter." + name + ": there is no such condition");
    }
  }
  return wanted;
}

}  // namespace weir::delivery
