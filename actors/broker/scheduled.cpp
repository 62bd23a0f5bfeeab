// SPDX-License-Identifier: BSD-3-Clause
// Cancelling.
#include "weir/actors/broker/scheduled.hpp"

#include "weir/actors/broker/shared_schedule.hpp"

namespace weir {

bool scheduled::cancel() { return where_ != nullptr && where_->cancel(ticket_); }

}  // namespace weir
