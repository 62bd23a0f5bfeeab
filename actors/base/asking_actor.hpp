// SPDX-License-Identifier: BSD-3-Clause
// An actor that asks others and finds each answer by a number of its own. CAF's request().then()
// allocates a handler per request and looks for it one by one among all that are open: with some
// hundred open that was a third of what asking cost.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "weir/actors/base/caf.hpp"
#include "weir/runtime/core/result.hpp"

namespace weir::actors {

/// What came of a request, during the call that gives it.
class answer {
 public:
  explicit answer(caf::type_erased_tuple& content) : content_(content) {}

  /// Once. errc::lookup_failed with what the asked actor said, or if it has ended, or if it
  /// answered with something else than one Reply.
  template <class Reply>
  result<Reply> take() {
    if (content_.match_elements<Reply>()) {
      if (content_.shared()) return content_.get_as<Reply>(0);
      return std::move(content_.get_mutable_as<Reply>(0));
    }
    return fail(errc::lookup_failed, why());
  }

 private:
  std::string why() const;

  caf::type_erased_tuple& content_;
};

class asking_actor : public caf::event_based_actor {
 public:
  /// Tickets are above zero and below this.
  static constexpr std::uint64_t ticket_end = std::uint64_t{1} << 59;

  using caf::event_based_actor::event_based_actor;

  /// Sends a request. The answer comes to answered() under the same ticket, unless this actor has
  /// ended by then. On this actor's turn.
  template <class... T>
  void ask(const caf::actor& to, std::uint64_t ticket, T&&... content) {
    const auto id = caf::make_message_id(ours | ticket);
    if (to) {
      to->enqueue(caf::make_mailbox_element(caf::strong_actor_ptr{ctrl()}, id, {},
                                            std::forward<T>(content)...),
                  context());
    } else {
      eq_impl(id.response_id(), ctrl(), context(), caf::make_error(caf::sec::invalid_argument));
    }
  }

 protected:
  /// The answer to a ticket, on this actor's turn.
  virtual void answered(std::uint64_t ticket, answer given) = 0;

 private:
  // CAF numbers its own requests from one upwards; ours have this bit.
  static constexpr std::uint64_t ours = ticket_end;

  caf::invoke_message_result consume(caf::mailbox_element& one) override;
};

}  // namespace weir::actors
