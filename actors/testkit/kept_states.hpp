// SPDX-License-Identifier: BSD-3-Clause
// A store in memory where a transactional subscription finds what another run has kept: a test
// begins with these values. `weir dead-letters test` writes such tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/runtime/store/memory_store.hpp"

namespace weir::testkit {

/// One value of a state, as a store has it: the key and the value in hex.
struct kept_state {
  std::string name;
  std::string key;
  std::string value;
};

/// For the node's options. The values are those of a subscription of a topic, in its first
/// partition. What is no hex breaks an invariant: a tool wrote it.
std::shared_ptr<store::memory_store> store_with(const std::string& subscription,
                                                const std::string& topic,
                                                const std::vector<kept_state>& values);

}  // namespace weir::testkit
