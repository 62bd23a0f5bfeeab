// SPDX-License-Identifier: BSD-3-Clause
// What a consumer needs of handlers that wait for something: events they have deferred are
// completed when they name them. Not thread-safe: one incarnation of one subscriber owns it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/delivery/context.hpp"
#include "weir/runtime/policy/bulkhead.hpp"

namespace weir::delivery {

/// A request to somebody the runtime does not know, in the frame of the coroutine that waits for
/// the answer: it costs no allocation, and goes with the frame.
class foreign_ask {
 public:
  virtual ~foreign_ask() = default;
  /// Sends it; `shell` is the subscriber, which passes the answer on under `ticket`. False if that
  /// needs room to publish: then it is asked for again when there is.
  virtual bool send(void* shell, std::uint64_t ticket) = 0;
  /// True if it publishes: who waits for that goes on even while there is no room.
  virtual bool publishes() const noexcept { return false; }
  /// The answer has come; what it points to is for the shell and the request to agree on.
  virtual void take(void* answer) = 0;
};

/// What the shell is to send on behalf of handlers: requests to a service, all of one type that
/// only handler and service know, or a foreign request; or, with neither, a timer.
struct ask {
  std::uint64_t ticket = 0;
  /// If not zero, overdue() is called after this time.
  duration timeout{};
  /// Empty: the one service of an enricher.
  std::string service{};
  std::shared_ptr<const void> requests{};
  foreign_ask* foreign = nullptr;  // valid until the next call of the consumer
};

/// How much handlers that wait may do at once.
struct task_limits {
  /// Keys in progress over all partitions; 0: one event of each partition.
  std::uint32_t keys = 0;
  /// After this time a handler is given up, errc::timeout; zero: never.
  duration timeout{};
  /// What handlers may publish before they are done, each and (nearly) all together; see staging.
  std::size_t staged_bytes_max = std::size_t{16} * 1024 * 1024;
  /// Deferred events of a partition become ready in the order of deferral, whatever their keys.
  bool lane_order = false;
};

class deferring {
 public:
  virtual ~deferring() = default;
  /// Before the first event; handlers without such limits ignore them.
  virtual void limit(const task_limits&) {}
  /// Before the first event: whatever is in progress takes a permit each, here, and gives it back;
  /// the consumer does that for what ends with the subscriber. Its turn has come: permitted().
  virtual void confine(permits::place&) {}
  virtual void permitted() {}
  /// The next deferred event that can go on now, if any; each is named once per step it can make.
  virtual std::optional<std::uint64_t> next_ready() = 0;
  /// The next that goes on even while there is no room to publish: it was waiting for that, and is
  /// to hear what came of it.
  virtual std::optional<std::uint64_t> next_without_room() { return std::nullopt; }
  /// Goes on with a deferred event whose payload is given again. Nothing: it still waits. On an
  /// error the consumer calls retry() or abandon(), as the subscription's policy says.
  virtual std::optional<result<void>> complete(std::uint64_t deferral, const void* payload,
                                               context& where) = 0;
  /// Begins the event anew after the delay; false if it cannot.
  virtual bool retry(std::uint64_t, duration) { return false; }
  /// The event, which was just named, has to wait behind another one: it has ended here.
  virtual void pass_over(std::uint64_t) {}
  /// The event has ended as something else than handled.
  virtual void abandon(std::uint64_t) {}
  /// What should be asked now; false if nothing.
  virtual bool take_ask(ask& out) = 0;
  /// A foreign request that could not be sent: take_ask() gives it once more.
  virtual void ask_again(std::uint64_t) {}
  /// The service's answers, in the order of the requests; late or unknown tickets are ignored.
  virtual void answered(std::uint64_t ticket, const std::shared_ptr<const void>& answers) = 0;
  /// The same for a foreign request.
  virtual void answered_foreign(std::uint64_t, void*) {}
  /// The timeout of a ticket has passed; ignored if its answers came before.
  virtual void overdue(std::uint64_t ticket, timestamp now) = 0;
};

}  // namespace weir::delivery
