// SPDX-License-Identifier: BSD-3-Clause
// Values by key: against a map, in memory and on the disk, and their bytes.
#include "weir/runtime/delivery/keyed_state.hpp"

#include <deque>
#include <map>
#include <string>

#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include "weir/runtime/delivery/partition_state.hpp"
#include "weir/runtime/store/memory_store.hpp"

using weir::errc;
using weir::delivery::partition_state;
using weir::delivery::state_place;
using weir::store::memory_store;

namespace {

struct stock {
  std::int64_t pieces = 0;
  std::string note;
  bool operator==(const stock&) const = default;
};
BOOST_DESCRIBE_STRUCT(stock, (), (pieces, note))

state_place place(const std::shared_ptr<memory_store>& disk, std::uint32_t partition = 3) {
  return {disk, "billing", "orders", partition};
}

void write_and_flush(partition_state& states, memory_store& disk) {
  weir::store::changes group;
  const auto number = states.write(group);
  REQUIRE(disk.commit(group));
  *states.mark() = number;
}

template <class K>
using contents = std::map<K, stock>;

/// A state beside an ordinary map, with commits that reach the disk later than they were written.
template <class K>
class state_model {
 public:
  explicit state_model(K (*key)()) : key_(key) {}

  void step() {
    switch (*rc::gen::inRange(0, 12)) {
      case 0: return accept();
      case 1: return reject();
      case 2: return write();
      case 3: return flush();
      case 4: return crash();
      case 5: return scan();
      case 6:
      case 7: return get();
      case 8: return erase();
      case 9: return update();
      default: return put();
    }
  }
  void scan() {
    contents<K> seen;
    const auto limit = *rc::gen::inRange<std::size_t>(1, 12);
    RC_ASSERT(state().scan([&](const K& key, const stock& value) {
      RC_ASSERT((seen.empty() || seen.rbegin()->first < key));
      seen.emplace(key, value);
      return seen.size() < limit;
    }).has_value());
    auto expected = now_;
    while (expected.size() > limit) expected.erase(std::prev(expected.end()));
    RC_ASSERT(seen == expected);
  }

 private:
  weir::keyed_state<K, stock>& state() { return states_->get<K, stock>("stock"); }
  stock value() {
    return {*rc::gen::inRange(0, 9), *rc::gen::element<std::string>("", "a long enough note")};
  }

  void get() {
    const auto key = key_();
    const auto found = state().get(key);
    RC_ASSERT(found.has_value());
    const auto expected = now_.find(key);
    RC_ASSERT((*found == nullptr) == (expected == now_.end()));
    if (*found != nullptr) RC_ASSERT(**found == expected->second);
  }
  void put() {
    const auto key = key_();
    now_[key] = value();
    RC_ASSERT(state().put(key, now_[key]).has_value());
  }
  void erase() {
    const auto key = key_();
    now_.erase(key);
    RC_ASSERT(state().erase(key).has_value());
  }
  void update() {
    const auto key = key_();
    ++now_[key].pieces;
    RC_ASSERT(state().update(key, [](stock& one) { ++one.pieces; }).has_value());
  }
  void accept() {
    states_->accept();
    accepted_ = now_;
  }
  void reject() {
    states_->reject();
    now_ = accepted_;
  }
  void write() {
    accept();
    weir::store::changes group;
    const auto number = states_->write(group);
    on_its_way_.push_back({std::move(group), number, accepted_});
  }
  void flush() {
    if (on_its_way_.empty()) return;
    RC_ASSERT(disk_->commit(on_its_way_.front().group).has_value());
    states_->mark()->store(on_its_way_.front().number);
    stored_ = on_its_way_.front().then;
    on_its_way_.pop_front();
  }
  void crash() {
    states_ = std::make_unique<partition_state>(place(disk_), bytes_max_);
    on_its_way_.clear();
    now_ = accepted_ = stored_;
  }

