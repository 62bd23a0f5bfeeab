// SPDX-License-Identifier: BSD-3-Clause
// Who waits for which reply.
#include "weir/actors/node/requester.hpp"

#include "weir/actors/node/impl.hpp"

namespace weir::actors {

event_id open_requests::open(timestamp now, std::shared_ptr<reply_completion> done) {
  const std::lock_guard lock{access_};
  const auto id = ids_.next(now);
  waiting_.emplace(id, std::move(done));
  return id;
}

void open_requests::close(event_id id) {
  const std::lock_guard lock{access_};
  waiting_.erase(id);
}

bool open_requests::answer(event_id id, std::shared_ptr<const void> reply) {
  std::shared_ptr<reply_completion> done;
  {
    const std::lock_guard lock{access_};
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) return false;
    done = std::move(found->second);
    waiting_.erase(found);
  }
  done->complete(std::move(reply));
  return true;
}

std::size_t open_requests::size() const {
  const std::lock_guard lock{access_};
  return waiting_.size();
}

std::shared_ptr<open_requests> make_open_requests(node& owner) {
  return std::make_shared<open_requests>(owner.internals().seeds());
}

timestamp time_of(node& owner) { return owner.internals().link->time->now(); }

std::optional<std::shared_ptr<const void>> wait_for_reply(node& owner, reply_completion& done,
                                                          duration deadline) {
  return wait(*owner.internals().link, done, deadline);
}

}  // namespace weir::actors
