// SPDX-License-Identifier: BSD-3-Clause
// An event that waits for its time: the value has moved here and its type is erased, so that one
// schedule holds events of every type. It is published by the publisher of whoever keeps the time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/topic/publisher.hpp"

namespace weir::topic {

class scheduled_event {
 public:
  /// `bytes` is what the event takes on the heap, itself included.
  scheduled_event(std::uint32_t topic, std::size_t bytes) noexcept
      : topic_(topic), bytes_(static_cast<std::uint32_t>(bytes)) {}
  scheduled_event(const scheduled_event&) = delete;
  scheduled_event& operator=(const scheduled_event&) = delete;
  virtual ~scheduled_event() = default;

  /// Stages it, as publisher::build does: after a failure it can be tried again.
  virtual result<std::uint32_t> build(publisher& to, timestamp now) = 0;

  /// The index of its topic.
  std::uint32_t topic() const noexcept { return topic_; }
  std::size_t bytes() const noexcept { return bytes_; }
  /// Of its timer in the store; 0: it is in memory only.
  std::uint64_t timer() const noexcept { return timer_; }
  void set_timer(std::uint64_t number) noexcept { timer_ = number; }

 private:
  std::uint64_t timer_ = 0;
  std::uint32_t topic_;
  std::uint32_t bytes_;
};

namespace internal {

/// What the allocator adds to one event, rounded up.
inline constexpr std::size_t allocation_bytes = 16;

template <class T>
class plain_event final : public scheduled_event {
 public:
  template <class U>
  plain_event(std::uint32_t topic, std::size_t heap, U&& value)
      : scheduled_event(topic, sizeof(plain_event) + allocation_bytes + heap),
        value_(std::forward<U>(value)) {}
  result<std::uint32_t> build(publisher& to, timestamp now) override {
    return to.build(std::move(value_), now);
  }

 private:
  T value_;
};

/// One that says more than its value: a key of its own, a conversation. Apart, as most do not.
template <class T>
class aimed_event final : public scheduled_event {
 public:
  template <class U>
  aimed_event(std::uint32_t topic, std::size_t heap, U&& value, const publish_options& options)
      : scheduled_event(topic, sizeof(aimed_event) + 2 * allocation_bytes + heap +
                                   options.key.size()),
        value_(std::forward<U>(value)),
        key_(options.key),
        correlation_id_(options.correlation_id),
        causation_id_(options.causation_id) {}
  result<std::uint32_t> build(publisher& to, timestamp now) override {
    return to.build(std::move(value_), now,
                    {.key = key_,
                     .correlation_id = correlation_id_,
                     .causation_id = causation_id_});
  }

 private:
  T value_;
  std::string key_;
  event_id correlation_id_;
  event_id causation_id_;
};

/// Why the topic would refuse the event, as far as that can be known before its time.
std::optional<error> refusal_of(const settings& topic, const event_type& type,
                                const void* payload, const publish_options& options,
                                std::size_t bytes);

}  // namespace internal

/// Moves or copies a value into an event that can wait. What its topic would refuse at its time is
/// refused now: errc::event_too_large, errc::missing_key; `value` is untouched then. What the
/// topic's key function throws passes through.
template <event_payload T>
result<std::unique_ptr<scheduled_event>> make_scheduled(const settings& topic, T&& value,
                                                        const publish_options& options) {
  using payload = std::remove_cvref_t<T>;
  const auto heap = heap_bytes(value);
  if (auto why = internal::refusal_of(topic, type_of<payload>(), &value, options,
                                      sizeof(payload) + heap)) {
    return fail(std::move(*why));
  }
  if (options.key.empty() && !options.correlation_id && !options.causation_id) {
    return std::unique_ptr<scheduled_event>{std::make_unique<internal::plain_event<payload>>(
        topic.index, heap, std::forward<T>(value))};
  }
  return std::unique_ptr<scheduled_event>{std::make_unique<internal::aimed_event<payload>>(
      topic.index, heap, std::forward<T>(value), options)};
}

/// Makes an event that can wait out of a value whose type is erased, and which it may move from:
/// what make_scheduled does.
using event_maker = result<std::unique_ptr<scheduled_event>> (*)(const settings& topic,
                                                                 void* value,
                                                                 const publish_options& options);
/// Any thread.
void enroll_maker(const event_type& type, event_maker make);
/// Null if this program schedules no events of the type. Any thread.
event_maker find_maker(std::uint32_t type_index);

namespace internal {

template <class T>
result<std::unique_ptr<scheduled_event>> make_erased(const settings& topic, void* value,
                                                     const publish_options& options) {
  return make_scheduled(topic, std::move(*static_cast<T*>(value)), options);
}
template <class T>
inline const bool has_maker = (enroll_maker(type_of<T>(), &make_erased<T>), true);

}  // namespace internal

/// Has T's maker entered before the program begins, and does nothing when it is called: so that
/// events of that type which an earlier run has scheduled are known to this one.
template <class T>
[[gnu::always_inline]] inline void ensure_maker() noexcept {
  static_cast<void>(&internal::has_maker<std::remove_cvref_t<T>>);
}

}  // namespace weir::topic
