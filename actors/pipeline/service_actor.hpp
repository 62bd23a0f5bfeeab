// SPDX-License-Identifier: BSD-3-Clause
// A service that enrichers ask: a function behind a mailbox. It answers in the order it is asked; a
// function that throws something that is no std::exception ends it, and enrichers see timeouts.
#pragma once

#include "weir/actors/base/messages.hpp"
#include "weir/runtime/delivery/enrichment.hpp"

namespace weir::actors {

class service_actor : public caf::event_based_actor {
 public:
  service_actor(caf::actor_config& config, weir::delivery::answer_function answer)
      : caf::event_based_actor(config), answer_(std::move(answer)) {}

  caf::behavior make_behavior() override;
  const char* name() const override { return "weir.service"; }

 private:
  weir::delivery::answer_function answer_;
};

}  // namespace weir::actors
