// SPDX-License-Identifier: BSD-3-Clause
// The checks of a publish, made when the event is scheduled.
#include "weir/runtime/topic/scheduled_event.hpp"

#include <span>

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
