// SPDX-License-Identifier: BSD-3-Clause
// Slips.
#include "weir/samples/ride_hailing/desk.hpp"

namespace ride_hailing {

std::int64_t desk::begin_round(std::int64_t ride) {
  const std::lock_guard lock{access_};
  auto& found = slips_[ride];
  found.driver = nobody;
  return ++found.round;
}

void desk::ask(std::int64_t ride, std::int64_t driver) {
  const std::lock_guard lock{access_};
  auto& found = slips_[ride];
  found.driver = driver;
  if (driver != nobody) found.asked.push_back(driver);
}

std::vector<std::int64_t> desk::asked(std::int64_t ride) const {
  const std::lock_guard lock{access_};
  const auto* found = find(ride);
  return found == nullptr ? std::vector<std::int64_t>{} : found->asked;
}

bool desk::accept(std::int64_t ride, std::int64_t round) {
  const std::lock_guard lock{access_};
  const auto found = slips_.find(ride);
  if (found == slips_.end() || found->second.taken || found->second.round != round) return false;
  found->second.taken = true;
  return true;
}

next_step desk::time_out(std::int64_t ride, std::int64_t round) const {
  const std::lock_guard lock{access_};
  const auto* found = find(ride);
  if (found == nullptr || found->taken || found->round != round) return next_step::ignore;
  return round < rounds_max ? next_step::ask_another : next_step::give_up;
}

std::int64_t desk::driver_of(std::int64_t ride) const {
  const std::lock_guard lock{access_};
  const auto* found = find(ride);
  return found == nullptr ? nobody : found->driver;
}

bool desk::close(std::int64_t ride) {
  const std::lock_guard lock{access_};
  return slips_.erase(ride) > 0;
}

std::uint64_t desk::open() const {
  const std::lock_guard lock{access_};
  return slips_.size();
}

const desk::slip* desk::find(std::int64_t ride) const {
  const auto found = slips_.find(ride);
  return found == slips_.end() ? nullptr : &found->second;
}

}  // namespace ride_hailing
