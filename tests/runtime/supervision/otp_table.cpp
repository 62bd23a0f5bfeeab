// SPDX-License-Identifier: BSD-3-Clause
// OTP's rules as a table: strategies, restart types, reasons, intensity, start failures and
// escalation, each row a case that follows from the documentation of Erlang/OTP's `supervisor`
// ("Supervision Principles", child specifications) or, where that is silent, from its source.
// Run alone by the tag [otp]. Then the same decisions from a model that is written like OTP's own.
#include <algorithm>
#include <sstream>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/runtime/supervision/supervisor.hpp"

using namespace weir::supervision;

namespace {

weir::timestamp at_second(std::int64_t second) {
  return weir::timestamp{std::chrono::seconds{second}};
}

/// Children are 1, 2, 3, ... in start order, by the letter of their type: p(ermanent), t(ransient),
/// x (temporary). A step: `2 normal`, `2 abnormal`, `2 start` (its start in a restart failed),
/// `2 first` (its first start failed), with `@s` for another second than the last. What follows
/// `=>` is the decision.
struct otp_case {
  const char* rule;
  strategy kind;
  unsigned restarts;  // within 5 s
  const char* children;
  std::vector<const char*> steps;
  const char* known;  // who is still a child afterwards
};

constexpr auto one = strategy::one_for_one;
constexpr auto rest = strategy::rest_for_one;
constexpr auto all = strategy::all_for_one;

const std::vector<otp_case> table{
    {"a permanent child is always restarted", one, 9, "ppp",
     {"2 abnormal => restart: start 2", "2 normal => restart: start 2"}, "1 2 3"},
    {"a transient child is restarted only if it terminates abnormally", one, 9, "ptp",
     {"2 abnormal => restart: start 2", "2 normal => stop"}, "1 2 3"},
    {"a temporary child is never restarted, and its specification is deleted", one, 9, "pxp",
     {"2 abnormal => stop"}, "1 3"},
    {"a temporary child is never restarted, however it ends", one, 9, "xxp",
     {"1 normal => stop", "2 abnormal => stop"}, "3"},
    {"one_for_one: only that process is restarted", one, 9, "pppp",
     {"1 abnormal => restart: start 1", "4 abnormal => restart: start 4"}, "1 2 3 4"},

    {"rest_for_one: the rest is terminated in reverse start order, then all of it is started", rest,
     9, "pppp", {"2 abnormal => restart: stop 4 3, start 2 3 4"}, "1 2 3 4"},
    {"rest_for_one: the last child has no rest", rest, 9, "ppp",
     {"3 abnormal => restart: start 3"}, "1 2 3"},
    {"rest_for_one: the first child's rest is everybody", rest, 9, "ppp",
     {"1 abnormal => restart: stop 3 2, start 1 2 3"}, "1 2 3"},
    {"rest_for_one: a temporary child of the rest is terminated and not restarted", rest, 9, "ppxp",
     {"2 abnormal => restart: stop 4 3, start 2 4"}, "1 2 4"},
    {"rest_for_one: a temporary child in front of it goes on", rest, 9, "xppp",
     {"2 abnormal => restart: stop 4 3, start 2 3 4"}, "1 2 3 4"},
    {"rest_for_one: a transient child is terminated and restarted with the rest", rest, 9, "ppt",
     {"1 abnormal => restart: stop 3 2, start 1 2 3"}, "1 2 3"},
    {"rest_for_one: a child that is not to be restarted takes nobody along", rest, 9, "ptp",
     {"2 normal => stop"}, "1 2 3"},
    {"rest_for_one: one that had ended normally is not terminated, but started with the rest", rest,
     9, "ptp", {"2 normal => stop", "1 abnormal => restart: stop 3, start 1 2 3"}, "1 2 3"},

    {"one_for_all: all others are terminated, then all are restarted", all, 9, "ppp",
     {"2 abnormal => restart: stop 3 1, start 1 2 3"}, "1 2 3"},
    {"one_for_all: a sibling's death terminates a temporary child for good", all, 9, "pxpx",
     {"1 abnormal => restart: stop 4 3 2, start 1 3"}, "1 3"},
    {"one_for_all: a temporary child's own death restarts nobody", all, 9, "pxp",
     {"2 abnormal => stop", "1 abnormal => restart: stop 3, start 1 3"}, "1 3"},
    {"one_for_all: a transient child's normal end restarts nobody", all, 9, "ptp",
     {"2 normal => stop"}, "1 2 3"},
    {"one_for_all: one that had ended normally is started with the others", all, 9, "ptp",
     {"2 normal => stop", "3 abnormal => restart: stop 1, start 1 2 3"}, "1 2 3"},
    {"one_for_all: alone, a child is its own all", all, 9, "p",
     {"1 normal => restart: start 1"}, "1"},

    {"more than MaxR restarts within MaxT seconds terminate all children, then the supervisor", one,
     2, "ppp",
     {"1 abnormal => restart: start 1", "2 abnormal => restart: start 2",
      "3 abnormal => escalate: stop 2 1"},
     "1 2 3"},
    {"exactly MaxR restarts within MaxT are allowed", one, 1, "p",
     {"1 abnormal => restart: start 1", "1 abnormal @6 => restart: start 1"}, "1"},
    {"a restart exactly MaxT ago still counts", one, 1, "pp",
     {"1 abnormal @0 => restart: start 1", "2 abnormal @5 => escalate: stop 1"}, "1 2"},
    {"with MaxR 0 the first restart is too many", one, 0, "pp",
     {"2 abnormal => escalate: stop 1"}, "1 2"},
    {"an end that restarts nobody does not count", one, 1, "txp",
     {"1 normal => stop", "2 abnormal => stop", "3 abnormal => restart: start 3",
      "3 abnormal => escalate"},
     "1 3"},
    {"a permanent child's normal ends count like others", one, 1, "p",
     {"1 normal => restart: start 1", "1 normal => escalate"}, "1"},
    {"one failure is one restart, however many are restarted with it", all, 2, "ppp",
     {"1 abnormal => restart: stop 3 2, start 1 2 3",
      "2 abnormal => restart: stop 3 1, start 1 2 3",
      "3 abnormal => escalate: stop 2 1"},
     "1 2 3"},
    {"termination beyond the intensity is in reverse start order, temporary children included",
     rest, 0, "xptp", {"2 abnormal => escalate: stop 4 3 1"}, "1 2 3 4"},
    {"termination leaves out who had ended", all, 0, "ttpp",
     {"2 normal => stop", "4 abnormal => escalate: stop 3 1"}, "1 2 3 4"},

    {"a restart whose start fails is tried again, and counts again", one, 2, "pp",
     {"1 abnormal => restart: start 1", "1 start => restart: start 1",
      "1 start => escalate: stop 2"},
     "1 2"},
    {"rest_for_one: a failed start is tried again with its own rest", rest, 9, "pppp",
     {"2 abnormal => restart: stop 4 3, start 2 3 4", "3 start => restart: start 3 4"}, "1 2 3 4"},
    {"one_for_all: a failed start terminates who was started before it, and starts all", all, 9,
     "ppp",
     {"2 abnormal => restart: stop 3 1, start 1 2 3",
      "3 start => restart: stop 2 1, start 1 2 3"},
     "1 2 3"},
    {"a transient child's failed restart is tried again too", one, 9, "t",
     {"1 abnormal => restart: start 1", "1 start => restart: start 1"}, "1"},
    {"when the supervisor begins, a failed start terminates who was started, and the supervisor",
     one, 9, "pxp", {"3 first => escalate: stop 2 1"}, "1 2 3"},
    {"the first child of all fails to start: there is nobody to terminate", all, 9, "ppp",
     {"1 first => escalate"}, "1 2 3"},

    {"the end of an unknown process is ignored", all, 0, "pp", {"7 abnormal => resume"}, "1 2"},
    {"a temporary child that was terminated with a sibling is unknown afterwards", all, 9, "px",
     {"1 abnormal => restart: stop 2, start 1", "2 abnormal => resume"}, "1"},
};

restart_type type_of_letter(char letter) {
  if (letter == 't') return restart_type::transient;
  return letter == 'x' ? restart_type::temporary : restart_type::permanent;
}

std::string known_by(const supervisor& subject) {
  std::string text;
  for (const auto id : subject.children()) {
    if (!text.empty()) text += ' ';
    text += std::to_string(id);
  }
  return text;
}

}  // namespace

