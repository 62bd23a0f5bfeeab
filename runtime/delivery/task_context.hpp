// SPDX-License-Identifier: BSD-3-Clause
// What a handler that is a coroutine sees beside the payload, as long as it runs: the envelope, a
// way to publish, to ask and to sleep.
//
// Example:
//   node.subscribe("billing", "orders",
//                  [bank](const order& one, task_context& context) -> task<result<void>> {
//                    auto receipt = co_await context.ask(bank, one.cents, 5s);
//                    if (!receipt) co_return fail(std::move(receipt.error()));
//                    context.publish(paid, order_paid{one.id, receipt->number});
//                    co_return {};
//                  }).concurrency(per_key{256});
#pragma once

#include <coroutine>
#include <memory>
#include <vector>

#include "weir/runtime/delivery/deferring.hpp"
#include "weir/runtime/delivery/task.hpp"

namespace weir {

class task_context;

namespace delivery {

/// What a handler has published while it is not done.
class staged {
 public:
  virtual ~staged() = default;
  virtual result<void> into(context& where) = 0;
  /// Why its topic will not take it, if so.
  virtual std::optional<error> refused() const = 0;
  virtual std::size_t bytes() const noexcept = 0;
};

/// Where a coroutine waits, in its frame: what it asks or wants to publish, what resumes it, and
/// what came of it.
struct suspension {
  ask what{};
  std::unique_ptr<staged>* unstaged = nullptr;
  std::coroutine_handle<> resume{};
  std::shared_ptr<const void> answer{};
  bool overdue = false;

  bool publishes() const noexcept {
    return unstaged != nullptr || (what.foreign != nullptr && what.foreign->publishes());
  }
  bool asks() const noexcept { return what.requests != nullptr || what.foreign != nullptr; }
};

inline error no_answer_within(duration time) {
  return {errc::timeout, "no answer within " + std::to_string(time.count() / 1'000'000) + " ms"};
}

/// Who resumes suspended handlers.
class task_driver {
 public:
  /// What `where` asks, if anything, is sent; `longest` later, if not zero, the wait is overdue.
  virtual void wait(task_context& who, suspension& where, duration longest) = 0;
  /// Keeps what a handler publishes, or says why not: errc::backpressure if others have to finish
  /// first, errc::event_too_large if it is more than one handler may publish.
  virtual std::optional<error> stage(task_context& who, std::unique_ptr<staged>& what) = 0;

 protected:
  ~task_driver() = default;
};

}  // namespace delivery

/// Names a service: its types and its name.
template <class T>
concept names_service = requires(const T& value) {
  typename T::request_type;
  typename T::reply_type;
  { value.name } -> std::convertible_to<std::string>;
};

/// Valid as long as the handler's coroutine; on whatever thread that runs just now.
class task_context {
 public:
  explicit task_context(delivery::task_driver& driver) noexcept : driver_(&driver) {}
  task_context(const task_context&) = delete;
  task_context& operator=(const task_context&) = delete;

  const envelope& header() const noexcept { return *header_; }
  std::string_view key() const noexcept { return header_->key; }
  std::uint64_t offset() const noexcept { return offset_; }
  std::uint32_t partition() const noexcept { return partition_; }
  /// 1 the first time; higher when earlier deliveries ended their subscriber.
  unsigned delivery_count() const noexcept { return delivery_count_; }
  /// 1 for the first call of this delivery, then one more for each retry.
  unsigned attempt() const noexcept { return attempt_; }
  /// When the coroutine was last begun or resumed.
  timestamp now() const noexcept { return now_; }
  /// As context::overtaken and context::chance.
  bool overtaken() const noexcept { return overtaken_; }
  random chance() const { return random{consumers_->chance_seed(header_->id)}; }

  /// Publishes when the handler has succeeded, as context::publish does; the handler's event is not
  /// settled before there was room for it. What a failed attempt published is forgotten.
  ///
  /// Until then it takes memory, which is bounded (subscription::staged_bytes): `co_await`
  /// waits, up to the deadline, until enough other handlers of the subscription are done, and gives
  /// result<void>: errc::backpressure if that took too long; at once errc::missing_key, and
  /// errc::event_too_large for an event its topic does not take and for more than one handler may
  /// publish. After an error the event is not published, and the handler decides. Without
  /// `co_await` nothing waits, and the first such error fails the handler when it is done.
  template <names_topic Topic, event_payload T>
  auto publish(const Topic& to, T&& value, const topic::publish_options& options = {}) {
    return publishing_of<T>{*this, std::make_unique<publication<Topic, std::remove_cvref_t<T>>>(
                                       to, std::forward<T>(value), options)};
  }
  /// How long an awaited publish waits; 30 s unless changed. Not at all if it is not positive.
  void set_deadline(duration deadline) noexcept { deadline_ = deadline; }

