// SPDX-License-Identifier: BSD-3-Clause
// The store in memory.
#include "weir/runtime/delivery/dead_letter_store.hpp"

namespace weir::delivery {

error full(const dead_letter_store& store, dead_letter_limits limits) {
  return {errc::dead_letters_full, "dead-letter store: " + std::to_string(store.size()) +
                                       " letters of at most " +
                                       std::to_string(limits.letters_max) + ", " +
                                       std::to_string(store.bytes()) + " bytes of at most " +
                                       std::to_string(limits.bytes_max)};
}

result<std::uint64_t> memory_dead_letter_store::put(dead_letter letter) {
  const auto more = letter.bytes();
  if (letters_.size() >= limits_.letters_max || bytes_ + more > limits_.bytes_max) {
    return fail(full(*this, limits_));
  }
  bytes_ += more;
  letters_.push_back(std::move(letter));
  return letters_.size();
}

void memory_dead_letter_store::visit(
    const std::function<bool(std::uint64_t, const dead_letter&)>& visit) const {
  for (std::size_t i = 0; i < letters_.size(); ++i) {
    if (!visit(i + 1, letters_[i])) return;
  }
}

}  // namespace weir::delivery
