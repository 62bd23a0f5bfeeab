// SPDX-License-Identifier: BSD-3-Clause
// A coroutine that somebody waits for: what a handler returns that asks, sleeps or waits otherwise.
// Lazy: it begins when it is awaited (or started by whoever owns it), on the thread that does so,
// and goes on wherever it is resumed. Whoever destroys a task that is not done destroys its frame,
// and with it all it was waiting for: that is how handlers are cancelled.
//
// Transfers are symmetric: where the compiler optimises, a chain of tasks takes no stack (Lewis
// Baker, "Understanding symmetric transfer"). Frames come from a small pool of the thread.
//
// GCC 12 destroys some temporaries of a co_await expression twice: those of aggregate types (see
// safe_to_await_with) and those in the branches of `?:`. Give what is awaited with a name first.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/delivery/frame_pool.hpp"

namespace weir {

template <class T>
class task;

/// False for a temporary that must not stand in a co_await expression: GCC 12 destroys temporaries
/// of aggregate types there twice. Give it a name first, and pass that.
template <class T>
inline constexpr bool safe_to_await_with =
    std::is_lvalue_reference_v<T> || !std::is_aggregate_v<std::remove_cvref_t<T>> ||
    std::is_trivially_destructible_v<std::remove_cvref_t<T>>;

namespace internal {

struct task_promise_base {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr failure;

  static void* operator new(std::size_t size) { return frame_pool::take(size); }
  static void operator delete(void* frame, std::size_t size) noexcept {
    frame_pool::put(frame, size);
  }

  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
      return done.promise().continuation;
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  final_awaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }
  void rethrow() const {
    if (failure) std::rethrow_exception(failure);
  }
};

template <class T>
struct task_promise : task_promise_base {
  std::optional<T> value;

  task<T> get_return_object() noexcept;
  template <class U = T>
  void return_value(U&& given) {
    value.emplace(std::forward<U>(given));
  }
  T take() {
    rethrow();
    return std::move(*value);
  }
};
template <>
struct task_promise<void> : task_promise_base {
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const { rethrow(); }
};

}  // namespace internal

/// Move-only; not thread-safe: one thread at a time starts, resumes or destroys it.
template <class T>
class [[nodiscard]] task {
 public:
  using promise_type = internal::task_promise<T>;
  using value_type = T;

  task() noexcept = default;
  explicit task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    std::swap(frame_, other.frame_);  // the old one goes with `other`
    return *this;
  }
  ~task() {
    if (frame_) frame_.destroy();
  }

  /// For its owner: runs it until it waits for something or is done.
  void start() const { frame_.resume(); }
  bool done() const noexcept { return frame_.done(); }
  /// Once, when done: what it returned, or throws what it threw.
  T take() const { return frame_.promise().take(); }
  /// When done: what it returned, left where it is; null if it threw.
  const T* peek() const noexcept
  requires(!std::is_void_v<T>) {
    const auto& promise = frame_.promise();
    return promise.value ? &*promise.value : nullptr;
  }
  /// Destroys it, with all it waits for.
  void reset() noexcept {
    if (frame_) std::exchange(frame_, nullptr).destroy();
  }

  struct awaiter {
    std::coroutine_handle<promise_type> frame;

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const noexcept {
      frame.promise().continuation = waiting;
      return frame;
    }
    T await_resume() const { return frame.promise().take(); }
  };
  /// `co_await` begins it and gives what it returns; an exception passes through.
  awaiter operator co_await() const noexcept {
    WEIR_INVARIANT(frame_ != nullptr, "a task that was moved away is awaited");
    return {frame_};
  }

 private:
  std::coroutine_handle<promise_type> frame_;
};

namespace internal {

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
  return task<T>{std::coroutine_handle<task_promise>::from_promise(*this)};
}
inline task<void> task_promise<void>::get_return_object() noexcept {
  return task<void>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

template <class T>
struct is_task : std::false_type {};
template <class T>
struct is_task<task<T>> : std::true_type {};

template <class A>
decltype(auto) awaiter_of(A& awaitable) {
  if constexpr (requires { awaitable.operator co_await(); }) {
    return awaitable.operator co_await();
  } else {
    return (awaitable);
  }
}
template <class A>
using awaited = decltype(awaiter_of(std::declval<A&>()).await_resume());
/// void in a tuple.
template <class T>
using regular = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// Counts the parts of a when_all that are not done, and knows who waits for them.
class latch {
 public:
  explicit latch(std::size_t parts) noexcept : left_(parts + 1) {}
  std::coroutine_handle<> arrive() noexcept {
    return --left_ == 0 ? waiting_ : std::coroutine_handle<>{std::noop_coroutine()};
  }
  /// True if the last part has still to come.
  bool wait(std::coroutine_handle<> waiting) noexcept {
    waiting_ = waiting;
    return --left_ > 0;
  }

 private:
  std::size_t left_;
  std::coroutine_handle<> waiting_;
};

/// One part of a when_all: arrives at the latch when it is done.
template <class T>
task<regular<T>> part(auto& awaitable) {
  if constexpr (std::is_void_v<T>) {
    co_await awaitable;
    co_return std::monostate{};
  } else {
    co_return co_await awaitable;
  }
}
struct arrival {
  struct promise_type : task_promise_base {
    latch* at;
    explicit promise_type(latch& gate, auto&) noexcept : at(&gate) {}
    arrival get_return_object() noexcept {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    struct arriving {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(
          std::coroutine_handle<promise_type> done) const noexcept {
        return done.promise().at->arrive();
      }
      void await_resume() const noexcept {}
    };
    arriving final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
  };

  arrival(std::coroutine_handle<promise_type> own) noexcept : frame(own) {}
  arrival(arrival&& other) noexcept : frame(std::exchange(other.frame, nullptr)) {}
  ~arrival() {
    if (frame) frame.destroy();
  }
  std::coroutine_handle<promise_type> frame;
};
/// Runs a part to its end, keeping what it gives or throws in the part.
template <class T>
arrival arrive_when_done(latch&, task<T>& part) {
  struct quietly {
    typename task<T>::awaiter inner;
    bool await_ready() const noexcept { return false; }
    auto await_suspend(std::coroutine_handle<> waiting) const noexcept {
      return inner.await_suspend(waiting);
    }
    void await_resume() const noexcept {}
  };
  co_await quietly{part.operator co_await()};
}

}  // namespace internal

/// Waits for all of them at once: gives a tuple of what they give, void as std::monostate. If some
/// throw, the first of them in the order of the arguments is thrown, when all are done.
template <class... Awaitable>
task<std::tuple<internal::regular<internal::awaited<Awaitable>>...>> when_all(
    Awaitable... awaitables) {
  internal::latch gate{sizeof...(Awaitable)};
  std::tuple parts{internal::part<internal::awaited<Awaitable>>(awaitables)...};
  auto arrivals = std::apply(
      [&](auto&... each) { return std::tuple{internal::arrive_when_done(gate, each)...}; }, parts);
  struct all_arrived {
    internal::latch& gate;
    decltype(arrivals)& from;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) const {
      std::apply([](auto&... each) { (each.frame.resume(), ...); }, from);
      return gate.wait(waiting);
    }
    void await_resume() const noexcept {}
  };
  co_await all_arrived{gate, arrivals};
  co_return std::apply(
      [](auto&... each) {
        return std::tuple<typename std::remove_reference_t<decltype(each)>::value_type...>{
            each.take()...};
      },
      parts);
}

}  // namespace weir
