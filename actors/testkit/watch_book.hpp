// SPDX-License-Identifier: BSD-3-Clause
// What reached topics that a test watches: copies of the events, by topic and type.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/runtime/delivery/handler.hpp"

namespace weir::testkit {

/// One thread at a time. It outlives the subscription that fills it.
class watch_book {
 public:
  /// From now on events of type T in this topic are kept.
  template <event_payload T>
  std::shared_ptr<std::vector<T>> open(const std::string& topic) {
    auto kept = std::make_shared<std::vector<T>>();
    kept_.insert_or_assign({topic, &type_of<T>()}, kept);
    return kept;
  }
  /// Null if they are not kept.
  template <event_payload T>
  const std::vector<T>* find(const std::string& topic) const {
    const auto found = kept_.find({topic, &type_of<T>()});
    return found == kept_.end() ? nullptr : static_cast<const std::vector<T>*>(found->second.get());
  }

 private:
  std::map<std::pair<std::string, const event_type*>, std::shared_ptr<void>> kept_;
};

/// Takes events of every other type, so that a watched topic may carry them.
class passing_by final : public delivery::run_handler {
 public:
  delivery::run_outcome run(const event_slot*, std::uint32_t from, std::uint32_t to,
                            context&) override {
    return {to - from, false, {}};
  }
};

}  // namespace weir::testkit
