// SPDX-License-Identifier: BSD-3-Clause
// The checks of a publish, made when the event is scheduled.
#include "weir/runtime/topic/scheduled_event.hpp"

#include <mutex>
#include <span>
#include <vector>

namespace weir::topic {
namespace {

struct maker_table {
  std::mutex access;
  std::vector<event_maker> by_type;
};

// Types enrol during static initialisation: made on first use, and never destroyed.
maker_table& makers() {
  static auto& instance = *new maker_table;
  return instance;
}

}  // namespace

void enroll_maker(const event_type& type, event_maker make) {
  const std::lock_guard lock{makers().access};
  auto& by_type = makers().by_type;
  if (by_type.size() <= type.index) by_type.resize(type.index + 1);
  by_type[type.index] = make;
}

event_maker find_maker(std::uint32_t type_index) {
  const std::lock_guard lock{makers().access};
  const auto& by_type = makers().by_type;
  return type_index < by_type.size() ? by_type[type_index] : nullptr;
}

}  // namespace weir::topic

namespace weir::topic::internal {

std::optional<error> refusal_of(const settings& topic, const event_type& type,
                                const void* payload, const publish_options& options,
                                std::size_t bytes) {
  char scratch[key_scratch_bytes];
  auto key = options.key;
  const auto* rule = topic.key_of(type);
  if (key.empty() && rule != nullptr) {
    key = rule->extract(rule->rule.get(), payload, std::span<char>{scratch});
  }
  const bool fits = key.size() <= key_bytes_max && bytes <= topic.options.event_bytes_max;
  if (fits && (!key.empty() || !topic.options.ordered)) return std::nullopt;
  return refusal(topic, type, key, bytes);
}

}  // namespace weir::topic::internal
