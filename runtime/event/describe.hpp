// SPDX-License-Identifier: BSD-3-Clause
// How a program says that a struct is an event: its name and version on the wire, and its fields.
// Everything else (JSON, sizes, schemas) is derived from the fields through Boost.Describe.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <boost/describe.hpp>

namespace weir {

/// The name and version under which a type travels. Names are lower-case tokens joined by dots.
struct event_signature {
  std::string_view name;
  std::uint32_t version;
};

}  // namespace weir

/// Declares an event type; put it next to the struct, in the struct's namespace.
/// Example: `WEIR_EVENT(order_created, "order.created", 1, (order_id, customer_id, cents))`
#define WEIR_EVENT(type, event_name, event_version, fields)                             \
  BOOST_DESCRIBE_STRUCT(type, (), fields)                                               \
  constexpr ::weir::event_signature weir_event_signature(const type*) noexcept {        \
    return {event_name, event_version};                                                 \
  }

/// Declares the fields of a value that is nested in events but is none itself.
#define WEIR_FIELDS(type, fields) BOOST_DESCRIBE_STRUCT(type, (), fields)

namespace weir {

/// A type declared with WEIR_EVENT, or a reference to one: what is published may be an lvalue.
template <class T>
concept event_payload = requires(const std::remove_cvref_t<T>* value) {
  { weir_event_signature(value) } -> std::same_as<event_signature>;
};

}  // namespace weir
