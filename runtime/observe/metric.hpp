// SPDX-License-Identifier: BSD-3-Clause
// Metrics as values: families of samples, collected from plain counters when somebody scrapes.
// Invariant: what is printed is valid Prometheus text exposition (format 0.0.4), whatever the label
// values. Owned by the scrape that built them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/runtime/observe/ledger.hpp"

namespace weir::observe {

enum class metric_kind : std::uint8_t { counter, gauge };
std::string_view to_string(metric_kind kind) noexcept;

using metric_label = std::pair<std::string, std::string>;

/// One line: labels in the order they are printed, and a value. Counters are whole numbers and are
/// printed as such; gauges may be fractions.
struct metric_sample {
  std::vector<metric_label> labels;
  double value = 0;
};

/// All samples of one name. The name matches [a-zA-Z_:][a-zA-Z0-9_:]*; counters end in `_total`.
struct metric_family {
  std::string name;
  std::string help;
  metric_kind kind = metric_kind::counter;
  std::vector<metric_sample> samples;
};

/// True for [a-zA-Z_:][a-zA-Z0-9_:]*.
bool is_metric_name(std::string_view name) noexcept;
/// True for [a-zA-Z_][a-zA-Z0-9_]* that does not begin with two underscores.
bool is_label_name(std::string_view name) noexcept;

/// The text a scrape answers with: HELP and TYPE once per family, then its samples. Families
/// without samples are left out. A name that is not valid breaks an invariant: names are ours,
/// values are not.
std::string prometheus_text(std::span<const metric_family> families);

/// A ledger and the labels it goes under, usually topic and subscription.
struct labelled_ledger {
  std::vector<metric_label> labels;
  ledger counts;
};

/// The families every ledger is shown as: `weir_events_published_total`, `..._delivered_total`,
/// `..._filtered_total`, `..._expired_total`, `..._dropped_total{reason=}`,
/// `..._dead_lettered_total`, the gauges `weir_events_in_flight` and `weir_ledger_missing_events`
/// (anything but 0 is a bug).
std::vector<metric_family> ledger_families(std::span<const labelled_ledger> ledgers);

}  // namespace weir::observe
