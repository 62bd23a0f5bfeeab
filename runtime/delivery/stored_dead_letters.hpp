// SPDX-License-Identifier: BSD-3-Clause
// Dead letters that outlive the process: in memory to be looked at, and in the table dead_letters
// of a store. It decides what is written; somebody else has it flushed, and until then a letter is
// not kept and not shown.
//
// Invariants: every letter that is shown is on disk; a letter of a durable topic is there once,
// however often its event was handled, and one of a topic in memory once in a run.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "weir/runtime/delivery/dead_letter_store.hpp"
#include "weir/runtime/delivery/letter_record.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::delivery {

class stored_dead_letters final : public dead_letter_store {
 public:
  /// Whether a topic is durable now; called by `put`, on its thread.
  using durable_topics = std::function<bool(const std::string& topic)>;

  /// Reads back what is stored, as far as the limits allow. Letters beyond them, and letters that
  /// cannot be read, stay where they are, and the log says so (`dead-letters-beyond-limits`,
  /// `dead-letter-damaged`). errc::store_io: the store cannot be read.
  static result<std::shared_ptr<stored_dead_letters>> open(const store::store& from,
                                                           dead_letter_limits limits,
                                                           durable_topics is_durable);

  /// What was found at the start and is not among the letters: records that cannot be read (at
  /// least so many) and letters beyond the limits.
  struct unread {
    std::size_t damaged = 0;
    std::size_t beyond = 0;
  };
  const unread& left_unread() const noexcept { return unread_; }

  result<std::uint64_t> put(dead_letter letter) override;
  std::shared_ptr<store::changes> take_unwritten() override;
  void written(std::size_t letters) override;
  void not_written() override;
  std::size_t size() const noexcept override {
    return book_.letters().size() + new_waiting_ - leaving_.size();
  }
  std::size_t bytes() const noexcept override { return bytes_; }
  void visit(const std::function<bool(std::uint64_t, const dead_letter&)>& visit) const override {
    book_.visit(visit);
  }
  const dead_letter* find(std::uint64_t number) const noexcept override {
    return book_.find(number);
  }

 private:
  struct waiting_letter {
    bool fresh;
    std::string key;  // of its record
    dead_letter letter;
    letter_book::numbers instead_of{};  // forgotten with the same flush, to make room
  };
  class reading;

  stored_dead_letters(dead_letter_limits limits, durable_topics is_durable)
      : limits_(limits), is_durable_(std::move(is_durable)) {}
  /// Of the record of a letter that is there under this number, or is waiting.
  std::string key_of(const dead_letter& letter, std::uint64_t number) const;

  dead_letter_limits limits_;
  durable_topics is_durable_;
  letter_book book_;                    // what is flushed
  std::deque<waiting_letter> waiting_;  // what is not, in the order it was put
  std::size_t new_waiting_ = 0;
  std::set<std::uint64_t> leaving_;  // of the book, with what is waiting
  std::uint64_t next_number_ = 1;
  std::size_t bytes_ = 0;
  unread unread_;
  std::shared_ptr<store::changes> unwritten_;
  std::string record_;  // being encoded
};

}  // namespace weir::delivery
