// SPDX-License-Identifier: BSD-3-Clause
// All records of one store into another, of whatever kinds they are.
#pragma once

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::store {

/// Copies every record of `from`, which nobody changes meanwhile, into `into`, which is empty, in
/// several commits. Each is checked as it is read: errc::store_corrupt, and then, as after any
/// error of either store, `into` is no copy.
result<void> copy_records(const store& from, store& into);

}  // namespace weir::store
