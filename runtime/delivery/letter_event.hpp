// SPDX-License-Identifier: BSD-3-Clause
// Dead letters for other programs: as CloudEvents, as JSON, and several of them as bytes.
#pragma once

#include <string>
#include <string_view>

#include "weir/runtime/delivery/letter_filter.hpp"

namespace weir::delivery {

/// The event as a CloudEvent, and what became of it as extensions whose names begin with
/// `deadletter`. No line end.
std::string cloud_event_of(const found_letter& one);
/// One JSON object. No line end.
std::string json_of(const letter_group& group);

/// Letters between two processes: their records, each with its length, and how many records could
/// not be read. The keys of the records are left out.
std::string bundle_of(const found_letters& letters);
/// errc::malformed; errc::newer_format.
result<found_letters> read_bundle(std::string_view bytes);

}  // namespace weir::delivery