TEST_CASE("every case of the OTP table is decided as OTP decides it", "[supervision][otp]") {
  for (const auto& row : table) {
    supervisor subject{row.kind, {row.restarts, std::chrono::seconds{5}}};
    child_id next = 0;
    for (const char letter : std::string{row.children}) {
      REQUIRE(subject.add_child(++next, type_of_letter(letter)));
    }
    std::int64_t second = 0;
    for (const std::string step : row.steps) {
      INFO(row.rule << " | " << to_string(row.kind) << ", " << row.children << ", " << row.restarts
                    << " restarts in 5 s | " << step);
      std::istringstream words{step};
      child_id child = 0;
      std::string what, more;
      words >> child >> what >> more;
      if (more.starts_with('@')) second = std::stoll(more.substr(1));
      const auto now = at_second(second);
      const auto made = what == "start"   ? subject.on_start_failed(child, now)
                        : what == "first" ? subject.on_first_start_failed(child)
                                          : subject.on_child_ended(child,
                                                                   what == "normal"
                                                                       ? end_kind::normal
                                                                       : end_kind::abnormal,
                                                                   now);
      CHECK(to_string(made) == step.substr(step.find("=> ") + 3));
    }
    INFO(row.rule);
    CHECK(known_by(subject) == row.known);
  }
  WARN(table.size() << " cases of OTP's rules");
}

