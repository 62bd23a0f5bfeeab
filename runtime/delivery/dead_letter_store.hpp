// SPDX-License-Identifier: BSD-3-Clause
// Where dead letters rest: a port, and the store that keeps them in memory (stored_dead_letters.hpp
// has the one that keeps them on disk). A store that is full forgets letters that are redriven or
// discarded, the oldest first; if that makes no room, it says so and takes nothing: what is still
// to be dealt with is never forgotten for another.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/delivery/dead_letter.hpp"
#include "weir/runtime/store/changes.hpp"

namespace weir::delivery {

/// One owner at a time.
class dead_letter_store {
 public:
  virtual ~dead_letter_store() = default;
  /// Takes the letter and returns its number, from 1 upwards. One with the number of a letter that
  /// is there, or of the same event of this run and subscription, replaces that; one that is
  /// `handled` removes it. When it is kept, take_unwritten() says. errc::dead_letters_full: not
  /// taken.
  virtual result<std::uint64_t> put(dead_letter letter) = 0;
  /// What must be flushed before the letters put since the last call are kept; null if they are.
  /// The caller has it flushed, in the order of the calls, and reports by one of the next two.
  virtual std::shared_ptr<store::changes> take_unwritten() { return nullptr; }
  /// So many letters, the oldest that were not kept, are now.
  virtual void written(std::size_t letters) { static_cast<void>(letters); }
  /// None of those that are not kept will ever be.
  virtual void not_written() {}
  /// Letters and their bytes, those included that are not kept yet.
  virtual std::size_t size() const noexcept = 0;
  virtual std::size_t bytes() const noexcept = 0;
  /// Visits the letters that are kept in the order of their numbers until `visit` returns false.
  virtual void visit(const std::function<bool(std::uint64_t, const dead_letter&)>& visit) const = 0;
  /// The letter with this number, if it is kept; null otherwise. Valid until the next call that may
  /// change something.
  virtual const dead_letter* find(std::uint64_t number) const noexcept = 0;
};

struct dead_letter_limits {
  std::size_t letters_max = 100'000;
  std::size_t bytes_max = 64 * 1024 * 1024;
};

/// By how much it is more than allowed.
constexpr std::size_t excess(std::size_t wanted, std::size_t most) noexcept {
  return wanted > most ? wanted - most : 0;
}

/// What a store says to a letter that its limits do not let in.
error full(const dead_letter_store& store, dead_letter_limits limits);

/// Letters by number and by the place of their event: what stores are made of.
class letter_book {
 public:
  struct entry {
    dead_letter letter;
    std::string key;  // of its record, where it has one
  };

  /// The number of the letter that this one replaces; 0 if it is a new one. `place` is that of its
  /// event: see place_of().
  std::uint64_t number_of(const dead_letter& letter, const std::string& place) const;
  static std::string place_of(const dead_letter& letter);
  /// From now on letters of this place replace this one.
  void know(std::string place, std::uint64_t number) { places_.insert_or_assign(place, number); }
  void forget(const std::string& place) { places_.erase(place); }

  /// Adds the letter, or replaces that with its number. Returns the bytes of what was there before.
  std::size_t keep(dead_letter letter, std::string key);
  /// Its place goes with it, unless a letter of that place is on its way.
  std::size_t remove(std::uint64_t number, bool and_place = true);
  const std::map<std::uint64_t, entry>& letters() const noexcept { return letters_; }
  void visit(const std::function<bool(std::uint64_t, const dead_letter&)>& visit) const;
  const dead_letter* find(std::uint64_t number) const noexcept;

  using numbers = std::vector<std::uint64_t>;
  /// The oldest that are redriven or discarded, so many and of so many bytes at least, without
  /// `but`; nothing if all together are less.
  std::optional<numbers> room(std::size_t letters, std::size_t bytes, std::uint64_t but) const;
  /// It is on its way out, or to be replaced: no room any more, until it is kept anew.
  void leave(std::uint64_t number) { done_.erase(number); }

 private:
  std::map<std::uint64_t, entry> letters_;
  std::set<std::uint64_t> done_;  // redriven or discarded
  std::unordered_map<std::string, std::uint64_t> places_;
};

class memory_dead_letter_store final : public dead_letter_store {
 public:
  explicit memory_dead_letter_store(dead_letter_limits limits = {}) : limits_(limits) {}

  result<std::uint64_t> put(dead_letter letter) override;
  std::size_t size() const noexcept override { return book_.letters().size(); }
  std::size_t bytes() const noexcept override { return bytes_; }
  void visit(const std::function<bool(std::uint64_t, const dead_letter&)>& visit) const override {
    book_.visit(visit);
  }
  const dead_letter* find(std::uint64_t number) const noexcept override {
    return book_.find(number);
  }

 private:
  dead_letter_limits limits_;
  letter_book book_;
  std::uint64_t next_number_ = 1;
  std::size_t bytes_ = 0;
};

}  // namespace weir::delivery
