// SPDX-License-Identifier: BSD-3-Clause
// The table, materialised once from error_codes.def.
#include "weir/runtime/core/error.hpp"

#include <algorithm>
#include <array>

namespace weir {
namespace {

constexpr std::array table = {
#define WEIR_ERRC(number, name, kind, sentence) \
  error_description{errc::name, #name, error_class::kind, sentence},
#include "weir/runtime/core/error_codes.def"
#undef WEIR_ERRC
};

constexpr error_description unknown{errc{0}, "unknown", error_class::fatal,
                                    "the code is not in the table"};

}  // namespace

std::span<const error_description> error_table() noexcept { return table; }

const error_description& describe(errc code) noexcept {
  auto row = std::lower_bound(table.begin(), table.end(), code,
                              [](const auto& entry, errc wanted) { return entry.code < wanted; });
  return row != table.end() && row->code == code ? *row : unknown;
}

std::string_view to_string(errc code) noexcept { return describe(code).name; }

std::string_view to_string(error_class kind) noexcept {
  switch (kind) {
    case error_class::transient: return "transient";
    case error_class::poison: return "poison";
    case error_class::fatal: return "fatal";
  }
  return "unknown";
}

std::string to_string(const error& failure) {
  std::string text{to_string(failure.code)};
  if (!failure.message.empty()) text.append(": ").append(failure.message);
  for (const auto& link : failure.causes) {
    text.append("; caused by ");
    if (!link.type.empty()) text.append(link.type).append(": ");
    text.append(link.message);
  }
  return text;
}

}  // namespace weir
