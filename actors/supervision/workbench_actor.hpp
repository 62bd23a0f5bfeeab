// SPDX-License-Identifier: BSD-3-Clause
// The workbench for dead letters of a running node: redrives them to the subscription that they
// failed in, edits and discards them. Subscribers hear first, then the store: what a subscriber has
// in hand is left alone.
//
// One letter is worked on by one call at a time; another call that means it passes it over.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "weir/actors/supervision/dead_letter_actor.hpp"
#include "weir/actors/supervision/dead_letter_address.hpp"
#include "weir/actors/supervision/letter_orders.hpp"
#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/delivery/letter_filter.hpp"
#include "weir/runtime/delivery/redrive_run.hpp"

namespace weir::actors {

/// Handles again what the filter finds, as the plan says; of letters in any state that can be
/// handled if it names one, otherwise of dead ones. Ends at the deadline with what was done.
struct redrive_wanted {
  weir::delivery::letter_filter which;
  weir::delivery::redrive_plan plan;
  duration deadline;
  completion_ptr<result<weir::delivery::redrive_summary>> done;
};
/// Marks dead and parked letters as discarded; completes with how many.
struct discard_wanted {
  weir::delivery::letter_filter which;
  completion_ptr<result<std::size_t>> done;
};
/// Gives a dead or parked letter another payload.
struct edit_wanted {
  std::uint64_t number;
  std::string payload;
  std::string note;
  completion_ptr<result<void>> done;
};

// --- to the workbench itself ---

struct numbers_found {
  std::uint64_t ticket;
  std::vector<std::uint64_t> numbers;
};
struct letter_read {
  std::uint64_t ticket;
  weir::delivery::parked_events::letter_ptr letter;  // null: it is not there
};
struct order_answered {
  std::uint64_t ticket;
  letter_reply reply;
};
struct redrive_goes_on {
  std::uint64_t run;
};
struct redrive_over {
  std::uint64_t run;
};

struct workbench_setup {
  dead_letter_address_ptr letters;
  std::shared_ptr<const clock> time;
  /// The subscribers of a subscription, by name; empty if there is none, or it is an actor of the
  /// program's own. Any thread.
  std::function<std::vector<letter_orders_ptr>(const std::string&)> subscribers;
};

class workbench_actor : public caf::event_based_actor {
 public:
  /// So many redrives at once; another is refused.
  static constexpr std::size_t redrives_max = 8;

  workbench_actor(caf::actor_config& config, workbench_setup setup);
  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.workbench"; }

 private:
  using letter_ptr = weir::delivery::parked_events::letter_ptr;
  using found_function = std::function<void(std::vector<std::uint64_t>)>;
  using read_function = std::function<void(letter_ptr)>;
  using said_function = std::function<void(const result<void>&)>;
  struct redrive {
    weir::delivery::redrive_run run;
    completion_ptr<result<weir::delivery::redrive_summary>> done;
  };
  struct discarding {
    std::vector<std::uint64_t> numbers;
    std::size_t next = 0;
    std::size_t discarded = 0;
    completion_ptr<result<std::size_t>> done;
  };
  using replied_function = std::function<void(const letter_reply&)>;
  struct asked {
    std::size_t missing;
    letter_reply reply;
    replied_function then;
  };

  void begin(const redrive_wanted& wanted);
  void go_on(std::uint64_t id);
  void try_letter(std::uint64_t id, std::uint64_t number, const letter_ptr& letter);
  void tried(std::uint64_t id, const letter_ptr& letter, const letter_reply& reply);
  void end(std::uint64_t id);
  void go_on(const std::shared_ptr<discarding>& work);
  void discard(const std::shared_ptr<discarding>& work, const letter_ptr& letter);
  void edit(const edit_wanted& wanted, const letter_ptr& letter);

  // What is asked of others; the function is called when the answer is there.
  void find(const weir::delivery::letter_filter& which, found_function then);
  void read(std::uint64_t number, read_function then);
  void order(letter_order::kind what, const letter_ptr& letter, replied_function then);
  /// Nobody minds, or nobody is there who could.
  static bool is_free(const letter_reply& reply) {
    return reply.done || reply.said.error().code == errc::not_found;
  }
  void keep(weir::delivery::dead_letter letter, said_function then);
  void take_answers();
  /// Marks a letter as worked on; false if it is already.
  bool claim(std::uint64_t number) { return claimed_.insert(number).second; }
  void unclaim(std::uint64_t number) { claimed_.erase(number); }

  workbench_setup setup_;
  std::map<std::uint64_t, redrive> redrives_;
  std::set<std::uint64_t> claimed_;
  std::uint64_t next_ticket_ = 1;
  std::map<std::uint64_t, found_function> finding_;
  std::map<std::uint64_t, read_function> reading_;
  std::map<std::uint64_t, asked> asking_;
  std::map<lane_id, said_function> keeping_;  // by a number that stands for the lane
  open_letters_ptr handed_over_ = std::make_shared<open_letters>();
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::redrive_wanted)
WEIR_LOCAL_MESSAGE(weir::actors::discard_wanted)
WEIR_LOCAL_MESSAGE(weir::actors::edit_wanted)
WEIR_LOCAL_MESSAGE(weir::actors::numbers_found)
WEIR_LOCAL_MESSAGE(weir::actors::letter_read)
WEIR_LOCAL_MESSAGE(weir::actors::order_answered)
WEIR_LOCAL_MESSAGE(weir::actors::redrive_goes_on)
WEIR_LOCAL_MESSAGE(weir::actors::redrive_over)
