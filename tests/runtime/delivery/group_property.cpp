// SPDX-License-Identifier: BSD-3-Clause
// Random members that come and go while lanes are on their way, against a ledger of who was told
// what. The ledger knows no shares: it only believes effects, and counts what they come to.
#include "weir/runtime/delivery/group.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using weir::delivery::group;
using weir::delivery::group_effects;
using weir::delivery::member_id;

namespace {

class group_history {
 public:
  group_history() {
    const auto members = *rc::gen::container<std::vector<member_id>>(one_member());
    const auto lanes = *rc::gen::container<std::vector<std::uint32_t>>(one_lane());
    living_.insert(members.begin(), members.end());
    lanes_.insert(lanes.begin(), lanes.end());
    call([&](group& to, group_effects& out) { to.begin(members, lanes, out); });
    RC_ASSERT(revoked_.empty());
    check_rest();
  }

  void step() {
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
      case 1: join(*one_member()); break;
      case 2:
      case 3: leave(*one_member()); break;
      case 4: add_lane(*one_lane()); break;
      case 5: late_release(); break;
      default: release(); break;
    }
    check_at_any_time();
  }

  void finish() {
    while (!revoked_.empty()) {
      release();
      check_at_any_time();
    }
    check_rest();
  }

 private:
  static rc::Gen<member_id> one_member() { return rc::gen::inRange<member_id>(1, 7); }
  static rc::Gen<std::uint32_t> one_lane() { return rc::gen::inRange<std::uint32_t>(0, 16); }

  // Makes the call on both groups and enters what the first one says.
  template <class Call>
  void call(Call make) {
    group_effects out, again;
    make(subject_, out);
    make(twin_, again);
    RC_ASSERT(out.revoke == again.revoke);
    RC_ASSERT(out.assign == again.assign);
    RC_ASSERT(out.left == again.left);
    for (const auto& move : out.revoke) {
      RC_ASSERT(owners_.at(move.lane) == move.member);
      RC_ASSERT(revoked_.emplace(move.lane, move.member).second);
    }
    for (const auto& move : out.assign) {
      RC_ASSERT(living_.contains(move.member));
      RC_ASSERT(lanes_.contains(move.lane));
      RC_ASSERT(owners_.emplace(move.lane, move.member).second);
    }
    for (const auto member : out.left) RC_ASSERT(leaving_.erase(member) == 1U);
  }

  // A change of who or what there is: it revokes no more than it must.
  template <class Call>
  void change(Call make) {
    const auto before = revoked_.size();
    const auto fewest = fewest_revoked();
    call(make);
    RC_ASSERT(revoked_.size() - before == fewest);
  }

  void join(member_id member) {
    if (!living_.insert(member).second) return;
    leaving_.erase(member);
    change([&](group& to, group_effects& out) { to.join(member, out); });
  }

  void leave(member_id member) {
    if (living_.erase(member) == 0) return;
    leaving_.insert(member);
    change([&](group& to, group_effects& out) { to.leave(member, out); });
  }

  void add_lane(std::uint32_t lane) {
    if (!lanes_.insert(lane).second) return;
    change([&](group& to, group_effects& out) { to.add_lane(lane, out); });
  }

  void release() {
    if (revoked_.empty()) return;
    const auto at = *rc::gen::inRange<std::size_t>(0, revoked_.size());
    const auto [lane, member] = *std::next(revoked_.begin(), static_cast<std::ptrdiff_t>(at));
    revoked_.erase(lane);
    owners_.erase(lane);
    const auto before = revoked_.size();
    call([&](group& to, group_effects& out) { to.released(member, lane, out); });
    RC_ASSERT(revoked_.size() == before);
    RC_ASSERT(living_.empty() || owners_.contains(lane));
  }

  // One that nobody asked for: of any lane by any member that is not asked for it.
  void late_release() {
    const auto member = *one_member();
    const auto lane = *one_lane();
    const auto asked = revoked_.find(lane);
    if (asked != revoked_.end() && asked->second == member) return;
    const auto before = owners_;
    call([&](group& to, group_effects& out) { to.released(member, lane, out); });
    RC_ASSERT(owners_ == before);
  }

  std::size_t kept_by(member_id member) const {
    std::size_t count = 0;
    for (const auto& [lane, owner] : owners_) count += owner == member && !revoked_.contains(lane);
    return count;
  }

  // Tries every choice of the members that may have one more.
  std::size_t fewest_revoked() const {
    std::size_t all_kept = owners_.size() - revoked_.size();
    if (living_.empty()) return all_kept;
    const auto larger = static_cast<int>(lanes_.size() % living_.size());
    std::size_t best = 0;
    for (std::uint32_t chosen = 0; chosen < (1U << living_.size()); ++chosen) {
      if (std::popcount(chosen) != larger) continue;
      std::size_t kept = 0, index = 0;
      for (const auto member : living_) {
        const auto share = lanes_.size() / living_.size() + (chosen >> index++ & 1U);
        kept += std::min(kept_by(member), share);
      }
      best = std::max(best, kept);
    }
    return all_kept - best;
  }

  void check_at_any_time() const {
    RC_ASSERT(subject_.members() == living_.size());
    RC_ASSERT(subject_.quiet() == revoked_.empty());
    for (const auto lane : lanes_) {
      const auto known = owners_.find(lane);
      RC_ASSERT(subject_.owner(lane) ==
                (known == owners_.end() ? std::nullopt : std::optional{known->second}));
      // Nobody waits without need: what is free has no taker, what a leaver has is called back.
      RC_ASSERT(known != owners_.end() || living_.empty());
      RC_ASSERT(known == owners_.end() || living_.contains(known->second) ||
                revoked_.contains(lane));
    }
    for (const auto member : leaving_) RC_ASSERT(!subject_.lanes_of(member).empty());
  }

  // Once every release has come.
  void check_rest() const {
    RC_ASSERT(leaving_.empty());
    if (living_.empty()) return;
    RC_ASSERT(owners_.size() == lanes_.size());
    std::size_t least = lanes_.size(), most = 0;
    for (const auto member : living_) {
      least = std::min(least, kept_by(member));
      most = std::max(most, kept_by(member));
    }
    RC_ASSERT(most - least <= 1U);
  }

  group subject_;
  group twin_;
  std::set<member_id> living_;
  std::set<member_id> leaving_;
  std::set<std::uint32_t> lanes_;
  std::map<std::uint32_t, member_id> owners_;
  std::map<std::uint32_t, member_id> revoked_;  // asked for and not handed back
};

}  // namespace

TEST_CASE("every lane has one owner, and a quiet group is balanced",
          "[delivery][group][property]") {
  rc::prop("any comings and goings", [] {
    group_history past;
    for (int steps = *rc::gen::inRange(0, 60); steps > 0; --steps) past.step();
    past.finish();
  });
}

TEST_CASE("a group that is quiet between changes is balanced after each",
          "[delivery][group][property]") {
  rc::prop("one change at a time", [] {
    group_history past;
    for (int steps = *rc::gen::inRange(0, 30); steps > 0; --steps) {
      past.step();
      past.finish();
    }
  });
}
