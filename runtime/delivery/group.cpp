// SPDX-License-Identifier: BSD-3-Clause
// Every change but a release recomputes where lanes belong; a release only follows what was
// decided.
#include "weir/runtime/delivery/group.hpp"

#include <algorithm>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/delivery/assignment.hpp"

namespace weir::delivery {

void group::begin(const std::vector<member_id>& members, const std::vector<std::uint32_t>& lanes,
                  group_effects& out) {
  WEIR_INVARIANT(held_.empty() && lanes_.empty(), "a group begins once, before anything else");
  for (const auto member : members) held_.emplace(member, 0);
  for (const auto& [member, held] : held_) living_.push_back(member);
  for (const auto lane : lanes) lanes_.emplace(lane, lane_state{});
  rebalance(out);
}

void group::join(member_id member, group_effects& out) {
  if (has(member)) return;
  living_.insert(std::lower_bound(living_.begin(), living_.end(), member), member);
  held_.emplace(member, 0);  // one that was leaving still has its entry
  rebalance(out);
}

void group::leave(member_id member, group_effects& out) {
  if (!has(member)) return;
  living_.erase(std::lower_bound(living_.begin(), living_.end(), member));
  rebalance(out);
  if (held_.at(member) > 0) return;
  held_.erase(member);
  out.left.push_back(member);
}

void group::add_lane(std::uint32_t lane, group_effects& out) {
  if (lanes_.emplace(lane, lane_state{}).second) rebalance(out);
}

void group::released(member_id member, std::uint32_t lane, group_effects& out) {
  const auto found = lanes_.find(lane);
  if (found == lanes_.end()) return;
  auto& state = found->second;
  if (!state.revoking || state.owner != member) return;
  hand_back(state, out);
  if (state.next) assign(lane, state, *state.next, out);
}

bool group::has(member_id member) const noexcept {
  return std::binary_search(living_.begin(), living_.end(), member);
}

std::optional<member_id> group::owner(std::uint32_t lane) const {
  const auto found = lanes_.find(lane);
  return found == lanes_.end() ? std::nullopt : found->second.owner;
}

std::vector<std::uint32_t> group::lanes_of(member_id member) const {
  std::vector<std::uint32_t> owned;
  for (const auto& [lane, state] : lanes_) {
    if (state.owner == member) owned.push_back(lane);
  }
  return owned;
}

std::optional<std::size_t> group::index_of(std::optional<member_id> member) const {
  if (!member || !has(*member)) return std::nullopt;
  const auto at = std::lower_bound(living_.begin(), living_.end(), *member);
  return static_cast<std::size_t>(at - living_.begin());
}

std::vector<std::optional<member_id>> group::wanted() const {
  if (living_.empty()) return std::vector<std::optional<member_id>>(lanes_.size());
  std::vector<lane_place> places;
  places.reserve(lanes_.size());
  for (const auto& [lane, state] : lanes_) {
    places.push_back({index_of(state.revoking ? state.next : state.owner), state.revoking});
  }
  std::vector<std::optional<member_id>> members;
  members.reserve(places.size());
  for (const auto index : balanced(living_.size(), places)) members.push_back(living_[index]);
  return members;
}

void group::rebalance(group_effects& out) {
  const auto members = wanted();
  auto to = members.begin();
  for (auto& [lane, state] : lanes_) {
    const auto member = *to++;
    if (state.revoking) {
      state.next = member;
    } else if (!state.owner) {
      if (member) assign(lane, state, *member, out);
    } else if (state.owner != member) {
      state.revoking = true;
      state.next = member;
      ++revoking_;
      out.revoke.push_back({lane, *state.owner});
    }
  }
}

void group::assign(std::uint32_t lane, lane_state& state, member_id to, group_effects& out) {
  state.owner = to;
  ++held_.at(to);
  out.assign.push_back({lane, to});
}

void group::hand_back(lane_state& state, group_effects& out) {
  const auto member = *state.owner;
  state.owner.reset();
  state.revoking = false;
  --revoking_;
  if (--held_.at(member) > 0 || has(member)) return;
  held_.erase(member);
  out.left.push_back(member);
}

}  // namespace weir::delivery
