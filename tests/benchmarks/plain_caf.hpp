// SPDX-License-Identifier: BSD-3-Clause
// The peer: what a program on CAF alone would do. A publisher thread sends one message per event to
// a broker actor, which sends one message to each subscriber actor. The event carries an envelope
// as complete as Weir's; it is allocated once and shared by all receivers, never copied.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/message.hpp>
#include <caf/send.hpp>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/random.hpp"
#include "weir/runtime/event/event_type.hpp"
#include "weir/runtime/event/id.hpp"
#include "weir/tests/benchmarks/events.hpp"

namespace weir::bench {

struct plain_event {
  event_id id;
  event_id correlation_id;
  event_id causation_id;
  timestamp time;
  std::string key;
  const event_type* type;
  tick payload;
};

}  // namespace weir::bench

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::bench::plain_event)

namespace weir::bench {

/// `stealing` is CAF's default; `sharing` is the one Weir asks for.
enum class scheduler { stealing, sharing };

inline const char* name_of(scheduler policy) noexcept {
  return policy == scheduler::stealing ? "stealing" : "sharing";
}

inline caf::behavior plain_broker(caf::event_based_actor* self,
                                  std::vector<caf::actor> subscribers) {
  return {[self, subscribers = std::move(subscribers)](const plain_event&) {
    // The publisher sent a shared message, so this adds a reference and copies nothing.
    const auto shared = self->current_mailbox_element()->copy_content_to_message();
    for (const auto& subscriber : subscribers) self->send(subscriber, shared);
  }};
}

template <class Handler>
caf::behavior plain_subscriber(caf::event_based_actor*, Handler handle) {
  return {[handle = std::move(handle)](const plain_event& event) mutable {
    handle(event.payload);
  }};
}

/// A broker, its subscribers, and the publisher's side of it. One thread publishes.
class plain_caf {
 public:
  template <class Handler>
  plain_caf(scheduler policy, std::size_t threads, const std::vector<Handler>& handlers)
      : config_(policy, threads), system_(config_), ids_(seed_) {
    std::vector<caf::actor> subscribers;
    for (const auto& handler : handlers) {
      subscribers.push_back(system_.spawn(plain_subscriber<Handler>, handler));
    }
    actors_ = subscribers;
    broker_ = system_.spawn(plain_broker, std::move(subscribers));
    actors_.push_back(broker_);
  }
  ~plain_caf() {
    for (const auto& ended : actors_) caf::anon_send_exit(ended, caf::exit_reason::kill);
    actors_.clear();
    broker_ = nullptr;
  }
  plain_caf(const plain_caf&) = delete;
  plain_caf& operator=(const plain_caf&) = delete;

  void publish(const tick& payload) {
    // Stamped as Weir stamps under load.
    const auto now = machine_clock().coarse_now();
    const auto id = ids_.next(now);
    caf::anon_send(broker_, caf::make_message(plain_event{id, id, event_id{}, now,
                                                          std::to_string(payload.instrument),
                                                          &type_of<tick>(), payload}));
  }

 private:
  struct configuration : caf::actor_system_config {
    configuration(scheduler policy, std::size_t threads) {
      if (policy == scheduler::sharing) set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", threads);
    }
  };

  configuration config_;
  caf::actor_system system_;
  random seed_{7};
  event_id_source ids_;
  std::vector<caf::actor> actors_;
  caf::actor broker_;
};

}  // namespace weir::bench
