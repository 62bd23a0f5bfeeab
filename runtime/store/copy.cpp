// SPDX-License-Identifier: BSD-3-Clause
// Table by table, some records at a time.
#include "weir/runtime/store/copy.hpp"

namespace weir::store {
namespace {

constexpr std::size_t commit_bytes = std::size_t{4} << 20;

}  // namespace

result<void> copy_records(const store& from, store& into) {
  changes some;
  for (const auto which : all_tables) {
    result<void> written;
    auto seen = from.scan(which, {}, {}, [&](std::string_view key, std::string_view value) {
      some.put(which, key, value);
      if (some.bytes() < commit_bytes) return true;
      written = into.commit(some);
      some.clear();
      return written.has_value();
    });
    if (!seen) return seen;
    if (!written) return written;
  }
  return into.commit(some);
}

}  // namespace weir::store
