// SPDX-License-Identifier: BSD-3-Clause
// One message in, one message out; in a simulation with faults, none or two, or later.
#include "weir/actors/pipeline/service_actor.hpp"

namespace weir::actors {

using sim::fault;

caf::behavior service_actor::make_behavior() {
  return {
      [this](const service_ask& asked) {
        if (faults_ != nullptr) return answer_with_faults(asked);
        answer(asked);
      },
      [this](const answer_due& late) { answer_with(*late.asked, late.answers); },
  };
}

void service_actor::answer(const service_ask& asked) {
  answer_with(asked, answer_(asked.requests.get()));
}

void service_actor::answer_with(const service_ask& asked, std::shared_ptr<const void> answers) {
  tell_from(*this, asked.answer_to, service_answer{asked.ticket, std::move(answers)});
}

void service_actor::answer_with_faults(const service_ask& asked) {
  const auto number = ++questions_;
  const auto strikes = [&](fault what) { return faults_->strikes(what, name_, number); };
  if (strikes(fault::question_dropped)) return;
  auto answers = answer_(asked.requests.get());
  if (strikes(fault::question_twice)) answer(asked);
  if (strikes(fault::answer_dropped)) return;
  if (strikes(fault::answer_twice)) answer_with(asked, answers);
  if (const auto late = strikes(fault::answer_late)) {
    tell_later(*this, *late,
               answer_due{std::make_shared<const service_ask>(asked), std::move(answers)});
    return;
  }
  answer_with(asked, std::move(answers));
}

}  // namespace weir::actors
