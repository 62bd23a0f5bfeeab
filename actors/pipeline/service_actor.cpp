// SPDX-License-Identifier: BSD-3-Clause
// One message in, one message out.
#include "weir/actors/pipeline/service_actor.hpp"

namespace weir::actors {

caf::behavior service_actor::make_behavior() {
  return {
      [this](const service_ask& asked) {
        tell_from(*this, asked.answer_to,
                  service_answer{asked.ticket, answer_(asked.requests.get())});
      },
  };
}

}  // namespace weir::actors
