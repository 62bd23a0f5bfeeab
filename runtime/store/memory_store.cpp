// SPDX-License-Identifier: BSD-3-Clause
// Ordered maps under one lock. A fault is decided before anything changes, so that a call either
// has its whole effect or none; what a failed commit leaves in doubt is decided at reopening.
#include "weir/runtime/store/memory_store.hpp"

#include <iterator>
#include <utility>

#include "weir/runtime/core/random.hpp"
#include "weir/runtime/store/seal.hpp"

namespace weir::store {
namespace {

using guard = std::lock_guard<std::mutex>;

std::uint64_t size_of(std::string_view key, std::string_view sealed) {
  return key.size() + sealed.size();
}

template <class Records>
auto range_of(Records& records, std::string_view from, std::string_view to) {
  const auto first = records.lower_bound(from);
  if (to.empty()) return std::pair{first, records.end()};
  return std::pair{first, from < to ? records.lower_bound(to) : first};
}

// Counts the sizes of what it removes away from `bytes`.
template <class Records, class Position>
void erase(Records& records, Position first, Position last, std::uint64_t& bytes) {
  for (auto it = first; it != last; ++it) bytes -= size_of(it->first, it->second);
  records.erase(first, last);
}

}  // namespace

result<void> memory_store::begin_call(std::string_view what, duration latency_max) const {
  ++calls_;
  if (latency_max.count() > 0) {
    const auto bound = static_cast<std::uint64_t>(latency_max.count()) + 1;
    latency_ += duration{random{faults_.seed}.split(2 * calls_).below(bound)};
  }
  const auto failed = [&](errc code, const char* why) {
    return fail(code, "memory store: " + std::string{what} + ", call " + std::to_string(calls_) +
                          ": " + why);
  };
  if (crashed_) return failed(errc::store_failed, "after a crash, before reopening");
  const auto met = faults_.meets ? faults_.meets(what, calls_) : store_fault::none;
  const bool dies = met == store_fault::dies_before || met == store_fault::dies_after;
  if (dies || calls_ == faults_.crash_at_call) {
    crashed_ = true;
    if (dies) survives_ = met == store_fault::dies_after;
    return failed(errc::store_failed, "a simulated crash");
  }
  if (met == store_fault::fails || calls_ == faults_.fail_at_call) {
    return failed(errc::store_io, "a simulated failure");
  }
  return {};
}

result<void> memory_store::commit(const changes& group) {
  guard held(lock_);
  const bool dead = crashed_;
  auto begun = begin_call("commit", faults_.commit_latency_max);
  if (dead) return begun;
  if (!failure_.empty()) {
    return fail(errc::store_failed, "no more writes until it is opened again: " + failure_);
  }
  if (!begun) {
    in_doubt_ = group;
    failure_ = begun.error().message;
    return fail(errc::store_failed, failure_);
  }
  std::uint64_t growth = 0;
  group.visit([&](const change& one) {
    if (one.what == change::kind::put) growth += size_of(one.key, one.second);
  });
  if (growth > faults_.bytes_max || bytes_ > faults_.bytes_max - growth) {
    failure_ = "memory store: " + std::to_string(bytes_) + " bytes and " + std::to_string(growth) +
               " more, of at most " + std::to_string(faults_.bytes_max);
    return fail(errc::store_full, failure_);
  }
  apply(group);
  return {};
}

void memory_store::apply(const changes& group) {
  group.visit([&](const change& one) {
    auto& those = in(one.where);
    if (one.what == change::kind::erase_range) {
      const auto [first, last] = range_of(those, one.key, one.second);
      return erase(those, first, last, bytes_);
    }
    const auto found = those.find(one.key);
    if (found != those.end()) erase(those, found, std::next(found), bytes_);
    if (one.what == change::kind::put) {
      those.emplace(one.key, one.second);
      bytes_ += size_of(one.key, one.second);
    }
  });
}

result<bool> memory_store::get(table where, std::string_view key, std::string& value) const {
  guard held(lock_);
  if (auto begun = begin_call("get", faults_.read_latency_max); !begun) return fail(begun.error());
  const auto found = in(where).find(key);
  if (found == in(where).end()) return false;
  const auto opened = unseal(where, key, found->second);
  if (!opened) return fail(opened.error());
  value.assign(*opened);
  return true;
}

result<void> memory_store::scan(table where, std::string_view from, std::string_view to,
                                const visitor& visit) const {
  guard held(lock_);
  if (auto begun = begin_call("scan", faults_.read_latency_max); !begun) return begun;
  const auto [first, last] = range_of(in(where), from, to);
  for (auto it = first; it != last; ++it) {
    const auto opened = unseal(where, it->first, it->second);
    if (!opened) return fail(opened.error());
    if (!visit(it->first, *opened)) break;
  }
  return {};
}

result<bool> memory_store::last(table where, std::string_view from, std::string_view to,
                                record& found) const {
  guard held(lock_);
  if (auto begun = begin_call("last", faults_.read_latency_max); !begun) return fail(begun.error());
  const auto [first, end] = range_of(in(where), from, to);
  if (first == end) return false;
  const auto& [key, sealed] = *std::prev(end);
  const auto opened = unseal(where, key, sealed);
  if (!opened) return fail(opened.error());
  found.key = key;
  found.value.assign(*opened);
  return true;
}

result<void> memory_store::checkpoint(const std::filesystem::path& directory) {
  guard held(lock_);
  if (auto begun = begin_call("checkpoint", faults_.commit_latency_max); !begun) return begun;
  if (!checkpoints_.emplace(directory, tables_).second) {
    return fail(errc::already_exists, "checkpoint " + directory.string());
  }
  return {};
}

result<std::unique_ptr<memory_store>> memory_store::open_checkpoint(
    const std::filesystem::path& directory) const {
  guard held(lock_);
  const auto found = checkpoints_.find(directory);
  if (found == checkpoints_.end()) {
    return fail(errc::not_found, "checkpoint " + directory.string());
  }
  auto opened = std::make_unique<memory_store>();
  opened->tables_ = found->second;
  for (const auto& those : opened->tables_) {
    for (const auto& [key, sealed] : those) opened->bytes_ += size_of(key, sealed);
  }
  return opened;
}

void memory_store::set_faults(memory_faults faults) {
  guard held(lock_);
  faults_ = std::move(faults);
}

void memory_store::crash() {
  guard held(lock_);
  crashed_ = true;
}

void memory_store::reopen() {
  guard held(lock_);
  const bool chance = random{faults_.seed}.split(2 * calls_ + 1).chance(0.5);
  if (in_doubt_ && survives_.value_or(chance)) apply(*in_doubt_);
  in_doubt_.reset();
  survives_.reset();
  failure_.clear();
  crashed_ = false;
}

bool memory_store::broken() const {
  guard held(lock_);
  return crashed_ || !failure_.empty();
}

std::uint64_t memory_store::calls() const {
  guard held(lock_);
  return calls_;
}

duration memory_store::latency() const {
  guard held(lock_);
  return latency_;
}

std::uint64_t memory_store::bytes() const {
  guard held(lock_);
  return bytes_;
}

std::string* memory_store::sealed(table where, const std::string& key) {
  const auto found = in(where).find(key);
  return found == in(where).end() ? nullptr : &found->second;
}

}  // namespace weir::store
