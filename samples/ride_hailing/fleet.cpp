// SPDX-License-Identifier: BSD-3-Clause
// Looking through all drivers: a city has some hundreds.
#include "weir/samples/ride_hailing/fleet.hpp"

#include <algorithm>
#include <utility>

namespace ride_hailing {

fleet::fleet(const std::vector<point>& homes) {
  for (const auto& home : homes) drivers_.push_back({home});
}

void fleet::seen(std::int64_t driver, point at) {
  const std::lock_guard lock{access_};
  drivers_[static_cast<std::size_t>(driver)].at = at;
}

std::vector<candidate> fleet::nearest_free(point to, std::size_t count,
                                           const std::vector<std::int64_t>& without) const {
  std::vector<candidate> free;
  {
    const std::lock_guard lock{access_};
    for (std::size_t i = 0; i < drivers_.size(); ++i) {
      const auto driver = static_cast<std::int64_t>(i);
      if (drivers_[i].busy) continue;
      if (std::find(without.begin(), without.end(), driver) != without.end()) continue;
      free.push_back({driver, drivers_[i].at});
    }
  }
  count = std::min(count, free.size());
  const auto nearer = [to](const candidate& left, const candidate& right) {
    const auto one = metres_between(left.at, to), other = metres_between(right.at, to);
    return one != other ? one < other : left.driver < right.driver;
  };
  std::partial_sort(free.begin(), free.begin() + static_cast<std::ptrdiff_t>(count), free.end(),
                    nearer);
  free.resize(count);
  return free;
}

bool fleet::reserve(std::int64_t driver) {
  const std::lock_guard lock{access_};
  return !std::exchange(drivers_[static_cast<std::size_t>(driver)].busy, true);
}

void fleet::release(std::int64_t driver) {
  const std::lock_guard lock{access_};
  drivers_[static_cast<std::size_t>(driver)].busy = false;
}

std::uint64_t fleet::busy() const {
  const std::lock_guard lock{access_};
  return static_cast<std::uint64_t>(std::count_if(drivers_.begin(), drivers_.end(),
                                                  [](const entry& one) { return one.busy; }));
}

}  // namespace ride_hailing
