// SPDX-License-Identifier: BSD-3-Clause
// Random histories of a store against plain maps. The keys are few and short, so that changes meet.
#include "weir/runtime/core/random.hpp"
#include "weir/tests/runtime/store/store_contract.hpp"

namespace store_tests {
namespace {

using model = std::map<table, contents>;

std::string any_key(weir::random& dice) {
  constexpr std::string_view bytes{"\0\x01" "ab\xff", 5};
  std::string key;
  do {
    key.push_back(bytes[dice.below(bytes.size())]);
  } while (key.size() < 3 && dice.chance(0.6));
  return key;
}

table any_table(weir::random& dice) {
  return weir::store::all_tables[dice.below(weir::store::all_tables.size())];
}

// The same random change to both.
void change_once(changes& group, model& tables, weir::random& dice) {
  const auto where = any_table(dice);
  const auto key = any_key(dice);
  auto& records = tables[where];
  const auto kind = dice.below(8);
  if (kind == 0) {
    const auto end = any_key(dice);
    group.erase_range(where, key, end);
    if (key < end) records.erase(records.lower_bound(key), records.lower_bound(end));
  } else if (kind == 1) {
    group.erase(where, key);
    records.erase(key);
  } else {
    const std::string value(dice.below(300), static_cast<char>(dice()));
    group.put(where, key, value);
    records[key] = value;
  }
}

void compare(const weir::store::store& store, const model& tables, weir::random& dice) {
  for (const auto where : weir::store::all_tables) {
    const auto records = tables.contains(where) ? tables.at(where) : contents{};
    CHECK(scanned(store, where) == records);
    const auto from = any_key(dice), to = any_key(dice);
    const auto end = std::max(from, to), begin = std::min(from, to);
    const contents inside{records.lower_bound(begin), records.lower_bound(end)};
    CHECK(scanned(store, where, begin, end) == inside);
    weir::store::record last;
    const auto any = store.last(where, begin, end, last);
    REQUIRE(any);
    CHECK(*any == !inside.empty());
    if (*any && !inside.empty()) {
      CHECK(last.key == inside.rbegin()->first);
      CHECK(last.value == inside.rbegin()->second);
    }
    std::string value;
    const auto found = store.get(where, begin, value);
    REQUIRE(found);
    CHECK(*found == records.contains(begin));
    if (*found) CHECK(value == records.at(begin));
  }
}

}  // namespace

void store_property(const rig_factory& make, std::uint64_t histories) {
  for (std::uint64_t seed = 1; seed <= histories; ++seed) {
    INFO("history " << seed);
    weir::random dice{seed};
    const auto rig = make();
    model tables;
    changes group, part;
    for (auto commits = 1 + dice.below(12); commits > 0; --commits) {
      group.clear();
      for (auto parts = dice.below(3); parts > 0; --parts) {
        part.clear();
        for (auto size = dice.below(6); size > 0; --size) change_once(part, tables, dice);
        group.append(part);
      }
      REQUIRE(rig->get().commit(group));
      if (dice.chance(0.2)) rig->reopen();
    }
    compare(rig->get(), tables, dice);
  }
}

}  // namespace store_tests
