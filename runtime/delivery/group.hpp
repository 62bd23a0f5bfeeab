// SPDX-License-Identifier: BSD-3-Clause
// A consumer group: several members share one subscription, and each of its lanes (partitions)
// belongs to at most one of them at a time. No mailbox and no clock: calls go in, effects come out.
//
// A lane changes hands in two steps, so that no two members ever handle it at once: its owner is
// told to finish (`revoke`), and only when it has handed the lane back (`released`) does the other
// get it (`assign`). Members that come or go meanwhile change where such a lane goes next, nothing
// else: it is revoked once and assigned once, be it to the owner that gave it up.
//
// Invariants: lanes over living members differ by at most one, counting each lane where it goes; a
// change takes the fewest lanes from members that balance allows (see assignment.hpp); the answer
// depends on the members' numbers and what has happened, on nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace weir::delivery {

using member_id = std::uint64_t;

/// What the shell must do after a call, in this order. Calls append.
struct group_effects {
  struct move {
    std::uint32_t lane;
    member_id member;
    friend bool operator==(const move&, const move&) = default;
  };
  std::vector<move> revoke;     // tell `member` to finish with `lane` and hand it back
  std::vector<move> assign;     // `member` owns `lane` from now on: give it the lane's state
  std::vector<member_id> left;  // members that wanted to leave and hold nothing any more
};

class group {
 public:
  /// Begins with all of these at once, so that a start moves no lane twice. Repeated ones count
  /// once. Only as the first call.
  void begin(const std::vector<member_id>& members, const std::vector<std::uint32_t>& lanes,
             group_effects& out);

  /// Nothing happens if it is a member already. One that is leaving stays after all: what was
  /// revoked comes back to it, or other lanes do, once released.
  void join(member_id member, group_effects& out);
  /// Its lanes are revoked one and all; it is in `left` when it holds none, which may be at once.
  /// The last member may leave too: its lanes are then nobody's until somebody joins. Nothing
  /// happens if it is no member or leaves already.
  ///
  /// A member that has died cannot hand back: after leave(), call released() for each of its
  /// lanes_of(), and send it no revoke.
  void leave(member_id member, group_effects& out);
  /// A new lane, which nobody has. Nothing happens if the group has it already.
  void add_lane(std::uint32_t lane, group_effects& out);
  /// `member` has handed back a lane that was revoked. Anything else is a late message: ignored.
  void released(member_id member, std::uint32_t lane, group_effects& out);

  /// Members that are not leaving.
  std::size_t members() const noexcept { return living_.size(); }
  bool has(member_id member) const noexcept;
  /// Those that are not leaving, in the order of their numbers.
  const std::vector<member_id>& living() const noexcept { return living_; }
  std::size_t lanes() const noexcept { return lanes_.size(); }
  /// Who may handle the lane, also while it is being revoked; nobody while it is free, or if there
  /// is no such lane.
  std::optional<member_id> owner(std::uint32_t lane) const;
  /// The lanes it owns, ascending, with those that are being revoked.
  std::vector<std::uint32_t> lanes_of(member_id member) const;
  /// No lane is being revoked.
  bool quiet() const noexcept { return revoking_ == 0; }

 private:
  struct lane_state {
    std::optional<member_id> owner = std::nullopt;
    /// Whose it is after its release; meaningful while `revoking`.
    std::optional<member_id> next = std::nullopt;
    bool revoking = false;
  };

  std::optional<std::size_t> index_of(std::optional<member_id> member) const;
  /// To whom each lane should belong, in their order; nobody if nobody is left.
  std::vector<std::optional<member_id>> wanted() const;
  void rebalance(group_effects& out);
  void assign(std::uint32_t lane, lane_state& state, member_id to, group_effects& out);
  void hand_back(lane_state& state, group_effects& out);

  std::vector<member_id> living_;          // ascending
  std::map<member_id, std::size_t> held_;  // lanes of every member, leaving ones too
  std::map<std::uint32_t, lane_state> lanes_;
  std::size_t revoking_ = 0;
};

}  // namespace weir::delivery
