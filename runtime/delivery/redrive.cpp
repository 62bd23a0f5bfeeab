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

}  // namespace weir::delivery
