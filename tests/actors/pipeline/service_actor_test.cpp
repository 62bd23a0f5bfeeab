// SPDX-License-Identifier: BSD-3-Clause
// Enrichers and the services they ask, in virtual time: order, waiting, timeouts, failure, bounds.
#include "weir/actors/pipeline/service_actor.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"

using namespace std::chrono_literals;
using weir::testkit::test_node;

namespace enricher_tests {

struct asked {
  std::int64_t number = 0;
  std::string key;
  std::string wants;
};
WEIR_EVENT(asked, "enricher.asked", 1, (number, key, wants))

struct known {
  std::int64_t number = 0;
  std::string key;
  std::string answer;
};
WEIR_EVENT(known, "enricher.known", 1, (number, key, answer))

}  // namespace enricher_tests

using namespace enricher_tests;

namespace {

/// What came out, in order, and what the service was asked.
struct outcome {
  std::vector<known> events;
  std::vector<std::string> questions;

  std::vector<std::int64_t> numbers_of(const std::string& key) const {
    std::vector<std::int64_t> numbers;
    for (const auto& one : events) {
      if (one.key == key) numbers.push_back(one.number);
    }
    return numbers;
  }
};

/// A node whose enricher asks a service made of `answer`.
class enriching {
 public:
  template <class Answer>
  enriching(std::uint64_t seed, Answer answer, std::size_t waiting_max = 64, std::size_t cache = 64,
            weir::node_options options = {})
      : kit_(seed, std::move(options)),
        in_(kit_.node().topic("in", {.partitions = 2, .batch_events_max = 4})),
        out_(kit_.node().topic("out", {.partitions = 2})) {
    in_.key<asked>(&asked::key);
    out_.key<known>(&known::key);
    auto found = found_;
    auto service = kit_.node().service(
        "directory", [found, answer](const std::string& name) mutable -> weir::result<std::string> {
          found->questions.push_back(name);
          return answer(name);
        });
    weir::enrichment rules{
        .from = service,
        .ask = [](const asked& one) { return one.wants; },
        .join = [](const asked& one, const std::string& answer_text) -> weir::result<known> {
          return known{one.number, one.key, answer_text};
        }};
    rules.waiting_max = waiting_max;
    rules.cache = cache;
    rules.timeout = 1s;
    rules.retries = 1;
    kit_.node().enrich("enricher", in_, out_, rules).retry(0);
    kit_.node().subscribe("sink", "out",
                          [found](const known& one) { found->events.push_back(one); });
  }

  void publish(std::int64_t number, const std::string& key, const std::string& wants) {
    REQUIRE(in_.publish(asked{number, key, wants}));
  }
  test_node& kit() { return kit_; }
  const outcome& found() const { return *found_; }

 private:
  test_node kit_;
  std::shared_ptr<outcome> found_ = std::make_shared<outcome>();
  weir::topic_handle in_;
  weir::topic_handle out_;
};

weir::result<std::string> answer_for(const std::string& name) { return "known " + name; }

}  // namespace

TEST_CASE("an enriched event carries the answer, and each question is asked once", "[pipeline]") {
  enriching run{1, answer_for};
  for (std::int64_t i = 0; i < 20; ++i) run.publish(i, "k" + std::to_string(i % 3), "name");
  CHECK(run.kit().drain().drained);
  CHECK(run.found().events.size() == 20);
  CHECK(run.found().events.front().answer == "known name");
  CHECK(run.found().questions == std::vector<std::string>{"name"});
  CHECK(run.kit().final_verdict() == "");
}

TEST_CASE("while a key waits, other keys go on and the waiting key keeps its order", "[pipeline]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    // The service never answers "slow" in time: only its timeouts end the wait.
    enriching run{seed, [](const std::string& name) -> weir::result<std::string> {
                    if (name == "slow") return weir::fail(weir::errc::unavailable, "later");
                    return answer_for(name);
                  }};
    for (std::int64_t i = 0; i < 12; ++i) {
      run.publish(i, "patient", i == 0 ? "slow" : "quick");
      run.publish(i, "other", "quick");
    }
    CHECK(run.kit().drain().drained);
    INFO("seed=" << seed);
    CHECK(run.found().numbers_of("other").size() == 12);
    // Number 0 is a dead letter in the end; the others keep their order behind it.
    CHECK(run.found().numbers_of("patient") ==
          std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    REQUIRE(run.kit().node().dead_letters().size() == 1);
    CHECK(run.kit().node().dead_letters().front().failure.code == weir::errc::unavailable);
    CHECK(run.kit().final_verdict() == "");
  }
}

