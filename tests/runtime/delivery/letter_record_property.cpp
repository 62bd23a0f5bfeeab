// SPDX-License-Identifier: BSD-3-Clause
// Any letter comes back as it was; damaged bytes give an error or another letter, nothing worse.
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include "weir/runtime/delivery/letter_record.hpp"
#include "weir/tests/runtime/delivery/dead_letter_store_contract.hpp"

using namespace weir::delivery;

namespace {

template <class T>
T any() {
  return *rc::gen::arbitrary<T>();
}

weir::event_id any_id() { return {any<std::uint64_t>(), any<std::uint64_t>()}; }
weir::timestamp any_time() { return weir::timestamp{weir::duration{any<std::int64_t>()}}; }

weir::error any_failure() {
  const auto known = weir::error_table();
  weir::error failure{known[*rc::gen::inRange<std::size_t>(0, known.size())].code,
                      any<std::string>()};
  failure.causes.resize(*rc::gen::inRange<std::size_t>(0, 4));
  for (auto& link : failure.causes) link = {any<std::string>(), any<std::string>()};
  return failure;
}

dead_letter any_letter() {
  dead_letter letter;
  letter.id = any_id();
  letter.correlation_id = any_id();
  letter.causation_id = any_id();
  letter.published_at = any_time();
  letter.key = any<std::string>();
  letter.type_name = any<std::string>();
  letter.type_version = any<std::uint32_t>();
  letter.payload = any<std::string>();
  letter.topic = any<std::string>();
  letter.partition = any<std::uint32_t>();
  letter.offset = any<std::uint64_t>();
  letter.subscription = any<std::string>();
  letter.failure = any_failure();
  letter.attempts.resize(*rc::gen::inRange<std::size_t>(0, 5));
  for (auto& one : letter.attempts) one = {any_time(), any_failure()};
  letter.attempt_count = any<unsigned>();
  letter.delivery_count = any<unsigned>();
  letter.died_at = any_time();
  letter.state = *rc::gen::element(letter_state::dead, letter_state::parked,
                                   letter_state::redriven, letter_state::discarded);
  return letter;
}

bool same(const weir::error& a, const weir::error& b) {
  const auto same_cause = [](const auto& x, const auto& y) {
    return x.type == y.type && x.message == y.message;
  };
  return a.code == b.code && a.message == b.message &&
         std::equal(a.causes.begin(), a.causes.end(), b.causes.begin(), b.causes.end(),
                    same_cause);
}

bool same_story(const dead_letter& a, const dead_letter& b) {
  const auto same_attempt = [](const auto& x, const auto& y) {
    return x.time == y.time && same(x.failure, y.failure);
  };
  return same(a.failure, b.failure) && a.attempt_count == b.attempt_count &&
         a.delivery_count == b.delivery_count && a.died_at == b.died_at && a.state == b.state &&
         std::equal(a.attempts.begin(), a.attempts.end(), b.attempts.begin(), b.attempts.end(),
                    same_attempt);
}

bool same_event(const dead_letter& a, const dead_letter& b) {
  return a.id == b.id && a.correlation_id == b.correlation_id &&
         a.causation_id == b.causation_id && a.published_at == b.published_at && a.key == b.key &&
         a.type_name == b.type_name && a.type_version == b.type_version &&
         a.payload == b.payload && a.topic == b.topic && a.partition == b.partition &&
         a.offset == b.offset && a.subscription == b.subscription;
}

}  // namespace

TEST_CASE("any letter comes back from its record", "[delivery][property]") {
  rc::prop("round trip", [] {
    const auto letter = any_letter();
    const auto number = any<std::uint64_t>();
    std::string record;
    encode_letter(letter, number, record);
    const auto read = decode_letter(record);
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->number == number);
    RC_ASSERT(same_event(read->letter, letter));
    RC_ASSERT(same_story(read->letter, letter));
  });
}

TEST_CASE("a letter with any byte changed to any other is a letter or malformed",
          "[delivery][property]") {
  std::string record;
  encode_letter(delivery_tests::sample_letter(300), 7, record);
  for (std::size_t at = 1; at < record.size(); ++at) {
    for (unsigned change = 1; change < 256; ++change) {
      std::vector<char> damaged(record.begin(), record.end());
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ change);
      const auto read = decode_letter({damaged.data(), damaged.size()});
      if (!read) CHECK(read.error().code == weir::errc::malformed);
    }
  }
}
