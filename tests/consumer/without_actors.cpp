// SPDX-License-Identifier: BSD-3-Clause
// A program without actors: weir::runtime alone is enough for it.
#include <weir/runtime/core/error.hpp>
#include <weir/runtime/core/hash.hpp>
#include <weir/runtime/core/result.hpp>

int main() {
  weir::result<int> missing = weir::fail(weir::errc::not_found, "topic orders");
  const bool explains = !missing && to_string(missing.error()).find("orders") != std::string::npos;
  return explains && weir::stable_hash("key") != 0 ? 0 : 1;
}
