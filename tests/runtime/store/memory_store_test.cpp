// SPDX-License-Identifier: BSD-3-Clause
// The store in memory keeps the contract of all stores, and fails as it is told to.
#include "weir/runtime/store/memory_store.hpp"

#include <set>

#include "weir/tests/runtime/store/store_contract.hpp"

using weir::duration;
using weir::errc;
using weir::store::memory_faults;
using weir::store::memory_store;
using namespace store_tests;

namespace {

class memory_rig final : public store_rig {
 public:
  weir::store::store& get() override { return store_; }
  void reopen() override {
    store_.crash();
    store_.reopen();
  }
  std::unique_ptr<weir::store::store> open_checkpoint(
      const std::filesystem::path& directory) override {
    auto opened = store_.open_checkpoint(directory);
    REQUIRE(opened);
    return std::move(*opened);
  }
  void break_disk() override { store_.set_faults({.fail_at_call = store_.calls() + 1}); }
  std::filesystem::path fresh_path() override { return "copy"; }

 private:
  memory_store store_;
};

std::unique_ptr<store_rig> make_rig() { return std::make_unique<memory_rig>(); }

changes one_put(std::string_view key, std::string_view value) {
  changes group;
  group.put(table::log, key, value);
  return group;
}

// A small program of five calls; what it was told is in the result.
struct told {
  std::vector<bool> commits;
  bool read = false;
};
told run(memory_store& store) {
  told answers;
  std::string value;
  for (const auto* key : {"a", "b", "c"}) {
    answers.commits.push_back(store.commit(one_put(key, key)).has_value());
    if (key == std::string{"b"}) answers.read = store.get(table::log, "a", value).has_value();
  }
  answers.commits.push_back(store.commit(one_put("d", "d")).has_value());
  return answers;
}

}  // namespace

TEST_CASE("the store in memory keeps its contract", "[store][contract]") {
  store_contract(make_rig);
}

TEST_CASE("the store in memory behaves as plain maps do", "[store][property]") {
  store_property(make_rig, 300);
}

TEST_CASE("a crash at any call keeps what was acknowledged, and of the call all or nothing",
          "[store]") {
  std::set<std::size_t> held_after_second;
  memory_store undisturbed;
  run(undisturbed);
  REQUIRE(undisturbed.calls() == 5);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (std::uint64_t call = 1; call <= 5; ++call) {
      INFO("seed " << seed << ", call " << call);
      memory_store store{{.seed = seed, .crash_at_call = call}};
      const auto answers = run(store);
      CHECK(store.calls() == 5);
      CHECK(answers.read == (call > 3));
      std::string value;
      CHECK(store.get(table::log, "a", value).error().code == errc::store_failed);
      store.reopen();
      const auto held = scanned(store, table::log);
      const auto acknowledged = static_cast<std::size_t>(
          std::count(answers.commits.begin(), answers.commits.end(), true));
      // Calls 1, 2, 4 and 5 are commits; the third reads.
      CHECK(acknowledged == (call < 4 ? call - 1 : call - 2));
      CHECK(held.size() >= acknowledged);
      CHECK(held.size() <= acknowledged + (call == 3 ? 0 : 1));
      if (call == 2) held_after_second.insert(held.size());
    }
  }
  CHECK(held_after_second == std::set<std::size_t>{1, 2});
}

TEST_CASE("a crash between calls loses nothing", "[store]") {
  memory_store store;
  run(store);
  store.crash();
  CHECK(store.commit(one_put("e", "e")).error().code == errc::store_failed);
  store.reopen();
  CHECK(scanned(store, table::log).size() == 4);
}

TEST_CASE("a read that fails is an error of that call alone", "[store]") {
  memory_store store{{.fail_at_call = 3}};
  const auto answers = run(store);
  CHECK_FALSE(answers.read);
  CHECK(answers.commits == std::vector<bool>(4, true));
  store.set_faults({.fail_at_call = store.calls() + 1});
  const auto done = store.scan(table::log, "", "", [](auto, auto) { return true; });
  REQUIRE_FALSE(done);
  CHECK(done.error().code == errc::store_io);
  CHECK(done.error().message == "memory store: scan, call 6: a simulated failure");
  CHECK(scanned(store, table::log).size() == 4);
}

