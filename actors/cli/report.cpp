// SPDX-License-Identifier: BSD-3-Clause
// Laying out tables.
#include "weir/actors/cli/report.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace weir::cli {
namespace {

/// Longer reasons are cut: a table is for looking, the store has the whole story.
constexpr std::size_t reason_columns_max = 100;

bool begins_a_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

std::size_t columns_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_a_character));
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789,.%-") == std::string::npos;
}

struct column {
  std::size_t width = 0;
  bool numbers = true;
};

std::string line_of(const std::vector<std::string>& cells, const std::vector<column>& columns) {
  std::string line = "  ";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto padding = columns[i].width - columns_of(cells[i]);
    if (columns[i].numbers) line.append(padding, ' ');
    line += cells[i];
    if (!columns[i].numbers) line.append(padding, ' ');
    line += "  ";
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows) {
  std::vector<column> columns(head.size());
  for (std::size_t i = 0; i < head.size(); ++i) columns[i].width = columns_of(head[i]);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < std::min(row.size(), head.size()); ++i) {
      columns[i].width = std::max(columns[i].width, columns_of(row[i]));
      columns[i].numbers = columns[i].numbers && is_number(row[i]);
    }
  }
  auto text = line_of(head, columns);
  for (const auto& row : rows) text += line_of(row, columns);
  return text;
}

std::string ledger_table(std::span<const subscription_ledger> ledgers) {
  std::vector<std::vector<std::string>> rows;
  std::string drops;
  for (const auto& [subscription, topic, counts] : ledgers) {
    rows.push_back({subscription, topic, grouped(counts.published), grouped(counts.delivered),
                    grouped(counts.filtered), grouped(counts.in_flight), grouped(counts.expired),
                    grouped(counts.dropped_total()), grouped(counts.dead_lettered)});
    for (std::size_t i = 0; i < observe::drop_reason_count; ++i) {
      const auto reason = static_cast<observe::drop_reason>(i);
      if (counts.dropped_for(reason) == 0) continue;
      drops += "  " + subscription + " dropped " + grouped(counts.dropped_for(reason)) + " of " +
               topic + ": " + std::string{to_string(reason)} + "\n";
    }
  }
  return table({"subscription", "topic", "published", "delivered", "filtered", "in flight",
                "expired", "dropped", "dead"},
               rows) +
         drops + (balanced(ledgers) ? "  balanced\n" : "  NOT BALANCED\n");
}

bool balanced(std::span<const subscription_ledger> ledgers) {
  return std::all_of(ledgers.begin(), ledgers.end(),
                     [](const auto& one) { return one.counts.balanced(); });
}

std::string dead_letter_table(std::span<const delivery::dead_letter> letters) {
  if (letters.empty()) return "  no dead letters\n";
  struct group {
    const delivery::dead_letter* first = nullptr;
    std::uint64_t count = 0;
    std::set<std::string> subscriptions;
  };
  std::map<std::string, group> by_fingerprint;
  for (const auto& letter : letters) {
    auto& same = by_fingerprint[letter.fingerprint()];
    if (same.first == nullptr) same.first = &letter;
    ++same.count;
    same.subscriptions.insert(letter.subscription);
  }
  std::vector<std::pair<std::string, group>> groups(by_fingerprint.begin(), by_fingerprint.end());
  std::stable_sort(groups.begin(), groups.end(), [](const auto& left, const auto& right) {
    return left.second.count > right.second.count;
  });
  std::vector<std::vector<std::string>> rows;
  for (const auto& [fingerprint, same] : groups) {
    std::string where;
    for (const auto& name : same.subscriptions) where += (where.empty() ? "" : ", ") + name;
    rows.push_back({grouped(same.count), fingerprint, where,
                    same.first->type_name + "@" + std::to_string(same.first->type_version),
                    one_line(to_string(same.first->failure))});
  }
  return table({"letters", "fingerprint", "subscription", "event", "why (the first)"}, rows);
}

std::string one_line(std::string text) {
  for (auto& letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte == 0x7F) letter = ' ';
  }
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (begins_a_character(text[i]) && ++columns > reason_columns_max) {
      return text.substr(0, i) + "...";
    }
  }
  return text;
}

std::string grouped(std::uint64_t value) {
  auto digits = std::to_string(value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

}  // namespace weir::cli
