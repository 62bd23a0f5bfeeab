// SPDX-License-Identifier: BSD-3-Clause
// Keeping letters and reading them back.
#include "weir/actors/supervision/dead_letter_actor.hpp"

#include "weir/runtime/core/log.hpp"

namespace weir::actors {

dead_letter_actor::dead_letter_actor(caf::actor_config& config,
                                     std::shared_ptr<weir::delivery::dead_letter_store> store)
    : caf::event_based_actor(config), store_(std::move(store)) {}

caf::behavior dead_letter_actor::make_behavior() {
  return {
      [this](const keep_letters& request) { keep(request); },
      [this](const letters_query& query) {
        std::vector<weir::delivery::dead_letter> found;
        store_->visit([&](std::uint64_t number, const weir::delivery::dead_letter& letter) {
          if (number >= query.first) found.push_back(letter);
          return found.size() < query.count;
        });
        query.done->complete(std::move(found));
      },
  };
}

void dead_letter_actor::keep(const keep_letters& request) {
  const auto& [child, letters, answers] = request.failure;
  for (auto& letter : *letters) {
    auto stored = store_->put(std::move(letter.content));
    if (!stored) {
      log(log_level::error, "dead-letters-refused", to_string(stored.error()));
      answers->refused(std::move(stored.error()));
      break;
    }
    answers->kept(letter.lane);
  }
  tell(request.answer_to, letters_answered{child});
}

}  // namespace weir::actors
