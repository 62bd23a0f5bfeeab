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
    if (read_letter_key(one.key).durable) {
      opened->places_.emplace(std::move(one.key), place{opened->letters_.size(), one.number});
    }
    opened->letters_.push_back(std::move(one.letter));
  }
  opened->next_position_ = opened->letters_.size();
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

result<std::uint64_t> stored_dead_letters::put(dead_letter letter) {
  const bool durable = is_durable_(letter.topic);
  auto key = key_of_letter(letter, next_number_, durable);
  const auto known = durable ? places_.find(key) : places_.end();
  const bool again = known != places_.end();
  const auto more = letter.bytes();
  // One that replaces another takes its room only once it is flushed.
  if (!takes(size() + (again ? 0 : 1), bytes_ + more)) return fail(full(*this, limits_));
  const auto where = again ? known->second : place{next_position_, next_number_};
  record_.clear();
  encode_letter(letter, where.number, record_);
  if (record_.size() > store::value_bytes_max) return fail(full(*this, limits_));
  if (unwritten_ == nullptr) unwritten_ = std::make_shared<store::changes>();
  unwritten_->put(store::table::dead_letters, key, record_);
  if (!again) {
    ++next_position_;
    ++next_number_;
    if (durable) places_.emplace(key, where);
  }
  bytes_ += more;
  waiting_.push_back({where.position, durable ? std::move(key) : std::string{}, std::move(letter)});
  return where.position + 1;
}

std::shared_ptr<store::changes> stored_dead_letters::take_unwritten() {
  return std::exchange(unwritten_, nullptr);
}

void stored_dead_letters::written(std::size_t letters) {
  WEIR_INVARIANT(letters <= waiting_.size(), "letters are flushed that nobody put");
  for (; letters > 0; --letters) {
    auto& next = waiting_.front();
    if (next.position == letters_.size()) {
      letters_.push_back(std::move(next.letter));
    } else {
      auto& before = letters_[next.position];
      bytes_ -= before.bytes();
      before = std::move(next.letter);
    }
    waiting_.pop_front();
  }
}

void stored_dead_letters::not_written() {
  for (const auto& one : waiting_) {
    bytes_ -= one.letter.bytes();
    if (one.position >= letters_.size()) places_.erase(one.key);
  }
  waiting_.clear();
  next_position_ = letters_.size();
  unwritten_.reset();
}

void stored_dead_letters::visit(
    const std::function<bool(std::uint64_t, const dead_letter&)>& visit) const {
  for (std::size_t i = 0; i < letters_.size(); ++i) {
    if (!visit(i + 1, letters_[i])) return;
  }
}

}  // namespace weir::delivery
