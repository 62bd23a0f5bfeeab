// SPDX-License-Identifier: BSD-3-Clause
// Prometheus text exposition, version 0.0.4, and the ledger's families.
#include "weir/runtime/observe/metric.hpp"

#include <charconv>
#include <cmath>

#include "weir/runtime/core/invariant.hpp"

namespace weir::observe {
namespace {

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Help escapes backslash and newline; label values escape the quote too.
void append_escaped(std::string& text, std::string_view raw, bool quoted) {
  for (const char c : raw) {
    if (c == '\\') {
      text += "\\\\";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '"' && quoted) {
      text += "\\\"";
    } else {
      text += c;
    }
  }
}

void append_value(std::string& text, double value) {
  if (std::isnan(value)) {
    text += "NaN";
  } else if (std::isinf(value)) {
    text += value > 0 ? "+Inf" : "-Inf";
  } else {
    char digits[32];
    // Whole numbers up to 2^53 are exact in a double and people read them best without an exponent.
    const bool whole = std::trunc(value) == value && std::abs(value) < 9007199254740992.0;
    const auto end =
        whole ? std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(value))
              : std::to_chars(digits, digits + sizeof digits, value);
    text.append(digits, end.ptr);
  }
}

void append_sample(std::string& text, std::string_view name, const metric_sample& sample) {
  text += name;
  char separator = '{';
  for (const auto& [label, value] : sample.labels) {
    WEIR_INVARIANT(is_label_name(label), label);
    text.append(1, separator).append(label).append("=\"");
    append_escaped(text, value, true);
    text += '"';
    separator = ',';
  }
  if (!sample.labels.empty()) text += '}';
  text += ' ';
  append_value(text, sample.value);
  text += '\n';
}

metric_family family(std::string_view name, std::string_view help, metric_kind kind,
                     std::span<const labelled_ledger> ledgers, double (*read)(const ledger&)) {
  metric_family made{std::string{name}, std::string{help}, kind, {}};
  made.samples.reserve(ledgers.size());
  for (const auto& entry : ledgers) made.samples.push_back({entry.labels, read(entry.counts)});
  return made;
}

metric_family dropped_family(std::span<const labelled_ledger> ledgers) {
  metric_family made{
      "weir_events_dropped_total", "Events dropped, by reason.", metric_kind::counter, {}};
  for (const auto& entry : ledgers) {
    for (std::size_t index = 0; index < drop_reason_count; ++index) {
      auto labels = entry.labels;
      labels.emplace_back("reason", to_string(static_cast<drop_reason>(index)));
      made.samples.push_back({std::move(labels), static_cast<double>(entry.counts.dropped[index])});
    }
  }
  return made;
}

}  // namespace

std::string_view to_string(metric_kind kind) noexcept {
  return kind == metric_kind::counter ? "counter" : "gauge";
}

bool is_metric_name(std::string_view name) noexcept {
  if (name.empty() || is_digit(name.front())) return false;
  for (const char c : name) {
    if (!is_letter(c) && !is_digit(c) && c != ':') return false;
  }
  return true;
}

bool is_label_name(std::string_view name) noexcept {
  return is_metric_name(name) && name.find(':') == std::string_view::npos &&
         !name.starts_with("__");
}

std::string prometheus_text(std::span<const metric_family> families) {
  std::string text;
  for (const auto& shown : families) {
    WEIR_INVARIANT(is_metric_name(shown.name), shown.name);
    if (shown.samples.empty()) continue;
    text.append("# HELP ").append(shown.name).append(" ");
    append_escaped(text, shown.help, false);
    text.append("\n# TYPE ")
        .append(shown.name)
        .append(" ")
        .append(to_string(shown.kind))
        .append("\n");
    for (const auto& sample : shown.samples) append_sample(text, shown.name, sample);
  }
  return text;
}

std::vector<metric_family> ledger_families(std::span<const labelled_ledger> ledgers) {
  const auto count = [&](std::string_view name, std::string_view help,
                         double (*read)(const ledger&)) {
    return family(name, help, metric_kind::counter, ledgers, read);
  };
  std::vector<metric_family> made;
  made.push_back(count("weir_events_published_total",
                       "Events published to the subscription's topics.",
                       [](const ledger& l) { return static_cast<double>(l.published); }));
  made.push_back(count("weir_events_delivered_total", "Events a handler finished with.",
                       [](const ledger& l) { return static_cast<double>(l.delivered); }));
  made.push_back(count("weir_events_filtered_total", "Events the subscription's filter left out.",
                       [](const ledger& l) { return static_cast<double>(l.filtered); }));
  made.push_back(count("weir_events_expired_total", "Events that outlived their time to live.",
                       [](const ledger& l) { return static_cast<double>(l.expired); }));
  made.push_back(dropped_family(ledgers));
  made.push_back(count("weir_events_dead_lettered_total", "Events that ended as dead letters.",
                       [](const ledger& l) { return static_cast<double>(l.dead_lettered); }));
  made.push_back(family("weir_events_in_flight", "Events published and not settled yet.",
                        metric_kind::gauge, ledgers,
                        [](const ledger& l) { return static_cast<double>(l.in_flight); }));
  made.push_back(family("weir_ledger_missing_events",
                        "Published minus accounted for; 0 unless lost.", metric_kind::gauge,
                        ledgers, [](const ledger& l) { return static_cast<double>(l.missing()); }));
  return made;
}

}  // namespace weir::observe