TEST_CASE("a full store takes nothing of the commit, and none after it until it is reopened",
          "[store]") {
  memory_store store{{.bytes_max = 60}};
  REQUIRE(store.commit(one_put("a", std::string(20, 'v'))));
  CHECK(store.bytes() == 1 + 20 + 8);
  auto large = one_put("b", "small");
  large.put(table::log, "c", std::string(20, 'v'));
  const auto full = store.commit(large);
  REQUIRE_FALSE(full);
  CHECK(full.error().code == errc::store_full);
  CHECK(full.error().message == "memory store: 29 bytes and 43 more, of at most 60");
  CHECK(store.commit(one_put("b", "")).error().code == errc::store_failed);
  store.reopen();
  CHECK(scanned(store, table::log).size() == 1);
  changes room;
  room.erase(table::log, "a");
  REQUIRE(store.commit(room));
  CHECK(store.bytes() == 0);
  CHECK(store.commit(large));
}

TEST_CASE("latency is counted, bounded and the seed's", "[store]") {
  const memory_faults slow{.seed = 3, .read_latency_max = duration{10},
                           .commit_latency_max = duration{1'000'000}};
  memory_store store{slow}, twin{slow};
  run(store);
  run(twin);
  CHECK(store.latency() == twin.latency());
  CHECK(store.latency() > duration{10});
  CHECK(store.latency() <= duration{4'000'010});
  memory_store quick;
  run(quick);
  CHECK(quick.latency() == duration{0});
}

TEST_CASE("a damaged record is found by every read and does not hide the others", "[store]") {
  memory_store store;
  run(store);
  const auto byte = GENERATE(0U, 1U, 8U);
  auto* sealed = store.sealed(table::log, "c");
  REQUIRE(sealed != nullptr);
  REQUIRE(sealed->size() == 9);
  (*sealed)[byte] = static_cast<char>((*sealed)[byte] ^ 1);
  std::string value, seen;
  weir::store::record found;
  const auto got = store.get(table::log, "c", value);
  REQUIRE_FALSE(got);
  CHECK(got.error().code == errc::store_corrupt);
  CHECK(got.error().message.find("table log, key c") != std::string::npos);
  const auto done = store.scan(table::log, "", "", [&](auto key, auto) {
    seen.append(key);
    return true;
  });
  CHECK(done.error().code == errc::store_corrupt);
  CHECK(seen == "ab");
  CHECK(store.last(table::log, "", "d", found).error().code == errc::store_corrupt);
  CHECK(scanned(store, table::log, "d").size() == 1);
}

TEST_CASE("a checkpoint in memory that was never made is not found", "[store]") {
  memory_store store;
  const auto opened = store.open_checkpoint("nowhere");
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == errc::not_found);
}

TEST_CASE("whoever is asked in each call may let it fail or crash, before or after it is done",
          "[store]") {
  using weir::store::store_fault;
  const auto met = GENERATE(store_fault::fails, store_fault::dies_before, store_fault::dies_after);
  std::vector<std::string> asked;
  memory_store store{{.meets = [&](std::string_view what, std::uint64_t call) {
    asked.push_back(std::string{what} + " " + std::to_string(call));
    return call == 4 ? met : store_fault::none;
  }}};
  const auto answers = run(store);
  CHECK(asked[0] == "commit 1");
  CHECK(asked[2] == "get 3");
  CHECK(asked[3] == "commit 4");
  // A crash is the end; nobody is asked after it. After a failed commit nothing is written either.
  CHECK(asked.size() == (met == store_fault::fails ? 5 : 4));
  CHECK(answers.commits == std::vector<bool>{true, true, false, false});
  CHECK(store.broken());
  store.set_faults({});
  store.reopen();
  CHECK_FALSE(store.broken());
  const auto held = scanned(store, table::log).size();
  if (met == store_fault::dies_before) CHECK(held == 2);
  if (met == store_fault::dies_after) CHECK(held == 3);
}
