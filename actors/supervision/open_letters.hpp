// SPDX-License-Identifier: BSD-3-Clause
// The letters of one subscription between the subscriber that reports them and the store's answer.
// It outlives the subscriber, its supervisor and the dead-letter actor: whoever follows one of
// these finds here what was handed over and not answered, and answers that nobody took.
//
// Invariants: a letter is answered once, however often it is handed over; the letters of a lane are
// answered in the order in which they were reported. It holds what its subscription has open, and
// no more.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "weir/actors/base/messages.hpp"
#include "weir/runtime/delivery/dead_letter_store.hpp"
#include "weir/runtime/supervision/supervisor.hpp"

namespace weir::actors {

class open_letters;

/// One event that could not be processed.
struct failed_letter {
  lane_id lane;
  weir::delivery::dead_letter content;
};

/// What a subscriber reports at once. Handed over again it is the same object, by which it is
/// known.
struct letter_bundle {
  supervision::child_id child;
  std::weak_ptr<open_letters> from;  // weak: it holds what has no answer yet
  std::vector<failed_letter> letters;

  // How far the dead-letter actor is with it. Only the living one looks.
  std::size_t taken = 0;           // of the letters, by the store
  std::optional<error> refused{};  // why it did not take the next
  bool dealt_with = false;         // it is answered now, or will be when what is flushed is
};
using letter_bundle_ptr = std::shared_ptr<letter_bundle>;

/// Any thread.
class open_letters : public std::enable_shared_from_this<open_letters> {
 public:
  struct place {
    lane_id lane;
    std::uint64_t offset;
    bool operator==(const place&) const = default;
  };
  struct answers {
    std::vector<place> kept;
    std::optional<error> refused;
  };

  /// Notes what is handed over next.
  letter_bundle_ptr hand_over(supervision::child_id child, std::vector<failed_letter> letters) {
    auto bundle = std::make_shared<letter_bundle>(
        letter_bundle{child, weak_from_this(), std::move(letters)});
    const std::lock_guard lock{access_};
    open_.push_back(bundle);
    return bundle;
  }
  /// What has no answer yet, in the order it was handed over.
  std::vector<letter_bundle_ptr> unanswered() const {
    const std::lock_guard lock{access_};
    return {open_.begin(), open_.end()};
  }
  bool empty() const {
    const std::lock_guard lock{access_};
    return open_.empty();
  }
  /// The store has these letters of the bundle, and has refused the others if `refused` says why.
  /// False, and nothing, for a bundle that has an answer.
  bool answer(const letter_bundle_ptr& bundle, const std::vector<place>& kept,
              const std::optional<error>& refused) {
    const std::lock_guard lock{access_};
    const auto found = std::find(open_.begin(), open_.end(), bundle);
    if (found == open_.end()) return false;
    open_.erase(found);
    answers_.kept.insert(answers_.kept.end(), kept.begin(), kept.end());
    if (refused) answers_.refused = refused;
    return true;
  }
  /// The answers since the last call; for the subscriber.
  answers take() {
    const std::lock_guard lock{access_};
    return std::exchange(answers_, {});
  }

 private:
  mutable std::mutex access_;
  std::deque<letter_bundle_ptr> open_;  // answered from the front, but for what was refused
  answers answers_;
};
using open_letters_ptr = std::shared_ptr<open_letters>;

}  // namespace weir::actors
