// SPDX-License-Identifier: BSD-3-Clause
// What every keyed state has, whatever it keeps: a name, a place in the store, and what its owner
// does with all of them. The bytes are in FORMAT.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "weir/runtime/codec/byte_writer.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/delivery/state_journal.hpp"
#include "weir/runtime/store/changes.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::delivery {

/// Whose state it is, and the beginning of the keys of its records.
struct state_place {
  std::shared_ptr<const store::store> where;
  std::string subscription;
  std::string topic;
  std::uint32_t partition = 0;

  std::string prefix(std::string_view name) const;
  /// Of all states of the subscription in the partition.
  std::string prefix() const;
  /// `totals of billing in orders/3`, for errors.
  std::string text(std::string_view name) const;
};

class state_part {
 public:
  /// `left` is what an earlier run has left in the journal; it outlives the state.
  state_part(const state_place& place, std::string_view name, const state_overlay& left)
      : where_(place.where),
        prefix_(place.prefix(name)),
        text_(place.text(name)),
        left_(left) {}
  state_part(const state_part&) = delete;
  state_part& operator=(const state_part&) = delete;
  virtual ~state_part() = default;

  /// The attempt has succeeded: what it changed stays.
  virtual void accept() noexcept = 0;
  /// It has failed: what it changed is as it was.
  virtual void reject() = 0;
  /// Something has been accepted since the last call of write().
  virtual bool changed() const noexcept = 0;
  /// Adds it, under `name`, to the journal's record of this commit.
  virtual void write(codec::byte_writer& to, std::string_view name, std::uint64_t commit) = 0;
  /// Adds rows for what was changed last in this commit or before: its journal goes.
  virtual void save(store::changes& to, std::uint64_t commit) = 0;
  /// The rows of commits up to this number are flushed: what was changed last in those need not be
  /// remembered. Keeps at most `bytes_max`, if what has no row yet allows.
  virtual void trim(std::uint64_t saved, std::size_t bytes_max) = 0;
  /// What is remembered, and about how much of it has no row yet.
  virtual std::size_t bytes() const noexcept = 0;
  virtual std::size_t unsaved_bytes() const noexcept = 0;

 protected:
  /// Why the journal cannot be read, while it cannot; asked at each use, so no more than a branch.
  bool unread() const noexcept { return left_.failure().has_value(); }
  error why_unread() const { return wrong(*left_.failure()); }
  result<bool> read(std::string_view key, std::string& value) const;
  /// Whether nothing is stored of it.
  bool nothing_stored() const;
  error wrong(const error& why) const { return {why.code, text_ + ": " + why.message}; }

  std::shared_ptr<const store::store> where_;
  std::string prefix_;
  std::string text_;
  const state_overlay& left_;
};

}  // namespace weir::delivery
