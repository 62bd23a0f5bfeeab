// SPDX-License-Identifier: BSD-3-Clause
// One per store, and the only one that writes to it: flushes group after group. It waits for the
// disk, so a node gives it a thread of its own.
#pragma once

#include <chrono>
#include <memory>

#include "weir/actors/store/commit_groups.hpp"
#include "weir/actors/store/messages.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::actors {

class commit_actor : public caf::event_based_actor {
 public:
  /// How long what is not urgent may wait for a flush that somebody else wants.
  static constexpr std::chrono::milliseconds patience{50};

  commit_actor(caf::actor_config& config, std::shared_ptr<store::store> where,
               std::shared_ptr<commit_groups> groups)
      : caf::event_based_actor(config), where_(std::move(where)), groups_(std::move(groups)) {}

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.commit"; }

 private:
  void flush();

  std::shared_ptr<store::store> where_;
  std::shared_ptr<commit_groups> groups_;
};

}  // namespace weir::actors
