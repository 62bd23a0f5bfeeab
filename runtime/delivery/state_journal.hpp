// SPDX-License-Identifier: BSD-3-Clause
// What the states of a subscription in one partition have come to, commit by commit, as long as
// their rows do not say so: each commit adds one record instead of a row for every key that it
// changed, and rows are written later, once for many changes. (A write-ahead log beside a table
// that is written behind, as in Mohan et al., "ARIES", TODS 1992; FORMAT.md has the bytes.)
//
// Invariant: the rows, and over them the records in the order of their numbers, are the states as
// of the last commit.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "weir/runtime/codec/byte_writer.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::delivery {

/// A record is built by one begin_journal, then for each state begin_journal_part and as many
/// entries as it says.
void begin_journal(codec::byte_writer& to);
void begin_journal_part(codec::byte_writer& to, std::string_view name, std::uint64_t fingerprint,
                        std::size_t entries);
/// `write(to)` writes the value, without its fingerprint; `guess` as of byte_writer::measured.
template <class Write>
std::size_t journal_value(codec::byte_writer& to, std::string_view key, std::size_t guess,
                          Write&& write) {
  to.text(key);
  to.byte(1);
  return to.measured(guess, std::forward<Write>(write));
}
void journal_erased(codec::byte_writer& to, std::string_view key);

/// `visit(name, key, value)`, in order: a row's value, with its fingerprint, or none if it was
/// erased. The views live until it returns. errc::malformed, errc::newer_format.
using journal_visitor = std::function<void(std::string_view name, std::string_view key,
                                           std::optional<std::string_view> value)>;
result<void> read_journal(std::string_view record, const journal_visitor& visit);

/// Where the record of a commit is, given the prefix of all states of its subscription in its
/// partition; and the beginning of all such keys. No state has the empty name.
std::string journal_prefix(std::string_view states_prefix);
std::string journal_key(std::string_view states_prefix, std::uint64_t number);

/// What an earlier run has left in records and not in rows, by the keys of rows. One thread.
class state_overlay {
 public:
  /// One record, and what of it is not overlaid by later ones.
  struct record_left {
    std::uint64_t number;
    std::size_t bytes;
    std::vector<const std::string*> keys;
  };

  /// Reads them, unless it has. It may fail as store::scan and read_journal do.
  void load(const store::store& where, const std::string& states_prefix);
  bool loaded() const noexcept { return loaded_; }
  /// Why they could not be read: loading again tries again.
  const std::optional<error>& failure() const noexcept { return failure_; }
  /// In the order of their numbers.
  const std::vector<record_left>& records() const noexcept { return records_; }

  /// Whether `key` is here, and then its value in `value` (none: it was erased).
  bool find(std::string_view key, std::optional<std::string_view>& value) const;
  /// `visit(key)` for those that begin with `prefix`.
  void visit_keys(std::string_view prefix,
                  const std::function<void(std::string_view)>& visit) const;
  bool empty() const noexcept { return rows_.empty(); }
  std::size_t bytes() const noexcept { return bytes_; }

  /// Adds the rows of a record to a commit.
  void save(const record_left& one, store::changes& to) const;
  /// They are flushed: once those of all records are, nothing is left here.
  void forget(std::size_t record);

 private:
  struct row {
    std::optional<std::string> value;
    std::uint64_t number;
  };
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const noexcept {
      return std::hash<std::string_view>{}(key);
    }
  };
  using rows = std::unordered_map<std::string, row, hash, std::equal_to<>>;
  static std::size_t bytes_of(const rows::value_type& one);
  result<void> add(const std::string& states_prefix, std::uint64_t number, std::string_view record);

  rows rows_;
  std::vector<record_left> records_;
  std::size_t bytes_ = 0;
  bool loaded_ = false;
  std::optional<error> failure_;
};

}  // namespace weir::delivery
