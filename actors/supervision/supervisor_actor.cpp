// SPDX-License-Identifier: BSD-3-Clause
// Watching, restarting, passing failures on.
#include "weir/actors/supervision/supervisor_actor.hpp"

#include <algorithm>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/core/log.hpp"

namespace weir::actors {

supervisor_actor::supervisor_actor(caf::actor_config& config, supervisor_setup setup)
    : caf::event_based_actor(config),
      setup_(std::move(setup)),
      core_(setup_.strategy, setup_.intensity) {
  for (auto& spec : setup_.children) {
    const auto id = spec.id;
    const auto added = core_.add_child(id);
    WEIR_INVARIANT(added.has_value(), "two children with one id");
    children_.emplace(id, child{std::move(spec)});
  }
  setup_.children.clear();
}

caf::behavior supervisor_actor::make_behavior() {
  set_down_handler([this](caf::down_msg& end) { child_ended(end); });
  set_exit_handler([this](caf::exit_msg&) {
    end_with_children({errc::cancelled, setup_.name + ": stopped by its supervisor"});
  });
  for (const auto id : core_.children()) start(id);
  return {
      [this](const events_failed& failure) {
        ++letters_unanswered_;
        tell(setup_.dead_letters, keep_letters{failure, this});
      },
      [this](const letters_answered& answer) {
        --letters_unanswered_;
        const auto found = children_.find(answer.child);
        if (found != children_.end() && found->second.alive) tell(found->second.current, answer);
        when_stopped();
      },
      [this](const child_added& added) { add(added); },
      [this](const child_removed& removed) { remove(removed); },
  };
}

void supervisor_actor::on_exit() {
  for (auto& [id, entry] : children_) {
    if (entry.alive) kill(entry.current);
    if (entry.removed) entry.removed->complete(true);
  }
  children_.clear();
  by_address_.clear();
  setup_ = {};
}

void supervisor_actor::start(supervision::child_id id) {
  auto& entry = children_.at(id);
  entry.current = entry.spec.start(*this);
  entry.alive = true;
  by_address_.emplace(entry.current.address(), id);
  monitor(entry.current);
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
  if (ending_ || !core_.add_child(id)) return;
  children_.emplace(id, child{*added.spec});
  if (stopping_ == 0) {
    start(id);
  } else {
    to_start_.push_back(id);
  }
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
  core_.remove_child(removed.child);
  std::erase(to_start_, removed.child);
  if (!found->second.alive) {
    children_.erase(found);
    removed.done->complete(true);
    return;
  }
  found->second.removed = removed.done;
  kill(found->second.current);
}

void supervisor_actor::stop(child& entry) {
  if (!entry.alive || entry.stopping) return;
  entry.stopping = true;
  ++stopping_;
  if (entry.spec.is_supervisor) {
    caf::anon_send_exit(entry.current, caf::exit_reason::user_shutdown);
  } else {
    kill(entry.current);
  }
}

void supervisor_actor::child_ended(const caf::down_msg& end) {
  const auto found = by_address_.find(end.source);
  if (found == by_address_.end()) return;
  const auto id = found->second;
  by_address_.erase(found);
  auto& entry = children_.at(id);
  entry.alive = false;
  const bool was_to_stop = std::exchange(entry.stopping, false);
  if (was_to_stop) --stopping_;
  if (entry.removed) {
    entry.removed->complete(true);
    children_.erase(id);
    when_stopped();
    return;
  }
  if (was_to_stop || stopping_ > 0) {
    // One that failed just before it was to stop, or meanwhile, starts again with the others.
    if (!ending_ && std::find(to_start_.begin(), to_start_.end(), id) == to_start_.end()) {
      to_start_.push_back(id);
    }
    when_stopped();
    return;
  }
  log(log_level::warn, "subscriber-ended",
      setup_.name + ": " + entry.spec.name + " ended and is restarted");
  carry_out(core_.on_child_failed(id, setup_.time->now()));
}

void supervisor_actor::carry_out(supervision::decision made) {
  if (made.what == supervision::directive::escalate) {
    end_with_children({errc::restart_intensity,
                       setup_.name + ": more than " + std::to_string(setup_.intensity.restarts) +
                           " restarts in " +
                           std::to_string(setup_.intensity.window.count() / 1'000'000) + " ms"});
    return;
  }
  to_start_ = std::move(made.start);
  for (const auto id : made.stop) stop(children_.at(id));
  when_stopped();
}

void supervisor_actor::when_stopped() {
  if (stopping_ > 0) return;
  if (!ending_) {
    for (const auto id : std::exchange(to_start_, {})) start(id);
    return;
  }
  // What children reported before they ended must reach the dead-letter store through us.
  if (letters_unanswered_ == 0) quit(caf::exit_reason::unhandled_exception);
}

void supervisor_actor::end_with_children(const error& why) {
  if (ending_) return;
  ending_ = true;
  to_start_.clear();
  log(log_level::error, "supervisor-escalates", to_string(why));
  if (setup_.on_escalate) setup_.on_escalate(why);
  for (auto& [id, entry] : children_) stop(entry);
  when_stopped();
}

}  // namespace weir::actors