  struct commit {
    weir::store::changes group;
    std::uint64_t number;
    contents<K> then;
  };
  K (*key_)();
  std::size_t bytes_max_ = *rc::gen::element<std::size_t>(0, 500, 100'000);
  std::shared_ptr<memory_store> disk_ = std::make_shared<memory_store>();
  std::unique_ptr<partition_state> states_ =
      std::make_unique<partition_state>(place(disk_), bytes_max_);
  std::deque<commit> on_its_way_;
  contents<K> now_, accepted_, stored_;
};

template <class K>
void agrees(K (*key)()) {
  state_model<K> model{key};
  for (int steps = *rc::gen::inRange(0, 300); steps > 0; --steps) model.step();
  model.scan();
}

}  // namespace

TEST_CASE("a state agrees with a map, whatever is undone, written late, forgotten or lost",
          "[delivery][property]") {
  rc::prop("texts", [] {
    agrees<std::string>(+[] {
      return *rc::gen::element<std::string>("", "a", "ab", "b", std::string(2, '\0'), "\xff",
                                            std::string(300, 'k'));
    });
  });
  rc::prop("signed numbers", [] { agrees<int>(+[] { return *rc::gen::inRange(-9, 9); }); });
  rc::prop("unsigned numbers",
           [] { agrees<std::uint8_t>(+[] { return *rc::gen::arbitrary<std::uint8_t>(); }); });
}

TEST_CASE("what is remembered stays within its limit, but for what is not flushed", "[delivery]") {
  const auto disk = std::make_shared<memory_store>();
  partition_state states{place(disk), 10'000};
  auto& seen = states.get<int, stock>("seen");
  for (int i = 0; i < 1'000; ++i) REQUIRE(seen.put(i, {i, std::string(40, 'x')}));
  states.accept();
  weir::store::changes group;
  const auto number = states.write(group);
  CHECK(seen.bytes() > 100'000);
  REQUIRE(disk->commit(group));
  *states.mark() = number;
  weir::store::changes nothing;
  states.write(nothing);
  CHECK(nothing.empty());
  CHECK(seen.bytes() <= 10'000);
  for (int i = 0; i < 1'000; ++i) {
    const auto found = seen.get(i);
    REQUIRE((found && *found != nullptr));
    CHECK((*found)->pieces == i);
  }
}

TEST_CASE("states of other names, partitions and subscriptions are others", "[delivery]") {
  const auto disk = std::make_shared<memory_store>();
  partition_state states{place(disk), 10'000};
  REQUIRE(states.get<int, int>("a").put(1, 10));
  REQUIRE(states.get<int, int>("b").put(1, 20));
  states.accept();
  write_and_flush(states, *disk);
  partition_state elsewhere{place(disk, 4), 10'000};
  CHECK(*elsewhere.get<int, int>("a").get(1) == nullptr);
  REQUIRE(elsewhere.get<int, int>("a").put(1, 30));
  elsewhere.accept();
  write_and_flush(elsewhere, *disk);
  std::vector<int> all;
  REQUIRE(weir::delivery::scan_stored<int, int>(*disk, "billing", "a",
                                               [&](int, int value) { all.push_back(value); }));
  CHECK(all == std::vector<int>{10, 30});
  all.clear();
  REQUIRE(weir::delivery::scan_stored<int, int>(*disk, "bill", "a",
                                               [&](int, int value) { all.push_back(value); }));
  CHECK(all.empty());
}

TEST_CASE("a value of another layout is an error and not another value", "[delivery]") {
  const auto disk = std::make_shared<memory_store>();
  {
    partition_state states{place(disk), 10'000};
    REQUIRE(states.get<int, std::int64_t>("a").put(1, 10));
    states.accept();
    write_and_flush(states, *disk);
  }
  partition_state states{place(disk), 10'000};
  const auto found = states.get<int, stock>("a").get(1);
  REQUIRE_FALSE(found);
  CHECK(found.error().code == errc::schema_mismatch);
  CHECK_THAT(found.error().message, Catch::Contains("state a of billing in orders/3"));
  CHECK_THROWS_AS((states.get<int, std::int64_t>("a")), std::logic_error);
  CHECK_THROWS_AS((states.get<int, int>("")), std::logic_error);
  CHECK_THROWS_AS((states.get<int, int>(std::string(129, 'n'))), std::logic_error);
}

TEST_CASE("a key that is too long is refused, and a store that cannot be read is an error",
          "[delivery]") {
  const auto disk = std::make_shared<memory_store>();
  partition_state states{place(disk), 0};
  auto& some = states.get<std::string, int>("a");
  CHECK(some.put(std::string(1025, 'k'), 1).error().code == errc::too_long);
  REQUIRE(some.put("k", 1));
  states.accept();
  write_and_flush(states, *disk);
  weir::store::changes nothing;
  states.write(nothing);  // forgets it
  CHECK(some.get(std::string(1025, 'k')).error().code == errc::too_long);
  disk->set_faults({.fail_at_call = disk->calls() + 1});
  CHECK(some.get("k").error().code == errc::store_io);
  CHECK(**some.get("k") == 1);
}

TEST_CASE("the bytes of states are those of format 1", "[delivery][format]") {
  const auto disk = std::make_shared<memory_store>();
  // Nothing is remembered, so rows are written at once and the journal goes.
  partition_state states{{disk, "s", "t", 2}, 0};
  REQUIRE(states.get<int, std::uint32_t>("n").put(-2, 300));
  states.accept();
  weir::store::changes group;
  states.write(group);
  std::vector<std::pair<std::string, std::string>> all;
  group.visit([&](const weir::store::change& one) { all.emplace_back(one.key, one.second); });
  REQUIRE(all.size() == 3);
  CHECK(all[1].first == std::string("s\0\1t\0\1\0\0\0\2n\0\1\x7f\xff\xff\xff\xff\xff\xff\xfe", 21));
  // The fingerprint of `uint32`, the number, and the store's seal.
  CHECK(all[1].second.substr(8, 2) == "\xac\x02");
  const auto fingerprint = all[1].second.substr(0, 8);
  CHECK(all[0].first == std::string("s\0\1t\0\1\0\0\0\2\0\1\0\0\0\0\0\0\0\1", 20));
  const auto journal = std::string("\1\1n", 3) + fingerprint +
                       std::string("\1\x8\x7f\xff\xff\xff\xff\xff\xff\xfe\1\2\xac\2", 14);
  CHECK(all[0].second.substr(0, journal.size()) == journal);
  CHECK(all[2].first == all[0].first);
}
