// SPDX-License-Identifier: BSD-3-Clause
// What the workbench wants of a subscriber, about letters of its subscription. Orders outlive
// incarnations: one that arrives while the subscriber is being restarted is carried out by the
// next.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "weir/actors/base/messages.hpp"
#include "weir/runtime/delivery/parked_events.hpp"

namespace weir::actors {

/// To a subscriber: there are orders about letters.
struct letters_ordered {};

struct letter_reply {
  /// False: nothing was done, and `said` says why, errc::not_found if the event is none of this
  /// subscriber's.
  bool done = false;
  /// Of what was done.
  result<void> said{};
};
inline letter_reply not_done(error why) { return {false, fail(std::move(why))}; }

struct letter_order {
  enum class kind {
    redrive,   // handle the event again; answered when the store knows what became of it
    rehearse,  // say what the handler would do
    edit,      // go on with the letter as it is now
    discard    // nobody waits for it any more
  };
  kind what = kind::redrive;
  weir::delivery::parked_events::letter_ptr letter;
  /// Called once, on the subscriber's thread. Of a redrive: the failure, if the event is a dead
  /// letter again.
  std::function<void(const letter_reply&)> answer;
};

/// Any thread may call.
class letter_orders {
 public:
  void give(letter_order order) {
    const std::lock_guard lock{access_};
    orders_.push_back(std::move(order));
    if (const auto to = caf::actor_cast<caf::actor>(living_)) tell(to, letters_ordered{});
  }
  /// The living incarnation, from now on.
  void attend(const caf::actor& living) {
    const std::lock_guard lock{access_};
    living_ = living.address();
  }
  std::optional<letter_order> take() {
    const std::lock_guard lock{access_};
    if (orders_.empty()) return std::nullopt;
    auto first = std::move(orders_.front());
    orders_.pop_front();
    return first;
  }

 private:
  std::mutex access_;
  caf::actor_addr living_;  // weak: the actor keeps what we are part of
  std::deque<letter_order> orders_;
};
using letter_orders_ptr = std::shared_ptr<letter_orders>;

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::letters_ordered)
