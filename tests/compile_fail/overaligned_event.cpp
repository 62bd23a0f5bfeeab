// SPDX-License-Identifier: BSD-3-Clause
// Blocks align payloads to cache lines; an event that asks for more would be misplaced.
#include "weir/runtime/event/event_type.hpp"

struct alignas(64) line {
  int number = 0;
};
WEIR_EVENT(line, "line", 1, (number))
struct alignas(128) page {
  int number = 0;
};
WEIR_EVENT(page, "page", 1, (number))

int main() {
  weir::type_of<line>();
  weir::type_of<page>();  // must not compile
  return 0;
}
