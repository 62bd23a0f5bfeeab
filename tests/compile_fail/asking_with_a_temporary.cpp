// SPDX-License-Identifier: BSD-3-Clause
// A request that is an aggregate with something to destroy, made inside the co_await expression:
// GCC 12 would destroy it twice.
#include "weir/runtime/delivery/task_context.hpp"

struct question {
  std::string text;
};
struct service {
  using request_type = question;
  using reply_type = int;
  std::string name;
};

weir::task<weir::result<void>> ask(const service& who, weir::task_context& context) {
  const question named{"who"};
  static_cast<void>(co_await context.ask(who, named));
  static_cast<void>(co_await context.ask(who, question{"who"}));  // must not compile
  co_return weir::result<void>{};
}

int main() { return 0; }
