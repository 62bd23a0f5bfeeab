// SPDX-License-Identifier: BSD-3-Clause
// Keys.
#include "weir/runtime/store/inbox_record.hpp"

#include "weir/runtime/store/key.hpp"

namespace weir::store {
namespace {

std::string key_of(std::string_view topic, std::uint64_t number) {
  return key_writer{}.text(topic).u64(number).take();
}

}  // namespace

std::string messages_of(std::string_view topic) { return key_writer{}.text(topic).take(); }

std::uint64_t message_number(std::string_view key) noexcept { return key_reader{key}.u64(); }

void put_message(changes& to, std::string_view topic, std::uint64_t number, std::string_view id,
                 std::uint64_t horizon) {
  to.put(table::inbox, key_of(topic, number), id);
  if (number > horizon) to.erase(table::inbox, key_of(topic, number - horizon));
}

void forget_messages(changes& to, std::string_view topic, std::uint64_t number) {
  to.erase_range(table::inbox, messages_of(topic), key_of(topic, number));
}

}  // namespace weir::store
