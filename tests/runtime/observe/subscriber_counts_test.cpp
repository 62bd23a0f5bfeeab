// SPDX-License-Identifier: BSD-3-Clause
// Sums, and what a scrape sees of them.
#include "weir/runtime/observe/subscriber_counts.hpp"

#include <catch2/catch.hpp>

using namespace weir::observe;
using state = weir::circuit_breaker::state;

TEST_CASE("counts add up, and of breakers the one furthest from closed is shown", "[observe]") {
  subscriber_counts sum{.retries = 1, .restarts = 2, .breaker_openings = 3, .held_partitions = 4};
  sum += {.retries = 10, .restarts = 20, .breaker_openings = 30, .held_partitions = 40};
  CHECK(sum == subscriber_counts{11, 22, 33, 44, {}});
  sum += {.breaker = state::closed};
  CHECK(sum.breaker == state::closed);
  sum += {.breaker = state::open};
  sum += {.breaker = state::half_open};
  CHECK(sum.breaker == state::open);
}

TEST_CASE("retries, restarts, breakers and bulkheads are metrics", "[observe]") {
  const std::vector<labelled_counts> subscribers{
      {{{"subscription", "billing"}}, {7, 1, 2, 3, state::half_open}},
      {{{"subscription", "plain"}}, {}}};
  const auto text = prometheus_text(subscriber_families(subscribers));
  for (const auto* line :
       {"weir_retries_total{subscription=\"billing\"} 7\n",
        "weir_restarts_total{subscription=\"billing\"} 1\n",
        "weir_breaker_openings_total{subscription=\"billing\"} 2\n",
        "weir_breaker_state{subscription=\"billing\"} 1\n",
        "weir_held_partitions{subscription=\"billing\"} 3\n",
        "weir_retries_total{subscription=\"plain\"} 0\n"}) {
    CHECK_THAT(text, Catch::Contains(line));
  }
  CHECK_THAT(text, !Catch::Contains("weir_breaker_state{subscription=\"plain\"}"));
  const std::vector<labelled_bulkhead> bulkheads{{{{"bulkhead", "payments"}}, {4, 3, 2}}};
  const auto shared = prometheus_text(bulkhead_families(bulkheads));
  CHECK_THAT(shared, Catch::Contains("weir_bulkhead_limit{bulkhead=\"payments\"} 4\n"));
  CHECK_THAT(shared, Catch::Contains("weir_bulkhead_in_progress{bulkhead=\"payments\"} 3\n"));
  CHECK_THAT(shared, Catch::Contains("weir_bulkhead_waiting{bulkhead=\"payments\"} 2\n"));
}
