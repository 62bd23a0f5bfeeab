// SPDX-License-Identifier: BSD-3-Clause
// Journaling, saving, forgetting; and refusing names.
#include "weir/runtime/delivery/partition_state.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

namespace weir::delivery {

void partition_state::read_journal_left() {
  left_.load(*place_.where, prefix_);
  if (!left_.loaded()) return;
  for (const auto& record : left_.records()) {
    journal_.push_back({record.number, record.bytes});
    journal_bytes_ += record.bytes;
    commits_ = std::max(commits_, record.number);
  }
}

std::uint64_t partition_state::write(store::changes& to) {
  const auto number = ++commits_;
  forget_flushed();
  write_journal(to, number);
  save_oldest(to, number);
  trim();
  return number;
}

void partition_state::forget_flushed() {
  const auto flushed = flushed_->load(std::memory_order_acquire);
  for (; !savings_.empty() && savings_.front().commit <= flushed; savings_.pop_front()) {
    safe_ = savings_.front().number;
  }
  const auto& left = left_.records();
  for (; left_forgotten_ < left_saved_ && left[left_forgotten_].number <= safe_;
       ++left_forgotten_) {
    left_.forget(left_forgotten_);
  }
}

void partition_state::write_journal(store::changes& to, std::uint64_t number) {
  const auto changed = std::any_of(parts_.begin(), parts_.end(),
                                   [](const named& one) { return one.part->changed(); });
  if (!changed) return;
  bytes_.clear();
  {
    codec::byte_writer writer{bytes_};
    begin_journal(writer);
    for (auto& one : parts_) {
      if (one.part->changed()) one.part->write(writer, one.name, number);
    }
  }
  to.put(store::table::state, journal_key(prefix_, number), bytes_);
  journal_.push_back({number, bytes_.size()});
  journal_bytes_ += bytes_.size();
}

bool partition_state::journal_too_large() const {
  if (journal_bytes_ > std::min(bytes_max_ / 4, journal_bytes_max)) return true;
  auto unsaved = left_.bytes();
  for (const auto& one : parts_) unsaved += one.part->unsaved_bytes();
  return unsaved > bytes_max_ / 2;
}

void partition_state::save_oldest(store::changes& to, std::uint64_t number) {
  std::uint64_t saved = 0;
  const auto enough = to.bytes() + saved_bytes_max + 8 * bytes_.size();
  while (!journal_.empty() && to.bytes() < enough && journal_too_large()) {
    saved = journal_.front().number;
    const auto& left = left_.records();
    if (left_saved_ < left.size() && left[left_saved_].number == saved) {
      left_.save(left[left_saved_++], to);
    }
    for (auto& one : parts_) one.part->save(to, saved);
    to.erase(store::table::state, journal_key(prefix_, saved));
    journal_bytes_ -= journal_.front().bytes;
    journal_.pop_front();
  }
  if (saved > 0) savings_.push_back({number, saved});
}

void partition_state::trim() {
  std::size_t all = 0;
  for (const auto& one : parts_) all += one.part->bytes();
  if (all <= bytes_max_) return;
  // An eighth more, so that this is rare.
  const auto share = static_cast<double>(bytes_max_ - bytes_max_ / 8) / static_cast<double>(all);
  for (auto& one : parts_) {
    const auto most = share * static_cast<double>(one.part->bytes());
    one.part->trim(safe_, static_cast<std::size_t>(most));
  }
}

void partition_state::refuse(std::string_view name, const char* why) const {
  throw std::logic_error(place_.text(name) + " " + why);
}

namespace {

/// One pass over all states of a subscription: in each partition its journal, then its rows.
class stored_scan {
 public:
  stored_scan(std::string_view subscription, std::string_view name, const stored_visitor& visit)
      : subscription_(subscription), name_(name), visit_(visit) {}

  result<void> run(const store::store& where) {
    const auto all = store::key_writer{}.text(subscription_).take();
    result<void> going{};
    auto seen = where.scan(store::table::state, all, store::prefix_end(all),
                           [&](std::string_view key, std::string_view value) {
                             going = take(key, value);
                             return going.has_value();
                           });
    if (!seen) return seen;
    return going ? finish_partition() : going;
  }

 private:
  result<void> take(std::string_view key, std::string_view value) {
    store::key_reader read{key};
    static_cast<void>(read.text());
    auto topic = read.text();
    const auto partition = read.u32();
    const auto state = read.text();
    if (topic != topic_ || partition != partition_) {
      if (auto finished = finish_partition(); !finished) return finished;
      topic_ = std::move(topic);
      partition_ = partition;
    }
    if (!read.ok()) return fail(wrong({errc::store_corrupt, "a key of another kind"}));
    if (state.empty()) return journal(value);
    if (state != name_) return {};
    const auto row = read.rest();
    const auto newer = newer_.find(row);
    if (newer == newer_.end()) return give(row, value);
    auto given = newer->second ? give(row, *newer->second) : result<void>{};
    newer_.erase(newer);
    return given;
  }
  result<void> give(std::string_view key, std::string_view value) const {
    auto visited = visit_(key, value);
    if (!visited) return fail(wrong(visited.error()));
    return visited;
  }
  result<void> journal(std::string_view record) {
    auto understood = read_journal(record, [&](auto state, auto key, auto value) {
      if (state != name_) return;
      newer_[std::string{key}] = value ? std::optional<std::string>{*value} : std::nullopt;
    });
    if (understood) return {};
    return fail(wrong({errc::store_corrupt, understood.error().message}));
  }
  /// What has no row.
  result<void> finish_partition() {
    for (const auto& [key, value] : std::exchange(newer_, {})) {
      if (!value) continue;
      if (auto given = give(key, *value); !given) return given;
    }
    return {};
  }
  error wrong(const error& why) const {
    const state_place place{nullptr, std::string{subscription_}, topic_, partition_};
    return {why.code, place.text(name_) + ": " + why.message};
  }

  std::string_view subscription_;
  std::string_view name_;
  const stored_visitor& visit_;
  std::string topic_;
  std::uint32_t partition_ = 0;
  std::map<std::string, std::optional<std::string>, std::less<>> newer_;
};

}  // namespace

result<void> visit_stored(const store::store& where, std::string_view subscription,
                          std::string_view name, const stored_visitor& visit) {
  return stored_scan{subscription, name, visit}.run(where);
}

}  // namespace weir::delivery