  /// `co_await` gives the service's result<Reply>; errc::timeout if it has not answered in time
  /// (> 0), errc::lookup_failed if the node has no such service.
  template <class Service, class Request>
  requires names_service<std::remove_cvref_t<Service>> auto ask(
      Service&& service, Request&& request, duration timeout = std::chrono::seconds{30}) {
    using types = std::remove_cvref_t<Service>;
    using requests = std::vector<typename types::request_type>;
    static_assert(safe_to_await_with<Service> && safe_to_await_with<Request>,
                  "name the request first: compilers destroy such a temporary twice");
    auto sent = std::make_shared<requests>();
    sent->push_back(std::forward<Request>(request));
    return answer_awaiter<typename types::reply_type>{
        {*this, timeout, {{.service = service.name, .requests = std::move(sent)}}}};
  }
  /// The same for a foreign request: gives its `reply`, set once it has taken the answer, or what
  /// late() says.
  template <std::derived_from<delivery::foreign_ask> Request>
  auto ask_foreign(Request request, duration timeout) {
    return foreign_awaiter<Request>{{*this, timeout}, std::move(request)};
  }
  /// `co_await` goes on after this time; at once if it is not positive.
  auto sleep(duration time) { return sleep_awaiter{{*this, time}}; }

  // --- for whoever drives handlers ---

  void open(const context& where) noexcept {
    deadline_ = deadline_default;
    header_ = &where.header();
    offset_ = where.offset();
    partition_ = where.partition();
    delivery_count_ = where.delivery_count();
    attempt_ = where.attempt();
    now_ = where.now();
    overtaken_ = where.overtaken();
    consumers_ = &where;
  }
  void resumed_at(timestamp now) noexcept { now_ = now; }
  /// What the attempt has published, once.
  std::vector<std::unique_ptr<delivery::staged>>& published() noexcept { return staged_; }
  /// The first error of a publish that nobody has awaited.
  std::optional<error>& unseen_error() noexcept { return unseen_error_; }

 private:
  static constexpr duration deadline_default = std::chrono::seconds{30};

  template <class Topic, class T>
  class publication final : public delivery::staged {
   public:
    publication(const Topic& to, T value, const topic::publish_options& options)
        : to_(to), value_(std::move(value)), key_(options.key), options_(options) {}
    std::optional<error> refused() const override {
      return topic::refused(*to_.shared_settings(), type_of<T>(), &value_, key_, payload_bytes());
    }
    std::size_t bytes() const noexcept override {
      return sizeof *this - sizeof value_ + payload_bytes() + key_.capacity();
    }
    result<void> into(context& where) override {
      options_.key = key_;
      return where.publish(to_, std::move(value_), options_);
    }

   private:
    std::size_t payload_bytes() const noexcept { return sizeof value_ + heap_bytes(value_); }

    Topic to_;
    T value_;
    std::string key_;  // the caller's may be gone by then
    topic::publish_options options_;
  };

  struct awaiter {
    task_context& who;
    duration longest;
    delivery::suspension state{};

    void await_suspend(std::coroutine_handle<> handle) {
      state.resume = handle;
      who.driver_->wait(who, state, longest);
    }
  };
  struct publishing : awaiter {
    publishing(task_context& context, std::unique_ptr<delivery::staged> event)
        : awaiter{context, context.deadline_}, unstaged(std::move(event)) {
      failure = unstaged->refused();
      if (!failure) failure = who.driver_->stage(who, unstaged);
      unseen = failure && !who.unseen_error_;
      if (unseen) who.unseen_error_ = failure;
    }
    bool await_ready() noexcept {
      if (std::exchange(unseen, false)) who.unseen_error_.reset();
      return !failure || failure->code != errc::backpressure || longest <= duration::zero();
    }
    void await_suspend(std::coroutine_handle<> handle) {
      state.unstaged = &unstaged;
      awaiter::await_suspend(handle);
    }
    result<void> await_resume() {
      if (unstaged != nullptr) return fail(std::move(*failure));
      return {};
    }

    std::unique_ptr<delivery::staged> unstaged;
    std::optional<error> failure;
    bool unseen = false;
  };
  template <class T>
  struct publishing_of : publishing {
    using publishing::publishing;
    bool await_ready() noexcept {
      static_assert(safe_to_await_with<T>,
                    "name the event first: compilers destroy such a temporary twice");
      return publishing::await_ready();
    }
  };
  struct sleep_awaiter : awaiter {
    bool await_ready() const noexcept { return this->longest <= duration::zero(); }
    void await_resume() const noexcept {}
  };
  template <class Reply>
  struct answer_awaiter : awaiter {
    bool await_ready() const noexcept { return false; }
    result<Reply> await_resume() const {
      if (this->state.overdue) return fail(delivery::no_answer_within(this->longest));
      if (this->state.answer == nullptr) {
        return fail(errc::lookup_failed, "the node has no such service");
      }
      const auto& all = *static_cast<const std::vector<result<Reply>>*>(this->state.answer.get());
      if (all.empty()) return fail(errc::lookup_failed, "the service did not answer this request");
      return all.front();
    }
  };

  template <class Request>
  struct foreign_awaiter : awaiter {
    Request request;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      this->state.what.foreign = &request;  // not before: until now it may have moved
      awaiter::await_suspend(handle);
    }
    typename Request::reply_type await_resume() {
      if (this->state.overdue) return fail(request.late(this->longest));
      return std::move(*request.reply);
    }
  };

  delivery::task_driver* driver_;
  const envelope* header_ = nullptr;
  std::uint64_t offset_ = 0;
  std::uint32_t partition_ = 0;
  unsigned delivery_count_ = 1;
  unsigned attempt_ = 1;
  bool overtaken_ = false;
  const context* consumers_ = nullptr;  // outlives every handler
  timestamp now_{};
  duration deadline_ = deadline_default;
  std::vector<std::unique_ptr<delivery::staged>> staged_;
  std::optional<error> unseen_error_;
};

}  // namespace weir
