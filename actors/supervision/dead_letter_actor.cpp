// SPDX-License-Identifier: BSD-3-Clause
// Keeping letters and reading them back.
#include "weir/actors/supervision/dead_letter_actor.hpp"

#include "weir/runtime/core/log.hpp"

namespace weir::actors {

dead_letter_actor::dead_letter_actor(caf::actor_config& config,
                                     std::shared_ptr<weir::delivery::dead_letter_store> store,
                                     commit_function commit,
                                     std::shared_ptr<letter_flushes> flushes)
    : caf::event_based_actor(config),
      store_(std::move(store)),
      commit_(std::move(commit)),
      flushes_(std::move(flushes)) {}

caf::behavior dead_letter_actor::make_behavior() {
  flushes_->attend(this);
  return {
      [this](const keep_letters& request) { keep(request); },
      [this](letters_flushed) {
        while (const auto ended = flushes_->take()) flushed(ended->request, *ended->outcome);
      },
      [](const letters_answered&) {},  // what was overtaken is forgotten
      [this](const letter_numbers_query& query) {
        std::vector<std::uint64_t> numbers;
        store_->visit([&](std::uint64_t number, const weir::delivery::dead_letter& letter) {
          if (query.which.matches(number, letter)) numbers.push_back(number);
          return true;
        });
        query.done->complete(std::move(numbers));
      },
      [this](const letter_query& query) {
        const auto* found = store_->find(query.number);
        query.done->complete(found == nullptr
                                 ? nullptr
                                 : std::make_shared<const weir::delivery::dead_letter>(*found));
      },
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
  auto& bundle = *request.failure;
  if (bundle.dealt_with) {
    // From a supervisor that may not have heard of the answer.
    if (!flushes_->redirect(request)) tell(request.answer_to, letters_answered{bundle.child});
    return;
  }
  // One that an earlier incarnation died over goes on where that stopped.
  while (bundle.taken < bundle.letters.size()) {
    auto& letter = bundle.letters[bundle.taken];
    auto stored = store_->put(letter.content);
    if (!stored) {
      bundle.refused = std::move(stored.error());
      break;
    }
    ++bundle.taken;
    // It may be long until it is flushed; the store has its bytes.
    const auto offset = letter.content.offset;
    letter.content = {};
    letter.content.offset = offset;
  }
  auto unwritten = store_->take_unwritten();
  bundle.dealt_with = true;
  if (unwritten == nullptr) {
    answer(request, bundle.taken, bundle.refused);
    return;
  }
  commit_(std::move(unwritten), std::make_shared<completion<result<void>>>(
                                    [flushes = flushes_, number = flushes_->begin(request)](
                                        result<void> outcome) {
                                      flushes->ended(number, std::move(outcome));
                                    }));
}

void dead_letter_actor::flushed(const keep_letters& request, const result<void>& outcome) {
  if (outcome) {
    store_->written(request.failure->taken);
    answer(request, request.failure->taken, request.failure->refused);
    return;
  }
  // The store takes nothing more, so neither will anything be flushed that was put since.
  store_->not_written();
  answer(request, 0, outcome.error());
}

void dead_letter_actor::answer(const keep_letters& request, std::size_t kept,
                               const std::optional<error>& refused) {
  const auto& bundle = request.failure;
  std::vector<open_letters::place> places;
  for (std::size_t i = 0; i < kept; ++i) {
    places.push_back({bundle->letters[i].lane, bundle->letters[i].content.offset});
  }
  if (refused) log(log_level::error, "dead-letters-refused", to_string(*refused));
  if (const auto from = bundle->from.lock()) from->answer(bundle, places, refused);
  tell(request.answer_to, letters_answered{bundle->child});
}

}  // namespace weir::actors
