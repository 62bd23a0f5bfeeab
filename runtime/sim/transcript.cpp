// SPDX-License-Identifier: BSD-3-Clause
// The digest is a chain: the hash of the digest so far and the hash of the next line, so that
// neither order nor line ends can be swapped unnoticed.
#include "weir/runtime/sim/transcript.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "weir/runtime/core/hash.hpp"

namespace weir::sim {

void transcript::add(std::string_view line) {
  // As bytes with the lowest first, so that the digest is the same on every machine.
  std::array<char, 16> link{};
  const auto line_hash = stable_hash(line);
  for (std::size_t index = 0; index < 8; ++index) {
    link[index] = std::bit_cast<char>(static_cast<std::uint8_t>(digest_ >> (8 * index)));
    link[index + 8] = std::bit_cast<char>(static_cast<std::uint8_t>(line_hash >> (8 * index)));
  }
  digest_ = stable_hash({link.data(), link.size()});
  ++size_;
  if (lines_.size() < lines_kept_max_) lines_.emplace_back(line);
}

std::string transcript::text() const {
  std::string all;
  for (const auto& line : lines_) all.append(line).append("\n");
  return all;
}

std::string first_difference(const transcript& left, const transcript& right) {
  if (left.digest() == right.digest() && left.size() == right.size()) return {};
  const auto& ours = left.lines();
  const auto& theirs = right.lines();
  const auto common = std::min(ours.size(), theirs.size());
  std::size_t at = 0;
  while (at < common && ours[at] == theirs[at]) ++at;
  const auto quoted = [at](const transcript& run) -> std::string {
    if (at < run.lines().size()) return "\"" + run.lines()[at] + "\"";
    return at < run.size() ? "a line that was not kept" : "the end";
  };
  return "line " + std::to_string(at + 1) + ": " + quoted(left) + " against " + quoted(right);
}

}  // namespace weir::sim
