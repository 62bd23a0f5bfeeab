// SPDX-License-Identifier: BSD-3-Clause
// Where the drivers are, as far as the map knows, and who is free. Invariant: a driver has at most
// one ride, because only the one who reserves him gets him.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "weir/samples/ride_hailing/world.hpp"

namespace ride_hailing {

/// A driver who may be asked.
struct candidate {
  std::int64_t driver = 0;
  point at;
};

/// Any thread: the map moves drivers while dispatchers look for one.
class fleet {
 public:
  explicit fleet(const std::vector<point>& homes);

  void seen(std::int64_t driver, point at);
  /// At most `count` free drivers, the nearest first, without those that were asked before.
  std::vector<candidate> nearest_free(point to, std::size_t count,
                                      const std::vector<std::int64_t>& without) const;
  /// False if somebody else was quicker.
  bool reserve(std::int64_t driver);
  void release(std::int64_t driver);
  std::uint64_t busy() const;

 private:
  struct entry {
    point at;
    bool busy = false;
  };
  mutable std::mutex access_;
  std::vector<entry> drivers_;
};

}  // namespace ride_hailing
