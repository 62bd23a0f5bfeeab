// SPDX-License-Identifier: BSD-3-Clause
// The node and its dead letters: what waits since an earlier run, looking at them, and working with
// them.
#include <algorithm>

#include "weir/actors/base/turn.hpp"
#include "weir/actors/node/beginning.hpp"
#include "weir/actors/node/impl.hpp"

namespace weir {

using delivery::dead_letter;
using delivery::letter_state;

waiting_letters node::impl::letters_of_earlier_runs() {
  waiting_letters found;
  if (data == nullptr) return found;
  for (auto& letter : dead_letters_from(1, ~std::size_t{0})) {
    if (letter.state != letter_state::parked && letter.state != letter_state::dead) continue;
    auto& there = found[{letter.subscription, letter.topic, letter.partition}];
    there.push_back(std::make_shared<const dead_letter>(std::move(letter)));
  }
  for (auto& [place, there] : found) {
    std::stable_sort(there.begin(), there.end(), [](const auto& one, const auto& other) {
      return one->offset < other->offset;
    });
  }
  return found;
}

void node::impl::park_again(beginning& what, const subscription_entry& entry,
                            const new_lane& lane) {
  const auto& name = entry.cursors->name;
  const auto found = what.waiting.find({name, lane.topic->name, lane.number});
  if (found == what.waiting.end()) return;
  std::vector<delivery::parked_events::letter_ptr> mine;
  for (const auto& letter : found->second) {
    const bool parked = letter->state == letter_state::parked;
    if (lane.topic->options.durable && letter->offset >= lane.start) {
      // Its position was not kept: the event comes again, and what was said of it is no longer so.
      // Of one that yields to retention it may not come.
      if (!parked && is_lossy(entry.declared->when_behind)) continue;
      auto gone = *letter;
      gone.state = letter_state::handled;
      what.overtaken.push_back({lane.lane, std::move(gone)});
    } else if (parked || entry.declared->policy.park_key) {
      mine.push_back(letter);
    }
  }
  entry.state->consumer.park_again(lane.lane, mine);
}

void node::impl::forget_overtaken(const beginning& what) {
  if (what.overtaken.empty()) return;
  const auto keeper = dead_letters->current();
  const auto bundle = std::make_shared<actors::open_letters>()->hand_over(0, what.overtaken);
  actors::tell(keeper, actors::keep_letters{bundle, keeper});
}

std::vector<dead_letter> node::impl::dead_letters_from(std::uint64_t first, std::size_t count) {
  std::vector<dead_letter> found;
  if (stopped) {
    for (const auto& letter : last_letters) {
      if (letter.number >= first && found.size() < count) found.push_back(letter);
    }
    return found;
  }
  if (!running) {
    // Nobody else has the store yet.
    letters->visit([&](std::uint64_t number, const dead_letter& letter) {
      if (number >= first) found.push_back(letter);
      return found.size() < count;
    });
    return found;
  }
  auto done = std::make_shared<actors::completion<std::vector<dead_letter>>>();
  actors::tell(dead_letters->current(), actors::letters_query{first, count, done});
  return actors::wait(*link, *done, look_deadline).value_or(std::move(found));
}

void node::impl::spawn_workbench() {
  workbench = link->system->spawn<actors::workbench_actor>(actors::workbench_setup{
      .letters = dead_letters,
      .time = link->time,
      .subscribers = [this](const std::string& name) {
        std::vector<actors::letter_orders_ptr> found;
        const std::lock_guard lock{declaring};
        for (const auto& [id, entry] : subscriptions) {
          if (!entry->live() || entry->cursors->name != name || !entry->state) continue;
          found.push_back(entry->state->workbench);
        }
        return found;
      }});
}

result<void> node::impl::may_work(const char* what) const {
  if (actors::in_handler()) return fail(actors::called_in_handler(what));
  if (stopped || !running) return fail(errc::not_found, std::string{what} + ": no node is running");
  return {};
}

template <class T, class Make>
result<T> node::impl::work(duration deadline, Make wanted) {
  auto done = std::make_shared<actors::completion<result<T>>>();
  actors::tell(workbench, wanted(done));
  auto outcome = actors::wait(*link, *done, deadline);
  if (!outcome) return fail(errc::timeout, "the workbench has not answered");
  return std::move(*outcome);
}

result<delivery::redrive_summary> node::impl::redrive(const delivery::letter_filter& which,
                                                      const delivery::redrive_plan& plan,
                                                      duration deadline) {
  if (auto may = may_work("redrive"); !may) return fail(std::move(may.error()));
  if (auto sound = plan.check(); !sound) return fail(std::move(sound.error()));
  deadline = std::clamp(deadline, duration{0}, actors::longest_wait);
  return work<delivery::redrive_summary>(deadline + look_deadline, [&](auto done) {
    return actors::redrive_wanted{which, plan, deadline, done};
  });
}

result<std::size_t> node::impl::discard(const delivery::letter_filter& which) {
  if (auto may = may_work("discard"); !may) return fail(std::move(may.error()));
  return work<std::size_t>(actors::longest_wait, [&](auto done) {
    return actors::discard_wanted{which, done};
  });
}

result<void> node::impl::edit(std::uint64_t letter, const std::string& payload,
                              const std::string& note) {
  if (auto may = may_work("edit"); !may) return may;
  return work<void>(look_deadline, [&](auto done) {
    return actors::edit_wanted{letter, payload, note, done};
  });
}

result<delivery::redrive_summary> node::redrive(const delivery::letter_filter& which,
                                                const delivery::redrive_plan& plan,
                                                duration deadline) {
  return impl_->redrive(which, plan, deadline);
}

result<std::size_t> node::discard(const delivery::letter_filter& which) {
  return impl_->discard(which);
}

result<void> node::edit(std::uint64_t letter, const std::string& payload,
                        const std::string& note) {
  return impl_->edit(letter, payload, note);
}

}  // namespace weir
