// SPDX-License-Identifier: BSD-3-Clause
// How much memory a topology can take at most, computed before it starts, row by row.
// Invariant: the total is the sum of the rows and never decreases when a limit grows; arithmetic
// saturates, so that a silly description has a silly bound and not a small one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/runtime/topology/description.hpp"

namespace weir::topology {

/// One line of the bound: whose memory, the limits it is the product of, and the product.
struct bound_row {
  std::string what;
  std::string limit;
  std::uint64_t bytes = 0;
};

struct memory_bound {
  std::vector<bound_row> rows;
  std::uint64_t total_bytes = 0;
};

/// The bound. Rows, in this order:
/// - per topic, each partition: `ring_bytes`, one batch over (the ring closes after the batch that
///   fills it, and a batch lies in one block), and its actor; if the topic is durable, as much
///   again for what is on its way to the disk, and twice that for its bytes, copied once;
/// - per publisher and topic (subscriptions that publish count), each partition:
///   `blocks_per_publisher` blocks; a block closes after the event that fills it, hence one event
///   over each (spare blocks of the topic's pool are among those of these two rows);
/// - per subscription, each partition of the topics it matches: `credit_batches` messages, and its
///   actor; a group's members share the partitions, so it has one row: the messages once, an actor
///   for each member and one of its own;
/// - per lossy subscription or group and topic it matches, each partition: a block for each batch
///   of its credit and, unless it drops the oldest, a ring and a batch over (what waits for one
///   that drops the oldest is at the ring's end, where the topic has it already);
/// - per subscription or group and durable topic it matches, each partition: a block for each batch
///   of its credit, which may have been read back, and, if it is transactional, as many for what
///   its handlers change before it is flushed, and `state_bytes_max`;
/// - dead letters: their number times the largest;
/// - scheduled events, if there may be any: their bytes, an entry for each, and an actor.
/// What is not in it: the program, its threads' stacks, and what handlers keep.
memory_bound bound_of(const description& topology);

/// What one more publisher of the topic adds to it.
std::uint64_t publisher_bytes(const topic_description& topic) noexcept;

/// `512 B`, `64 KiB`, `1.5 MiB`; exact or rounded up to one decimal.
std::string bytes_text(std::uint64_t bytes);

}  // namespace weir::topology
