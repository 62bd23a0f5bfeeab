// SPDX-License-Identifier: BSD-3-Clause
// What every keyed state has, whatever it keeps: a name, a place in the store, and the four things
// its owner does with all of them. The bytes are in FORMAT.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "weir/runtime/core/result.hpp"
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
  state_part(const state_place& place, std::string_view name)
      : where_(place.where), prefix_(place.prefix(name)), text_(place.text(name)) {}
  state_part(const state_part&) = delete;
  state_part& operator=(const state_part&) = delete;
  virtual ~state_part() = default;

  /// The attempt has succeeded: what it changed stays.
  virtual void accept() noexcept = 0;
  /// It has failed: what it changed is as it was.
  virtual void reject() = 0;
  /// Adds what has been accepted since the last call to a commit of this number.
  virtual void write(store::changes& to, std::uint64_t commit) = 0;
  /// Commits up to this number are flushed: what only they wrote need not be remembered. Keeps at
  /// most `bytes_max`, if what is still on its way allows.
  virtual void trim(std::uint64_t flushed, std::size_t bytes_max) = 0;
  /// What is remembered.
  virtual std::size_t bytes() const noexcept = 0;

 protected:
  result<bool> read(std::string_view key, std::string& value) const;
  /// Whether nothing is stored of it.
  bool nothing_stored() const;
  error wrong(const error& why) const { return {why.code, text_ + ": " + why.message}; }

  std::shared_ptr<const store::store> where_;
  std::string prefix_;
  std::string text_;
};

}  // namespace weir::delivery
