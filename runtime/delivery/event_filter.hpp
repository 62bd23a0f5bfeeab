// SPDX-License-Identifier: BSD-3-Clause
// Content filters: predicates on events of one type, asked before the handler of that type is
// called. For a run of events each filter costs one virtual call and then a typed loop, which
// writes the indices of what passes into a buffer that is reused; the handler gets those at once.
//
// Invariants: an event is filtered if any filter of its type says no. Whatever ends a run early
// (a failure, full rings, the end of the subscriber), what is counted as filtered lies in front of
// the event that ended it, so that the rest is decided again and nothing is counted twice.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "weir/runtime/delivery/handler.hpp"

namespace weir::delivery {

/// A predicate on events of one type. Not thread-safe: one incarnation of one subscriber owns it.
class event_filter {
 public:
  virtual ~event_filter() = default;
  /// Moves those of `indices` whose events pass to the front, in order; returns how many. What the
  /// predicate throws passes through, with the context at its event.
  virtual std::uint32_t keep(const event_slot* slots, std::span<std::uint32_t> indices,
                             context& where) = 0;
};

template <class T, class Predicate>
class typed_filter final : public event_filter {
 public:
  explicit typed_filter(Predicate keeps) : keeps_(std::move(keeps)) {}

  std::uint32_t keep(const event_slot* slots, std::span<std::uint32_t> indices,
                     context& where) override {
    std::uint32_t kept = 0;
    for (const auto index : indices) {
      where.at(index);
      const auto& payload = *static_cast<const T*>(slots[index].payload);
      const bool passes = std::invoke(keeps_, payload);
      indices[kept] = index;
      kept += passes ? 1 : 0;
    }
    return kept;
  }

 private:
  Predicate keeps_;
};

/// A handler behind filters, which must all agree.
class filtered_handler final : public run_handler {
 public:
  filtered_handler(std::unique_ptr<run_handler> inner,
                   std::vector<std::unique_ptr<event_filter>> filters)
      : inner_(std::move(inner)), filters_(std::move(filters)) {}

  run_outcome run(const event_slot* slots, std::uint32_t from, std::uint32_t to,
                  context& where) override;

 private:
  std::span<const std::uint32_t> passing(const event_slot* slots, std::uint32_t from,
                                         std::uint32_t to, context& where);

  std::unique_ptr<run_handler> inner_;
  std::vector<std::unique_ptr<event_filter>> filters_;
  std::vector<std::uint32_t> indices_;
};

/// A filter as it is declared: of which type, and how to make one for a new incarnation.
struct filter_rule {
  const event_type* type;
  std::function<std::unique_ptr<event_filter>()> make;
};

/// The rule of a predicate: a function of (const T&), or a member of T, that gives a bool.
template <event_payload T, class Predicate>
filter_rule filter_of(Predicate keeps) {
  static_assert(std::predicate<Predicate&, const T&>, "a filter takes (const Event&), says bool");
  return {&type_of<T>(), [keeps = std::move(keeps)] {
            return std::make_unique<typed_filter<T, Predicate>>(keeps);
          }};
}

/// Puts the handlers that `inner` makes behind these filters. Rules of types without a handler of
/// their own do nothing.
handler_factory filtered(handler_factory inner, std::vector<filter_rule> rules);

}  // namespace weir::delivery
