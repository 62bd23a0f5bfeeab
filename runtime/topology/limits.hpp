// SPDX-License-Identifier: BSD-3-Clause
// Every limit of a topology with its reason, in one place. The memory bound is built from these and
// from what a description says; a number that the path relies on and that is not here is a mistake.
#pragma once

#include <chrono>
#include <cstdint>

#include "weir/runtime/topic/schedule.hpp"
#include "weir/runtime/topic/settings.hpp"

namespace weir::topology {

inline constexpr std::uint64_t kib = 1024;
inline constexpr std::uint64_t mib = 1024 * kib;
inline constexpr std::uint64_t gib = 1024 * mib;

/// What a number in a description may be; both ends are allowed.
struct allowed {
  std::uint64_t least;
  std::uint64_t most;
  constexpr bool holds(std::uint64_t value) const noexcept {
    return value >= least && value <= most;
  }
};

// A partition is an actor with a ring; a thousand keep every core of any one machine busy, and more
// only cost memory.
inline constexpr allowed partitions{1, 1024};
// Above 64 Ki events a batch is larger than any cache and gains nothing; it also has to fit the
// 16 bits that an index inside a batch may take in a stored format.
inline constexpr allowed batch_events{1, 64 * 1024};
// The bookkeeping of a kept batch is small, but not nothing: 16 Mi single-event batches are 1 GiB.
inline constexpr allowed ring_events{1, 16 * mib};
// Under 64 KiB a ring holds less than a batch of ordinary events; above 64 GiB no machine we know
// of should keep a topic in memory.
inline constexpr allowed ring_bytes{64 * kib, 64 * gib};
// Retained events lie in the ring's room: more than fit there would be a promise nobody keeps.
constexpr allowed retained_events(std::uint64_t ring) noexcept { return {0, ring}; }
// Less than a ring of a log need not be deleted; above a PiB see a cluster.
inline constexpr allowed keep_bytes{mib, 1024 * 1024 * gib};
// Deleting more often than every second costs more than it frees.
inline constexpr duration keep_for_least = std::chrono::seconds{1};
// An envelope alone takes over a hundred bytes; what is larger than 64 MiB belongs in a file whose
// name is published.
inline constexpr allowed event_bytes{128, 64 * mib};
// Credit 1 waits for every batch; above 1,024 batches on their way a subscription lags for minutes.
inline constexpr allowed credit_batches{1, 1024};
// Under 64 KiB handlers wait for each other to publish; above 64 GiB see the ring.
inline constexpr allowed staged_bytes{64 * kib, 64 * gib};
// Under 64 KiB a handler reads from the disk all the time; above 64 GiB see the ring.
inline constexpr allowed state_bytes{64 * kib, 64 * gib};
// A store that cannot hold one letter loses events; ten million letters are read by nobody.
inline constexpr allowed dead_letters{1, 10'000'000};
inline constexpr allowed dead_letter_bytes{256, 64 * mib};
// None means that nothing is scheduled; a hundred million take 4 GiB before the first payload.
inline constexpr allowed scheduled_events{0, 100'000'000};
inline constexpr allowed scheduled_bytes{0, 64 * gib};
// A topic has partitions, each an actor with a ring: 4,096 fill any one machine.
inline constexpr std::uint64_t topics_max = 4096;
// A subscription takes ten kilobytes and twenty microseconds at the start: so many are three
// gigabytes and five seconds. Only those with wildcards are compared with every topic.
inline constexpr std::uint64_t subscriptions_max = 256 * 1024;
// Each has a ring in every partition of its topic.
inline constexpr std::uint64_t publishers_max = 64 * 1024;
// Less than 1 MiB does not hold one ring; a TiB is more than any machine Weir was built for.
inline constexpr allowed memory_budget{mib, 1024 * gib};

/// Blocks that one publisher holds for one partition: those of its ring. Spare ones are no more
/// memory, since a pool allocates only when it has none.
inline constexpr std::uint64_t blocks_per_publisher = topic::blocks_per_ring;
/// One batch message and its entry in the mailbox and in the cursor: 3 cache lines, rounded up.
inline constexpr std::uint64_t batch_message_bytes = 256;
/// A scheduled event's place in the schedule, and one in the queue before a full ring.
inline constexpr std::uint64_t scheduled_entry_bytes =
    topic::schedule::entry_bytes + sizeof(std::unique_ptr<topic::scheduled_event>);
/// An actor with its mailbox, its cursor or ring bookkeeping and its counters, rounded up.
inline constexpr std::uint64_t actor_bytes = 4 * kib;

}  // namespace weir::topology
