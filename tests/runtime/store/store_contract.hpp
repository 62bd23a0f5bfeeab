// SPDX-License-Identifier: BSD-3-Clause
// What every store must do. A new store calls these from tests of its own, with a rig that opens
// it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "weir/runtime/store/store.hpp"

namespace store_tests {

using weir::store::changes;
using weir::store::table;

/// One store under test, empty at first.
class store_rig {
 public:
  virtual ~store_rig() = default;
  virtual weir::store::store& get() = 0;
  /// The process ends without a goodbye and comes back.
  virtual void reopen() = 0;
  /// A store over what `get().checkpoint(directory)` wrote.
  virtual std::unique_ptr<weir::store::store> open_checkpoint(
      const std::filesystem::path& directory) = 0;
  /// From now on the disk takes no more writes; `reopen` ends that.
  virtual void break_disk() = 0;
  /// A path where nothing is, in a folder that goes away with the rig.
  virtual std::filesystem::path fresh_path() = 0;
};

using rig_factory = std::function<std::unique_ptr<store_rig>()>;

/// What a table holds, by scanning it.
using contents = std::map<std::string, std::string>;
contents scanned(const weir::store::store& from, table where, std::string_view first = {},
                 std::string_view end = {});

/// `{"a", "1"}, {"b", "2"}` in one commit.
void commit_all(weir::store::store& to, table where, const contents& records);

/// Call inside a TEST_CASE: the claims are its sections.
void store_contract(const rig_factory& make);
/// `histories` random ones of commits, reads and reopenings against plain maps.
void store_property(const rig_factory& make, std::uint64_t histories);

}  // namespace store_tests
