// SPDX-License-Identifier: BSD-3-Clause
// A result that is thrown away would be a swallowed error.
#include "weir/runtime/core/result.hpp"

weir::result<int> half(int number) {
  if (number % 2 != 0) return weir::fail(weir::errc::invalid_argument, "odd");
  return number / 2;
}

int main() {
  half(3);  // must not compile
  return half(4).value_or(0) - 2;
}
