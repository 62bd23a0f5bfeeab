// SPDX-License-Identifier: BSD-3-Clause
// Letters by number and place, and the store in memory.
#include "weir/runtime/delivery/dead_letter_store.hpp"

#include <utility>

#include "weir/runtime/delivery/letter_record.hpp"

namespace weir::delivery {

error full(const dead_letter_store& store, dead_letter_limits limits) {
  return {errc::dead_letters_full, "dead-letter store: " + std::to_string(store.size()) +
                                       " letters of at most " +
                                       std::to_string(limits.letters_max) + ", " +
                                       std::to_string(store.bytes()) + " bytes of at most " +
                                       std::to_string(limits.bytes_max)};
}

std::string letter_book::place_of(const dead_letter& letter) {
  return key_of_letter(letter, 0, true);
}

std::uint64_t letter_book::number_of(const dead_letter& letter, const std::string& place) const {
  if (letters_.contains(letter.number)) return letter.number;
  const auto known = places_.find(place);
  return known == places_.end() ? 0 : known->second;
}

std::size_t letter_book::keep(dead_letter letter, std::string key) {
  const auto number = letter.number;
  auto& there = letters_[number];
  const auto before = there.letter.number == 0 ? 0 : there.letter.bytes();
  const bool done =
      letter.state == letter_state::redriven || letter.state == letter_state::discarded;
  if (done) {
    done_.insert(number);
  } else {
    done_.erase(number);
  }
  there = {std::move(letter), std::move(key)};
  return before;
}

std::size_t letter_book::remove(std::uint64_t number, bool and_place) {
  const auto found = letters_.find(number);
  if (found == letters_.end()) return 0;
  const auto before = found->second.letter.bytes();
  const auto place = places_.find(place_of(found->second.letter));
  if (and_place && place != places_.end() && place->second == number) places_.erase(place);
  letters_.erase(found);
  done_.erase(number);
  return before;
}

std::optional<letter_book::numbers> letter_book::room(std::size_t letters, std::size_t bytes,
                                                      std::uint64_t but) const {
  numbers found;
  std::size_t freed = 0;
  for (auto next = done_.begin(); found.size() < letters || freed < bytes; ++next) {
    if (next == done_.end()) return std::nullopt;
    if (*next == but) continue;
    found.push_back(*next);
    freed += letters_.at(*next).letter.bytes();
  }
  return found;
}

void letter_book::visit(
    const std::function<bool(std::uint64_t, const dead_letter&)>& visit) const {
  for (const auto& [number, there] : letters_) {
    if (!visit(number, there.letter)) return;
  }
}

const dead_letter* letter_book::find(std::uint64_t number) const noexcept {
  const auto found = letters_.find(number);
  return found == letters_.end() ? nullptr : &found->second.letter;
}

result<std::uint64_t> memory_dead_letter_store::put(dead_letter letter) {
  auto place = letter_book::place_of(letter);
  const auto known = book_.number_of(letter, place);
  if (letter.state == letter_state::handled) {
    bytes_ -= book_.remove(known);
    return known;
  }
  const auto more = letter.bytes();
  const auto less = known == 0 ? 0 : book_.find(known)->bytes();
  const auto room = book_.room(excess(size() + (known == 0 ? 1 : 0), limits_.letters_max),
                               excess(bytes_ + more - less, limits_.bytes_max), known);
  if (!room) return fail(full(*this, limits_));
  for (const auto one : *room) bytes_ -= book_.remove(one);
  letter.number = known == 0 ? next_number_++ : known;
  if (known == 0) book_.know(std::move(place), letter.number);
  const auto number = letter.number;
  bytes_ += more;
  bytes_ -= book_.keep(std::move(letter), {});
  return number;
}

}  // namespace weir::delivery
