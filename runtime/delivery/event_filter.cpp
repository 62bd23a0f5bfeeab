// SPDX-License-Identifier: BSD-3-Clause
// Which events of a run pass, and which were left out before a run ended.
#include "weir/runtime/delivery/event_filter.hpp"

#include <algorithm>
#include <numeric>

namespace weir::delivery {

std::span<const std::uint32_t> filtered_handler::passing(const event_slot* slots,
                                                         std::uint32_t from, std::uint32_t to,
                                                         context& where) {
  if (indices_.size() < to - from) indices_.resize(to - from);
  std::span<std::uint32_t> chosen{indices_.data(), to - from};
  std::iota(chosen.begin(), chosen.end(), from);
  for (const auto& filter : filters_) chosen = chosen.first(filter->keep(slots, chosen, where));
  return chosen;
}

run_outcome filtered_handler::run(const event_slot* slots, std::uint32_t from, std::uint32_t to,
                                  context& where) {
  std::span<const std::uint32_t> chosen;
  for (bool decided = false; !decided;) {
    try {
      chosen = passing(slots, from, to, where);
      decided = true;
    } catch (const std::exception&) {
      if (where.index() == from) return {0, true, current_exception_error()};
      to = where.index();
    } catch (...) {
      if (where.index() == from) throw;
      // What is thrown is its event's; those in front of it come first, and then it is asked again.
      to = where.index();
    }
  }
  const auto left_out_before = [&](std::uint32_t end) {
    const auto passed = std::lower_bound(chosen.begin(), chosen.end(), end) - chosen.begin();
    return end - from - static_cast<std::uint32_t>(passed);
  };
  run_outcome outcome;
  try {
    if (!chosen.empty()) outcome = inner_->run_chosen(slots, chosen, where);
  } catch (...) {
    where.leave_out(left_out_before(where.index()));
    throw;
  }
  const auto end = outcome.handled < chosen.size() ? chosen[outcome.handled] : to;
  where.leave_out(left_out_before(end));
  outcome.handled = end - from;
  return outcome;
}

handler_factory filtered(handler_factory inner, std::vector<filter_rule> rules) {
  if (rules.empty()) return inner;
  return [inner = std::move(inner), rules = std::move(rules)] {
    auto table = inner();
    std::vector<const event_type*> done;
    for (const auto& first : rules) {
      if (std::find(done.begin(), done.end(), first.type) != done.end()) continue;
      done.push_back(first.type);
      auto handler = table.take(*first.type);
      if (handler == nullptr) continue;
      std::vector<std::unique_ptr<event_filter>> filters;
      for (const auto& rule : rules) {
        if (rule.type == first.type) filters.push_back(rule.make());
      }
      table.add(*first.type,
                std::make_unique<filtered_handler>(std::move(handler), std::move(filters)));
    }
    return table;
  };
}

}  // namespace weir::delivery
