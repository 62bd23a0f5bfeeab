// SPDX-License-Identifier: BSD-3-Clause
// Sums of lags, and what a scrape sees of them.
#include "weir/runtime/observe/lag.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace weir::observe;

TEST_CASE("a sum of lags has the counts of all and the age of the oldest", "[observe]") {
  lag sum;
  sum += {.sent = 3, .oldest_age = 2s};
  sum += {.sent = 4, .oldest_age = {}, .halted = true};
  sum += {.sent = 1, .oldest_age = 1s};
  CHECK(sum == lag{.sent = 8, .oldest_age = 2s, .halted = true});
}

TEST_CASE("an age of nothing stays nothing, one of zero is an age", "[observe]") {
  lag sum;
  sum += {};
  CHECK(sum.oldest_age == std::nullopt);
  sum += {.oldest_age = 0s};
  CHECK(sum.oldest_age == 0s);
}

TEST_CASE("a lag is three gauges per subscription and topic", "[observe]") {
  const std::vector<labelled_lag> lags{
      {{{"topic", "orders"}, {"subscription", "billing"}},
       {.sent = 5, .oldest_age = 1500ms, .halted = true}},
      {{{"topic", "orders"}, {"subscription", "audit"}}, {}}};
  CHECK(prometheus_text(lag_families(lags)) ==
        "# HELP weir_subscription_sent_events Events sent to the subscriber and not settled yet.\n"
        "# TYPE weir_subscription_sent_events gauge\n"
        "weir_subscription_sent_events{topic=\"orders\",subscription=\"billing\"} 5\n"
        "weir_subscription_sent_events{topic=\"orders\",subscription=\"audit\"} 0\n"
        "# HELP weir_subscription_oldest_age_seconds Age of the oldest unsettled event; 0 if there "
        "is none.\n"
        "# TYPE weir_subscription_oldest_age_seconds gauge\n"
        "weir_subscription_oldest_age_seconds{topic=\"orders\",subscription=\"billing\"} 1.5\n"
        "weir_subscription_oldest_age_seconds{topic=\"orders\",subscription=\"audit\"} 0\n"
        "# HELP weir_subscription_halted 1 if the subscription has halted and handles nothing "
        "more.\n"
        "# TYPE weir_subscription_halted gauge\n"
        "weir_subscription_halted{topic=\"orders\",subscription=\"billing\"} 1\n"
        "weir_subscription_halted{topic=\"orders\",subscription=\"audit\"} 0\n");
}
