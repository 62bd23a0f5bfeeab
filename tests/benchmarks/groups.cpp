// SPDX-License-Identifier: BSD-3-Clause
// groups: a consumer group over 16 partitions. Its rate with 1, 2 and 4 members, and how long a
// partition rests when it changes hands while a million events are in flight: from the last call of
// the member that had it, or the change if that is later, to the first of the one that gets it.
#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <span>

#include "weir/actors/node/node.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/events.hpp"

namespace weir::bench {
namespace {

constexpr std::uint32_t partitions = 16;
constexpr int moves_per_round = 5;

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds{1};
}

/// Who handled each partition last, and until when.
class witness {
 public:
  /// The handler of one member.
  auto member(int number) {
    return [this, number](std::span<const tick* const> ticks, context& where) {
      auto& lane = lanes_[where.partition()];
      const auto before = lane.owner.exchange(number);
      if (before != number && before != 0) {
        const std::lock_guard lock{access_};
        const auto since = std::max(lane.until.load(), change_.load());
        pauses_ms_.push_back(static_cast<double>(now_ns() - since) / 1e6);
      }
      handled_ += ticks.size();
      lane.until = now_ns();
    };
  }
  /// From here on members come or go: before, a partition had nothing to rest from.
  void change() { change_ = now_ns(); }
  std::uint64_t handled() const { return handled_; }
  std::vector<double> pauses_ms() {
    const std::lock_guard lock{access_};
    return std::exchange(pauses_ms_, {});
  }

 private:
  struct tenure {
    std::atomic<int> owner{0};
    std::atomic<std::int64_t> until{0};
  };
  std::array<tenure, partitions> lanes_;
  std::atomic<std::int64_t> change_{0};
  std::atomic<std::uint64_t> handled_{0};
  std::mutex access_;
  std::vector<double> pauses_ms_;
};

class grouped {
 public:
  explicit grouped(int members) {
    ticks_.key<tick>(&tick::instrument);
    for (int i = 0; i < members; ++i) join();
    require(node_.start().has_value(), "groups: the node does not start");
    publisher_.emplace(std::move(*node_.make_publisher(ticks_)));
  }
  void join() {
    ++number_;
    node_.subscribe(name(), "ticks", seen_.member(number_)).group("group");
  }
  double events_per_second(std::uint64_t events) {
    const stopwatch time;
    publish(events);
    require(node_.drain().drained, "groups: not drained");
    require(seen_.handled() == events, "groups: handled something else");
    return static_cast<double>(events) / time.seconds();
  }
  /// A member joins, and leaves again, each with `events` in flight.
  void move(std::uint64_t events) {
    const auto with_backlog = [&](auto change) {
      require(node_.pause("group").has_value(), "groups: does not pause");
      publish(events);
      seen_.change();
      require(node_.resume("group").has_value(), "groups: does not resume");
      change();
      require(node_.drain().drained, "groups: not drained");
    };
    with_backlog([&] {
      join();
      require(node_.start().has_value(), "groups: nobody joins");
    });
    with_backlog([&] { require(node_.unsubscribe(name()).has_value(), "groups: nobody leaves"); });
  }
  std::vector<double> pauses_ms() { return seen_.pauses_ms(); }

 private:
  std::string name() const { return "member-" + std::to_string(number_); }
  void publish(std::uint64_t events) {
    for (std::uint64_t i = 0; i < events; ++i) {
      require(publisher_->publish(tick_of(static_cast<std::int64_t>(i))).has_value(),
              "groups: not published");
    }
  }

  witness seen_;
  node node_{{.threads = worker_threads(), .memory_budget_bytes = 8ULL << 30}};
  topic_handle ticks_ = node_.topic(
      "ticks", {.partitions = partitions, .ring_events = 1 << 17, .ring_bytes = 1 << 26});
  int number_ = 0;
  std::optional<publisher> publisher_;
};

}  // namespace

void measure_groups(const run_options& options, report& out) {
  for (const int members : {1, 2, 4}) {
    std::vector<double> rates, pauses;
    for (unsigned round = 0; round < options.rounds; ++round) {
      rates.push_back(grouped{members}.events_per_second(options.scaled(4'000'000)));
      grouped moving{members};
      for (int move = 0; move < moves_per_round; ++move) moving.move(options.scaled(1'000'000));
      for (const auto pause : moving.pauses_ms()) pauses.push_back(pause);
    }
    out.add(row{}
                .add("members", members)
                .add("events_per_second", median(rates))
                .add("moves", static_cast<double>(pauses.size()))
                .add("pause_p50_ms", quantile(pauses, 0.5), 3)
                .add("pause_p99_ms", quantile(pauses, 0.99), 3));
  }
}

}  // namespace weir::bench
