// SPDX-License-Identifier: BSD-3-Clause
// From the text of an option to its value, or to the line that says what is wrong with it.
#include "weir/actors/cli/option.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "weir/runtime/topology/bound.hpp"

namespace weir::cli {
namespace {

struct unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr unit units[] = {
    {"", 1},           {"b", 1},          {"k", 1ULL << 10U},   {"kib", 1ULL << 10U},
    {"m", 1ULL << 20U}, {"mib", 1ULL << 20U}, {"g", 1ULL << 30U}, {"gib", 1ULL << 30U},
    {"t", 1ULL << 40U}, {"tib", 1ULL << 40U}, {"kb", 1'000},      {"mb", 1'000'000},
    {"gb", 1'000'000'000},
};

tl::unexpected<error> wrong(const option& wanted, std::string_view given, const std::string& is) {
  return fail(errc::invalid_argument,
              "--" + wanted.name + ": '" + std::string{given} + "' is not " + is);
}

/// The digits `given` begins with, and what follows them.
std::optional<std::pair<std::uint64_t, std::string_view>> leading(std::string_view given) {
  std::uint64_t value = 0;
  const auto* end = given.data() + given.size();
  const auto [rest, problem] = std::from_chars(given.data(), end, value);
  if (problem != std::errc{}) return std::nullopt;
  return std::pair{value, std::string_view{rest, static_cast<std::size_t>(end - rest)}};
}

result<option_value> parse_as(const flag&, const option&, std::string_view) { return true; }

result<option_value> parse_as(const number& range, const option& wanted, std::string_view given) {
  const auto found = leading(given);
  if (!found || !found->second.empty() || found->first < range.least || found->first > range.most) {
    return wrong(wanted, given, "a whole number from " + std::to_string(range.least) + " to " +
                                    std::to_string(range.most));
  }
  return found->first;
}

result<option_value> parse_as(const bytes& range, const option& wanted, std::string_view given) {
  const std::string is = "a number of bytes from " + topology::bytes_text(range.least) + " to " +
                         topology::bytes_text(range.most) + ", such as 512MiB";
  const auto found = leading(given);
  if (!found) return wrong(wanted, given, is);
  std::string suffix{found->second};
  for (auto& letter : suffix) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  const auto* known = std::find_if(std::begin(units), std::end(units),
                                   [&](const unit& one) { return one.name == suffix; });
  if (known == std::end(units) || found->first > range.most / known->bytes ||
      found->first * known->bytes < range.least) {
    return wrong(wanted, given, is);
  }
  return found->first * known->bytes;
}

result<option_value> parse_as(const text& words, const option& wanted, std::string_view given) {
  const auto& known = words.one_of;
  if (!known.empty() && std::find(known.begin(), known.end(), given) == known.end()) {
    std::string list;
    for (const auto& word : known) list += (list.empty() ? "" : ", ") + word;
    return wrong(wanted, given, "one of " + list);
  }
  return std::string{given};
}

}  // namespace

result<option_value> parse(const option& wanted, std::string_view given) {
  return std::visit([&](const auto& kind) { return parse_as(kind, wanted, given); }, wanted.takes);
}

std::optional<option_value> standard_of(const option& wanted) {
  if (const auto* kind = std::get_if<number>(&wanted.takes)) return kind->standard;
  if (const auto* kind = std::get_if<bytes>(&wanted.takes)) return kind->standard;
  if (const auto* kind = std::get_if<text>(&wanted.takes)) return kind->standard;
  return std::nullopt;
}

std::string value_name(const option& wanted) {
  if (const auto* kind = std::get_if<number>(&wanted.takes)) return kind->name;
  if (std::holds_alternative<bytes>(wanted.takes)) return "BYTES";
  const auto* kind = std::get_if<text>(&wanted.takes);
  if (kind == nullptr) return "";
  std::string words;
  for (const auto& word : kind->one_of) words += (words.empty() ? "" : "|") + word;
  return words.empty() ? kind->name : words;
}

}  // namespace weir::cli
