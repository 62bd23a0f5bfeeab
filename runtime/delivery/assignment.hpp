// SPDX-License-Identifier: BSD-3-Clause
// The arithmetic of a consumer group: to which member each lane should belong, so that members have
// equally many (give or take one) and as few lanes as possible are taken from those who have them.
// No names, no state, no order but that of its arguments: the same call has the same answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace weir::delivery {

/// Where a lane is when lanes are balanced; members are indices.
struct lane_place {
  /// Who has it, or, of a lane that moves, for whom it is meant. Nobody: it is free.
  std::optional<std::size_t> with = std::nullopt;
  /// It is leaving who has it, so that giving it to another than meant costs nothing.
  bool moves = false;
};

/// For each lane the member (an index below `members`, >= 1) that it should belong to. Lanes per
/// member differ by at most one. The fewest lanes possible change from a member that has them and
/// does not lose them already; of lanes that move as few as that leaves change their destination.
/// A member that must give up lanes gives them up spread evenly over its own, in the order of the
/// argument, and free lanes go round: neighbours, such as the partitions of one topic, go to
/// different members.
std::vector<std::size_t> balanced(std::size_t members, std::span<const lane_place> lanes);

}  // namespace weir::delivery
