// SPDX-License-Identifier: BSD-3-Clause
// Every request has an answer: of its route, or what there is instead.
#include "weir/runtime/observe/route.hpp"

#include <stdexcept>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace weir::observe;
using weir::errc;
using weir::fail;
using weir::result;

namespace {

const std::vector<route> table{
    {"GET", "/status", right::read, [](const request&) -> result<std::string> { return "fine"; },
     "text/plain"},
    {"POST", "/pause", right::write,
     [](const request& asked) -> result<std::string> {
       if (asked.query.contains("subscription")) return asked.query.at("subscription") + asked.body;
       return fail(errc::not_found, "no subscription");
     }},
    {"GET", "/throws", right::read,
     [](const request&) -> result<std::string> { throw std::runtime_error{"row 9"}; }}};

response ask(request asked, right allowed = right::write) { return answer(table, asked, allowed); }

}  // namespace

TEST_CASE("a request is answered by the route of its path and method", "[observe]") {
  const auto fine = ask({"GET", "/status"});
  CHECK(fine.status == 200);
  CHECK(fine.type == "text/plain");
  CHECK(fine.body == "fine");
  CHECK(ask({"POST", "/pause", {{"subscription", "a"}}, "b"}).body == "ab");
  CHECK(ask({"POST", "/pause", {{"subscription", "a"}}}).type == json_type);
}

TEST_CASE("what no route answers says what there is", "[observe]") {
  CHECK(ask({"GET", "/nothing"}).status == 404);
  CHECK(ask({"GET", "/status/"}).status == 404);
  const auto other = ask({"DELETE", "/status"});
  CHECK(other.status == 405);
  CHECK_THAT(other.body, Catch::Contains("takes GET, not"));
  CHECK(ask({"POST", "/pause", {{"subscription", "a"}}}, right::read).status == 403);
  CHECK(ask({"GET", "/status"}, right::read).status == 200);
}

TEST_CASE("an error of a route is JSON under a status, and is read back as it was", "[observe]") {
  const auto missing = ask({"POST", "/pause"});
  CHECK(missing.status == 404);
  CHECK(missing.body == R"({"error":"not_found","message":"no subscription","causes":[]})");
  const auto thrown = ask({"GET", "/throws"});
  CHECK(thrown.status == 500);
  CHECK(body_of(thrown).error().message == "/throws: row 9");
  weir::error whole{errc::store_locked, "d"};
  whole.causes = {{"std::runtime_error", "no \"row\" 9"}};
  const auto back = body_of(response_to(whole));
  REQUIRE(!back);
  CHECK(to_string(back.error()) == to_string(whole));
  CHECK(body_of({200, "", "text"}).value() == "text");
  CHECK(body_of({502, "", "<html>"}).error().code == errc::unavailable);
}

TEST_CASE("every code of ours has a status that says whose fault it is", "[observe]") {
  for (const auto& row : weir::error_table()) {
    INFO(row.name);
    const auto status = http_status(row.code);
    CHECK(status >= 400);
    CHECK(status < 600);
  }
  CHECK(http_status(errc::invalid_argument) == 400);
  CHECK(http_status(errc::timeout) == 504);
  CHECK(http_status(errc::closed) == 503);
  CHECK(http_status(errc::store_failed) == 500);
}

TEST_CASE("a query is decoded, and a broken one refused", "[observe]") {
  const auto read = read_query("a=1&b=%20%2b+c&empty=&none");
  REQUIRE(read);
  CHECK(*read == query_values{{"a", "1"}, {"b", " + c"}, {"empty", ""}, {"none", ""}});
  CHECK(read_query("")->empty());
  for (const auto* wrong : {"a=%", "a=%2", "a=%zz", "=1", "a=1&a=2", "%=1"}) {
    INFO(wrong);
    const auto refused = read_query(wrong);
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::invalid_argument);
  }
  std::string many;
  for (int i = 0; i < 65; ++i) many += "n" + std::to_string(i) + "=1&";
  CHECK(!read_query(many));
}

TEST_CASE("a query of any bytes comes back", "[observe]") {
  rc::prop("read_query undoes write_query", [](const std::map<std::string, std::string>& given) {
    query_values values;
    for (const auto& [name, value] : given) {
      if (!name.empty() && values.size() < 64) values.emplace(name, value);
    }
    const auto back = read_query(write_query(values));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == values);
  });
}
