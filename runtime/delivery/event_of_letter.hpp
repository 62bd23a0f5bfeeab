// SPDX-License-Identifier: BSD-3-Clause
// A dead letter as the event that it was: as part of a record, and as a batch that handlers get.
#pragma once

#include <string>

#include "weir/runtime/codec/record_builder.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/delivery/dead_letter.hpp"
#include "weir/runtime/event/batch.hpp"

namespace weir::delivery {

/// The event with its id, time, key and lineage, as JSON, follows those in `to`.
void add_event(codec::record_builder& to, const dead_letter& letter);

/// The event alone, with the offset it had. If this program cannot decode it, what stands for it:
/// see codec::undecoded_event. Any thread.
batch event_of(const dead_letter& letter);

/// Whether `payload` could stand in the letter's event: the fields of its type, as this program
/// knows it. errc::unknown_event_type, errc::no_codec, or what decoding says. Any thread.
result<void> check_payload(const dead_letter& letter, const std::string& payload);

/// Whether the letter may get this payload. errc::invalid_argument if it is neither dead nor
/// parked, or was edited letter_edits_max times; what check_payload() says. One line that names it.
result<void> may_edit(const dead_letter& letter, const std::string& payload);
/// Gives it the payload; what it was, and the note, are added to its story.
void edit(dead_letter& letter, const std::string& payload, const std::string& note,
          timestamp now);

}  // namespace weir::delivery
