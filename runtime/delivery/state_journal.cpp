// SPDX-License-Identifier: BSD-3-Clause
// Records, and what is left of those of an earlier run.
#include "weir/runtime/delivery/state_journal.hpp"

#include <utility>

#include "weir/runtime/codec/byte_reader.hpp"
#include "weir/runtime/store/changes.hpp"
#include "weir/runtime/store/key.hpp"

namespace weir::delivery {
namespace {

constexpr std::uint8_t journal_format = 1;
constexpr std::size_t row_bytes = 160;  // of a row in memory, beside its key and value

error malformed(const char* what) {
  return {errc::malformed, std::string{"journal of states: "} + what};
}

result<void> read_part(codec::byte_reader& bytes, std::string& value,
                       const journal_visitor& visit) {
  std::string_view name;
  std::uint64_t fingerprint = 0;
  std::uint64_t entries = 0;
  if (!bytes.text(name) || !bytes.fixed(fingerprint) || !bytes.varint(entries)) {
    return fail(malformed("a state is cut short"));
  }
  for (; entries > 0; --entries) {
    std::string_view key;
    std::uint8_t there = 0;
    std::string_view rest;
    if (!bytes.text(key) || !bytes.byte(there) || there > 1 || (there == 1 && !bytes.text(rest))) {
      return fail(malformed("an entry is cut short"));
    }
    if (there == 0) {
      visit(name, key, std::nullopt);
      continue;
    }
    value.clear();
    codec::byte_writer{value}.fixed(fingerprint);
    value += rest;
    visit(name, key, value);
  }
  return {};
}

}  // namespace

void begin_journal(codec::byte_writer& to) { to.byte(journal_format); }

void begin_journal_part(codec::byte_writer& to, std::string_view name, std::uint64_t fingerprint,
                        std::size_t entries) {
  to.text(name);
  to.fixed(fingerprint);
  to.varint(entries);
}

void journal_erased(codec::byte_writer& to, std::string_view key) {
  to.text(key);
  to.byte(0);
}

result<void> read_journal(std::string_view record, const journal_visitor& visit) {
  codec::byte_reader bytes{record};
  std::uint8_t format = 0;
  if (!bytes.byte(format) || format == 0) return fail(malformed("it has no format"));
  if (format > journal_format) {
    return fail(errc::newer_format, "journal of states: its format is " + std::to_string(format) +
                                        ", this program reads 1");
  }
  std::string value;
  while (!bytes.done()) {
    if (auto read = read_part(bytes, value, visit); !read) return read;
  }
  return {};
}

std::string journal_prefix(std::string_view states_prefix) {
  return store::key_writer{}.rest(states_prefix).text("").take();
}

std::string journal_key(std::string_view states_prefix, std::uint64_t number) {
  return store::key_writer{}.rest(states_prefix).text("").u64(number).take();
}

std::size_t state_overlay::bytes_of(const rows::value_type& one) {
  return row_bytes + one.first.size() + (one.second.value ? one.second.value->size() : 0);
}

result<void> state_overlay::add(const std::string& states_prefix, std::uint64_t number,
                                std::string_view record) {
  auto& left = records_.emplace_back(record_left{number, record.size(), {}});
  return read_journal(record, [&](auto name, auto key, auto value) {
    auto row_key = store::key_writer{}.rest(states_prefix).text(name).rest(key).take();
    const auto [place, first] = rows_.try_emplace(std::move(row_key), row{std::nullopt, 0});
    if (!first) bytes_ -= bytes_of(*place);
    place->second = {value ? std::optional<std::string>{*value} : std::nullopt, number};
    bytes_ += bytes_of(*place);
    left.keys.push_back(&place->first);
  });
}

void state_overlay::load(const store::store& where, const std::string& states_prefix) {
  if (loaded_) return;
  *this = {};
  const auto all = journal_prefix(states_prefix);
  const auto seen = where.scan(
      store::table::state, all, store::prefix_end(all),
      [&](std::string_view key, std::string_view value) {
        store::key_reader read{key.substr(all.size())};
        const auto number = read.u64();
        const auto added = add(states_prefix, number, value);
        if (!added) failure_ = added.error();
        if (!read.done()) failure_ = malformed("a key of another kind");
        return !failure_;
      });
  if (!seen) failure_ = seen.error();
  loaded_ = !failure_;
}

bool state_overlay::find(std::string_view key, std::optional<std::string_view>& value) const {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return false;
  value = found->second.value ? std::optional<std::string_view>{*found->second.value}
                              : std::nullopt;
  return true;
}

void state_overlay::visit_keys(std::string_view prefix,
                               const std::function<void(std::string_view)>& visit) const {
  for (const auto& [key, one] : rows_) {
    if (key.starts_with(prefix)) visit(key);
  }
}

void state_overlay::save(const record_left& one, store::changes& to) const {
  for (const auto* key : one.keys) {
    const auto& now = rows_.find(*key)->second;
    if (now.number != one.number) continue;
    if (now.value) {
      to.put(store::table::state, *key, *now.value);
    } else {
      to.erase(store::table::state, *key);
    }
  }
}

void state_overlay::forget(std::size_t record) {
  auto& one = records_[record];
  for (const auto* key : std::exchange(one.keys, {})) {
    const auto found = rows_.find(*key);
    if (found == rows_.end() || found->second.number != one.number) continue;
    bytes_ -= bytes_of(*found);
    rows_.erase(found);
  }
}

}  // namespace weir::delivery
