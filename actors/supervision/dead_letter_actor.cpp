// SPDX-License-Identifier: BSD-3-Clause
// Keeping letters and reading them back.
#include "weir/actors/supervision/dead_letter_actor.hpp"

#include "weir/runtime/core/log.hpp"

namespace weir::actors {

dead_letter_actor::dead_letter_actor(caf::actor_config& config,
                                     std::shared_ptr<weir::delivery::dead_letter_store> store,
                                     commit_function commit)
    : caf::event_based_actor(config), store_(std::move(store)), commit_(std::move(commit)) {}

caf::behavior dead_letter_actor::make_behavior() {
  return {
      [this](const keep_letters& request) { keep(request); },
      [this](const letters_flushed& flush) { flushed(flush); },
      [](const letters_answered&) {},  // what was overtaken is forgotten
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
  std::vector<lane_id> lanes;
  std::optional<error> refused;
  for (auto& letter : *request.failure.letters) {
    auto stored = store_->put(std::move(letter.content));
    if (!stored) {
      refused = std::move(stored.error());
      break;
    }
    lanes.push_back(letter.lane);
  }
  auto unwritten = store_->take_unwritten();
  if (unwritten == nullptr) {
    answer(request, lanes, refused);
    return;
  }
  auto told = std::make_shared<completion<result<void>>>(
      [owner = caf::actor{this}, request, lanes = std::move(lanes),
       refused = std::move(refused)](result<void> outcome) {
        tell(owner, letters_flushed{request, lanes, refused, std::move(outcome)});
      });
  commit_(std::move(unwritten), std::move(told));
}

void dead_letter_actor::flushed(const letters_flushed& flush) {
  if (flush.outcome) {
    store_->written(flush.lanes.size());
    answer(flush.request, flush.lanes, flush.refused);
    return;
  }
  // The store takes nothing more, so neither will anything be flushed that was put since.
  store_->not_written();
  answer(flush.request, {}, flush.outcome.error());
}

void dead_letter_actor::answer(const keep_letters& request, const std::vector<lane_id>& kept,
                               const std::optional<error>& refused) {
  auto& answers = *request.failure.answers;
  for (const auto lane : kept) answers.kept(lane);
  if (refused) {
    log(log_level::error, "dead-letters-refused", to_string(*refused));
    answers.refused(*refused);
  }
  tell(request.answer_to, letters_answered{request.failure.child});
}

}  // namespace weir::actors
