// SPDX-License-Identifier: BSD-3-Clause
// Watching, restarting, passing failures on.
#include "weir/actors/supervision/supervisor_actor.hpp"

#include <algorithm>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/core/log.hpp"

namespace weir::actors {
namespace {

using supervision::child_id;
using supervision::end_kind;

end_kind kind_of(const caf::error& reason) {
  const bool normal = !reason || reason == caf::exit_reason::user_shutdown;
  return normal ? end_kind::normal : end_kind::abnormal;
}

error failure_of(const std::string& name, const caf::error& reason) {
  std::string how = " ended: " + caf::to_string(reason);
  if (reason == caf::exit_reason::kill) how = " was killed";
  if (reason == caf::exit_reason::unhandled_exception) how = " ended by an exception";
  return {errc::subscriber_died, name + how};
}

}  // namespace

supervisor_actor::supervisor_actor(caf::actor_config& config, supervisor_setup setup)
    : caf::event_based_actor(config),
      setup_(std::move(setup)),
      core_(setup_.strategy, setup_.intensity),
      chance_(setup_.seed) {
  for (auto& spec : setup_.children) {
    if (!spec.record->over) {
      const auto added = core_.add_child(spec.id, spec.choice.restart);
      WEIR_INVARIANT(added.has_value(), "two children with one id");
    }
    insert(std::move(spec));
  }
  setup_.children.clear();
}

void supervisor_actor::insert(child_spec spec) {
  const auto id = spec.id;
  const supervision::restart_delays delays{spec.choice.backoff};
  auto over = spec.record->over;
  children_.emplace(id, child{.spec = std::move(spec),
                              .order = ++added_,
                              .delays = delays,
                              .over = std::move(over)});
}

caf::behavior supervisor_actor::make_behavior() {
  set_down_handler([this](caf::down_msg& end) { child_ended(end); });
  set_exit_handler([this](caf::exit_msg&) {
    end_with_children(caf::exit_reason::user_shutdown);
    go_on();
  });
  if (setup_.dead_letters) {
    dead_letters_ = setup_.dead_letters->attend(this);
    // What an earlier incarnation of this supervisor may have left unanswered.
    hand_over_again();
  }
  starts_ = core_.children();
  go_on();
  // An actor without a behavior ends.
  return ending_ && is_done() ? caf::behavior{} : behavior();
}

caf::behavior supervisor_actor::behavior() {
  return {
      [this](const events_failed& report) { hand_over(report.failure); },
      [this](const letters_answered& answer) {
        const auto found = children_.find(answer.child);
        if (found != children_.end() && found->second.alive) tell(found->second.current, answer);
        go_on();
      },
      [this](const dead_letters_moved& moved) {
        dead_letters_ = moved.to;
        hand_over_again();
        // The last may have answered a supervisor before this one: children look for themselves.
        for (const auto& [id, entry] : children_) {
          if (entry.alive && entry.spec.letters) tell(entry.current, letters_answered{id});
        }
        go_on();
      },
      [this](const child_added& added) { add(added); },
      [this](const child_removed& removed) { remove(removed); },
      [this](const child_killed& fault) { kill_child(fault); },
      [this](const child_failed& failure) {
        const auto found = children_.find(failure.child);
        if (found == children_.end()) return;
        found->second.said_why = true;
        found->second.spec.record->last_error = failure.why;
      },
      [this](const stop_overdue& late) {
        const auto found = children_.find(late.child);
        if (found == children_.end() || found->second.stop_ticket != late.ticket) return;
        if (found->second.alive) kill(found->second.current);
      },
      [this](const start_due& due) {
        std::vector<child_id> waiting;
        for (const auto id : due.children) {
          const auto found = children_.find(id);
          if (found == children_.end() || found->second.start_ticket != due.ticket) continue;
          waiting.push_back(id);
        }
        to_start(waiting);
        go_on();
      },
      [this](const health_query& query) { tell_health(query); },
      [this](health_part& part) { take_part(part.question, part.child, &part.found); },
  };
}

void supervisor_actor::on_exit() {
  for (auto& [id, entry] : children_) {
    if (entry.alive) kill(entry.current);
    if (entry.removed) entry.removed->complete(true);
  }
  for (auto& [number, asked] : questions_) asked.done->complete(std::move(asked.found));
  questions_.clear();
  children_.clear();
  by_address_.clear();
  setup_ = {};
  dead_letters_ = nullptr;
}

void supervisor_actor::hand_over(const letter_bundle_ptr& failure) {
  // Without an address it is handed over when there is one.
  if (dead_letters_) tell(dead_letters_, keep_letters{failure, this});
}

void supervisor_actor::hand_over_again() {
  for (const auto& [id, entry] : children_) hand_over_again(entry);
}

void supervisor_actor::hand_over_again(const child& entry) {
  if (!entry.spec.letters) return;
  for (const auto& failure : entry.spec.letters->unanswered()) hand_over(failure);
}

void supervisor_actor::start(child_id id) {
  auto& entry = children_.at(id);
  if (entry.alive) return;
  auto& record = *entry.spec.record;
  if (const auto former = caf::actor_cast<caf::actor>(record.living)) {
    // Of a supervisor that was killed: it may be in the middle of something.
    entry.current = former;
    entry.stopping = true;
    awaited_ = id;
    starts_.insert(starts_.begin(), id);
    kill(former);
  } else {
    entry.current = make(entry);
    if (!entry.current) return;
    // What the last of another supervisor reported, to nobody.
    if (!std::exchange(entry.begun, true)) hand_over_again(entry);
    record.living = entry.current.address();
    ++record.starts;
    entry.delays.started(setup_.time->now());
  }
  entry.start_ticket = entry.stop_ticket = 0;
  entry.said_why = false;
  entry.over.reset();
  entry.alive = true;
  by_address_.emplace(entry.current.address(), id);
  monitor(entry.current);
}

caf::actor supervisor_actor::make(child& entry) {
  std::string why = "there is no actor";
  try {
    if (auto made = entry.spec.start(*this)) return made;
  } catch (const std::exception& thrown) {
    why = thrown.what();
  } catch (...) {
    why = "it threw something that is no std::exception";
  }
  const error failure{errc::subscriber_died, entry.spec.name + " could not be started: " + why};
  entry.spec.record->last_error = failure;
  log(log_level::error, "child-not-started", setup_.name + ": " + failure.message);
  if (beginning_) {
    core_.on_first_start_failed(entry.spec.id);
    give_up(failure);
  } else {
    carry_out(entry, core_.on_start_failed(entry.spec.id, setup_.time->now()));
  }
  return {};
}

template <class Message>
bool supervisor_actor::pass_on(const Message& message) {
  const auto found = children_.find(message.supervisor);
  if (found == children_.end() || !found->second.alive) return false;
  tell(found->second.current, message);
  return true;
}

void supervisor_actor::add(const child_added& added) {
  if (added.supervisor != setup_.id) {
    // One that is not there will ask for all its children when it starts.
    pass_on(added);
    return;
  }
  const auto id = added.spec->id;
  if (ending_ || children_.contains(id)) return;
  const auto is_new = core_.add_child(id, added.spec->choice.restart);
  WEIR_INVARIANT(is_new.has_value(), "a child is known that is not there");
  insert(*added.spec);
  starts_.push_back(id);
  go_on();
}

void supervisor_actor::remove(const child_removed& removed) {
  if (removed.supervisor != setup_.id) {
    if (!pass_on(removed)) removed.done->complete(true);
    return;
  }
  const auto found = children_.find(removed.child);
  if (found == children_.end()) {
    removed.done->complete(true);
    return;
  }
  found->second.removed = removed.done;
  core_.remove_child(removed.child);
  std::erase(starts_, removed.child);
  if (!found->second.alive) {
    forget(removed.child);
  } else if (!found->second.stopping) {
    ask_to_stop(found->second);
  }
}

void supervisor_actor::forget(child_id id) {
  std::erase_if(news_, [id](const auto& one) { return one.id == id; });
  std::erase(stops_, id);
  const auto removed = children_.extract(id);
  removed.mapped().removed->complete(true);
}

void supervisor_actor::kill_child(const child_killed& fault) {
  if (fault.supervisor != setup_.id) {
    pass_on(fault);
    return;
  }
  const auto found = children_.find(fault.child);
  if (found != children_.end() && found->second.alive) kill(found->second.current);
}

void supervisor_actor::stop(child_id id) {
  auto& entry = children_.at(id);
  // One that has ended by itself meanwhile is not news any more.
  std::erase_if(news_, [id](const auto& one) { return one.id == id; });
  if (entry.alive) {
    awaited_ = id;
    if (!entry.stopping) ask_to_stop(entry);
  } else if (!ending_ && !core_.knows(id)) {
    over(entry, end_kind::normal);
  }
}

void supervisor_actor::ask_to_stop(child& entry) {
  const auto patience = entry.spec.choice.shutdown;
  entry.stopping = true;
  if (entry.spec.kind == supervision::member_kind::supervisor) {
    caf::anon_send_exit(entry.current, caf::exit_reason::user_shutdown);
  } else if (patience == duration::zero()) {
    kill(entry.current);
  } else {
    caf::anon_send_exit(entry.current, caf::exit_reason::user_shutdown);
    entry.stop_ticket = ++tickets_;
    tell_later(*this, patience, stop_overdue{entry.spec.id, entry.stop_ticket});
  }
}

void supervisor_actor::child_ended(const caf::down_msg& end) {
  const auto found = by_address_.find(end.source);
  if (found == by_address_.end()) return;
  const auto id = found->second;
  by_address_.erase(found);
  auto& entry = children_.at(id);
  entry.alive = false;
  entry.current = nullptr;
  entry.spec.record->living = {};
  take_missing_parts(id);
  const bool was_to_stop = std::exchange(entry.stopping, false);
  if (awaited_ == id) awaited_.reset();
  const auto how = kind_of(end.reason);
  if (entry.removed) {
    forget(id);
  } else if (was_to_stop || ending_) {
    if (!ending_ && !core_.knows(id)) over(entry, end_kind::normal);
  } else {
    if (how == end_kind::abnormal && !entry.said_why) {
      entry.spec.record->last_error = failure_of(entry.spec.name, end.reason);
    }
    news_.push_back({id, how});
  }
  go_on();
}

void supervisor_actor::decide(const ended_child& news) {
  auto& entry = children_.at(news.id);
  const auto made = core_.on_child_ended(news.id, news.how, setup_.time->now());
  if (made.what == supervision::directive::stop) {
    over(entry, news.how);
    return;
  }
  log(log_level::warn, "subscriber-ended",
      setup_.name + ": " + entry.spec.name + " ended and is restarted");
  carry_out(entry, made);
}

void supervisor_actor::over(child& entry, end_kind how) {
  entry.over = error{how == end_kind::normal ? errc::cancelled : errc::subscriber_died,
                     entry.spec.name + " has ended and is not restarted: it is " +
                         std::string{to_string(entry.spec.choice.restart)}};
  if (!entry.spec.on_over) return;
  entry.spec.record->over = entry.over;
  core_.remove_child(entry.spec.id);
  entry.spec.on_over(*entry.over);
}

void supervisor_actor::carry_out(child& cause, const supervision::decision& made) {
  if (made.what == supervision::directive::escalate) {
    give_up({errc::restart_intensity,
             setup_.name + ": more than " + std::to_string(setup_.intensity.restarts) +
                 " restarts in " + std::to_string(setup_.intensity.window.count() / 1'000'000) +
                 " ms"});
    return;
  }
  stops_.insert(stops_.end(), made.stop.begin(), made.stop.end());
  // Children that are not known any more are not started, whatever else wanted them started.
  std::erase_if(starts_, [this](child_id id) { return !core_.knows(id); });
  const auto delay = cause.delays.next(setup_.time->now(), setup_.intensity.window, chance_);
  if (delay == duration::zero()) {
    for (const auto id : made.start) children_.at(id).start_ticket = 0;
    to_start(made.start);
    return;
  }
  const auto ticket = ++tickets_;
  for (const auto id : made.start) {
    children_.at(id).start_ticket = ticket;
    std::erase(starts_, id);
  }
  tell_later(*this, delay, start_due{made.start, ticket});
}

void supervisor_actor::to_start(const std::vector<child_id>& ids) {
  for (const auto id : ids) {
    if (std::find(starts_.begin(), starts_.end(), id) == starts_.end()) starts_.push_back(id);
  }
  std::stable_sort(starts_.begin(), starts_.end(), [this](child_id a, child_id b) {
    return children_.at(a).order < children_.at(b).order;
  });
}

void supervisor_actor::go_on() {
  while (!awaited_) {
    if (!stops_.empty()) {
      const auto next = stops_.front();
      stops_.pop_front();
      stop(next);
    } else if (ending_) {
      if (is_done()) quit(*ending_);
      return;
    } else if (!starts_.empty()) {
      const auto next = starts_.front();
      starts_.erase(starts_.begin());
      start(next);
    } else if (!news_.empty()) {
      const auto next = news_.front();
      news_.pop_front();
      decide(next);
    } else {
      beginning_ = false;
      return;
    }
  }
}

void supervisor_actor::give_up(const error& why) {
  log(log_level::error, "supervisor-escalates", to_string(why));
  if (setup_.on_escalate) setup_.on_escalate(why);
  if (setup_.parent) tell(setup_.parent, child_failed{setup_.id, why});
  end_with_children(caf::exit_reason::unhandled_exception);
}

void supervisor_actor::end_with_children(caf::exit_reason how) {
  if (ending_) return;
  ending_ = how;
  starts_.clear();
  news_.clear();
  std::vector<const child*> living;
  for (const auto& [id, entry] : children_) {
    if (entry.alive) living.push_back(&entry);
  }
  std::sort(living.begin(), living.end(),
            [](const auto* a, const auto* b) { return a->order > b->order; });
  stops_.clear();
  for (const auto* entry : living) stops_.push_back(entry->spec.id);
}

bool supervisor_actor::is_done() const {
  return std::none_of(children_.begin(), children_.end(), [](const auto& one) {
    const auto& letters = one.second.spec.letters;
    return one.second.alive || (letters && !letters->empty());
  });
}

}  // namespace weir::actors
