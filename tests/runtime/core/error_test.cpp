// SPDX-License-Identifier: BSD-3-Clause
// The golden list of error codes. The numbers are in dead letters and dashboards of programs we
// will never see: a line here may be added, and never changed.
#include "weir/runtime/core/error.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace {

constexpr const char* golden = R"(1 invalid_argument poison
2 timeout transient
3 cancelled transient
4 not_found poison
5 already_exists poison
6 io_failed transient
7 unavailable transient
8 out_of_memory_budget fatal
100 unknown_event_type poison
101 event_type_conflict fatal
102 event_too_large poison
103 missing_key poison
200 malformed poison
201 missing_field poison
202 wrong_type poison
203 out_of_range poison
204 invalid_utf8 poison
205 too_deep poison
206 too_long poison
207 schema_mismatch poison
208 newer_format fatal
209 no_codec poison
300 unknown_topic fatal
301 invalid_name poison
302 backpressure transient
303 closed fatal
304 overflowed fatal
305 schedule_full transient
306 fenced fatal
400 attempts_exhausted poison
401 deliveries_exhausted poison
402 restart_intensity fatal
500 handler_threw transient
501 no_handler poison
502 dead_letters_full fatal
503 subscriber_died transient
504 subscription_halted fatal
505 parked transient
600 rejected poison
601 lookup_failed transient
700 invalid_topology fatal
800 store_io transient
801 store_full fatal
802 store_corrupt poison
803 store_locked transient
804 store_newer_format fatal
805 store_failed fatal
806 not_a_store fatal
900 seeds_failed fatal
)";

}  // namespace

TEST_CASE("the numbers, names and classes of the error codes are frozen", "[core]") {
  std::string found;
  for (const auto& row : weir::error_table()) {
    found += std::to_string(static_cast<unsigned>(row.code));
    found.append(" ").append(row.name).append(" ").append(to_string(row.kind)).append("\n");
  }
  CHECK(found == golden);
}

TEST_CASE("error numbers ascend, so that looking one up may search by halves", "[core]") {
  auto before = weir::errc{0};
  for (const auto& row : weir::error_table()) {
    INFO(row.name);
    CHECK(before < row.code);
    before = row.code;
  }
}

TEST_CASE("every error code finds its own row and has a sentence of its own", "[core]") {
  for (const auto& row : weir::error_table()) {
    INFO(row.name);
    CHECK(&weir::describe(row.code) == &row);
    CHECK(weir::to_string(row.code) == row.name);
    CHECK(row.sentence.size() > 10);
    for (const auto& other : weir::error_table()) {
      if (&other != &row) CHECK(other.sentence != row.sentence);
    }
  }
}

TEST_CASE("a number outside the table is described as unknown and fatal", "[core]") {
  for (const auto number : {0, 9, 99, 104, 65535}) {
    const auto& row = weir::describe(static_cast<weir::errc>(number));
    CHECK(row.name == "unknown");
    CHECK(row.kind == weir::error_class::fatal);
  }
}

TEST_CASE("an error knows its class by its code", "[core]") {
  CHECK(weir::error{weir::errc::timeout, ""}.kind() == weir::error_class::transient);
  CHECK(weir::error{weir::errc::malformed, ""}.kind() == weir::error_class::poison);
  CHECK(weir::error{weir::errc::closed, ""}.kind() == weir::error_class::fatal);
}

TEST_CASE("an error prints its name, its message and the chain of causes in one line", "[core]") {
  weir::error failure{weir::errc::handler_threw, "billing"};
  failure.causes = {{"std::runtime_error", "no card"}, {"", "code 402"}};
  CHECK(to_string(failure) ==
        "handler_threw: billing; caused by std::runtime_error: no card; caused by code 402");
  CHECK(to_string(weir::error{weir::errc::timeout, ""}) == "timeout");
}
