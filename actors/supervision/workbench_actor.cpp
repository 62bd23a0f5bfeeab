// SPDX-License-Identifier: BSD-3-Clause
// Letter by letter: read it, claim it, tell its subscribers, tell the store.
#include "weir/actors/supervision/workbench_actor.hpp"

#include <utility>

#include "weir/runtime/delivery/event_of_letter.hpp"

namespace weir::actors {

using weir::delivery::dead_letter;
using weir::delivery::letter_state;

namespace {

/// Who is not asked by name is asked about these.
bool is_open(letter_state state) {
  return state == letter_state::dead || state == letter_state::parked;
}

error busy(const dead_letter& letter) {
  return {errc::already_exists,
          "dead letter " + std::to_string(letter.number) + " is being worked on"};
}

}  // namespace

workbench_actor::workbench_actor(caf::actor_config& config, workbench_setup setup)
    : caf::event_based_actor(config), setup_(std::move(setup)) {}

caf::behavior workbench_actor::make_behavior() {
  setup_.letters->attend(this);
  return {
      [this](const redrive_wanted& wanted) { begin(wanted); },
      [this](const discard_wanted& wanted) {
        auto work = std::make_shared<discarding>();
        work->done = wanted.done;
        find(wanted.which, [this, work](std::vector<std::uint64_t> numbers) {
          work->numbers = std::move(numbers);
          go_on(work);
        });
      },
      [this](const edit_wanted& wanted) {
        read(wanted.number, [this, wanted](const letter_ptr& letter) { edit(wanted, letter); });
      },
      [this](numbers_found& found) {
        auto then = finding_.extract(found.ticket);
        if (!then.empty()) then.mapped()(std::move(found.numbers));
      },
      [this](const letter_read& found) {
        auto then = reading_.extract(found.ticket);
        if (!then.empty()) then.mapped()(found.letter);
      },
      [this](const order_answered& answer) {
        const auto found = asking_.find(answer.ticket);
        if (found == asking_.end()) return;
        auto& waits = found->second;
        // Of several members one has the partition; the others say that it is none of theirs.
        if (answer.reply.done || !is_free(answer.reply)) waits.reply = answer.reply;
        if (--waits.missing > 0) return;
        auto ended = asking_.extract(found);
        ended.mapped().then(ended.mapped().reply);
      },
      [this](const redrive_goes_on& on) { go_on(on.run); },
      [this](const redrive_over& over) { end(over.run); },
      [this](const letters_answered&) { take_answers(); },
      [this](const dead_letters_moved& moved) {
        for (auto& bundle : handed_over_->unanswered()) {
          tell(moved.to, keep_letters{bundle, this});
        }
      },
  };
}

void workbench_actor::on_exit() {
  for (auto& [id, one] : redrives_) one.done->complete(one.run.summary());
  redrives_.clear();
  finding_.clear();
  reading_.clear();
  asking_.clear();
  keeping_.clear();
  setup_ = {};
}

// --- redrive ---

void workbench_actor::begin(const redrive_wanted& wanted) {
  if (redrives_.size() == redrives_max) {
    wanted.done->complete(
        fail(errc::backpressure, std::to_string(redrives_max) + " redrives are under way"));
    return;
  }
  auto which = wanted.which;
  if (!which.state && !which.number) which.state = letter_state::dead;
  const auto id = next_ticket_++;
  redrives_.emplace(id, redrive{weir::delivery::redrive_run{wanted.plan, {}}, wanted.done});
  find(which, [this, id, plan = wanted.plan](std::vector<std::uint64_t> numbers) {
    const auto found = redrives_.find(id);
    if (found == redrives_.end()) return;
    found->second.run = weir::delivery::redrive_run{plan, std::move(numbers)};
    go_on(id);
  });
  tell_later(*this, wanted.deadline, redrive_over{id});
}

void workbench_actor::go_on(std::uint64_t id) {
  const auto found = redrives_.find(id);
  if (found == redrives_.end()) return;
  const auto next = found->second.run.next(setup_.time->now());
  if (next.number) {
    read(*next.number, [this, id, number = *next.number](const letter_ptr& letter) {
      try_letter(id, number, letter);
    });
  } else if (next.wait > duration::zero()) {
    tell_later(*this, next.wait, redrive_goes_on{id});
  } else {
    end(id);
  }
}

void workbench_actor::try_letter(std::uint64_t id, std::uint64_t number,
                                 const letter_ptr& letter) {
  const auto found = redrives_.find(id);
  if (found == redrives_.end()) return;
  auto& run = found->second.run;
  const auto pass_over = [&](error why) {
    run.passed_over(std::move(why));
    tell(caf::actor{this}, redrive_goes_on{id});
  };
  if (letter == nullptr || !is_open(letter->state)) {
    return pass_over({errc::not_found, "dead letter " + std::to_string(number) + " is " +
                                           (letter == nullptr ? "gone"
                                                              : std::string{to_string(
                                                                    letter->state)})});
  }
  if (!claim(number)) return pass_over(busy(*letter));
  const auto what = run.dry_run() ? letter_order::kind::rehearse : letter_order::kind::redrive;
  order(what, letter,
        [this, id, letter](const letter_reply& reply) { tried(id, letter, reply); });
}

void workbench_actor::tried(std::uint64_t id, const letter_ptr& letter,
                            const letter_reply& reply) {
  // Another call may have it only when it is known what has become of it, also after the deadline.
  unclaim(letter->number);
  const auto found = redrives_.find(id);
  if (found == redrives_.end()) return;
  auto& run = found->second.run;
  if (!reply.done) {
    run.passed_over(reply.said.error());
  } else if (reply.said) {
    run.handled();
  } else {
    auto again = *letter;
    again.failure = reply.said.error();
    run.failed(letter->fingerprint(), again.fingerprint(), reply.said.error());
  }
  go_on(id);
}

void workbench_actor::end(std::uint64_t id) {
  auto ended = redrives_.extract(id);
  if (ended.empty()) return;
  ended.mapped().done->complete(ended.mapped().run.summary());
}

// --- discard and edit ---

void workbench_actor::go_on(const std::shared_ptr<discarding>& work) {
  if (work->next == work->numbers.size()) {
    work->done->complete(work->discarded);
    return;
  }
  read(work->numbers[work->next++],
       [this, work](const letter_ptr& letter) { discard(work, letter); });
}

void workbench_actor::discard(const std::shared_ptr<discarding>& work, const letter_ptr& letter) {
  if (letter == nullptr || !is_open(letter->state) || !claim(letter->number)) return go_on(work);
  order(letter_order::kind::discard, letter, [this, work, letter](const letter_reply& reply) {
    if (!is_free(reply)) {
      unclaim(letter->number);
      return go_on(work);
    }
    auto gone = *letter;
    gone.state = letter_state::discarded;
    keep(std::move(gone), [this, work, letter](const result<void>& kept) {
      unclaim(letter->number);
      if (!kept) {
        work->done->complete(fail(kept.error()));
        return;
      }
      ++work->discarded;
      go_on(work);
    });
  });
}

void workbench_actor::edit(const edit_wanted& wanted, const letter_ptr& letter) {
  if (letter == nullptr) {
    wanted.done->complete(fail(
        errc::not_found, "dead letter " + std::to_string(wanted.number) + ": there is none"));
    return;
  }
  if (auto may = weir::delivery::may_edit(*letter, wanted.payload); !may) {
    wanted.done->complete(std::move(may));
    return;
  }
  if (!claim(letter->number)) {
    wanted.done->complete(fail(busy(*letter)));
    return;
  }
  auto edited = std::make_shared<dead_letter>(*letter);
  weir::delivery::edit(*edited, wanted.payload, wanted.note, setup_.time->now());
  order(letter_order::kind::edit, edited, [this, edited, done = wanted.done](
                                              const letter_reply& reply) {
    if (!is_free(reply)) {
      unclaim(edited->number);
      done->complete(reply.said);
      return;
    }
    keep(*edited, [this, edited, done](const result<void>& kept) {
      unclaim(edited->number);
      done->complete(kept);
    });
  });
}

// --- what is asked of others ---

void workbench_actor::find(const weir::delivery::letter_filter& which, found_function then) {
  const auto ticket = next_ticket_++;
  finding_.emplace(ticket, std::move(then));
  tell(setup_.letters->current(),
       letter_numbers_query{
           which, std::make_shared<completion<std::vector<std::uint64_t>>>(
                      [self = caf::actor{this}, ticket](std::vector<std::uint64_t> numbers) {
                        tell(self, numbers_found{ticket, std::move(numbers)});
                      })});
}

void workbench_actor::read(std::uint64_t number, read_function then) {
  const auto ticket = next_ticket_++;
  reading_.emplace(ticket, std::move(then));
  tell(setup_.letters->current(),
       letter_query{number, std::make_shared<completion<letter_ptr>>(
                                [self = caf::actor{this}, ticket](letter_ptr letter) {
                                  tell(self, letter_read{ticket, std::move(letter)});
                                })});
}

void workbench_actor::order(letter_order::kind what, const letter_ptr& letter,
                            replied_function then) {
  const auto members = setup_.subscribers(letter->subscription);
  const auto none = not_done({errc::not_found, "no subscriber of " + letter->subscription +
                                                   " handles " + letter->topic + " here"});
  const auto ticket = next_ticket_++;
  asking_.emplace(ticket, asked{std::max<std::size_t>(members.size(), 1), none, std::move(then)});
  const auto answer = [self = caf::actor{this}, ticket](const letter_reply& reply) {
    tell(self, order_answered{ticket, reply});
  };
  if (members.empty()) answer(none);
  for (const auto& one : members) one->give({what, letter, answer});
}

void workbench_actor::keep(dead_letter letter, said_function then) {
  const auto ticket = static_cast<lane_id>(next_ticket_++);
  keeping_.emplace(ticket, std::move(then));
  std::vector<failed_letter> letters;
  letters.push_back({ticket, std::move(letter)});
  tell(setup_.letters->current(),
       keep_letters{handed_over_->hand_over(0, std::move(letters)), this});
}

void workbench_actor::take_answers() {
  const auto answers = handed_over_->take();
  for (const auto& one : answers.kept) {
    auto then = keeping_.extract(one.lane);
    if (!then.empty()) then.mapped()({});
  }
  if (!answers.refused) return;
  // Only one is handed over by each call, and a store that refuses one refuses all.
  for (auto& [ticket, then] : std::exchange(keeping_, {})) then(fail(*answers.refused));
}

}  // namespace weir::actors
