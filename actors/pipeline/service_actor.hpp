// SPDX-License-Identifier: BSD-3-Clause
// A service that enrichers ask: a function behind a mailbox. It answers in the order it is asked; a
// function that throws something that is no std::exception ends it, and enrichers see timeouts.
#pragma once

#include "weir/actors/base/messages.hpp"
#include "weir/runtime/delivery/enrichment.hpp"
#include "weir/runtime/sim/fault_source.hpp"

namespace weir::actors {

/// An answer that is late; to the service itself.
struct answer_due {
  std::shared_ptr<const service_ask> asked;
  std::shared_ptr<const void> answers;
};

class service_actor : public caf::event_based_actor {
 public:
  /// With `faults`, questions and answers get lost, come twice or late. `name` is theirs.
  service_actor(caf::actor_config& config, weir::delivery::answer_function answer,
                std::string name = {}, std::shared_ptr<sim::fault_source> faults = {})
      : caf::event_based_actor(config),
        answer_(std::move(answer)),
        name_(std::move(name)),
        faults_(std::move(faults)) {}

  caf::behavior make_behavior() override;
  const char* name() const override { return "weir.service"; }

 private:
  void answer(const service_ask& asked);
  void answer_with(const service_ask& asked, std::shared_ptr<const void> answers);
  void answer_with_faults(const service_ask& asked);

  weir::delivery::answer_function answer_;
  std::string name_;
  std::shared_ptr<sim::fault_source> faults_;
  std::uint64_t questions_ = 0;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::answer_due)
