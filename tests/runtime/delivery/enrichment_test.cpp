// SPDX-License-Identifier: BSD-3-Clause
// Enrichment as a user writes it, driven through a consumer: what is asked, what is joined, in
// which order, and what becomes of an event whose context cannot be had.
#include "weir/runtime/delivery/enrichment.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/outlet.hpp"
#include "weir/tests/runtime/delivery/stage.hpp"

namespace delivery_tests {
namespace {

struct flight {
  std::string from;
  std::string to;
  std::uint64_t number = 0;
};
WEIR_EVENT(flight, "delivery_tests.flight", 1, (from, to, number))

struct placed {
  std::string cities;
  std::uint64_t number = 0;
};
WEIR_EVENT(placed, "delivery_tests.placed", 1, (cities, number))

struct airports {
  using request_type = std::string;
  using reply_type = std::string;
};

const auto ask_both = [](const flight& of) { return std::array<std::string, 2>{of.from, of.to}; };
const auto join_both = [](const flight& of,
                          const std::array<const std::string*, 2>& cities) -> weir::result<placed> {
  return placed{*cities[0] + "-" + *cities[1], of.number};
};

/// A flight that departs from `from`; its event is keyed by that unless `keyed` is false.
struct departure {
  std::string from;
  std::string to = "B";
  bool keyed = true;
};

/// Their ids are those of one publisher that publishes every millisecond.
weir::batch departures(const std::vector<departure>& flights, std::uint64_t offset) {
  weir::random seed{1};
  weir::event_id_source ids{seed};
  const boost::intrusive_ptr<weir::block_pool> pool{new weir::block_pool{{}}};
  auto memory = pool->take();
  for (const auto& one : flights) {
    const auto place = memory->reserve(sizeof(flight), alignof(flight), one.from.size());
    const auto number = offset + memory->built();
    new (place.payload) flight{one.from, one.to, number};
    one.from.copy(place.key, one.from.size());
    auto header = event_tests::envelope_of(weir::type_of<flight>(), number);
    header.id = ids.next(noon + std::chrono::milliseconds{number});
    if (one.keyed) header.key = {place.key, one.from.size()};
    memory->push(header, place.payload, 0, true);
  }
  memory->commit();
  weir::batch events{memory, 0, memory->committed(), memory->bytes()};
  events.set_first_offset(offset);
  return events;
}

template <class Rules>
class enriching_stage {
 public:
  explicit enriching_stage(Rules rules, weir::recoverability policy = {})
      : on(policy, [this, rules] {
          weir::delivery::handler_table table;
          table.add_deferring(
              weir::type_of<flight>(),
              std::make_unique<weir::delivery::enriching_handler<Rules, outlet>>(rules, to));
          return table;
        }) {
    on.open(0);
  }

  void depart(const std::vector<departure>& flights) {
    auto events = departures(flights, on.subject.received(0));
    on.drive([&](effects& out) { on.subject.receive(0, std::move(events), true, noon, out); });
  }
  /// What is asked now, and under which ticket.
  std::vector<std::string> asked() {
    weir::delivery::ask question;
    if (!on.subject.take_ask(question)) return {};
    ticket = question.ticket;
    return *static_cast<const std::vector<std::string>*>(question.requests.get());
  }
  void answer(std::uint64_t of, std::vector<weir::result<std::string>> replies) {
    const auto answers =
        std::make_shared<const std::vector<weir::result<std::string>>>(std::move(replies));
    on.drive([&](effects& out) { on.subject.answered(of, answers, noon, out); });
  }
  void overdue(std::uint64_t of) {
    on.drive([&](effects& out) { on.subject.overdue(of, noon, out); });
  }
  /// `0:a-b 1:c-d`: what was published since the last look.
  std::string published() {
    std::string text;
    for (const auto& events : commit_and_take(on.subject.outlets())) {
      for (const auto event : events) {
        text += (text.empty() ? "" : " ") + std::to_string(event.as<placed>().number) + ":" +
                event.as<placed>().cities;
      }
    }
    return text;
  }

  outlet to;
  std::uint64_t ticket = 0;
  stage on;
};

auto plain_rules() {
  return weir::enrichment{.from = airports{}, .ask = ask_both, .join = join_both};
}

using strings = std::vector<std::string>;
const auto unavailable = weir::fail(weir::errc::unavailable, "down");
const auto unknown = weir::fail(weir::errc::not_found, "no such airport");

}  // namespace
}  // namespace delivery_tests

using namespace delivery_tests;

TEST_CASE("an event waits for what it asked and is joined with the answers", "[delivery]") {
  enriching_stage with{plain_rules()};
  with.depart({{"A"}});
  CHECK(with.published().empty());
  CHECK(with.asked() == strings{"A", "B"});
  CHECK(with.asked().empty());
  with.answer(with.ticket, {{"Aachen"}, {"Bonn"}});
  CHECK(with.published() == "0:Aachen-Bonn");
  CHECK(with.on.seen() == lines{"settle lane 0 to 1: 1 delivered"});
}

