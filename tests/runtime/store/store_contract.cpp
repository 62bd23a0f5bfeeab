// SPDX-License-Identifier: BSD-3-Clause
// The claims of the contract.
#include "weir/tests/runtime/store/store_contract.hpp"

#include <atomic>
#include <thread>

#include "weir/runtime/store/key.hpp"

namespace store_tests {

using weir::store::record;

contents scanned(const weir::store::store& from, table where, std::string_view first,
                 std::string_view end) {
  contents found;
  std::string before;
  const auto done = from.scan(where, first, end, [&](std::string_view key, std::string_view value) {
    CHECK((found.empty() || before < key));
    before = key;
    found.emplace(key, value);
    return true;
  });
  INFO((done ? std::string{} : to_string(done.error())));
  CHECK(done);
  return found;
}

void commit_all(weir::store::store& to, table where, const contents& records) {
  changes group;
  for (const auto& [key, value] : records) group.put(where, key, value);
  const auto done = to.commit(group);
  INFO((done ? std::string{} : to_string(done.error())));
  REQUIRE(done);
}

namespace {

std::string value_of(const weir::store::store& from, table where, std::string_view key) {
  std::string value = "untouched";
  const auto found = from.get(where, key, value);
  REQUIRE(found);
  CHECK((*found || value == "untouched"));
  return *found ? value : "none";
}

std::string last_key(const weir::store::store& from, std::string_view first, std::string_view end) {
  record found{"untouched", "untouched"};
  const auto any = from.last(table::log, first, end, found);
  REQUIRE(any);
  if (*any) {
    CHECK(found.value == "value of " + found.key);
  } else {
    CHECK(found.value == "untouched");
  }
  return *any ? found.key : "none";
}

void reading(store_rig& rig) {
  auto& store = rig.get();
  contents some;
  for (const std::string key : {"a", "ab", "b", "b\x7f", "b\x80", "c"}) {
    some[key] = "value of " + key;
  }
  commit_all(store, table::log, some);
  SECTION("a key is found with its value, another key is not") {
    CHECK(value_of(store, table::log, "b") == "value of b");
    CHECK(value_of(store, table::log, "bb") == "none");
    CHECK(value_of(store, table::state, "b") == "none");
  }
  SECTION("a scan visits [from, to) in the order of unsigned bytes") {
    CHECK(scanned(store, table::log) == some);
    CHECK(scanned(store, table::log, "ab", "b\x80").size() == 3);
    CHECK(scanned(store, table::log, "b\x80").size() == 2);
    CHECK(scanned(store, table::log, "", "ab").size() == 1);
    CHECK(scanned(store, table::log, "b", "b").empty());
    CHECK(scanned(store, table::log, "c", "a").empty());
    CHECK(scanned(store, table::state).empty());
  }
  SECTION("a visitor that has seen enough is left alone") {
    int visits = 0;
    CHECK(store.scan(table::log, "", "", [&](auto, auto) { return ++visits < 2; }));
    CHECK(visits == 2);
  }
  SECTION("the last record of a range is found from its end") {
    CHECK(last_key(store, "", "") == "c");
    CHECK(last_key(store, "", "c") == "b\x80");
    CHECK(last_key(store, "a", "b") == "ab");
    CHECK(last_key(store, "aa", "ab") == "none");
    CHECK(last_key(store, "d", "") == "none");
    CHECK(last_key(store, "c", "a") == "none");
  }
}

void writing(store_rig& rig) {
  auto& store = rig.get();
  changes group;
  SECTION("the changes of a commit happen in their order, in all tables") {
    group.put(table::log, "a", "1");
    group.put(table::log, "b", "1");
    group.erase_range(table::log, "a", "b");
    group.put(table::state, "a", "1");
    group.put(table::state, "a", "2");
    group.put(table::meta, "gone", "1");
    group.erase(table::meta, "gone");
    group.erase(table::meta, "never there");
    REQUIRE(store.commit(group));
    CHECK(scanned(store, table::log) == contents{{"b", "1"}});
    CHECK(scanned(store, table::state) == contents{{"a", "2"}});
    CHECK(scanned(store, table::meta).empty());
  }
  SECTION("an erased range leaves its end and its neighbours, and can be written anew") {
    for (const auto where : weir::store::all_tables) {
      commit_all(store, where, {{"a", "1"}, {"b", "2"}, {"bb", "3"}, {"c", "4"}});
    }
    group.erase_range(table::outbox, "b", "c");
    group.put(table::outbox, "bb", "new");
    REQUIRE(store.commit(group));
    CHECK(scanned(store, table::outbox) == contents{{"a", "1"}, {"bb", "new"}, {"c", "4"}});
    CHECK(scanned(store, table::inbox).size() == 4);
  }
  SECTION("any bytes are a key and a value; a value may be empty or large") {
    const std::string longest(weir::store::key_bytes_max, '\xff');
    const contents odd{{std::string("\0", 1), ""},
                       {std::string("\0\0\xff", 3), std::string(3, '\0')},
                       {longest, std::string(5 << 20, 'v')}};
    commit_all(store, table::state, odd);
    CHECK(scanned(store, table::state) == odd);
    rig.reopen();
    CHECK(scanned(rig.get(), table::state) == odd);
  }
  SECTION("an empty commit changes nothing") {
    CHECK(store.commit(group));
    CHECK(scanned(store, table::log).empty());
  }
}

void lasting(store_rig& rig) {
  SECTION("what a commit acknowledged is there after reopening, again and again") {
    contents all;
    for (int round = 0; round < 4; ++round) {
      const contents more{{"key " + std::to_string(round), std::string(100, 'v')}};
      all.insert(more.begin(), more.end());
      commit_all(rig.get(), table::positions, more);
      rig.reopen();
      CHECK(scanned(rig.get(), table::positions) == all);
    }
  }
  SECTION("what was erased stays away after reopening") {
    commit_all(rig.get(), table::timers, {{"a", "1"}, {"b", "2"}, {"c", "3"}});
    rig.reopen();
    changes group;
    group.erase_range(table::timers, "a", "c");
    REQUIRE(rig.get().commit(group));
    rig.reopen();
    CHECK(scanned(rig.get(), table::timers) == contents{{"c", "3"}});
  }
  SECTION("a checkpoint is the store of its moment, and a store of its own") {
    commit_all(rig.get(), table::log, {{"a", "1"}});
    const auto directory = rig.fresh_path();
    REQUIRE(rig.get().checkpoint(directory));
    commit_all(rig.get(), table::log, {{"a", "2"}, {"b", "2"}});
    const auto copy = rig.open_checkpoint(directory);
    CHECK(scanned(*copy, table::log) == contents{{"a", "1"}});
    commit_all(*copy, table::log, {{"c", "3"}});
    CHECK(scanned(rig.get(), table::log) == contents{{"a", "2"}, {"b", "2"}});
  }
  SECTION("a checkpoint does not overwrite what is there") {
    const auto directory = rig.fresh_path();
    REQUIRE(rig.get().checkpoint(directory));
    const auto again = rig.get().checkpoint(directory);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == weir::errc::already_exists);
    CHECK(again.error().message.find(directory.string()) != std::string::npos);
  }
}

void failing(store_rig& rig) {
  const contents before{{"a", "1"}, {"b", "1"}};
  const contents after{{"a", "2"}, {"c", std::string(100'000, 'v')}};
  commit_all(rig.get(), table::log, before);
  rig.break_disk();
  changes group;
  group.erase_range(table::log, "a", "c");
  for (const auto& [key, value] : after) group.put(table::log, key, value);
  const auto failed = rig.get().commit(group);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == weir::errc::store_failed);
  CHECK_FALSE(failed.error().message.empty());
  SECTION("no more commits are taken, not even an easy one, and reads go on") {
    changes easy;
    easy.put(table::meta, "a", "1");
    const auto refused = rig.get().commit(easy);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == weir::errc::store_failed);
    CHECK(refused.error().message.find(failed.error().message) != std::string::npos);
    CHECK(scanned(rig.get(), table::log) == before);
    CHECK(value_of(rig.get(), table::log, "a") == "1");
    CHECK(scanned(rig.get(), table::meta).empty());
  }
  SECTION("reopened, it holds the failed commit whole or not at all, and takes others") {
    rig.reopen();
    const auto found = scanned(rig.get(), table::log);
    CHECK((found == before || found == after));
    commit_all(rig.get(), table::meta, {{"a", "1"}});
    CHECK(scanned(rig.get(), table::log) == found);
    CHECK(scanned(rig.get(), table::meta).size() == 1);
  }
}

// Each commit writes one number under all keys, so a reader that sees two has seen half a commit.
void reading_meanwhile(store_rig& rig) {
  auto& store = rig.get();
  const auto write = [&](std::uint64_t number) {
    contents all;
    for (const auto* key : {"a", "b", "c"}) all[key] = std::to_string(number);
    commit_all(store, table::state, all);
  };
  write(0);
  std::atomic<bool> stop = false;
  std::uint64_t halves = 0, failures = 0, backwards = 0, scans = 0;
  std::thread reader([&] {
    std::uint64_t before = 0;
    for (bool more = true; more; ++scans) {
      more = !stop;
      std::vector<std::string> seen;
      const auto done = store.scan(table::state, "", "", [&](auto, auto value) {
        seen.emplace_back(value);
        return true;
      });
      const bool whole = seen.size() == 3 && seen[0] == seen[1] && seen[1] == seen[2];
      failures += done ? 0 : 1;
      halves += whole ? 0 : 1;
      const auto number = whole ? std::stoull(seen[0]) : before;
      backwards += number < before ? 1 : 0;
      before = number;
    }
  });
  for (std::uint64_t number = 1; number <= 40; ++number) write(number);
  stop = true;
  reader.join();
  CHECK(halves == 0);
  CHECK(failures == 0);
  CHECK(backwards == 0);
  CHECK(scans > 0);
}

}  // namespace

void store_contract(const rig_factory& make) {
  const auto rig = make();
  SECTION("a new store is empty") {
    for (const auto where : weir::store::all_tables) CHECK(scanned(rig->get(), where).empty());
    CHECK(last_key(rig->get(), "", "") == "none");
  }
  SECTION("reading") { reading(*rig); }
  SECTION("writing") { writing(*rig); }
  SECTION("lasting") { lasting(*rig); }
  SECTION("failing") { failing(*rig); }
  SECTION("readers see each commit whole while others are made") { reading_meanwhile(*rig); }
}

}  // namespace store_tests
