// SPDX-License-Identifier: BSD-3-Clause
// The checks, one function per kind of part; each adds to the same list and none stops the others.
#include "weir/runtime/topology/check.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "weir/runtime/policy/backoff.hpp"
#include "weir/runtime/topic/name.hpp"
#include "weir/runtime/topic/pattern.hpp"
#include "weir/runtime/topology/bound.hpp"
#include "weir/runtime/topology/topic_index.hpp"

namespace weir::topology {
namespace {

using names = std::set<std::string_view>;

bool contains(const std::vector<std::string>& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

class checker {
 public:
  explicit checker(const description& topology) : topology_(topology) {}

  std::vector<error> run() {
    name("topology", topology_.name);
    const auto before = mistakes_.size();
    parts("topics", topology_.topics.size(), topics_max);
    parts("subscriptions", topology_.subscriptions.size(), subscriptions_max);
    parts("publishers", topology_.publishers.size(), publishers_max);
    const bool flooded = mistakes_.size() > before;
    number("topology", "dead_letters_max", topology_.dead_letters_max, dead_letters);
    number("topology", "dead_letter_bytes_max", topology_.dead_letter_bytes_max, dead_letter_bytes);
    number("topology", "scheduled_max", topology_.scheduled_max, scheduled_events);
    number("topology", "scheduled_bytes_max", topology_.scheduled_bytes_max, scheduled_bytes);
    number("topology", "memory_budget_bytes", topology_.memory_budget_bytes, memory_budget);
    // A flood of parts is one mistake, not a million lines.
    if (flooded) return std::move(mistakes_);
    names topics;
    for (const auto& topic : topology_.topics) check_topic(topic, topics);
    names subscriptions;
    for (const auto& one : topology_.subscriptions) check_subscription(one, subscriptions);
    names publishers;
    for (const auto& one : topology_.publishers) {
      unique("publisher", one.name, publishers);
      declared("publisher " + one.name + " publishes to", one.topic);
    }
    check_budget();
    return std::move(mistakes_);
  }

 private:
  void add(errc code, std::string message) { mistakes_.emplace_back(code, std::move(message)); }

  void parts(std::string_view what, std::size_t count, std::uint64_t most) {
    if (count <= most) return;
    add(errc::invalid_argument, "topology: " + std::to_string(count) + " " + std::string{what} +
                                    ", at most " + std::to_string(most));
  }

  void name(std::string_view kind, const std::string& text) {
    if (auto named = topic::check_name(kind, text); !named) mistakes_.push_back(named.error());
  }

  void unique(std::string_view kind, const std::string& text, names& taken) {
    name(kind, text);
    if (taken.insert(text).second) return;
    add(errc::already_exists, std::string{kind} + " " + text + " is declared twice");
  }

  void number(const std::string& owner, std::string_view what, std::uint64_t value, allowed range) {
    if (range.holds(value)) return;
    add(errc::invalid_argument, owner + ": " + std::string{what} + " " + std::to_string(value) +
                                    " is not in " + std::to_string(range.least) + ".." +
                                    std::to_string(range.most));
  }

  bool declared(const std::string& who, const std::string& topic) {
    if (topics_.find(topic) != nullptr) return true;
    add(errc::unknown_topic, who + " topic " + topic + ", which is not declared");
    return false;
  }

  void check_topic(const topic_description& one, names& taken) {
    unique("topic", one.name, taken);
    const std::string owner = "topic " + one.name;
    number(owner, "partitions", one.partitions, partitions);
    number(owner, "batch_events_max", one.batch_events_max, batch_events);
    number(owner, "ring_events", one.ring_events, ring_events);
    number(owner, "ring_bytes", one.ring_bytes, ring_bytes);
    number(owner, "event_bytes_max", one.event_bytes_max, event_bytes);
    number(owner, "retained_events", one.retained_events, retained_events(one.ring_events));
    const bool deletes = one.keep_bytes > 0 || one.keep_for != duration::zero();
    if (deletes && !one.durable) {
      add(errc::invalid_argument, owner + ": keep_for and keep_bytes are for durable topics");
    }
    if (one.keep_bytes > 0) number(owner, "keep_bytes", one.keep_bytes, keep_bytes);
    if (one.keep_for != duration::zero() && one.keep_for < keep_for_least) {
      add(errc::invalid_argument,
          owner + ": keep_for " + duration_text(one.keep_for) + " is below 1 s");
    }
    if (one.event_bytes_max > one.ring_bytes) {
      add(errc::invalid_argument, owner + ": an event of event_bytes_max " +
                                      std::to_string(one.event_bytes_max) +
                                      " does not fit ring_bytes " + std::to_string(one.ring_bytes));
    }
    for (const auto& type : one.event_types) {
      if (!one.ordered || contains(one.keyed_types, type)) continue;
      add(errc::missing_key, owner + " asks for order, but " + type + " has no key");
    }
  }

  void check_subscription(const subscription_description& one, names& taken) {
    unique("subscription", one.name, taken);
    const std::string owner = "subscription " + one.name;
    number(owner, "credit_batches", one.credit_batches, credit_batches);
    if (one.staged_bytes_max > 0) {
      number(owner, "staged_bytes", one.staged_bytes_max, staged_bytes);
    }
    if (one.transactional) number(owner, "state_bytes", one.state_bytes_max, state_bytes);
    if (one.time_to_live && *one.time_to_live <= duration::zero()) {
      add(errc::invalid_argument, owner + ": time_to_live " + duration_text(*one.time_to_live) +
                                      " is not above zero");
    }
    names handled;
    for (const auto& type : one.handles) {
      if (handled.insert(type).second) continue;
      add(errc::already_exists, owner + " has two handlers for " + type);
    }
    for (const auto& topic : one.publishes_to) declared(owner + " publishes to", topic);
    const auto parsed = topic::pattern::parse(one.pattern);
    if (!parsed) {
      add(parsed.error().code, owner + ": " + parsed.error().message);
    } else if (!parsed->is_literal() || declared(owner + " subscribes to", one.pattern)) {
      check_handlers(one, *parsed, handled);
    }
  }

  void check_handlers(const subscription_description& one, const topic::pattern& subject,
                      const names& handled) {
    bool any = false;
    names seen;
    topics_.visit(subject, [&](const topic_description& topic) {
      any = true;
      if (one.transactional && !topic.durable) {
        add(errc::invalid_argument, "subscription " + one.name + " is transactional, and topic " +
                                        topic.name + " is not durable");
      }
      if (topic.durable && is_lossy(one.when_behind) && one.when_behind != overflow::drop_oldest) {
        add(errc::invalid_argument,
            "subscription " + one.name + ": overflow " + std::string{to_string(one.when_behind)} +
                " is for topics in memory, and topic " + topic.name +
                " is durable: block or drop_oldest");
      }
      for (const auto& type : topic.event_types) {
        if (one.catch_all || handled.contains(type) || !seen.insert(type).second) continue;
        add(errc::no_handler,
            "subscription " + one.name + " has no handler for " + type + " of topic " + topic.name);
      }
    });
    if (any) return;
    add(errc::unknown_topic,
        "subscription " + one.name + ": pattern " + one.pattern + " matches no topic");
  }

  void check_budget() {
    const auto bound = bound_of(topology_);
    if (bound.total_bytes <= topology_.memory_budget_bytes) return;
    add(errc::out_of_memory_budget, "topology " + topology_.name + " may need " +
                                        bytes_text(bound.total_bytes) + ", its budget is " +
                                        bytes_text(topology_.memory_budget_bytes));
  }

  const description& topology_;
  std::vector<error> mistakes_;
  topic_index topics_{topology_};
};

}  // namespace

std::vector<error> check(const description& topology) { return checker{topology}.run(); }

}  // namespace weir::topology
