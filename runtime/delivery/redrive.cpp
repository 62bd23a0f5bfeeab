// SPDX-License-Identifier: BSD-3-Clause
// One record for each partition, and the letters' new state.
#include "weir/runtime/delivery/redrive.hpp"

#include <map>
#include <utility>

#include "weir/runtime/delivery/event_of_letter.hpp"
#include "weir/runtime/store/changes.hpp"
#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/survey.hpp"

namespace weir::delivery {
result<redrive_report> redrive(store::store& where, const redrive_request& request) {
  auto which = request.which;
  which.state = letter_state::dead;
  auto found = find_letters(where, which, [](const std::string&) {});
  if (!found) return fail(std::move(found.error()));
  auto ends = store::ends_of(where, request.into);
  if (!ends) return fail(std::move(ends.error()));
  redrive_report report;
  std::map<std::uint32_t, codec::record_builder> records;
  store::changes what;
  std::string bytes;
  for (auto& [number, key, letter] : found->letters) {
    if (report.redriven == request.limit) break;
    if (!has_json(letter)) {
      ++report.undecoded;
      continue;
    }
    ++report.redriven;
    add_event(records[letter.partition], letter);
    letter.state = letter_state::redriven;
    bytes.clear();
    encode_letter(letter, number, bytes);
    what.put(store::table::dead_letters, key, bytes);
  }
  if (request.dry_run) return report;
  for (auto& [partition, record] : records) {
    const auto end = (*ends)[partition].end;
    bytes.clear();
    record.finish(end, bytes);
    what.put(store::table::log,
             store::key_writer{}.text(request.into).u32(partition).u64(end).bytes(), bytes);
  }
  if (auto done = where.commit(what); !done) return fail(std::move(done.error()));
  return report;
}

result<redrive_report> park_letters(store::store& where, const redrive_request& request) {
  auto which = request.which;
  which.state = letter_state::dead;
  auto found = find_letters(where, which, [](const std::string&) {});
  if (!found) return fail(std::move(found.error()));
  redrive_report report;
  store::changes what;
  std::string bytes;
  for (auto& [number, key, letter] : found->letters) {
    if (report.redriven == request.limit) break;
    ++report.redriven;
    letter.state = letter_state::parked;
    letter.due = {};
    bytes.clear();
    encode_letter(letter, number, bytes);
    what.put(store::table::dead_letters, key, bytes);
  }
  if (request.dry_run) return report;
  if (auto done = where.commit(what); !done) return fail(std::move(done.error()));
  return report;
}

result<void> edit_letter(store::store& where, std::uint64_t number, const std::string& payload,
                         const std::string& note, timestamp now) {
  auto found = find_letters(where, {.number = number}, [](const std::string&) {});
  if (!found) return fail(std::move(found.error()));
  const auto name = "dead letter " + std::to_string(number);
  if (found->letters.empty()) return fail(errc::not_found, name + ": there is none");
  auto& [its_number, key, letter] = found->letters.front();
  if (auto may = may_edit(letter, payload); !may) return may;
  edit(letter, payload, note, now);
  std::string bytes;
  encode_letter(letter, number, bytes);
  store::changes what;
  what.put(store::table::dead_letters, key, bytes);
  return where.commit(what);
}

}  // namespace weir::delivery
