// SPDX-License-Identifier: BSD-3-Clause
// Answers to tickets, and why there is none.
#include "weir/actors/base/asking_actor.hpp"

namespace weir::actors {

std::string answer::why() const {
  if (content_.match_elements<caf::error>()) return to_string(content_.get_as<caf::error>(0));
  return "the actor answered with something else: " + content_.stringify();
}

caf::invoke_message_result asking_actor::consume(caf::mailbox_element& one) {
  const auto id = one.mid.request_id().integer_value();
  if (!one.mid.is_response() || (id & ours) == 0) return caf::event_based_actor::consume(one);
  current_element_ = &one;
  answered(id & ~ours, answer{one.content()});
  return caf::invoke_message_result::consumed;
}

}  // namespace weir::actors
