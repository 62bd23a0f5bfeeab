// SPDX-License-Identifier: BSD-3-Clause
// Drawing topologies and following events by hand.
#include "weir/tests/actors/topology_plan.hpp"

#include <array>
#include <deque>

#include "weir/runtime/core/hash.hpp"
#include "weir/runtime/topic/pattern.hpp"

namespace actors_tests {
namespace {

// After this many calls every handler succeeds, so that every run ends.
constexpr unsigned calls_max = 8;

// Patterns over topic names of the form a.0, a.1, b.2, b.3.
constexpr std::array patterns{"a.*", "b.*", ">", "*.1", "*.2", "a.>"};

std::size_t pick(weir::random& chance, std::size_t least, std::size_t most) {
  return least + chance.below(most - least + 1);
}

bool matches(const subscription_plan& one, const topic_plan& topic) {
  const auto pattern = weir::topic::pattern::parse(one.pattern);
  return pattern && pattern->matches(topic.name);
}

weir::backoff delays(weir::random& chance, bool threaded) {
  if (chance.chance(0.5)) return weir::no_backoff();
  if (threaded) return weir::fixed(std::chrono::microseconds{50});
  return weir::exponential(std::chrono::milliseconds{pick(chance, 1, 60'000)},
                           std::chrono::hours{1})
      .with_jitter(0.5);
}

}  // namespace

std::string name_of(const hop& event) {
  return std::to_string(event.publisher) + "." + std::to_string(event.number) + event.route;
}

plan::plan(std::uint64_t from, bool threaded) : seed(from), strategy(), faults(from) {
  weir::random chance{from};
  strategy = static_cast<weir::supervision::strategy>(chance.below(3));
  if (chance.chance(0.8)) {
    faults.set("die", chance.fraction() * 0.15).set("throw", chance.fraction() * 0.2);
    faults.set("transient", chance.fraction() * 0.3).set("poison", chance.fraction() * 0.1);
  }
  draw_topics(chance);
  draw_subscriptions(chance, threaded);
  draw_events(chance);
}

void plan::draw_topics(weir::random& chance) {
  const auto count = pick(chance, 1, 4);
  for (std::size_t i = 0; i < count; ++i) {
    topic_plan topic;
    topic.name = (i < 2 ? "a." : "b.") + std::to_string(i);
    topic.options.partitions = static_cast<std::uint32_t>(pick(chance, 1, 4));
    topic.options.batch_events_max =
        static_cast<std::uint32_t>(chance.chance(0.5) ? pick(chance, 1, 3) : pick(chance, 4, 64));
    topic.options.ring_events = chance.chance(0.5) ? pick(chance, 1, 4) : pick(chance, 5, 200);
    topic.options.ring_bytes = 64 * 1024;
    topic.options.event_bytes_max = 1024;
    topics.push_back(std::move(topic));
  }
}

void plan::draw_subscriptions(weir::random& chance, bool threaded) {
  const auto count = pick(chance, 1, 5);
  while (subscriptions.size() < count) {
    subscription_plan one;
    one.name = "s" + std::to_string(subscriptions.size());
    one.pattern = chance.chance(0.5) ? patterns[chance.below(patterns.size())]
                                     : topics[chance.below(topics.size())].name;
    std::size_t after = 0;  // only topics after the last one it sees: no circles
    for (std::size_t i = 0; i < topics.size(); ++i) {
      if (matches(one, topics[i])) after = i + 1;
    }
    if (after == 0) continue;  // matches nothing: draw again
    for (auto i = after; i < topics.size(); ++i) {
      if (chance.chance(0.5)) one.targets.push_back(i);
    }
    one.policy.in_place = {static_cast<unsigned>(chance.below(4)), delays(chance, threaded)};
    one.policy.max_deliveries = static_cast<unsigned>(pick(chance, 1, 3));
    one.policy.on_exhausted =
        chance.chance(0.3) ? weir::exhausted_action::skip : weir::exhausted_action::dead_letter;
    one.credit = static_cast<std::uint32_t>(pick(chance, 1, 6));
    subscriptions.push_back(std::move(one));
  }
}

void plan::draw_events(weir::random& chance) {
  publishers.resize(pick(chance, 1, 3));
  for (std::uint32_t publisher = 0; publisher < publishers.size(); ++publisher) {
    const auto count = pick(chance, 1, 40);
    for (std::uint64_t number = 0; number < count; ++number) {
      const auto topic = chance.below(topics.size());
      hop event{publisher, number, {}, ":" + topics[topic].name};
      if (chance.chance(0.9)) event.key = "k" + std::to_string(chance.below(5));
      publishers[publisher].push_back({topic, std::move(event)});
    }
  }
}

act plan::action(const subscription_plan& to, const hop& event, unsigned call) const {
  if (call >= calls_max) return act::succeed;
  const auto n = weir::stable_hash(to.name + "/" + name_of(event) + "#" + std::to_string(call));
  if (faults.fires("die", n)) return act::die;
  if (faults.fires("throw", n)) return act::throw_exception;
  if (faults.fires("transient", n)) return act::fail_transient;
  if (faults.fires("poison", n)) return act::fail_poison;
  return act::succeed;
}

hop plan::onward(const subscription_plan& to, const hop& event, std::size_t target) const {
  auto next = event;
  next.route += ">" + to.name + ":" + topics[target].name;
  return next;
}

std::string to_string(const fate& end) {
  if (end.what == fate::kind::handled) return "handled";
  if (end.what == fate::kind::skipped) return "skipped";
  return "dead-lettered as " + std::string{weir::to_string(end.why)} + " after " +
         std::to_string(end.attempts) + " attempts in " + std::to_string(end.deliveries) +
         " deliveries";
}

namespace {

fate follow(const plan& from, const subscription_plan& one, const hop& event, unsigned& deaths) {
  unsigned attempts = 0;
  unsigned deliveries = 1;
  for (unsigned call = 0;; ++call) {
    auto why = weir::errc::unavailable;
    switch (from.action(one, event, call)) {
      case act::succeed: return {fate::kind::handled, {}, 0, 1};
      case act::fail_poison:
        return {fate::kind::dead_lettered, weir::errc::rejected, attempts + 1, deliveries};
      case act::die:
        ++deaths;
        attempts = 0;  // they are counted per delivery
        if (deliveries >= one.policy.max_deliveries) {
          return {fate::kind::dead_lettered, weir::errc::deliveries_exhausted, attempts,
                  deliveries};
        }
        ++deliveries;
        continue;
      case act::throw_exception: why = weir::errc::handler_threw; break;
      case act::fail_transient: break;
    }
    if (++attempts <= one.policy.in_place.retries) continue;
    if (one.policy.on_exhausted == weir::exhausted_action::skip) {
      return {fate::kind::skipped, {}, 0, 1};
    }
    return {fate::kind::dead_lettered, why, attempts, deliveries};
  }
}

}  // namespace

expectation expect(const plan& from) {
  expectation all;
  std::deque<source_event> open;
  for (const auto& events : from.publishers) open.insert(open.end(), events.begin(), events.end());
  for (; !open.empty(); open.pop_front()) {
    const auto& [topic, event] = open.front();
    for (const auto& one : from.subscriptions) {
      if (!matches(one, from.topics[topic])) continue;
      ++all.published[{one.name, from.topics[topic].name}];
      const auto end = follow(from, one, event, all.deaths);
      all.fates[one.name].emplace(name_of(event), end);
      if (end.what != fate::kind::handled) continue;
      for (const auto target : one.targets) {
        open.push_back({target, from.onward(one, event, target)});
      }
    }
  }
  return all;
}

}  // namespace actors_tests
