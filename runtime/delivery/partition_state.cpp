// SPDX-License-Identifier: BSD-3-Clause
// Writing states, and refusing names.
#include "weir/runtime/delivery/partition_state.hpp"

#include <stdexcept>

namespace weir::delivery {

std::uint64_t partition_state::write(store::changes& to) {
  const auto number = ++commits_;
  const auto flushed = flushed_->load(std::memory_order_acquire);
  for (auto& one : parts_) {
    one.part->write(to, number);
    one.part->trim(flushed, bytes_max_ / parts_.size());
  }
  return number;
}

void partition_state::refuse(std::string_view name, const char* why) const {
  throw std::logic_error(place_.text(name) + " " + why);
}

}  // namespace weir::delivery
