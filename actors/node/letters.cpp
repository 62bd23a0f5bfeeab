// SPDX-License-Identifier: BSD-3-Clause
// The node and its dead letters: what waits since an earlier run, looking at them, and working with
// them.
#include <algorithm>

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
      if (!parked) continue;
      auto gone = *letter;
      gone.state = letter_state::handled;
      what.overtaken->push_back({lane.lane, std::move(gone)});
    } else if (parked || entry.declared->policy.park_key) {
      mine.push_back(letter);
    }
  }
  entry.state->consumer.park_again(lane.lane, mine);
}

void node::impl::forget_overtaken(const beginning& what) {
  if (what.overtaken->empty()) return;
  actors::tell(dead_letters,
               actors::keep_letters{
                   {0, what.overtaken, std::make_shared<actors::letter_answers>()}, dead_letters});
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
  actors::tell(dead_letters, actors::letters_query{first, count, done});
  return actors::wait(*link, *done, look_deadline).value_or(std::move(found));
}

}  // namespace weir
