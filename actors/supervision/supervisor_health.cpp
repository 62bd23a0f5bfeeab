// SPDX-License-Identifier: BSD-3-Clause
// How a supervisor and everything below it is doing. It asks the supervisors below, and waits for
// each no longer than that lives.
#include <algorithm>

#include "weir/actors/supervision/supervisor_actor.hpp"

namespace weir::actors {
namespace {

using supervision::member_state;

/// More questions at once are answered without what is further down.
constexpr std::size_t questions_max = 64;

}  // namespace

supervision::health supervisor_actor::health_of(const child& entry) const {
  const auto& record = *entry.spec.record;
  supervision::health one{.name = entry.spec.name,
                          .kind = entry.spec.kind,
                          .state = member_state::restarting,
                          .type = entry.spec.choice.restart,
                          .restarts = record.starts > 0 ? record.starts - 1 : 0,
                          .last_error = record.last_error};
  if (entry.stopping || entry.removed) {
    one.state = member_state::stopping;
  } else if (entry.alive) {
    one.state = member_state::running;
  } else if (entry.over) {
    const bool failed = entry.over->code != errc::cancelled;
    one.state = failed ? member_state::failed : member_state::ended;
  } else if (ending_) {
    one.state = member_state::ended;
  }
  return one;
}

void supervisor_actor::tell_health(const health_query& query) {
  question asked{.found = {.name = setup_.name,
                           .state = ending_ ? member_state::stopping : member_state::running,
                           .recent = core_.restarts().recent(setup_.time->now()),
                           .limit = setup_.intensity},
                 .missing = {},
                 .done = query.done};
  std::vector<const child*> all;
  for (const auto& [id, entry] : children_) all.push_back(&entry);
  std::sort(all.begin(), all.end(),
            [](const auto* a, const auto* b) { return a->order < b->order; });
  const auto number = ++question_number_;
  for (const auto* entry : all) {
    asked.found.children.push_back(health_of(*entry));
    const bool has_more = entry->spec.kind == supervision::member_kind::supervisor && entry->alive;
    if (!has_more || questions_.size() >= questions_max) continue;
    const auto id = entry->spec.id;
    asked.missing.emplace(id, asked.found.children.size() - 1);
    tell(entry->current, health_query{std::make_shared<completion<supervision::health>>(
                             [asker = caf::actor{this}, number, id](supervision::health found) {
                               tell(asker, health_part{number, id, std::move(found)});
                             })});
  }
  if (asked.missing.empty()) {
    asked.done->complete(std::move(asked.found));
  } else {
    questions_.emplace(number, std::move(asked));
  }
}

void supervisor_actor::take_part(std::uint64_t number, supervision::child_id id,
                                 supervision::health* found) {
  const auto asked = questions_.find(number);
  if (asked == questions_.end()) return;
  auto& waiting = asked->second;
  const auto part = waiting.missing.find(id);
  if (part == waiting.missing.end()) return;
  if (found != nullptr) {
    auto& below = waiting.found.children[part->second];
    if (below.state == member_state::running) below.state = found->state;
    below.recent = found->recent;
    below.limit = found->limit;
    below.children = std::move(found->children);
  }
  waiting.missing.erase(part);
  if (!waiting.missing.empty()) return;
  waiting.done->complete(std::move(waiting.found));
  questions_.erase(asked);
}

void supervisor_actor::take_missing_parts(supervision::child_id ended) {
  std::vector<std::uint64_t> open;
  for (const auto& [number, asked] : questions_) open.push_back(number);
  for (const auto number : open) take_part(number, ended, nullptr);
}

}  // namespace weir::actors
