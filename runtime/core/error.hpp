// SPDX-License-Identifier: BSD-3-Clause
// What can go wrong, as values. One table (error_codes.def) gives each code its frozen number,
// name, sentence and failure class; an error adds what was attempted and what caused it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// What a policy may do about an error: `transient` may pass if tried again, `poison` never will,
/// `fatal` concerns the subscription or node rather than the event.
enum class error_class : std::uint8_t { transient, poison, fatal };

/// Every error code. The numbers are frozen.
enum class errc : std::uint16_t {
#define WEIR_ERRC(number, name, kind, sentence) name = number,
#include "weir/runtime/core/error_codes.def"
#undef WEIR_ERRC
};

/// One row of the table.
struct error_description {
  errc code;
  std::string_view name;
  error_class kind;
  std::string_view sentence;
};

/// The whole table, in the order of its numbers.
std::span<const error_description> error_table() noexcept;
/// The row of `code`; a number outside the table gives a row named "unknown".
const error_description& describe(errc code) noexcept;
std::string_view to_string(errc code) noexcept;
std::string_view to_string(error_class kind) noexcept;

/// One link of an error chain: the C++ type that was thrown (empty if none was) and its message.
struct cause {
  std::string type;
  std::string message;
};

/// A failure: the code, what was attempted on what, and the chain of causes, outermost first.
struct error {
  errc code = errc::invalid_argument;
  std::string message;
  std::vector<cause> causes;

  error() = default;
  error(errc c, std::string text) : code(c), message(std::move(text)) {}

  error_class kind() const noexcept { return describe(code).kind; }
};

/// `name: message; caused by type: message`, one line, outermost cause first.
std::string to_string(const error& failure);

}  // namespace weir
