// SPDX-License-Identifier: BSD-3-Clause
// The bytes of a stored letter and of its key, which are frozen, and what becomes of bytes that are
// none.
#include "weir/runtime/delivery/letter_record.hpp"

#include "weir/tests/runtime/codec/hex.hpp"
#include "weir/tests/runtime/delivery/dead_letter_store_contract.hpp"

using namespace weir::delivery;
using codec_tests::hex;
using codec_tests::unhex;
using delivery_tests::check_same;
using delivery_tests::sample_letter;
using weir::errc;
using weir::error;

namespace {

dead_letter golden_letter() {
  dead_letter letter;
  letter.id = {0x0102030405060708, 0x1112131415161718};
  letter.correlation_id = {2, 3};
  letter.causation_id = {4, 5};
  letter.published_at = weir::timestamp{weir::duration{1'000'000'000}};
  letter.key = "c-7";
  letter.type_name = "order.created";
  letter.type_version = 2;
  letter.payload = "{}";
  letter.topic = "orders";
  letter.partition = 3;
  letter.offset = 300;
  letter.subscription = "billing";
  letter.failure = {errc::handler_threw, "no"};
  letter.failure.causes = {{"std::e", "why"}};
  letter.attempts = {{weir::timestamp{weir::duration{-2}}, {errc::timeout, ""}}};
  letter.attempt_count = 300;
  letter.delivery_count = 1;
  letter.died_at = weir::timestamp{weir::duration{256}};
  letter.state = letter_state::parked;
  letter.redeliveries = 300;
  letter.due = weir::timestamp{weir::duration{512}};
  letter.edits = {{weir::timestamp{weir::duration{1}}, "typo", "{]"}};
  return letter;
}

std::string golden_record() {
  return unhex(
      "01 c801 01"                                          // format, number, state
      "0807060504030201 1817161514131211"                   // id
      "0200000000000000 0300000000000000 0400000000000000 0500000000000000"
      "00ca9a3b00000000 03 632d37"                          // published, key
      "0d 6f726465722e63726561746564 02 02 7b7d"            // type, payload
      "07 62696c6c696e67 06 6f7264657273 03 ac02"           // where it was
      "f403 02 6e6f 01 06 7374643a3a65 03 776879"           // why
      "ac02 01 0001000000000000"                            // attempts made, deliveries, died
      "01 feffffffffffffff 02 00 00"                        // the attempt that is kept
      "ac02 0002000000000000"                               // redeliveries, due
      "01 0100000000000000 04 7479706f 02 7b5d");           // the edit
}

std::string encoded(const dead_letter& letter, std::uint64_t number) {
  std::string bytes;
  encode_letter(letter, number, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("a letter of format 1 has these bytes for ever", "[delivery][format]") {
  CHECK(hex(encoded(golden_letter(), 200)) == hex(golden_record()));
}

TEST_CASE("letters of format 1 are read for ever", "[delivery][format]") {
  const auto read = decode_letter(golden_record());
  REQUIRE(read);
  CHECK(read->number == 200);
  check_same(read->letter, golden_letter());
}

TEST_CASE("a letter of a durable topic lies where its event and subscription say",
          "[delivery][format]") {
  const auto letter = golden_letter();
  const auto durable = key_of_letter(letter, 7, true);
  CHECK(hex(durable) ==
        hex(unhex("01 62696c6c696e67 0001 6f7264657273 0001 00000003 000000000000012c")));
  CHECK(durable == key_of_letter(letter, 8, true));
  CHECK(read_letter_key(durable).durable);
}

TEST_CASE("a letter of a topic in memory lies where its number says", "[delivery][format]") {
  const auto key = key_of_letter(golden_letter(), 258, false);
  CHECK(hex(key) == hex(unhex("00 0000000000000102")));
  CHECK_FALSE(read_letter_key(key).durable);
  CHECK(read_letter_key(key).number == 258);
}

TEST_CASE("letters that differ in one field of their place have different keys", "[delivery]") {
  const auto letter = golden_letter();
  const auto key = key_of_letter(letter, 1, true);
  const auto differs = [&](auto change) {
    auto other = letter;
    change(other);
    return key_of_letter(other, 1, true) != key;
  };
  CHECK(differs([](auto& one) { one.subscription = "audit"; }));
  CHECK(differs([](auto& one) { one.topic = "invoices"; }));
  CHECK(differs([](auto& one) { ++one.partition; }));
  CHECK(differs([](auto& one) { ++one.offset; }));
  CHECK(differs([](auto& one) {
    one.subscription = "billin";
    one.topic = "gorders";
  }));
}

TEST_CASE("a letter cut short anywhere is malformed, and so is one with more behind it",
          "[delivery]") {
  const auto whole = encoded(golden_letter(), 200);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A copy of its own, so that a read past its end is one past an allocation.
    const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<long>(size));
    const auto read = decode_letter({cut.data(), cut.size()});
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::malformed);
  }
  CHECK(decode_letter(whole + '\0').error().code == errc::malformed);
}

TEST_CASE("a letter of a newer format says which", "[delivery]") {
  auto bytes = encoded(golden_letter(), 200);
  bytes[0] = 2;
  const auto read = decode_letter(bytes);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == errc::newer_format);
  CHECK(read.error().message == "dead letter: its format is 2, this program reads 1");
  bytes[0] = 0;
  CHECK(decode_letter(bytes).error().code == errc::malformed);
}

TEST_CASE("an error code that the program does not know is kept", "[delivery]") {
  auto letter = golden_letter();
  letter.failure.code = static_cast<errc>(65'535);
  const auto read = decode_letter(encoded(letter, 1));
  REQUIRE(read);
  CHECK(static_cast<unsigned>(read->letter.failure.code) == 65'535);
  CHECK(to_string(read->letter.failure.code) == "unknown");
}