TEST_CASE("a transient answer is asked for again, a poison answer is not", "[pipeline]") {
  auto tries = std::make_shared<std::map<std::string, int>>();
  enriching run{7, [tries](const std::string& name) -> weir::result<std::string> {
                  if (name == "flaky" && (*tries)[name]++ == 0) {
                    return weir::fail(weir::errc::unavailable, "once");
                  }
                  if (name == "unknown") return weir::fail(weir::errc::rejected, "no such name");
                  return answer_for(name);
                }};
  run.publish(1, "a", "flaky");
  run.publish(2, "b", "unknown");
  CHECK(run.kit().drain().drained);
  REQUIRE(run.found().events.size() == 1);
  CHECK(run.found().events.front().answer == "known flaky");
  CHECK(std::count(run.found().questions.begin(), run.found().questions.end(), "flaky") == 2);
  CHECK(std::count(run.found().questions.begin(), run.found().questions.end(), "unknown") == 1);
  REQUIRE(run.kit().node().dead_letters().size() == 1);
  const auto letter = run.kit().node().dead_letters().front();
  CHECK(letter.failure.message == "no such name");
  CHECK(letter.payload == R"({"number":2,"key":"b","wants":"unknown"})");
  CHECK(run.kit().final_verdict() == "");
}

TEST_CASE("what a service throws is a failed lookup of that request", "[pipeline]") {
  enriching run{3, [](const std::string& name) -> weir::result<std::string> {
                  if (name == "bad") throw std::runtime_error{"the directory is on fire"};
                  return answer_for(name);
                }};
  run.publish(1, "a", "bad");
  run.publish(2, "b", "good");
  CHECK(run.kit().drain().drained);
  CHECK(run.found().events.size() == 1);
  REQUIRE(run.kit().node().dead_letters().size() == 1);
  CHECK(run.kit().node().dead_letters().front().failure.code == weir::errc::lookup_failed);
  CHECK(run.kit().final_verdict() == "");
}

TEST_CASE("a service that dies is seen as timeouts, and every event is accounted for",
          "[pipeline]") {
  enriching run{5, [](const std::string& name) -> weir::result<std::string> {
                  if (name == "deadly") throw 1;
                  return answer_for(name);
                }};
  run.publish(1, "a", "deadly");
  run.kit().run();
  run.publish(2, "b", "after");
  CHECK(run.kit().drain().drained);
  CHECK(run.found().events.empty());
  REQUIRE(run.kit().node().dead_letters().size() == 2);
  CHECK(run.kit().node().dead_letters().front().failure.code == weir::errc::timeout);
  CHECK(run.kit().final_verdict() == "");
}

TEST_CASE("at most waiting_max events wait, and a small cache only costs questions", "[pipeline]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    enriching run{seed, answer_for, 2, 1};
    for (std::int64_t i = 0; i < 60; ++i) {
      run.publish(i, "k" + std::to_string(i % 7), "name" + std::to_string(i % 5));
    }
    INFO("seed=" << seed);
    CHECK(run.kit().drain().drained);
    CHECK(run.found().events.size() == 60);
    for (int key = 0; key < 7; ++key) {
      const auto numbers = run.found().numbers_of("k" + std::to_string(key));
      CHECK(std::is_sorted(numbers.begin(), numbers.end()));
    }
    CHECK(run.kit().final_verdict() == "");
  }
}

TEST_CASE("questions and answers that get lost, come twice or late change no result and no order",
          "[pipeline]") {
  using weir::sim::fault;
  std::uint64_t struck = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    weir::sim::fault_list faults;
    for (const auto what : {fault::question_dropped, fault::question_twice, fault::answer_dropped,
                            fault::answer_twice, fault::answer_late}) {
      faults.share(what) = 0.15;
    }
    const auto from = std::make_shared<weir::sim::fault_source>(seed, faults);
    enriching run{seed, answer_for, 64, 1, {.faults = from}};
    for (std::int64_t i = 0; i < 40; ++i) {
      run.publish(i, "k" + std::to_string(i % 5), "name" + std::to_string(i % 7));
      run.kit().run(4);
    }
    INFO("seed=" << seed);
    CHECK(run.kit().drain().drained);
    // A question may be dropped as often as it is asked; then its events are dead letters.
    CHECK(run.found().events.size() + run.kit().node().dead_letters().size() == 40);
    for (int key = 0; key < 5; ++key) {
      const auto numbers = run.found().numbers_of("k" + std::to_string(key));
      CHECK(std::is_sorted(numbers.begin(), numbers.end()));
    }
    for (const auto& one : run.found().events) CHECK(one.answer.starts_with("known name"));
    CHECK(run.kit().final_verdict() == "");
    struck += from->struck().size();
  }
  CHECK(struck > 200);
}