namespace {

/// Written after the text of supervisor.erl: lists of children with a pid or none, terminate, then
/// start.
struct naive_otp {
  struct process {
    child_id id;
    restart_type type;
    bool has_pid = true;
  };
  strategy kind;
  intensity limit;
  std::vector<process> children{};
  std::vector<weir::timestamp> restarts{};

  process* find(child_id id) {
    for (auto& one_of_them : children) {
      if (one_of_them.id == id) return &one_of_them;
    }
    return nullptr;
  }

  decision ended(child_id id, end_kind how, weir::timestamp now) {
    auto* child = find(id);
    if (child == nullptr) return {};
    child->has_pid = false;
    const bool wants = child->type == restart_type::permanent ||
                       (child->type == restart_type::transient && how == end_kind::abnormal);
    if (wants) return restart(id, now);
    if (child->type == restart_type::temporary) {
      std::erase_if(children, [id](const process& known) { return known.id == id; });
    }
    return {directive::stop, {}, {}};
  }

  decision restart(child_id id, weir::timestamp now) {
    restarts.push_back(now);
    const auto recent = std::count_if(restarts.begin(), restarts.end(), [&](auto then) {
      return now - then <= limit.window;
    });
    if (recent > static_cast<std::ptrdiff_t>(limit.restarts)) {
      decision made{directive::escalate, {}, {}};
      for (auto& one_of_them : children) terminate(one_of_them, made);
      return made;
    }
    decision made{directive::restart, {}, {}};
    bool reached = kind == strategy::all_for_one;
    std::vector<process> left;
    for (auto& one_of_them : children) {
      reached = reached || one_of_them.id == id;
      const bool affected = reached && (kind != strategy::one_for_one || one_of_them.id == id);
      if (affected) terminate(one_of_them, made);
      if (affected && one_of_them.type == restart_type::temporary) continue;
      if (affected) made.start.push_back(one_of_them.id);
      left.push_back({one_of_them.id, one_of_them.type, affected || one_of_them.has_pid});
    }
    children = std::move(left);
    return made;
  }

  static void terminate(process& one_of_them, decision& made) {
    if (one_of_them.has_pid) made.stop.insert(made.stop.begin(), one_of_them.id);
    one_of_them.has_pid = false;
  }
};

}  // namespace

TEST_CASE("any history of ends is decided as by a model written after OTP's source",
          "[supervision][otp][property]") {
  rc::prop("same decisions, same children", [] {
    const auto kind = *rc::gen::element(one, rest, all);
    const intensity limit{*rc::gen::inRange(0U, 6U), weir::duration{*rc::gen::inRange(1, 60)}};
    const auto types = *rc::gen::nonEmpty(rc::gen::container<std::vector<restart_type>>(
        rc::gen::element(restart_type::permanent, restart_type::transient,
                         restart_type::temporary)));
    supervisor ours{kind, limit};
    naive_otp model{kind, limit};
    for (const auto type : types) {
      const auto id = static_cast<child_id>(model.children.size() + 1);
      RC_ASSERT(ours.add_child(id, type).has_value());
      model.children.push_back({id, type});
    }
    const auto ids = model.children.size();
    std::int64_t time = 0;
    for (const auto step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 30))) {
      time += step;
      const weir::timestamp now{weir::duration{time}};
      const auto id = *rc::gen::inRange<child_id>(1, ids + 1);
      const auto* child = model.find(id);
      if (child != nullptr && !child->has_pid) continue;  // what has ended does not end again
      const auto how = *rc::gen::element(end_kind::normal, end_kind::abnormal);
      const auto made = ours.on_child_ended(id, how, now);
      RC_ASSERT(made == model.ended(id, how, now));
      if (made.what == directive::escalate) break;
    }
    std::vector<child_id> known;
    for (const auto& one_of_them : model.children) known.push_back(one_of_them.id);
    RC_ASSERT(ours.children() == known);
  });
}
