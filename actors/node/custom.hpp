// SPDX-License-Identifier: BSD-3-Clause
// A CAF actor of the program's own as a subscriber: spawned through the node, supervised, it
// receives actors::delivery messages and settles them through its link. With a lossy overflow
// policy, a delivery that does not begin where it `follows` says that events between were dropped.
//
// Example:
//   class auditor : public caf::event_based_actor { ... handles actors::delivery, calls
//   link.settle(arrived) when it is done with the batch ... };
//   actors::subscribe(node, "audit", "orders", [](caf::actor_config& config, subscriber_link link)
//   {
//     return new auditor(config, std::move(link)); });
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "weir/actors/base/directory.hpp"
#include "weir/actors/node/node.hpp"
#include "weir/actors/subscriber/subscriber_actor.hpp"

namespace weir::actors {

/// What a custom subscriber knows of the node. Belongs to one incarnation; the actor's own thread.
class subscriber_link {
 public:
  struct shared {
    std::string subscription;
    supervision::child_id id = 0;
    directory_ptr partitions;
    std::unordered_map<lane_id, std::uint64_t> settled;  // by this and earlier incarnations
    /// Offsets that are letters and not settled, and whether the store has them: an incarnation
    /// that reports one again makes no second letter of it.
    std::unordered_map<lane_id, std::map<std::uint64_t, bool>> reported;
    std::shared_ptr<const clock> time;
    open_letters_ptr letters = std::make_shared<open_letters>();
    std::function<void(const error&)> on_halted;

    /// One more lane, from offset `start` on. Any thread.
    void open(lane_id lane, topic::cursor_slot slot, std::uint64_t start);

   private:
    friend class subscriber_link;
    struct place {
      topic::cursor_slot slot;
      std::uint64_t start;
    };
    std::mutex access_;
    std::unordered_map<lane_id, place> lanes_;
    caf::actor_addr living_;
  };

  subscriber_link(std::shared_ptr<shared> state, caf::actor supervisor)
      : state_(std::move(state)), supervisor_(std::move(supervisor)) {}

  /// Call from make_behavior: deliveries begin, with what was not settled by an earlier
  /// incarnation.
  void ready(const caf::actor& self);
  /// Everything of this delivery, and of earlier ones of its lane, is handled.
  void settle(const delivery& done) { settle(done, {}); }
  /// The same, where `counts` says how the events since the last settlement ended; what it does not
  /// mention was delivered.
  void settle(const delivery& done, topic::settled_counts counts);
  /// Hands one event to the dead-letter actor, by way of the supervisor, and counts it. Call before
  /// settling its delivery (an actor that dies in between reports the event again, which makes no
  /// second letter of it); events behind it are not settled until the store has the letter.
  void dead_letter(const delivery& where, std::uint32_t index, error why);
  /// Handles the supervisor's letters_answered message: settles what waited for letters.
  void answered();

 private:
  struct waiting {
    std::uint64_t up_to = 0;
    topic::settled_counts counts;
    std::set<std::uint64_t> letters;  // offsets that the store does not have yet
  };
  void settle_if_due(lane_id lane, waiting& progress);

  std::shared_ptr<shared> state_;
  caf::actor supervisor_;
  std::unordered_map<lane_id, waiting> waiting_;
};

/// Makes one incarnation of a custom subscriber.
struct subscriber_factory {
  std::function<caf::actor(caf::actor_system&, subscriber_link)> start;
};

/// Declares a subscription handled by actors of type Actor, which is constructed as
/// `Actor(caf::actor_config&, subscriber_link, arguments...)` at the start and at each restart.
template <class Actor, class... Arguments>
weir::subscription subscribe(node& to, std::string name, std::string pattern,
                             std::vector<const event_type*> handled, Arguments... arguments) {
  subscription_declaration declared;
  declared.name = std::move(name);
  declared.pattern = std::move(pattern);
  declared.handled = std::move(handled);
  declared.custom = std::make_shared<const subscriber_factory>(
      subscriber_factory{[arguments...](caf::actor_system& system, subscriber_link link) {
        return caf::actor{system.spawn<Actor>(std::move(link), arguments...)};
      }});
  return to.declare(std::move(declared));
}

}  // namespace weir::actors
