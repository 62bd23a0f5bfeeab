// SPDX-License-Identifier: BSD-3-Clause
// Comparing, grouping, and walking over the table of letters.
#include "weir/runtime/delivery/letter_filter.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "weir/runtime/codec/json_document.hpp"
#include "weir/runtime/store/changes.hpp"
#include "weir/runtime/store/key.hpp"

namespace weir::delivery {
namespace {

template <class T>
bool agrees(const std::optional<T>& wanted, const T& found) {
  return !wanted || *wanted == found;
}

bool is_type(const std::string& wanted, const dead_letter& letter) {
  return wanted == letter.type_name ||
         wanted == letter.type_name + "@" + std::to_string(letter.type_version);
}

bool is_failure(const std::string& wanted, const error& failure) {
  return wanted == to_string(failure.code) ||
         std::any_of(failure.causes.begin(), failure.causes.end(),
                     [&](const auto& cause) { return cause.type == wanted; });
}

/// `take(key, letter)` for each that can be read, in the order of their keys.
template <class Take>
result<std::size_t> visit_letters(const store::store& where, Take&& take,
                                  const std::function<void(const std::string&)>& damaged) {
  std::size_t unread = 0;
  auto seen = where.scan(store::table::dead_letters, {}, {},
                         [&](std::string_view key, std::string_view value) {
                           auto letter = decode_letter(value);
                           if (letter) {
                             take(key, std::move(*letter));
                           } else {
                             ++unread;
                             damaged(store::printable(key) + ": " + to_string(letter.error()));
                           }
                           return true;
                         });
  if (!seen) return fail(std::move(seen.error()));
  return unread;
}

}  // namespace

bool has_json(const dead_letter& letter) {
  codec::internal::json_document document;
  codec::internal::decode_failure ignored;
  return document.parse(letter.payload, {}, ignored) != nullptr;
}

bool letter_filter::matches(std::uint64_t its_number, const dead_letter& letter) const {
  return agrees(number, its_number) && agrees(topic, letter.topic) &&
         agrees(subscription, letter.subscription) && agrees(key, letter.key) &&
         agrees(state, letter.state) && letter.died_at >= since && letter.died_at < until &&
         (!type || is_type(*type, letter)) && (!failure || is_failure(*failure, letter.failure)) &&
         (!fingerprint || *fingerprint == letter.fingerprint());
}

std::vector<letter_group> group_letters(const std::vector<found_letter>& letters) {
  std::unordered_map<std::string, letter_group> by_fingerprint;
  for (const auto& one : letters) {
    const auto died = one.letter.died_at;
    auto print = one.letter.fingerprint();
    const auto [entry, first] = by_fingerprint.try_emplace(print);
    auto& group = entry->second;
    ++group.letters;
    if (first) {
      group.fingerprint = std::move(print);
      group.first_died = group.last_died = died;
    }
    group.first_died = std::min(group.first_died, died);
    if (first || died >= group.last_died) {
      group.last_died = died;
      group.newest_number = one.number;
      group.newest = one.letter;
    }
  }
  std::vector<letter_group> groups;
  for (auto& [print, group] : by_fingerprint) groups.push_back(std::move(group));
  std::sort(groups.begin(), groups.end(), [](const auto& left, const auto& right) {
    if (left.letters != right.letters) return left.letters > right.letters;
    if (left.last_died != right.last_died) return left.last_died > right.last_died;
    return left.fingerprint < right.fingerprint;
  });
  return groups;
}

result<found_letters> find_letters(const store::store& where, const letter_filter& filter,
                                   const std::function<void(const std::string&)>& damaged) {
  found_letters found;
  const auto unread = visit_letters(
      where,
      [&](std::string_view key, numbered_letter one) {
        if (!filter.matches(one.number, one.letter)) return;
        found.letters.push_back({one.number, std::string{key}, std::move(one.letter)});
      },
      damaged);
  if (!unread) return fail(unread.error());
  found.damaged = *unread;
  std::stable_sort(found.letters.begin(), found.letters.end(),
                   [](const auto& left, const auto& right) { return left.number < right.number; });
  return found;
}

result<std::size_t> discard_letters(store::store& where, const letter_filter& filter) {
  store::changes what;
  std::string record;
  const auto unread = visit_letters(
      where,
      [&](std::string_view key, numbered_letter one) {
        const auto state = one.letter.state;
        const bool open = state == letter_state::dead || state == letter_state::parked;
        if (!open || !filter.matches(one.number, one.letter)) return;
        one.letter.state = letter_state::discarded;
        record.clear();
        encode_letter(one.letter, one.number, record);
        what.put(store::table::dead_letters, key, record);
      },
      [](const std::string&) {});
  if (!unread) return fail(unread.error());
  if (auto done = where.commit(what); !done) return fail(std::move(done.error()));
  return what.size();
}

}  // namespace weir::delivery
