// SPDX-License-Identifier: BSD-3-Clause
// The one actor that writes to a store. It does nothing but wait for the disk, so a node gives it a
// thread of its own.
#pragma once

#include "weir/actors/store/messages.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::actors {

class flush_actor : public caf::event_based_actor {
 public:
  flush_actor(caf::actor_config& config, std::shared_ptr<store::store> where)
      : caf::event_based_actor(config), where_(std::move(where)) {}

  caf::behavior make_behavior() override;
  const char* name() const override { return "weir.flush"; }

 private:
  std::shared_ptr<store::store> where_;
};

}  // namespace weir::actors
