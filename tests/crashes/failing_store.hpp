// SPDX-License-Identifier: BSD-3-Clause
// A store whose disk gives up at one of its commits: that one is there or not, which nobody is
// told, and there are no others.
#pragma once

#include <memory>

#include "weir/runtime/store/store.hpp"

namespace crash_tests {

struct disk_end {
  std::uint64_t at_commit = 0;  // 0: never
  bool kept = false;            // the commit is there all the same
  weir::errc said = weir::errc::store_failed;
};

class failing_store final : public weir::store::store {
 public:
  failing_store(std::unique_ptr<store> inner, disk_end end) : inner_(std::move(inner)), end_(end) {}

  weir::result<void> commit(const weir::store::changes& group) override {
    ++commits_;
    if (end_.at_commit == 0 || commits_ < end_.at_commit) return inner_->commit(group);
    if (commits_ > end_.at_commit) return weir::fail(weir::errc::store_failed, "it has failed");
    if (end_.kept) {
      if (auto kept = inner_->commit(group); !kept) return kept;
    }
    return weir::fail(end_.said, "a disk that gives up");
  }
  weir::result<bool> get(weir::store::table where, std::string_view key,
                         std::string& value) const override {
    return inner_->get(where, key, value);
  }
  weir::result<void> scan(weir::store::table where, std::string_view from, std::string_view to,
                          const weir::store::visitor& visit) const override {
    return inner_->scan(where, from, to, visit);
  }
  weir::result<bool> last(weir::store::table where, std::string_view from, std::string_view to,
                          weir::store::record& found) const override {
    return inner_->last(where, from, to, found);
  }
  weir::result<void> checkpoint(const std::filesystem::path& directory) override {
    return inner_->checkpoint(directory);
  }

 private:
  std::unique_ptr<store> inner_;
  disk_end end_;
  std::uint64_t commits_ = 0;  // by one thread at a time
};

}  // namespace crash_tests
