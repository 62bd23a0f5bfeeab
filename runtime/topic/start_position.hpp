#pragma once
#include <cstdint>
#include "weir/runtime/core/clock.hpp"
namespace weir {
struct start_position { int kind = 0; std::uint64_t offset = 0; timestamp time{}; bool operator==(const start_position&) const = default; };
inline start_position from_latest() { return {}; }
inline start_position from_earliest() { return {1}; }
inline start_position from_offset(std::uint64_t o) { return {2, o}; }
inline start_position from_time(timestamp t) { return {3, 0, t}; }
}
