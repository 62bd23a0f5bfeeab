// SPDX-License-Identifier: BSD-3-Clause
// Names for ids.
#include "weir/actors/testkit/given_supervisor.hpp"

#include <algorithm>

#include "weir/runtime/core/invariant.hpp"

namespace weir::testkit {

supervised_children& supervised_children::child(std::string name, supervision::restart_type type) {
  const auto added = core_.add_child(names_.size(), type);
  WEIR_INVARIANT(added.has_value(), "ids are counted");
  names_.push_back(std::move(name));
  return *this;
}

std::string supervised_children::when_ended(const std::string& name, supervision::end_kind how) {
  return text_of(core_.on_child_ended(id_of(name), how, now_));
}

std::string supervised_children::when_start_failed(const std::string& name) {
  return text_of(core_.on_start_failed(id_of(name), now_));
}

supervision::child_id supervised_children::id_of(const std::string& name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  WEIR_INVARIANT(found != names_.end(), "a test names a child that was not given");
  return static_cast<supervision::child_id>(found - names_.begin());
}

std::string supervised_children::text_of(const supervision::decision& made) const {
  std::string text{to_string(made.what)};
  const auto add = [&](const char* verb, const std::vector<supervision::child_id>& ids) {
    if (ids.empty()) return;
    text += (text.find(':') == std::string::npos ? ": " : ", ") + std::string{verb};
    for (const auto id : ids) text += " " + names_[id];
  };
  add("stop", made.stop);
  add("start", made.start);
  return text;
}

}  // namespace weir::testkit