TEST_CASE("each request is asked once, however many events want it, and then known", "[delivery]") {
  enriching_stage with{plain_rules()};
  with.depart({{"A"}, {"B", "B"}, {"C"}});
  CHECK(with.asked() == strings{"A", "B", "C"});
  with.depart({{"C", "A"}});
  CHECK(with.asked().empty());
  with.answer(with.ticket, {{"a"}, {"b"}, {"c"}});
  CHECK(with.published() == "0:a-b 1:b-b 2:c-b 3:c-a");
  with.depart({{"A", "C"}});
  CHECK(with.asked().empty());
  CHECK(with.published() == "4:a-c");
}

TEST_CASE("events of other keys overtake one that waits, those of its key do not", "[delivery]") {
  enriching_stage with{plain_rules()};
  with.depart({{"B", "B"}, {"A", "A"}});
  with.asked();
  with.answer(with.ticket, {{"b"}, {"a"}});
  with.published();
  with.depart({{"A", "X"}, {"A", "B"}, {"B", "A"}});
  CHECK(with.published() == "4:b-a");
  CHECK(with.asked() == strings{"X"});
  with.answer(with.ticket, {{"x"}});
  CHECK(with.published() == "2:a-x 3:a-b");
}

TEST_CASE("events without a key wait for nobody but themselves", "[delivery]") {
  // Published in different milliseconds, so that the lower halves of their ids are the same.
  enriching_stage with{plain_rules()};
  with.depart({{"A", "A", false}, {"B", "B", false}});
  with.asked();
  const auto first = with.ticket;
  with.depart({{"C", "C", false}});
  with.asked();
  with.answer(with.ticket, {{"c"}});
  CHECK(with.published() == "2:c-c");
  with.answer(first, {{"a"}, {"b"}});
  CHECK(with.published() == "0:a-a 1:b-b");
}

TEST_CASE("a request that fails for a passing reason is asked again, then given up", "[delivery]") {
  auto rules = plain_rules();
  rules.retries = 1;
  enriching_stage with{rules};
  with.depart({{"A", "A"}});
  with.asked();
  with.answer(with.ticket, {unavailable});
  CHECK(with.on.seen().empty());
  CHECK(with.asked() == strings{"A"});
  with.answer(with.ticket, {unavailable});
  CHECK(with.asked().empty());
  CHECK(with.on.seen() == lines{"letter 0: unavailable: down"});
}

TEST_CASE("a request that can never be answered is not asked again, and not remembered",
          "[delivery]") {
  enriching_stage with{plain_rules()};
  with.depart({{"A", "A"}});
  with.asked();
  with.answer(with.ticket, {unknown});
  CHECK(with.on.seen() == lines{"letter 0: not_found: no such airport"});
  with.depart({{"A", "A"}});
  CHECK(with.asked() == strings{"A"});
}

TEST_CASE("a timeout is a passing failure, and the late answer is ignored", "[delivery]") {
  auto rules = plain_rules();
  rules.timeout = std::chrono::milliseconds{1500};
  rules.retries = 1;
  enriching_stage with{rules};
  with.depart({{"A", "A"}});
  with.asked();
  const auto first = with.ticket;
  with.overdue(first);
  CHECK(with.asked() == strings{"A"});
  with.answer(first, {{"late"}});
  CHECK(with.published().empty());
  with.overdue(with.ticket);
  CHECK(with.on.seen() == lines{"letter 0: timeout: the service did not answer within 1500 ms"});
  with.overdue(with.ticket);
  CHECK(with.on.seen().empty());
}

TEST_CASE("a service that answers too little fails what it left out", "[delivery]") {
  enriching_stage with{plain_rules()};
  with.depart({{"A", "A"}, {"B", "B"}});
  for (int tries = 0; tries < 3; ++tries) {
    with.asked();
    with.answer(with.ticket, tries == 0 ? std::vector<weir::result<std::string>>{{"a"}}
                                        : std::vector<weir::result<std::string>>{});
  }
  CHECK(with.published() == "0:a-a");
  CHECK(with.on.seen() ==
        lines{"letter 1: lookup_failed: the service did not answer this request"});
}

TEST_CASE("an event that waits behind a failed one of its key goes on", "[delivery]") {
  enriching_stage with{plain_rules()};
  with.depart({{"A", "X"}, {"A", "A"}});
  with.asked();
  with.answer(with.ticket, {{"a"}, unknown});
  CHECK(with.published() == "1:a-a");
  CHECK(with.on.seen() == lines{"letter 0: not_found: no such airport"});
}

TEST_CASE("what the check refuses is not even asked for", "[delivery]") {
  enriching_stage with{weir::enrichment{.from = airports{},
                                        .ask = ask_both,
                                        .join = join_both,
                                        .check = [](const flight& of) -> weir::result<void> {
                                          if (of.from == of.to)
                                            return weir::fail(weir::errc::rejected, "goes nowhere");
                                          return {};
                                        }}};
  with.depart({{"A", "A"}, {"A", "B"}});
  CHECK(with.asked() == strings{"A", "B"});
  CHECK(with.on.seen() == lines{"letter 0: rejected: goes nowhere"});
}

