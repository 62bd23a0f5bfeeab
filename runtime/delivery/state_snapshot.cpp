// SPDX-License-Identifier: BSD-3-Clause
// Rows of a partition, and the journal's changes over them.
#include "weir/runtime/delivery/state_snapshot.hpp"

#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "weir/runtime/store/key.hpp"

namespace weir::delivery {
namespace {

/// The keys that a state may have for an event's.
std::set<std::string> forms_of(std::string_view event_key) {
  std::set<std::string> forms{std::string{event_key}};
  const auto* const end = event_key.data() + event_key.size();
  std::int64_t number = 0;
  if (const auto read = std::from_chars(event_key.data(), end, number);
      read.ec == std::errc{} && read.ptr == end) {
    forms.insert(store::key_writer{}.i64(number).take());
  }
  std::uint64_t positive = 0;
  if (const auto read = std::from_chars(event_key.data(), end, positive);
      read.ec == std::errc{} && read.ptr == end) {
    forms.insert(store::key_writer{}.u64(positive).take());
  }
  return forms;
}

result<bool> has_any(const state_place& place) {
  const auto all = store::key_writer{}.text(place.subscription).text(place.topic).take();
  store::record any;
  return place.where->last(store::table::state, all, store::prefix_end(all), any);
}

}  // namespace

result<state_snapshot> states_for_key(const state_place& place, std::string_view event_key) {
  const auto keeps = has_any(place);
  if (!keeps) return fail(keeps.error());
  const auto prefix = place.prefix();
  const auto forms = forms_of(event_key);
  std::map<std::pair<std::string, std::string>, std::string> found;
  const auto take = [&](std::string_view row, std::string_view value) {
    store::key_reader read{row.substr(prefix.size())};
    auto name = read.text();
    std::string key{read.rest()};
    if (name.empty() || !read.ok() || !forms.contains(key)) return;
    found.insert_or_assign({std::move(name), std::move(key)}, value);
  };
  auto seen = place.where->scan(store::table::state, prefix, store::prefix_end(prefix),
                                [&](std::string_view row, std::string_view value) {
                                  take(row, value);
                                  return true;
                                });
  if (!seen) return fail(std::move(seen.error()));
  state_overlay journal;
  journal.load(*place.where, prefix);
  if (journal.failure()) return fail(*journal.failure());
  std::map<std::string, std::optional<std::string>> changed;
  journal.visit_keys(prefix, [&](std::string_view row) {
    std::optional<std::string_view> value;
    if (!journal.find(row, value)) return;
    changed.emplace(row, value ? std::optional<std::string>{*value} : std::nullopt);
  });
  for (const auto& [row, value] : changed) {
    if (value) {
      take(row, *value);
      continue;
    }
    store::key_reader read{std::string_view{row}.substr(prefix.size())};
    auto name = read.text();
    found.erase({std::move(name), std::string{read.rest()}});
  }
  state_snapshot all{*keeps, {}};
  for (auto& [where, value] : found) all.values.push_back({where.first, where.second, value});
  return all;
}

void put_row(const state_place& place, const kept_value& one, store::changes& to) {
  const auto row = store::key_writer{}.rest(place.prefix(one.name)).rest(one.key).take();
  to.put(store::table::state, row, one.value);
}

}  // namespace weir::delivery
