// SPDX-License-Identifier: BSD-3-Clause
// What the commit actor is told. What is to be written goes past its mailbox: see commit_port.
#pragma once

#include "weir/actors/base/caf.hpp"

namespace weir::actors {

/// A group is due.
struct flush_due {};
/// Something is gathered that is not urgent: see that it does not wait for ever.
struct patience_begins {};
/// It has waited long enough; to itself.
struct patience_over {};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::flush_due)
WEIR_LOCAL_MESSAGE(weir::actors::patience_begins)
WEIR_LOCAL_MESSAGE(weir::actors::patience_over)
