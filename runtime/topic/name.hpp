// SPDX-License-Identifier: BSD-3-Clause
// The rules of names: topics, subscriptions and publishers are tokens of [a-z0-9_-] joined by dots.
// Invariant: a name that passed here is safe in a file name, a metric label, a URL and a pattern.
#pragma once

#include <cstddef>
#include <string_view>

#include "weir/runtime/core/result.hpp"

namespace weir::topic {

/// Kafka's limit for topic names, so that any topic can move to a Kafka cluster.
inline constexpr std::size_t name_bytes_max = 249;

/// True for [a-z0-9_-]+.
bool is_name_token(std::string_view token) noexcept;

/// errc::invalid_name, saying what is wrong and where, unless `name` is 1..249 bytes of
/// dot-separated tokens. `kind` ("topic", "subscription") begins the message.
result<void> check_name(std::string_view kind, std::string_view name);

/// `check_name("topic", name)`.
result<void> check_topic_name(std::string_view name);

}  // namespace weir::topic
