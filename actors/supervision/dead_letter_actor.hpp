// SPDX-License-Identifier: BSD-3-Clause
// The last stop of events that could not be processed. It owns the store, and answers only when the
// store has a letter or has refused it: before that nobody may settle the event.
#pragma once

#include "weir/actors/supervision/messages.hpp"

namespace weir::actors {

/// Completes with a copy of the letters numbered from `first` (1 is the oldest), at most `count`.
struct letters_query {
  std::uint64_t first;
  std::size_t count;
  completion_ptr<std::vector<weir::delivery::dead_letter>> done;
};

class dead_letter_actor : public caf::event_based_actor {
 public:
  dead_letter_actor(caf::actor_config& config,
                    std::shared_ptr<weir::delivery::dead_letter_store> store);
  caf::behavior make_behavior() override;
  const char* name() const override { return "weir.dead_letters"; }

 private:
  void keep(const keep_letters& request);

  std::shared_ptr<weir::delivery::dead_letter_store> store_;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::letters_query)
