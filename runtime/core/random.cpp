// SPDX-License-Identifier: BSD-3-Clause
// xoshiro256** by David Blackman and Sebastiano Vigna (public domain algorithm), splitmix64
// seeding.
#include "weir/runtime/core/random.hpp"

#include <bit>
#include <random>

namespace weir {
namespace {

std::uint64_t splitmix(std::uint64_t& state) noexcept {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31U);
}

}  // namespace

random::random(std::uint64_t seed) noexcept {
  for (auto& word : state_) word = splitmix(seed);
}

std::uint64_t random::operator()() noexcept {
  const auto drawn = std::rotl(state_[1] * 5, 7) * 9;
  const auto shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return drawn;
}

std::uint64_t random::below(std::uint64_t bound) noexcept {
  // Lemire's multiply-shift; its bias (at most bound / 2^64) is far below anything we draw.
  __extension__ using wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<wide>((*this)()) * bound) >> 64U);
}

double random::fraction() noexcept { return static_cast<double>((*this)() >> 11U) * 0x1.0p-53; }

random random::split(std::uint64_t stream) const noexcept {
  return random{state_[0] ^ std::rotl(state_[3], 21) ^ (stream * 0xd1342543de82ef95U + 1)};
}

std::uint64_t entropy_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

}  // namespace weir
