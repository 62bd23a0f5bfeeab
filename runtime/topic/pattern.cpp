// SPDX-License-Identifier: BSD-3-Clause
// Parsing and matching, one token at a time. `>` comes last, so matching never goes back.
#include "weir/runtime/topic/pattern.hpp"

#include <algorithm>

#include "weir/runtime/topic/name.hpp"

namespace weir::topic {
namespace {

// Cuts the first token off `rest`; `more` says whether a dot followed it.
std::string_view take_token(std::string_view& rest, bool& more) noexcept {
  const auto dot = rest.find('.');
  more = dot != std::string_view::npos;
  const auto token = rest.substr(0, dot);
  rest = more ? rest.substr(dot + 1) : std::string_view{};
  return token;
}

}  // namespace

result<pattern> pattern::parse(std::string_view text) {
  // With every wildcard read as a letter a pattern is a name, so the name's rules and messages
  // hold.
  std::string as_name{text};
  bool literal = true;
  bool more = true;
  for (auto rest = text; more && !text.empty();) {
    const auto at = static_cast<std::size_t>(rest.data() - text.data());
    const auto token = take_token(rest, more);
    if (token != "*" && token != ">") continue;
    literal = false;
    if (token == ">" && more) {
      return fail(errc::invalid_name,
                  "pattern at byte " + std::to_string(at) + ": '>' must be the last token");
    }
    as_name[at] = 'x';
  }
  if (auto named = check_name("pattern", as_name); !named) return fail(std::move(named).error());
  return pattern{std::string{text}, literal};
}

bool pattern::matches(std::string_view topic) const noexcept {
  std::string_view wanted = text_;
  bool more_wanted = true;
  bool more_topic = true;
  while (more_wanted && more_topic) {
    const auto want = take_token(wanted, more_wanted);
    if (want == ">") return !topic.empty();
    const auto token = take_token(topic, more_topic);
    if (token.empty() || (want != "*" && want != token)) return false;
  }
  return more_wanted == more_topic;
}

}  // namespace weir::topic
