// SPDX-License-Identifier: BSD-3-Clause
// What subscribers, supervisors and the dead-letter actor say to each other.
#pragma once

#include "weir/actors/supervision/letter_orders.hpp"
#include "weir/actors/supervision/open_letters.hpp"

namespace weir::actors {

/// Subscriber to supervisor: these events could not be processed.
struct events_failed {
  letter_bundle_ptr failure;
};
/// Supervisor to dead-letter actor, which answers in the letters' own open_letters and says
/// letters_answered. Given again, as after a restart of either, it changes nothing but whom that is
/// said to.
struct keep_letters {
  letter_bundle_ptr failure;
  caf::actor answer_to;
};
/// To the supervisor, and from it to the living incarnation.
struct letters_answered {
  supervision::child_id child;
};
/// To its supervisor, from a child that is about to end: why.
struct child_failed {
  supervision::child_id child;
  error why;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::child_failed)
WEIR_LOCAL_MESSAGE(weir::actors::events_failed)
WEIR_LOCAL_MESSAGE(weir::actors::keep_letters)
WEIR_LOCAL_MESSAGE(weir::actors::letters_answered)
