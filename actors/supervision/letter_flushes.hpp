// SPDX-License-Identifier: BSD-3-Clause
// What the dead-letter actor has given to the commit actor and not heard of. It outlives the actor,
// as the store does: an outcome that comes while nobody lives waits for the next incarnation.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "weir/actors/supervision/messages.hpp"

namespace weir::actors {

/// To the dead-letter actor itself: what was flushed, or could not be, is there to be taken.
struct letters_flushed {};

class letter_flushes {
 public:
  struct flush {
    keep_letters request;
    std::optional<result<void>> outcome{};
  };

  /// From now on this actor is told, at once if there is an outcome already.
  void attend(const caf::actor& living) {
    const std::lock_guard lock{access_};
    living_ = living.address();
    if (ready()) tell(living, letters_flushed{});
  }
  /// What the request put is flushed next. Its outcome comes under the number that this returns.
  std::uint64_t begin(keep_letters request) {
    const std::lock_guard lock{access_};
    under_way_.push_back({std::move(request)});
    return first_ + under_way_.size() - 1;
  }
  /// Any thread.
  void ended(std::uint64_t number, result<void> outcome) {
    const std::lock_guard lock{access_};
    under_way_[number - first_].outcome = std::move(outcome);
    if (!ready()) return;
    if (const auto living = caf::actor_cast<caf::actor>(living_)) tell(living, letters_flushed{});
  }
  /// The oldest flush, if it has ended: they are taken in the order they began, as the store wants
  /// to hear of them.
  std::optional<flush> take() {
    const std::lock_guard lock{access_};
    if (!ready()) return std::nullopt;
    auto oldest = std::move(under_way_.front());
    under_way_.pop_front();
    ++first_;
    return oldest;
  }
  /// Whoever asks again is told of this bundle instead. False if it is not under way.
  bool redirect(const keep_letters& request) {
    const std::lock_guard lock{access_};
    for (auto& one : under_way_) {
      if (one.request.failure != request.failure) continue;
      one.request.answer_to = request.answer_to;
      return true;
    }
    return false;
  }

 private:
  bool ready() const { return !under_way_.empty() && under_way_.front().outcome.has_value(); }

  std::mutex access_;
  caf::actor_addr living_;
  std::deque<flush> under_way_;
  std::uint64_t first_ = 0;  // the number of the oldest
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::letters_flushed)