TEST_CASE("a fallback stands in for a context that cannot be had", "[delivery]") {
  enriching_stage with{weir::enrichment{
      .from = airports{},
      .ask = ask_both,
      .join = join_both,
      .check = weir::nothing{},
      .fallback = [](const flight& of, const weir::error& why) -> weir::result<placed> {
        if (of.to == "Y") return weir::fail(weir::errc::rejected, "not even so");
        return placed{std::string{to_string(why.code)}, of.number};
      }}};
  with.depart({{"A", "X"}, {"B", "Y"}});
  CHECK(with.asked() == strings{"A", "X", "B", "Y"});
  with.answer(with.ticket, {{"a"}, unknown, {"b"}, unknown});
  CHECK(with.published() == "0:not_found");
  CHECK(with.on.seen() == lines{"letter 1: rejected: not even so"});
}

TEST_CASE("no more events wait than may", "[delivery]") {
  auto rules = plain_rules();
  rules.waiting_max = 2;
  enriching_stage with{rules};
  with.depart({{"A"}, {"B"}, {"C"}, {"D"}});
  CHECK(with.asked() == strings{"A", "B"});
  with.answer(with.ticket, {{"a"}, {"b"}});
  CHECK(with.published() == "0:a-b 1:b-b");
  CHECK(with.asked() == strings{"C", "D"});
}

TEST_CASE("in a bulkhead each question that is not answered takes a permit", "[delivery]") {
  const auto shared = std::make_shared<weir::permits>(weir::bulkhead{"airports", 1});
  weir::permits::place other{shared};
  enriching_stage with{plain_rules()};
  with.on.subject.confine(shared);
  int turns = 0;
  with.on.subject.attend_bulkhead([&] { ++turns; });
  REQUIRE(other.enter(1) == 1);
  with.depart({{"A"}, {"C"}});
  CHECK(with.asked().empty());
  other.exit();
  CHECK(turns == 1);
  with.on.drive([&](effects& out) { with.on.subject.permitted(noon, out); });
  CHECK(with.asked() == strings{"A", "B", "C"});
  with.depart({{"D"}});
  CHECK(with.asked().empty());
  with.answer(with.ticket, {{"Athens"}, {"Berlin"}, {"Cairo"}});
  CHECK(with.published() == "0:Athens-Berlin 1:Cairo-Berlin");
  // Its own turn has come, as nobody else waits.
  CHECK(turns == 2);
  CHECK(with.asked() == strings{"D"});
  with.overdue(with.ticket);
  CHECK(with.asked() == strings{"D"});
  with.answer(with.ticket, {{"Dublin"}});
  CHECK(with.published() == "2:Dublin-Berlin");
  CHECK(shared->now().taken == 0);
  CHECK(shared->now().waiting == 0);
}

TEST_CASE("the oldest replies are forgotten first", "[delivery]") {
  weir::delivery::reply_cache<std::string, int> cache{2};
  for (const auto* request : {"a", "b", "a", "c"}) cache.put(request, std::make_shared<int>(1));
  CHECK(cache.size() == 2);
  CHECK(cache.find("a") == nullptr);
  CHECK(cache.find("b") != nullptr);
  CHECK(cache.find("c") != nullptr);
  weir::delivery::reply_cache<std::string, int> none{0};
  none.put("a", std::make_shared<int>(1));
  CHECK(none.find("a") == nullptr);
}

TEST_CASE("a new incarnation asks again for what waited, and keeps the order of a key",
          "[delivery]") {
  enriching_stage with{plain_rules()};
  with.depart({{"A", "X"}, {"A", "A"}});
  with.asked();
  const auto old = with.ticket;
  with.on.restart();
  CHECK(with.asked() == strings{"A", "X"});
  with.answer(with.ticket, {{"a"}, {"x"}});
  CHECK(with.published() == "0:a-x 1:a-a");
  with.answer(old + 7, {{"late"}});
  CHECK(with.on.seen() == lines{"restart", "settle lane 0 to 2: 2 delivered"});
}

TEST_CASE("a service is a function of one request, and what it throws fails that one",
          "[delivery]") {
  const auto answers = weir::delivery::answering<std::string, std::string>(
      [](const std::string& code) -> weir::result<std::string> {
        if (code == "X") throw std::runtime_error{"no X"};
        if (code == "Y") return unknown;
        return code + "!";
      });
  const strings asked{"A", "X", "Y"};
  const auto given = answers(&asked);
  const auto& replies = *static_cast<const std::vector<weir::result<std::string>>*>(given.get());
  REQUIRE(replies.size() == 3);
  CHECK(replies[0] == "A!");
  CHECK(replies[1].error().code == weir::errc::lookup_failed);
  CHECK(replies[1].error().message == "no X");
  CHECK(replies[2].error().code == weir::errc::not_found);
}
