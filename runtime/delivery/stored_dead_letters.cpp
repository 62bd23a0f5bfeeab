// SPDX-License-Identifier: BSD-3-Clause
// Reading letters back, and the way of a new one: put, flushed, shown.
#include "weir/runtime/delivery/stored_dead_letters.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/core/log.hpp"
#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/salvage.hpp"

namespace weir::delivery {
namespace {

/// Numbers of letters that cannot even be found are not given again: as many may be lost at most.
constexpr std::uint64_t lost_numbers_max = std::uint64_t{1} << 32U;

}  // namespace

class stored_dead_letters::reading {
 public:
  struct found_letter {
    std::uint64_t number;
    std::string key;
    dead_letter letter;
  };

  explicit reading(dead_letter_limits limits) : limits_(limits) {}

  result<void> read(const store::store& from) {
    bool lost = false;
    auto seen = store::salvage(
        from, store::table::dead_letters, "", "",
        [&](std::string_view key, std::string_view value) { take(key, value); },
        [&](const std::string& what) {
          report_damage(what);
          lost = true;
        });
    if (lost) next_number += lost_numbers_max;
    return seen;
  }

  std::vector<found_letter> letters;
  std::uint64_t next_number = 1;
  std::size_t bytes = 0;
  stored_dead_letters::unread unread;

 private:
  void report_damage(const std::string& what) {
    log(log_level::error, "dead-letter-damaged", what);
    ++unread.damaged;
  }

  void take(std::string_view key, std::string_view value) {
    next_number = std::max(next_number, read_letter_key(key).number + 1);
    auto read = decode_letter(value);
    if (!read) {
      report_damage(store::printable(key) + ": " + to_string(read.error()));
      return;
    }
    next_number = std::max(next_number, read->number + 1);
    const auto more = read->letter.bytes();
    if (unread.beyond > 0 || letters.size() >= limits_.letters_max ||
        bytes + more > limits_.bytes_max) {
      ++unread.beyond;
      return;
    }
    bytes += more;
    letters.push_back({read->number, std::string{key}, std::move(read->letter)});
  }

  dead_letter_limits limits_;
};

result<std::shared_ptr<stored_dead_letters>> stored_dead_letters::open(const store::store& from,
                                                                       dead_letter_limits limits,
                                                                       durable_topics is_durable) {
  reading all{limits};
  if (auto read = all.read(from); !read) return fail(std::move(read.error()));
  std::stable_sort(all.letters.begin(), all.letters.end(),
                   [](const auto& a, const auto& b) { return a.number < b.number; });
  std::shared_ptr<stored_dead_letters> opened{
      new stored_dead_letters{limits, std::move(is_durable)}};
  for (auto& one : all.letters) {
    // Offsets of a topic in memory are others in each run.
    if (read_letter_key(one.key).durable) {
      opened->book_.know(letter_book::place_of(one.letter), one.number);
    }
    opened->book_.keep(std::move(one.letter), std::move(one.key));
  }
  opened->next_number_ = all.next_number;
  opened->bytes_ = all.bytes;
  opened->unread_ = all.unread;
  if (all.unread.beyond > 0) {
    log(log_level::error, "dead-letters-beyond-limits",
        std::to_string(all.unread.beyond) + " letters are stored beyond the limit of " +
            std::to_string(limits.letters_max) + " letters and " +
            std::to_string(limits.bytes_max) + " bytes; no more are taken");
  }
  return opened;
}

std::string stored_dead_letters::key_of(const dead_letter& letter, std::uint64_t number) const {
  const auto known = book_.letters().find(number);
  if (known != book_.letters().end()) return known->second.key;
  return key_of_letter(letter, number, is_durable_(letter.topic));
}

result<std::uint64_t> stored_dead_letters::put(dead_letter letter) {
  auto place = letter_book::place_of(letter);
  const auto known = book_.number_of(letter, place);
  const bool remove = letter.state == letter_state::handled;
  const bool fresh = known == 0 && !remove;
  letter.number = fresh ? next_number_ : known;
  auto key = key_of(letter, letter.number);
  // Until it is flushed there are both, but one that replaces another is never refused for that.
  const auto more = remove ? 0 : letter.bytes();
  const auto* before = leaving_.contains(known) ? nullptr : book_.find(known);
  const auto less = before == nullptr ? 0 : before->bytes();
  std::optional<letter_book::numbers> room{std::in_place};
  if (!remove) {
    room = book_.room(excess(size() + (fresh ? 1 : 0), limits_.letters_max),
                      excess(bytes_ + more - less, limits_.bytes_max), known);
    if (!room || unread_.beyond > 0) return fail(full(*this, limits_));
    record_.clear();
    encode_letter(letter, letter.number, record_);
    if (record_.size() > store::value_bytes_max) return fail(full(*this, limits_));
  }
  if (unwritten_ == nullptr) unwritten_ = std::make_shared<store::changes>();
  for (const auto one : *room) {
    const auto& done = book_.letters().at(one);
    unwritten_->erase(store::table::dead_letters, done.key);
    bytes_ -= done.letter.bytes();
    leaving_.insert(one);
    book_.leave(one);
  }
  book_.leave(known);
  if (remove) {
    unwritten_->erase(store::table::dead_letters, key);
  } else {
    unwritten_->put(store::table::dead_letters, key, record_);
  }
  if (fresh) {
    ++next_number_;
    ++new_waiting_;
    book_.know(std::move(place), letter.number);
  }
  bytes_ += more;
  const auto number = letter.number;
  waiting_.push_back({fresh, std::move(key), std::move(letter), std::move(*room)});
  return number;
}

std::shared_ptr<store::changes> stored_dead_letters::take_unwritten() {
  return std::exchange(unwritten_, nullptr);
}

void stored_dead_letters::written(std::size_t letters) {
  WEIR_INVARIANT(letters <= waiting_.size(), "letters are flushed that nobody put");
  for (; letters > 0; --letters) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.fresh) --new_waiting_;
    for (const auto one : next.instead_of) {
      leaving_.erase(one);
      book_.remove(one);
    }
    const auto number = next.letter.number;
    if (next.letter.state != letter_state::handled) {
      bytes_ -= book_.keep(std::move(next.letter), std::move(next.key));
      continue;
    }
    const bool again = std::any_of(waiting_.begin(), waiting_.end(), [&](const auto& one) {
      return one.letter.number == number;
    });
    bytes_ -= book_.remove(number, !again);
  }
}

void stored_dead_letters::not_written() {
  for (const auto& one : waiting_) {
    if (one.letter.state != letter_state::handled) bytes_ -= one.letter.bytes();
    if (one.fresh) book_.forget(letter_book::place_of(one.letter));
    // They stay, but as no room: a store that has failed takes nothing more.
    for (const auto left : one.instead_of) bytes_ += book_.find(left)->bytes();
  }
  leaving_.clear();
  waiting_.clear();
  new_waiting_ = 0;
  unwritten_.reset();
}

}  // namespace weir::delivery
