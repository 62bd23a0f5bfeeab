// SPDX-License-Identifier: BSD-3-Clause
// The last stop of events that could not be processed. It owns the store, and answers only when the
// store has a letter or has refused it: before that nobody may settle the event. What a store wants
// flushed it has flushed, one commit for each request; others are taken meanwhile.
//
// It may die at any moment and begin again on the same store: what it was given and has not
// answered is given to it again, and kept once.
#pragma once

#include <functional>

#include "weir/actors/supervision/letter_flushes.hpp"
#include "weir/runtime/delivery/letter_filter.hpp"

namespace weir::actors {

/// Completes with a copy of the letters numbered from `first` (1 is the oldest), at most `count`.
struct letters_query {
  std::uint64_t first;
  std::size_t count;
  completion_ptr<std::vector<weir::delivery::dead_letter>> done;
};

/// Completes with the numbers of the letters that the filter finds, in their order.
struct letter_numbers_query {
  weir::delivery::letter_filter which;
  completion_ptr<std::vector<std::uint64_t>> done;
};
/// Completes with a copy of one letter; null if it is not there.
struct letter_query {
  std::uint64_t number;
  completion_ptr<std::shared_ptr<const weir::delivery::dead_letter>> done;
};

/// Has changes flushed, in the order of the calls, and completes with what became of that.
using commit_function =
    std::function<void(std::shared_ptr<store::changes>, completion_ptr<result<void>>)>;

class dead_letter_actor : public caf::event_based_actor {
 public:
  /// `commit` may be empty if `store` wants nothing flushed. All incarnations of one store have the
  /// same `flushes`.
  dead_letter_actor(
      caf::actor_config& config, std::shared_ptr<weir::delivery::dead_letter_store> store,
      commit_function commit = {},
      std::shared_ptr<letter_flushes> flushes = std::make_shared<letter_flushes>());
  caf::behavior make_behavior() override;
  void on_exit() override { commit_ = nullptr; }
  const char* name() const override { return "weir.dead_letters"; }

 private:
  void keep(const keep_letters& request);
  void flushed(const keep_letters& request, const result<void>& outcome);
  static void answer(const keep_letters& request, std::size_t kept,
                     const std::optional<error>& refused);

  std::shared_ptr<weir::delivery::dead_letter_store> store_;
  commit_function commit_;
  std::shared_ptr<letter_flushes> flushes_;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::letters_query)
WEIR_LOCAL_MESSAGE(weir::actors::letter_numbers_query)
WEIR_LOCAL_MESSAGE(weir::actors::letter_query)
