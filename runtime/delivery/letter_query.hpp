// SPDX-License-Identifier: BSD-3-Clause
// Which dead letters somebody means, in words: as options of a tool, as a query, as JSON. And what
// is to be done with them, as the body of a request to a running node.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "weir/runtime/delivery/letter_filter.hpp"

namespace weir::delivery {

using words = std::map<std::string, std::string, std::less<>>;

/// The names of a filter: number, topic, subscription, type, error, key, fingerprint, state, since,
/// until.
std::span<const std::string_view> filter_words() noexcept;

/// The filter that `given` says; names that are none of a filter are left to others.
/// errc::invalid_argument: one line that begins with `prefix` and the name.
result<letter_filter> read_filter(const words& given, std::string_view prefix = "");

/// A whole number of at least one under `name`, or `otherwise` if it is not there.
/// errc::invalid_argument.
result<std::uint64_t> read_count(const words& given, std::string_view name,
                                 std::uint64_t otherwise);

/// `{"filter":{"state":"dead"},"options":{"into":"orders.again","limit":"3"}}`: the body of a
/// request that works with the letters which `filter` means. All values are text, as a query's.
struct letter_request {
  words filter;
  words options;
};
std::string to_json(const letter_request& wanted);
/// errc::malformed and its like; errc::invalid_argument for a name that is none of a filter.
result<letter_request> read_letter_request(std::string_view json);

}  // namespace weir::delivery
