// SPDX-License-Identifier: BSD-3-Clause
// Shares first, then three passes: lanes that stay, lanes that move as they were meant to, the
// rest.
#include "weir/runtime/delivery/assignment.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "weir/runtime/core/invariant.hpp"

namespace weir::delivery {
namespace {

struct member_load {
  std::size_t has = 0;    // lanes that do not move
  std::size_t meant = 0;  // lanes that move to it
  std::size_t seen = 0;   // of `has`, in the pass over them
  std::size_t keeps = 0;  // of `has`
  std::size_t room = 0;   // lanes of its share that are still to be given to it
};

std::vector<member_load> loads(std::size_t members, std::span<const lane_place> lanes) {
  std::vector<member_load> found(members);
  for (const auto& lane : lanes) {
    if (!lane.with) continue;
    WEIR_INVARIANT(*lane.with < members, "a lane is with nobody's index");
    ++(lane.moves ? found[*lane.with].meant : found[*lane.with].has);
  }
  return found;
}

// The members whose share is one larger are those with the most: each of them keeps one more.
void share_out(std::vector<member_load>& members, std::size_t lanes) {
  std::vector<std::size_t> order(members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    const auto rank = [&](std::size_t i) {
      return std::tuple{~members[i].has, ~members[i].meant, i};
    };
    return rank(left) < rank(right);
  });
  const auto larger = lanes % members.size();
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    auto& member = members[order[rank]];
    const auto share = lanes / members.size() + (rank < larger ? 1 : 0);
    member.keeps = std::min(member.has, share);
    member.room = share - member.keeps;
  }
}

// True for `keeps` of the `has` lanes, those in between spread evenly.
bool keeps_next(member_load& member) {
  const auto at = member.seen++;
  return (at + 1) * member.keeps / member.has > at * member.keeps / member.has;
}

}  // namespace

std::vector<std::size_t> balanced(std::size_t members, std::span<const lane_place> lanes) {
  WEIR_INVARIANT(members > 0, "lanes cannot be balanced over nobody");
  const auto nobody = members;
  auto load = loads(members, lanes);
  share_out(load, lanes.size());
  std::vector<std::size_t> to(lanes.size(), nobody);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!lanes[i].with || lanes[i].moves) continue;
    if (keeps_next(load[*lanes[i].with])) to[i] = *lanes[i].with;
  }
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!lanes[i].with || !lanes[i].moves || load[*lanes[i].with].room == 0) continue;
    --load[*lanes[i].with].room;
    to[i] = *lanes[i].with;
  }
  std::size_t turn = 0;
  for (auto& chosen : to) {
    if (chosen != nobody) continue;
    while (load[turn].room == 0) turn = (turn + 1) % members;
    --load[turn].room;
    chosen = turn;
    turn = (turn + 1) % members;
  }
  return to;
}

}  // namespace weir::delivery
