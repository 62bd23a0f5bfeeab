// SPDX-License-Identifier: BSD-3-Clause
// The registry: append only, so that an index once given stays valid without a lock for readers.
#include "weir/runtime/event/event_type.hpp"

#include <array>
#include <atomic>
#include <mutex>

#include "weir/runtime/core/invariant.hpp"

namespace weir {
namespace {

/// More event types than any program has; a fixed table keeps readers free of locks.
constexpr std::uint32_t types_max = 4096;

struct registry {
  std::mutex adding;
  std::atomic<std::uint32_t> count{0};
  std::array<event_type, types_max> types{};
};

registry& types() {
  static registry instance;
  return instance;
}

}  // namespace

std::string to_string(const event_type& type) {
  return std::string{type.name} + "@" + std::to_string(type.version);
}

const event_type& internal::register_event_type(event_type type) {
  auto& known = types();
  const std::lock_guard lock{known.adding};
  const auto index = known.count.load(std::memory_order_relaxed);
  WEIR_INVARIANT(index < types_max, "too many event types");
  WEIR_INVARIANT(find_event_type(type.name, type.version) == nullptr,
                 "two C++ types claim the event " + to_string(type));
  type.index = index;
  known.types[index] = type;
  known.count.store(index + 1, std::memory_order_release);
  return known.types[index];
}

std::uint32_t event_type_count() noexcept { return types().count.load(std::memory_order_acquire); }

const event_type* find_event_type(std::uint32_t index) noexcept {
  return index < event_type_count() ? &types().types[index] : nullptr;
}

const event_type* find_event_type(std::string_view name, std::uint32_t version) noexcept {
  for (std::uint32_t i = 0; i < event_type_count(); ++i) {
    const auto& type = types().types[i];
    if (type.name == name && type.version == version) return &type;
  }
  return nullptr;
}

}  // namespace weir
