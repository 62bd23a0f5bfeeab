// SPDX-License-Identifier: BSD-3-Clause
// From record to record.
#include "weir/runtime/store/log_cursor.hpp"

#include "weir/runtime/store/key.hpp"

namespace weir::store {

error log_cursor::damaged(const std::string& why) const {
  return {errc::store_corrupt, topic_ + "/" + std::to_string(partition_) +
                                   ": the record of offset " + std::to_string(offset_) + ": " +
                                   why};
}

result<bool> log_cursor::next(codec::stored_event& into) {
  for (;;) {
    if (!open_) {
      auto found = open();
      if (!found || !*found) return found;
    }
    auto more = walker_.next(into);
    if (!more) return fail(damaged(more.error().message));
    open_ = *more;
    if (!*more || into.offset < offset_) continue;
    offset_ = into.offset + 1;
    return true;
  }
}

result<bool> log_cursor::open() {
  const auto all = key_writer{}.text(topic_).u32(partition_).take();
  const auto behind = key_writer{}.text(topic_).u32(partition_).u64(offset_ + 1).take();
  // The record that holds the offset, or the first behind it.
  auto there = where_->last(table::log, all, behind, record_);
  if (!there) return there;
  auto opened = *there ? walker_.open(record_.value) : result<void>{};
  if (!opened) return fail(damaged(opened.error().message));
  if (!*there || walker_.header().end_offset() <= offset_) {
    bool any = false;
    auto seen = where_->scan(table::log, behind, prefix_end(all),
                             [&](std::string_view key, std::string_view value) {
                               record_ = {std::string{key}, std::string{value}};
                               any = true;
                               return false;
                             });
    if (!seen) return fail(std::move(seen.error()));
    if (!any) return false;
    opened = walker_.open(record_.value);
    if (!opened) return fail(damaged(opened.error().message));
  }
  open_ = true;
  return true;
}

}  // namespace weir::store
