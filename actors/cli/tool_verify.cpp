// SPDX-License-Identifier: BSD-3-Clause
// `verify`: reads every record of a data directory, and says what is damaged.
#include "weir/actors/cli/report.hpp"
#include "weir/actors/cli/tool.hpp"
#include "weir/runtime/codec/json_writer.hpp"
#include "weir/runtime/delivery/letter_record.hpp"
#include "weir/runtime/store/examine.hpp"
#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/rocksdb_store.hpp"
#include "weir/runtime/store/salvage.hpp"

namespace weir::cli {
namespace {

result<void> verify(const settings& chosen, std::ostream& out, const interrupt&) {
  const bool json = chosen.flag("json");
  std::uint64_t damages = 0;
  const auto damaged = [&](const std::string& what) {
    ++damages;
    out << (json ? "{\"damage\":" + codec::to_json(what) + "}" : what) << '\n';
  };
  const auto where = store::rocksdb_store::open_read_only(*chosen.text("DIR"));
  if (!where) return fail(where.error());
  const auto found = store::examine(**where, damaged);
  if (!found) return fail(found.error());
  // Their records are the deliveries' own; that they cannot be read is known by now.
  const auto seen = store::salvage(
      **where, store::table::dead_letters, {}, {},
      [&](std::string_view key, std::string_view value) {
        const auto letter = delivery::decode_letter(value);
        if (letter) return;
        damaged("dead_letters: " + store::printable(key) + ": " + to_string(letter.error()));
      },
      [](const std::string&) {});
  if (!seen) return fail(seen.error());
  if (json) {
    out << "{\"records\":" << found->records << ",\"events\":" << found->events
        << ",\"damages\":" << damages << "}\n";
  } else {
    out << grouped(found->records) << " records, " << grouped(found->events) << " events, "
        << grouped(damages) << " damaged\n";
  }
  if (damages == 0) return {};
  return fail(errc::store_corrupt, *chosen.text("DIR") + ": " + std::to_string(damages) +
                                       (damages == 1 ? " damage" : " damages"));
}

}  // namespace

tool verify_tool() {
  return {"verify",
          "reads everything and says what is damaged; exit code 1 if anything is",
          {"DIR"},
          {{"json", "one JSON object a line", flag{}}},
          {},
          &verify};
}

}  // namespace weir::cli
