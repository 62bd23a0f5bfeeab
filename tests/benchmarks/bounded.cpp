// SPDX-License-Identifier: BSD-3-Clause
// bounded: eight subscribers of one topic, one of which sleeps in its handler. Two questions: how
// fast are the seven others while the ring is not full, compared with a run in which all eight are
// awake; and does resident memory stay under the bound that describe() prints once it is full.
#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "weir/actors/node/node.hpp"
#include "weir/runtime/topology/bound.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/events.hpp"

namespace weir::bench {
namespace {

constexpr unsigned others = 7;
constexpr std::uint64_t ring_events = 65'536;
/// Most of the ring: what is published while one sleeps never waits for it.
constexpr std::uint64_t cycle_events = 60'000;

/// The eighth subscriber's bed.
struct bed {
  std::atomic<bool> asleep{false};

  void lie_down() { asleep = true; }
  void get_up() {
    asleep = false;
    asleep.notify_all();
  }
  void rest() const { asleep.wait(true); }
};

/// How far the seven are; each on its own cache line.
struct alignas(64) progress {
  std::atomic<std::uint64_t> handled{0};
};

class eight_subscribers {
 public:
  eight_subscribers() : node_(options()), ticks_(node_.topic("ticks", topic_options())) {
    ticks_.key<tick>(&tick::instrument);
    for (unsigned i = 0; i < others; ++i) {
      node_.subscribe("awake-" + std::to_string(i), "ticks", [one = &seen_[i]](const tick&) {
        // One writer: no read-modify-write is needed.
        one->handled.store(one->handled.load(std::memory_order_relaxed) + 1,
                           std::memory_order_release);
      });
    }
    node_.subscribe("sleeper", "ticks", [this](const tick&) { bed_.rest(); });
    auto made = node_.make_publisher(ticks_);
    require(made.has_value(), "bounded: the node does not start");
    to_.emplace(std::move(*made));
  }

  /// Publishes a cycle; seconds until the seven have handled it. Wakes the eighth and drains.
  double cycle(bool asleep) {
    if (asleep) bed_.lie_down();
    const stopwatch time;
    for (std::uint64_t i = 0; i < cycle_events; ++i) publish();
    for (const auto& one : seen_) {
      // Yields: the workers need this core more.
      while (one.handled.load(std::memory_order_acquire) != to_->published()) {
        std::this_thread::yield();
      }
    }
    const auto seconds = time.seconds();
    wake_and_drain();
    return seconds;
  }
  /// Publishes until nothing more fits; returns how many events fitted.
  std::uint64_t fill() {
    bed_.lie_down();
    const auto before = to_->published();
    to_->set_deadline(std::chrono::milliseconds{500});
    while (auto done = to_->publish(tick_of(number_))) ++number_;
    to_->set_deadline(std::chrono::seconds{30});
    return to_->published() - before;
  }
  void wake_and_drain() {
    bed_.get_up();
    require(node_.drain().drained, "bounded: it does not drain");
    for (const auto& one : node_.ledgers()) {
      require(one.counts.settled(), "bounded: unbalanced ledger of " + one.subscription + ": " +
                                        to_string(one.counts));
    }
  }
  std::uint64_t bound() const { return topology::bound_of(node_.describe()).total_bytes; }

 private:
  static node_options options() {
    // A sleeping handler keeps a worker: with one more than cores the others lose no core by it.
    return {.threads = worker_threads() + 1,
            .dead_letters = {.letters_max = 64, .bytes_max = 64 * 1024}};
  }
  static topic::topic_options topic_options() {
    return {.ring_events = ring_events, .event_bytes_max = 1024};
  }
  void publish() {
    require(to_->publish(tick_of(number_++)).has_value(), "bounded: publish failed");
  }

  progress seen_[others];
  bed bed_;
  std::int64_t number_ = 0;
  node node_;
  topic_handle ticks_;
  std::optional<publisher> to_;
};

}  // namespace

void measure_bounded(const run_options& options, report& out) {
  const auto before = resident_bytes();
  eight_subscribers eight;
  static_cast<void>(eight.cycle(false));
  static_cast<void>(eight.cycle(true));

  const auto cycles = std::max<std::uint64_t>(options.scaled(40), 4);
  std::vector<double> awake, asleep;
  std::uint64_t most = 0;
  for (unsigned round = 0; round < options.rounds; ++round) {
    double seconds[2] = {0, 0};
    for (std::uint64_t i = 0; i < cycles; ++i) {
      seconds[0] += eight.cycle(false);
      seconds[1] += eight.cycle(true);
    }
    const auto events = static_cast<double>(cycles * cycle_events);
    awake.push_back(events / seconds[0]);
    asleep.push_back(events / seconds[1]);
    most = std::max(most, resident_bytes());
  }
  const auto fitted = eight.fill();
  most = std::max(most, resident_bytes());
  eight.wake_and_drain();

  out.add(row{}
              .add("all_awake", median(awake))
              .add("one_sleeps", median(asleep))
              .add("share", median_ratio(asleep, awake), 3)
              .add("events_until_full", static_cast<double>(fitted))
              .add("resident_bytes", static_cast<double>(most - std::min(most, before)))
              .add("bound_bytes", static_cast<double>(eight.bound())));
}

}  // namespace weir::bench
