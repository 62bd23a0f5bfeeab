// SPDX-License-Identifier: BSD-3-Clause
// Keys of states.
#include "weir/runtime/delivery/state_part.hpp"

#include <optional>

#include "weir/runtime/store/key.hpp"

namespace weir::delivery {

std::string state_place::prefix() const {
  return store::key_writer{}.text(subscription).text(topic).u32(partition).take();
}

std::string state_place::prefix(std::string_view name) const {
  return store::key_writer{}.text(subscription).text(topic).u32(partition).text(name).take();
}

std::string state_place::text(std::string_view name) const {
  return "state " + std::string{name} + " of " + subscription + " in " + topic + "/" +
         std::to_string(partition);
}

result<bool> state_part::read(std::string_view key, std::string& value) const {
  std::optional<std::string_view> left;
  if (!left_.empty() && left_.find(key, left)) {
    if (left) value = *left;
    return left.has_value();
  }
  auto found = where_->get(store::table::state, key, value);
  if (!found) return fail(wrong(found.error()));
  return found;
}

bool state_part::nothing_stored() const {
  if (!left_.empty()) return false;
  store::record any;
  const auto found =
      where_->last(store::table::state, prefix_, store::prefix_end(prefix_), any);
  return found && !*found;
}

}  // namespace weir::delivery
