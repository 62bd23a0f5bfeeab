// SPDX-License-Identifier: BSD-3-Clause
// Lines, and sequences made from event ids.
#include "weir/actors/testkit/recording.hpp"

#include "weir/runtime/policy/recoverability.hpp"

namespace weir::testkit {
namespace {

// An id ends in what names its publisher; before that it counts, per millisecond.
constexpr std::uint64_t publisher_mask = (std::uint64_t{1} << 42U) - 1;
// A recording sees fewer than a million events per publisher and millisecond, and no year 2500.
constexpr unsigned count_bits = 20;

}  // namespace

void check_order(sim::order_checker& order, std::string_view subscription, const context& where) {
  const auto& header = where.header();
  // Without a key there is no order to keep, and none for who was delivered again later.
  if (header.key.empty() || where.overtaken()) return;
  // Attempts begin anew in each delivery: a later delivery is above any attempt of an earlier one.
  const auto calls =
      (where.delivery_count() - 1) * (retry_policy::retries_max + 1) + where.attempt();
  const auto publisher = header.id.low & publisher_mask;
  const auto count = (header.id.low >> 42U) & ((std::uint64_t{1} << count_bits) - 1);
  const auto milliseconds = header.id.time().time_since_epoch() / std::chrono::milliseconds{1};
  const auto sequence = (static_cast<std::uint64_t>(milliseconds) << count_bits) | count;
  order.seen(subscription, std::to_string(publisher).append("/").append(header.key), sequence,
             calls);
}

void recording::called(std::string_view subscription, const context& where) {
  const auto& header = where.header();
  std::string line{subscription};
  line.append(" ").append(to_string(*header.type));
  line.append(" ").append(std::to_string(where.partition()));
  line.append("@").append(std::to_string(where.offset()));
  if (!header.key.empty()) line.append(" key ").append(header.key);
  if (where.delivery_count() > 1) {
    line.append(" delivery ").append(std::to_string(where.delivery_count()));
  }
  if (where.attempt() > 1) line.append(" attempt ").append(std::to_string(where.attempt()));
  lines_.add(line);
  check_order(order_, subscription, where);
}

}  // namespace weir::testkit
