// SPDX-License-Identifier: BSD-3-Clause
// A supervisor's decisions in a test, by name: given its children, when one ends, then these are
// stopped and these are started.
//
// Example:
//   auto tree = given_supervisor(supervision::strategy::rest_for_one, {3, 5s})
//                   .child("store").child("billing").child("audit", restart_type::temporary);
//   CHECK(tree.when_failed("store") == "restart: stop audit billing, start store billing");
#pragma once

#include <string>
#include <vector>

#include "weir/runtime/supervision/supervisor.hpp"

namespace weir::testkit {

/// The pure core, with names and a clock of its own. One thread. A name must be known.
class supervised_children {
 public:
  supervised_children(supervision::strategy kind, supervision::intensity limit)
      : core_(kind, limit) {}

  /// The latest started. Names are those of the answers.
  supervised_children& child(std::string name, supervision::restart_type type =
                                                   supervision::restart_type::permanent);
  /// Time passes; restarts older than the intensity's window are forgotten.
  supervised_children& after(duration time) {
    now_ += time;
    return *this;
  }
  /// `restart: stop c b, start a b c`, `stop` (it stays ended), `escalate: stop c b`, or `resume`
  /// for one that is a child no longer.
  std::string when_ended(const std::string& name, supervision::end_kind how);
  std::string when_failed(const std::string& name) {
    return when_ended(name, supervision::end_kind::abnormal);
  }
  /// It could not be started in a restart.
  std::string when_start_failed(const std::string& name);

 private:
  supervision::child_id id_of(const std::string& name) const;
  std::string text_of(const supervision::decision& made) const;

  supervision::supervisor core_;
  std::vector<std::string> names_;  // by id
  timestamp now_{};
};

inline supervised_children given_supervisor(
    supervision::strategy kind = supervision::strategy::one_for_one,
    supervision::intensity limit = {}) {
  return {kind, limit};
}

}  // namespace weir::testkit
