// SPDX-License-Identifier: BSD-3-Clause
// What a subscriber is told to do with letters of its subscription while it runs. Orders outlive
// incarnations: one that arrives while the subscriber is being restarted is carried out by the
// next.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "weir/actors/base/messages.hpp"
#include "weir/runtime/delivery/parked_events.hpp"

namespace weir::actors {

/// To a subscriber: there are orders about letters.
struct letters_ordered {};

struct letter_order {
  enum class kind { redrive, rehearse, edited, discarded };
  kind what = kind::redrive;
  weir::delivery::parked_events::letter_ptr letter;
  /// Called once by each member, on its thread, unless it has taken a redrive: then what became of
  /// it comes as a letter. For a rehearsal, with what the handler said; errc::not_found: the event
  /// is none of this member's.
  std::function<void(result<void>)> answer{};
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

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::letters_ordered)
