// SPDX-License-Identifier: BSD-3-Clause
// Metrics: the text as literals, and escaping against a reader written from the format's
// definition.
#include "weir/runtime/observe/metric.hpp"

#include <limits>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace weir::observe;

namespace {

std::string text_of(const metric_family& shown) { return prometheus_text({&shown, 1}); }

// Reads one `name{label="value"} 1\n` line back; empty if it is not one.
std::string value_of_label(std::string_view line) {
  const auto open = line.find('"');
  std::string value;
  for (auto at = open + 1; at < line.size(); ++at) {
    if (line[at] == '"') return line.substr(at) == "\"} 1\n" ? value : "";
    if (line[at] == '\n') return "";
    if (line[at] != '\\') {
      value += line[at];
      continue;
    }
    ++at;
    value += line[at] == 'n' ? '\n' : line[at];
  }
  return "";
}

}  // namespace

TEST_CASE("a counter prints its help, its type and one line per sample", "[observe]") {
  const metric_family shown{
      "weir_events_published_total",
      "Events\npublished \\ \"all\".",
      metric_kind::counter,
      {{{{"topic", "orders"}}, 5}, {{{"topic", "a"}, {"subscription", "b"}}, 0}}};
  CHECK(text_of(shown) ==
        "# HELP weir_events_published_total Events\\npublished \\\\ \"all\".\n"
        "# TYPE weir_events_published_total counter\n"
        "weir_events_published_total{topic=\"orders\"} 5\n"
        "weir_events_published_total{topic=\"a\",subscription=\"b\"} 0\n");
}

TEST_CASE("values print whole numbers whole, fractions short and the three odd ones by name",
          "[observe]") {
  const auto printed = [](double value) {
    const auto text = text_of({"x", "h", metric_kind::gauge, {{{}, value}}});
    return text.substr(text.rfind(' ') + 1);
  };
  CHECK(printed(1234567890123) == "1234567890123\n");
  CHECK(printed(-3) == "-3\n");
  CHECK(printed(0.25) == "0.25\n");
  CHECK(printed(1e300) == "1e+300\n");
  CHECK(printed(std::numeric_limits<double>::infinity()) == "+Inf\n");
  CHECK(printed(-std::numeric_limits<double>::infinity()) == "-Inf\n");
  CHECK(printed(std::numeric_limits<double>::quiet_NaN()) == "NaN\n");
}

TEST_CASE("any label value survives being printed and read back", "[observe][property]") {
  rc::prop("escaping round trip", [] {
    const auto piece =
        rc::gen::oneOf(rc::gen::element('\\', '"', '\n', 'n'), rc::gen::character<char>());
    const auto value = *rc::gen::container<std::string>(piece);
    const auto text = text_of({"x", "h", metric_kind::counter, {{{{"l", value}}, 1}}});
    const auto line = text.substr(text.find("\nx{") + 1);
    RC_ASSERT(value_of_label(line) == value);
  });
}

TEST_CASE("a family without samples is left out", "[observe]") {
  CHECK(text_of({"x", "h", metric_kind::counter, {}}).empty());
}

TEST_CASE("names of metrics and labels follow Prometheus", "[observe]") {
  CHECK(is_metric_name("weir:a_1"));
  CHECK_FALSE(is_metric_name(""));
  CHECK_FALSE(is_metric_name("1a"));
  CHECK_FALSE(is_metric_name("a-b"));
  CHECK(is_label_name("topic"));
  CHECK_FALSE(is_label_name("a:b"));
  CHECK_FALSE(is_label_name("__x"));
}

TEST_CASE("a ledger is shown whole: every column once, drops by reason", "[observe]") {
  ledger counts;
  counts.published = 30;
  counts.delivered = 11;
  counts.filtered = 2;
  counts.in_flight = 3;
  counts.expired = 4;
  counts.dead_lettered = 5;
  counts.drop(drop_reason::skipped, 6);
  const std::vector<labelled_ledger> ledgers{
      {{{"topic", "orders"}, {"subscription", "billing"}}, counts}};
  std::string lines;
  for (const auto& shown : ledger_families(ledgers)) {
    for (const auto& sample : shown.samples) {
      if (sample.value == 0 && shown.name == "weir_events_dropped_total") continue;
      lines += shown.name + " " + std::string{to_string(shown.kind)} + " ";
      lines +=
          sample.labels.back().second + " " + std::to_string(static_cast<int>(sample.value)) + "\n";
    }
  }
  CHECK(lines ==
        "weir_events_published_total counter billing 30\n"
        "weir_events_delivered_total counter billing 11\n"
        "weir_events_filtered_total counter billing 2\n"
        "weir_events_expired_total counter billing 4\n"
        "weir_events_dropped_total counter skipped 6\n"
        "weir_events_dead_lettered_total counter billing 5\n"
        "weir_events_in_flight gauge billing 3\n"
        "weir_ledger_missing_events gauge billing -1\n");
}
