// SPDX-License-Identifier: BSD-3-Clause
// What a running node can be asked from outside: one line a route. Answers are made on threads of
// the control server, which ends before the node does.
#include <algorithm>

#include "weir/actors/node/impl.hpp"
#include "weir/actors/node/status_json.hpp"
#include "weir/runtime/delivery/letter_event.hpp"
#include "weir/runtime/delivery/letter_query.hpp"

namespace weir {
namespace {

using observe::request;
using observe::right;

/// Letters of one answer, unless fewer are wanted: what is asked again after the last has the rest.
constexpr std::uint64_t letters_at_once = 1000;

/// The dead letters that the query means, in the order of their numbers: `after` a number, at most
/// `count` of them.
result<delivery::found_letters> letters_for(const store::store& where, const request& asked) {
  const auto filter = delivery::read_filter(asked.query);
  if (!filter) return fail(filter.error());
  const auto after = delivery::read_count(asked.query, "after", 0);
  if (!after) return fail(after.error());
  const auto count = delivery::read_count(asked.query, "count", letters_at_once);
  if (!count) return fail(count.error());
  auto found = delivery::find_letters(where, *filter, [](const std::string&) {});
  if (!found) return found;
  auto& letters = found->letters;
  std::erase_if(letters, [&](const auto& one) { return one.number <= *after; });
  const auto shown = std::min({*count, letters_at_once, std::uint64_t{letters.size()}});
  letters.resize(shown);
  return found;
}

/// A request is answered in less than control_server::request_time; what is left then is for the
/// next.
constexpr duration redrive_longest = std::chrono::seconds{20};

/// What a request that works with letters says.
struct letter_work {
  delivery::letter_filter which;
  delivery::words options;
};
result<letter_work> work_of(const request& asked) {
  auto wanted = delivery::read_letter_request(asked.body);
  if (!wanted) return fail(std::move(wanted.error()));
  auto which = delivery::read_filter(wanted->filter);
  if (!which) return fail(std::move(which.error()));
  return letter_work{std::move(*which), std::move(wanted->options)};
}

result<delivery::redrive_plan> plan_of(const delivery::words& options) {
  if (options.contains("into")) {
    return fail(errc::invalid_argument,
                "into: a node that runs redrives letters to the subscription they failed in");
  }
  delivery::redrive_plan plan;
  const auto limit = delivery::read_count(options, "limit", plan.limit);
  if (!limit) return fail(limit.error());
  plan.limit = *limit;
  const auto rate = delivery::read_count(options, "rate", 0);
  if (!rate) return fail(rate.error());
  if (*rate > 0) plan.per_second = static_cast<double>(*rate);
  plan.stop_on_repeat = !options.contains("keep-going");
  plan.dry_run = options.contains("dry-run");
  return plan;
}

result<std::string> option_of(const delivery::words& options, const char* name) {
  const auto found = options.find(name);
  if (found != options.end()) return found->second;
  return fail(errc::invalid_argument, std::string{"options."} + name + " is missing");
}

result<std::string> subscription_of(const request& asked) {
  const auto found = asked.query.find("subscription");
  if (found != asked.query.end()) return found->second;
  return fail(errc::invalid_argument, asked.path + " needs ?subscription=");
}

}  // namespace

result<void> node::impl::open_control() {
  const bool wanted = options.control && !options.simulated && !options.data_dir.empty() &&
                      options.store == nullptr;
  if (!wanted) return {};
  auto opened = actors::control_server::open(options.data_dir);
  if (!opened) return fail(std::move(opened.error()));
  control = std::move(*opened);
  return {};
}

node::impl::answer_function node::impl::letter_redriver() {
  return [this](const request& asked) -> result<std::string> {
    const auto wanted = work_of(asked);
    if (!wanted) return fail(wanted.error());
    const auto plan = plan_of(wanted->options);
    if (!plan) return fail(plan.error());
    const auto done = redrive(wanted->which, *plan, redrive_longest);
    if (!done) return fail(done.error());
    return to_string(*done);
  };
}

node::impl::answer_function node::impl::letter_discarder() {
  return [this](const request& asked) -> result<std::string> {
    const auto wanted = work_of(asked);
    if (!wanted) return fail(wanted.error());
    const auto done = discard(wanted->which);
    if (!done) return fail(done.error());
    return std::to_string(*done) + " dead letters discarded";
  };
}

node::impl::answer_function node::impl::letter_editor() {
  return [this](const request& asked) -> result<std::string> {
    const auto wanted = work_of(asked);
    if (!wanted) return fail(wanted.error());
    if (!wanted->which.number) return fail(errc::invalid_argument, "filter.number is missing");
    const auto payload = option_of(wanted->options, "payload");
    if (!payload) return payload;
    const auto note = option_of(wanted->options, "note");
    if (!note) return note;
    if (auto done = edit(*wanted->which.number, *payload, *note); !done) {
      return fail(std::move(done.error()));
    }
    return "dead letter " + std::to_string(*wanted->which.number) + " edited";
  };
}

std::vector<observe::route> node::impl::control_routes() {
  const auto lines = [this](const request& asked) -> result<std::string> {
    const auto found = letters_for(*data, asked);
    if (!found) return fail(found.error());
    std::string text;
    for (const auto& one : found->letters) text += delivery::cloud_event_of(one) + '\n';
    return text;
  };
  const auto records = [this](const request& asked) -> result<std::string> {
    const auto found = letters_for(*data, asked);
    if (!found) return fail(found.error());
    return delivery::bundle_of(*found);
  };
  const auto paused = [this](bool wanted) {
    return [this, wanted](const request& asked) -> result<std::string> {
      const auto name = subscription_of(asked);
      if (!name) return fail(name.error());
      if (auto done = pause(*name, wanted); !done) return fail(std::move(done.error()));
      return "{}";
    };
  };
  return {
      {"GET", "/status", right::read, [this](const request&) { return to_json(status()); }},
      {"GET", "/metrics", right::read, [this](const request&) { return metrics(); },
       "text/plain; version=0.0.4"},
      {"GET", "/dead-letters", right::read, lines, observe::lines_type},
      {"GET", "/dead-letters/records", right::read, records, observe::bytes_type},
      {"POST", "/dead-letters/redrive", right::write, letter_redriver(), observe::text_type},
      {"POST", "/dead-letters/discard", right::write, letter_discarder(), observe::text_type},
      {"POST", "/dead-letters/edit", right::write, letter_editor(), observe::text_type},
      {"POST", "/pause", right::write, paused(true)},
      {"POST", "/resume", right::write, paused(false)},
  };
}

}  // namespace weir
