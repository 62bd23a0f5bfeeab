// SPDX-License-Identifier: BSD-3-Clause
// An event that is an aggregate with something to destroy, made inside the co_await expression:
// GCC 12 would destroy it twice. Without co_await it may be.
#include "weir/runtime/delivery/task_context.hpp"

struct note {
  std::string text;
};
WEIR_EVENT(note, "compile_fail.note", 1, (text))

struct outlet {
  std::shared_ptr<const weir::topic::settings> shared_settings() const { return nullptr; }
};

weir::task<weir::result<void>> publish(const outlet& to, weir::task_context& context) {
  const note named{"who"};
  context.publish(to, note{"who"});
  static_cast<void>(co_await context.publish(to, named));
  static_cast<void>(co_await context.publish(to, note{"who"}));  // must not compile
  co_return weir::result<void>{};
}

int main() { return 0; }
