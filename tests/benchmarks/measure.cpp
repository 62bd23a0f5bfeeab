// SPDX-License-Identifier: BSD-3-Clause
// Medians, the process's own counters, and printing.
#include "weir/tests/benchmarks/measure.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>

namespace weir::bench {
namespace {

std::string text_of(const row::cell& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  const auto& shown = std::get<number>(value);
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", shown.digits, shown.value);
  return text;
}

std::string grouped(std::string digits) {
  const auto point = std::min(digits.find('.'), digits.size());
  for (auto at = point; at > 3 + (digits[0] == '-' ? 1U : 0U);) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string shown(const row::cell& value) {
  return std::holds_alternative<number>(value) ? grouped(text_of(value)) : text_of(value);
}

bool same_columns(const row& left, const row& right) {
  return std::equal(left.cells().begin(), left.cells().end(), right.cells().begin(),
                    right.cells().end(),
                    [](const auto& a, const auto& b) { return a.first == b.first; });
}

}  // namespace

row& row::add(std::string_view column, std::string_view text) {
  cells_.emplace_back(column, std::string{text});
  return *this;
}

row& row::add(std::string_view column, double value, int digits) {
  cells_.emplace_back(column, number{value, digits});
  return *this;
}

void report::add(const row& result) {
  rows_.push_back(result);
  if (!json_) return;
  std::cout << "{\"bench\":\"" << bench_ << '"';
  for (const auto& [column, value] : result.cells()) {
    const bool quoted = std::holds_alternative<std::string>(value);
    std::cout << ",\"" << column << "\":" << (quoted ? "\"" : "") << text_of(value)
              << (quoted ? "\"" : "");
  }
  std::cout << "}" << std::endl;
}

void report::finish() const {
  if (json_ || rows_.empty()) return;
  std::cout << bench_ << '\n';
  for (std::size_t first = 0, next = 0; first < rows_.size(); first = next) {
    const auto& head = rows_[first].cells();
    while (next < rows_.size() && same_columns(rows_[first], rows_[next])) ++next;
    std::vector<std::size_t> widths;
    for (std::size_t column = 0; column < head.size(); ++column) {
      auto width = head[column].first.size();
      for (auto i = first; i < next; ++i) {
        width = std::max(width, shown(rows_[i].cells()[column].second).size());
      }
      widths.push_back(width);
    }
    const auto print = [&](std::size_t column, const std::string& text) {
      std::cout << std::string(2 + widths[column] - text.size(), ' ') << text;
    };
    for (std::size_t column = 0; column < head.size(); ++column) print(column, head[column].first);
    for (auto i = first; i < next; ++i) {
      std::cout << '\n';
      for (std::size_t column = 0; column < head.size(); ++column) {
        print(column, shown(rows_[i].cells()[column].second));
      }
    }
    std::cout << '\n';
  }
  std::cout << std::endl;
}

double thread_cpu_seconds() noexcept {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

std::uint64_t voluntary_switches() noexcept {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_nvcsw);
}

std::uint64_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::uint64_t pages_mapped = 0, pages_resident = 0;
  require(static_cast<bool>(statm >> pages_mapped >> pages_resident), "cannot read statm");
  return pages_resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

double quantile(std::vector<double> values, double share) noexcept {
  if (values.empty()) return 0;
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * last + 0.5);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double median(std::vector<double> values) noexcept { return quantile(std::move(values), 0.5); }

double median_ratio(const std::vector<double>& left, const std::vector<double>& right) noexcept {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    ratios.push_back(left[i] / right[i]);
  }
  return median(std::move(ratios));
}

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::cout << std::flush;
  std::cerr << "weir_bench: " << what << std::endl;
  std::abort();
}

}  // namespace weir::bench
