// SPDX-License-Identifier: BSD-3-Clause
// One commit at a time, and its outcome.
#include "weir/actors/store/flush_actor.hpp"

namespace weir::actors {

caf::behavior flush_actor::make_behavior() {
  return {
      [this](const group_to_flush& next) {
        auto outcome = where_->commit(*next.group);
        tell_from(*this, next.answer_to, group_flushed{next.group, std::move(outcome)});
      },
  };
}

}  // namespace weir::actors
