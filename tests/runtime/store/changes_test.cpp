// SPDX-License-Identifier: BSD-3-Clause
// Lists of changes: order, pieces, joining, memory, and the limits.
#include "weir/runtime/store/changes.hpp"

#include <array>
#include <vector>

#include <catch2/catch.hpp>

#include "weir/runtime/store/seal.hpp"
#include "weir/tests/runtime/event/death.hpp"

using namespace weir::store;

namespace {

std::string shown(const changes& list) {
  std::string text;
  list.visit([&](const change& one) {
    text.append(to_string(one.where)).append(" ").append(one.key);
    if (one.what == change::kind::put) {
      const auto value = unseal(one.where, one.key, one.second);
      text.append("=").append(value ? *value : "damaged");
    } else if (one.what == change::kind::erase) {
      text.append(" erased");
    } else {
      text.append("..").append(one.second).append(" erased");
    }
    text.append("; ");
  });
  return text;
}

}  // namespace

TEST_CASE("changes are visited in their order", "[store]") {
  changes list;
  CHECK(list.empty());
  list.put(table::log, "a", "1");
  list.erase(table::state, "b");
  list.erase_range(table::timers, "c", "d");
  list.put(table::log, "a", "");
  CHECK(list.size() == 4);
  CHECK(shown(list) == "log a=1; state b erased; timers c..d erased; log a=; ");
}

TEST_CASE("a value of pieces is one value", "[store]") {
  changes list;
  list.put(table::log, "a", std::array<std::string_view, 3>{"one ", "", "value"});
  CHECK(shown(list) == "log a=one value; ");
}

TEST_CASE("a range without keys is no change", "[store]") {
  changes list;
  list.erase_range(table::log, "b", "b");
  list.erase_range(table::log, "b", "a");
  CHECK(list.empty());
  CHECK(list.bytes() == 0);
}

TEST_CASE("a list that joins another stands after it and stays what it is", "[store]") {
  changes group, part;
  part.put(table::log, "b", "2");
  group.put(table::log, "a", "1");
  group.append(part);
  group.append(part);
  group.append({});
  CHECK(group.size() == 3);
  CHECK(shown(group) == "log a=1; log b=2; log b=2; ");
  CHECK(shown(part) == "log b=2; ");
}

TEST_CASE("a cleared list is empty and usable", "[store]") {
  changes list;
  list.put(table::log, "a", std::string(changes::kept_bytes_max, 'v'));
  list.clear();
  CHECK(list.empty());
  CHECK(shown(list).empty());
  list.put(table::log, "b", "2");
  CHECK(shown(list) == "log b=2; ");
}

TEST_CASE("keys without bytes or with too many are our own bug", "[store]") {
  changes list;
  const std::string longest(key_bytes_max, 'k');
  list.put(table::log, longest, "");
  CHECK(shown(list) == "log " + longest + "=; ");
  using event_tests::last_words_of;
  CHECK(last_words_of([&] { list.put(table::log, "", "v"); }).find("a key of 0 bytes") !=
        std::string::npos);
  CHECK(last_words_of([&] { list.erase(table::log, longest + "k"); }).find("a key of 4097 bytes") !=
        std::string::npos);
  CHECK(last_words_of([&] { list.erase_range(table::log, "a", longest + "k"); }) != "lived");
}
