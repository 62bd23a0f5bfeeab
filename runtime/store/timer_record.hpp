// SPDX-License-Identifier: BSD-3-Clause
// A scheduled event as a record of the table timers: its bytes and its key. FORMAT.md has the
// grammar.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/changes.hpp"
#include "weir/runtime/store/store.hpp"
#include "weir/runtime/topic/scheduled_event.hpp"

namespace weir::store {

/// Where the timer with this number lies; numbers of a topic are never given twice.
std::string timer_key(std::string_view topic, std::uint64_t number);
/// All timers of a topic lie in [timer_prefix, prefix_end(timer_prefix)).
std::string timer_prefix(std::string_view topic);
/// The number in a key of that topic.
std::uint64_t timer_number(std::string_view topic, std::string_view key) noexcept;

/// The topics that have timers, by name; one record of each is looked at. Ends early, without an
/// error, at one that is damaged. Other errors are those of store::scan.
result<std::vector<std::string>> topics_with_timers(const store& from);

/// All of the record but when it is due, for an event of `type` in the form in which its topic
/// stores. errc::no_codec.
result<std::string> encode_timer(const topic::settings& topic, const event_type& type,
                                 const void* payload, const topic::publish_options& options);
/// Adds the record to what is to be written.
void put_timer(changes& to, std::string_view topic, std::uint64_t number, timestamp due,
               std::string_view encoded);

struct timer {
  timestamp due;
  std::unique_ptr<topic::scheduled_event> event;
};
/// The event of a record, to be scheduled again. errc::malformed, errc::newer_format;
/// errc::unknown_event_type if this program publishes no such type at a time, errc::no_codec,
/// errc::schema_mismatch, and what decoding and topic::make_scheduled give.
result<timer> decode_timer(const topic::settings& topic, std::string_view record);

}  // namespace weir::store
