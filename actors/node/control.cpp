// SPDX-License-Identifier: BSD-3-Clause
// What a running node can be asked from outside: one line a route. Answers are made on threads of
// the control server, which ends before the node does.
#include <algorithm>

#include "weir/actors/node/impl.hpp"
#include "weir/actors/node/status_json.hpp"
#include "weir/runtime/delivery/letter_event.hpp"
#include "weir/runtime/delivery/letter_query.hpp"

namespace weir {
namespace {

using observe::request;
using observe::right;

/// Letters of one answer, unless fewer are wanted: what is asked again after the last has the rest.
constexpr std::uint64_t letters_at_once = 1000;

/// The dead letters that the query means, in the order of their numbers: `after` a number, at most
/// `count` of them.
result<delivery::found_letters> letters_for(const store::store& where, const request& asked) {
  const auto filter = delivery::read_filter(asked.query);
  if (!filter) return fail(filter.error());
  const auto after = delivery::read_count(asked.query, "after", 0);
  if (!after) return fail(after.error());
  const auto count = delivery::read_count(asked.query, "count", letters_at_once);
  if (!count) return fail(count.error());
  auto found = delivery::find_letters(where, *filter, [](const std::string&) {});
  if (!found) return found;
  auto& letters = found->letters;
  std::erase_if(letters, [&](const auto& one) { return one.number <= *after; });
  const auto shown = std::min({*count, letters_at_once, std::uint64_t{letters.size()}});
  letters.resize(shown);
  return found;
}

result<std::string> subscription_of(const request& asked) {
  const auto found = asked.query.find("subscription");
  if (found != asked.query.end()) return found->second;
  return fail(errc::invalid_argument, asked.path + " needs ?subscription=");
}

}  // namespace

result<void> node::impl::open_control() {
  const bool wanted = options.control && !options.simulated && !options.data_dir.empty() &&
                      options.store == nullptr;
  if (!wanted) return {};
  auto opened = actors::control_server::open(options.data_dir);
  if (!opened) return fail(std::move(opened.error()));
  control = std::move(*opened);
  return {};
}

std::vector<observe::route> node::impl::control_routes() {
  const auto lines = [this](const request& asked) -> result<std::string> {
    const auto found = letters_for(*data, asked);
    if (!found) return fail(found.error());
    std::string text;
    for (const auto& one : found->letters) text += delivery::cloud_event_of(one) + '\n';
    return text;
  };
  const auto records = [this](const request& asked) -> result<std::string> {
    const auto found = letters_for(*data, asked);
    if (!found) return fail(found.error());
    return delivery::bundle_of(*found);
  };
  const auto paused = [this](bool wanted) {
    return [this, wanted](const request& asked) -> result<std::string> {
      const auto name = subscription_of(asked);
      if (!name) return fail(name.error());
      if (auto done = pause(*name, wanted); !done) return fail(std::move(done.error()));
      return "{}";
    };
  };
  return {
      {"GET", "/status", right::read, [this](const request&) { return to_json(status()); }},
      {"GET", "/metrics", right::read, [this](const request&) { return metrics(); },
       "text/plain; version=0.0.4"},
      {"GET", "/dead-letters", right::read, lines, observe::lines_type},
      {"GET", "/dead-letters/records", right::read, records, observe::bytes_type},
      {"POST", "/pause", right::write, paused(true)},
      {"POST", "/resume", right::write, paused(false)},
  };
}

}  // namespace weir
