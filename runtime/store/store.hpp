// SPDX-License-Identifier: BSD-3-Clause
// Where a node keeps what must outlive it: a port. A store is a few tables of records, ordered by
// key, and one way to change them: a list of changes that is flushed as a whole or not at all. What
// an implementation must do beyond these words is in tests/runtime/store/store_contract.hpp.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/changes.hpp"
#include "weir/runtime/store/table.hpp"

namespace weir::store {

/// A record that was found. Reading into the same one again uses its memory again.
struct record {
  std::string key;
  std::string value;
};

/// Called for each record of a scan; false ends it. The views live until it returns, and it calls
/// no function of the store.
using visitor = std::function<bool(std::string_view key, std::string_view value)>;

/// Every call blocks. `commit` is called by one thread at a time; the others by any threads, also
/// meanwhile. A read sees every commit that returned before it began, each commit whole or not at
/// all. Reads answer errc::store_io (the files cannot be read) and errc::store_corrupt (what was
/// read is not what was written; names the table, and the key or file where known); what is damaged
/// is never served, and what lies elsewhere still is.
class store {
 public:
  virtual ~store() = default;

  /// Makes all of `group` true at once, in its order, and returns when it is flushed: what this
  /// acknowledges is there after any kill or loss of power. An empty group succeeds without a
  /// flush.
  ///
  /// After a failure nobody knows whether the group is on disk, so the store is finished with
  /// writing: errc::store_full (the disk has no room) or errc::store_failed the first time,
  /// errc::store_failed from then on, until it is opened again; then the group is there whole or
  /// not at all. Reads go on, and see what was acknowledged.
  virtual result<void> commit(const changes& group) = 0;

  /// Whether `key` has a value, and the value in `value` (unchanged if not).
  virtual result<bool> get(table where, std::string_view key, std::string& value) const = 0;

  /// Visits the records of [from, to) in the order of their keys, compared byte by byte as unsigned
  /// numbers; an empty `to` is no bound. Sees the store as it was when the scan began. Copies no
  /// record. A damaged record ends the scan with errc::store_corrupt after those before it.
  virtual result<void> scan(table where, std::string_view from, std::string_view to,
                            const visitor& visit) const = 0;

  /// Whether [from, to) has a record, and its last one in `found` (unchanged if not); an empty `to`
  /// is no bound. This is how the end of a log is found.
  virtual result<bool> last(table where, std::string_view from, std::string_view to,
                            record& found) const = 0;

  /// Copies the store as it is into `directory`, whose parent exists, to be opened as a store of
  /// the same kind; commits go on meanwhile. errc::already_exists: there is something at
  /// `directory`.
  virtual result<void> checkpoint(const std::filesystem::path& directory) = 0;
};

}  // namespace weir::store
