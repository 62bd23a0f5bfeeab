// SPDX-License-Identifier: BSD-3-Clause
// Records of the journal: there and back, and bytes that are none.
#include "weir/runtime/delivery/state_journal.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/core/random.hpp"
#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/memory_store.hpp"

using namespace weir::delivery;
using weir::codec::byte_writer;

namespace {

using lines = std::vector<std::string>;

std::string record() {
  std::string bytes;
  byte_writer to{bytes};
  begin_journal(to);
  begin_journal_part(to, "sums", 0x0807060504030201, 2);
  journal_value(to, "k", 0, [](byte_writer& value) { value.byte(7); });
  journal_erased(to, std::string(2, '\0'));
  begin_journal_part(to, "none", 1, 0);
  begin_journal_part(to, "names", 1, 1);
  journal_value(to, "", 0, [](byte_writer&) {});
  return bytes;
}

lines read(std::string_view bytes, weir::result<void>& outcome) {
  lines found;
  outcome = read_journal(bytes, [&](auto name, auto key, auto value) {
    found.push_back(std::string{name} + ":" + std::string{key} +
                    (value ? "=" + std::string{*value} : " erased"));
  });
  return found;
}

}  // namespace

TEST_CASE("a record says what became of each key, values with their fingerprint", "[delivery]") {
  std::string bytes;
  {
    // The writer holds the bytes until it ends.
    bytes = record();
  }
  weir::result<void> outcome;
  CHECK(read(bytes, outcome) ==
        lines{"sums:k=" + std::string("\1\2\3\4\5\6\7\10\7"),
              "sums:" + std::string(2, '\0') + " erased",
              "names:=" + std::string("\1\0\0\0\0\0\0\0", 8)});
  CHECK(outcome);
}

TEST_CASE("bytes that are no record are refused, and cut ones never read past their end",
          "[delivery]") {
  const auto whole = record();
  weir::result<void> outcome;
  read("", outcome);
  CHECK(outcome.error().code == weir::errc::malformed);
  read("\2", outcome);
  CHECK(outcome.error().code == weir::errc::newer_format);
  std::size_t refused = 0;
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const std::string part = whole.substr(0, cut);
    read(part, outcome);
    refused += !outcome;
  }
  // A record may end where a state ends.
  CHECK(refused + 3 == whole.size());
  weir::random chance{7};
  for (int i = 0; i < 20'000; ++i) {
    auto damaged = whole;
    damaged[chance.below(damaged.size())] = static_cast<char>(chance.below(256));
    read(damaged, outcome);
  }
}

TEST_CASE("of several records the newest counts, and each key is saved with the record that has it",
          "[delivery]") {
  weir::store::memory_store disk;
  weir::store::changes what;
  const auto put = [&](std::uint64_t number, std::string_view key, char value) {
    std::string bytes;
    {
      byte_writer to{bytes};
      begin_journal(to);
      begin_journal_part(to, "s", 0, 1);
      if (value == '-') {
        journal_erased(to, key);
      } else {
        journal_value(to, key, 0, [&](byte_writer& text) {
          text.byte(static_cast<std::uint8_t>(value));
        });
      }
    }
    what.put(weir::store::table::state, journal_key("p", number), bytes);
  };
  put(3, "a", '1');
  put(4, "b", '2');
  put(5, "a", '-');
  REQUIRE(disk.commit(what));
  state_overlay left;
  left.load(disk, "p");
  REQUIRE(left.loaded());
  REQUIRE(left.records().size() == 3);
  std::optional<std::string_view> value;
  const auto row = [](const char* key) {
    return weir::store::key_writer{}.rest("p").text("s").rest(key).take();
  };
  CHECK(left.find(row("a"), value));
  CHECK_FALSE(value);
  CHECK(left.find(row("b"), value));
  CHECK(value == std::string(8, '\0') + "2");
  CHECK_FALSE(left.find(row("c"), value));
  for (const auto& [number, rows] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 0}, {1, 1}, {2, 1}}) {
    what.clear();
    left.save(left.records()[number], what);
    CHECK(what.size() == rows);
    left.forget(number);
  }
  CHECK(left.empty());
  CHECK(left.bytes() == 0);
}
