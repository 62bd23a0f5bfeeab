// SPDX-License-Identifier: BSD-3-Clause
// The one door to CAF. What differs between CAF's versions is met here and nowhere else; the rest
// of actors/ speaks the words below.
#pragma once

#include <chrono>
#include <utility>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/message.hpp>
#include <caf/send.hpp>

/// Lets a type travel between actors of this process; it needs no wire format.
#define WEIR_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)

namespace weir::actors {

/// Worker threads that hand jobs over; see handoff_policy.hpp.
void use_threads(caf::actor_system_config& config, std::size_t threads);
/// For a thread outside that sleeps because the workers are behind. If a job waits behind one that
/// is stuck in another, wakes a sleeping worker, as the caller's core is free for it. True if so.
bool offer_core(caf::actor_system& system);

/// Sends from outside any actor, or when the receiver need not know who sent.
template <class... T>
void tell(const caf::actor& to, T&&... content) {
  caf::anon_send(to, std::forward<T>(content)...);
}

/// The same, before everything in the receiver's mailbox that is not urgent.
template <class T>
void tell_urgently(const caf::actor& to, T content) {
  caf::anon_send<caf::message_priority::high>(to, std::move(content));
}

/// Sends from an actor. The receiver may run next on the sender's worker.
template <class... T>
void tell_from(caf::event_based_actor& self, const caf::actor& to, T&&... content) {
  self.send(to, std::forward<T>(content)...);
}

/// Sends to the actor itself after a delay of the node's time.
template <class T>
void tell_later(caf::event_based_actor& self, std::chrono::nanoseconds delay, T content) {
  self.delayed_send(&self, delay, std::move(content));
}

/// Ends an actor at its next message, whatever it is doing.
inline void kill(const caf::actor& target) { caf::anon_send_exit(target, caf::exit_reason::kill); }

}  // namespace weir::actors
