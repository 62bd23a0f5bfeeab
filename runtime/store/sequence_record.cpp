// SPDX-License-Identifier: BSD-3-Clause
// Key and value.
#include "weir/runtime/store/sequence_record.hpp"

#include <string>

#include "weir/runtime/store/key.hpp"

namespace weir::store {
namespace {

std::string key_of(std::string_view producer, std::string_view topic, std::uint32_t partition) {
  return key_writer{}.text("producers").text(topic).u32(partition).text(producer).take();
}

}  // namespace

void put_sequence(changes& to, std::string_view producer, std::string_view topic,
                  std::uint32_t partition, std::uint64_t sequence) {
  to.put(table::meta, key_of(producer, topic, partition), key_writer{}.u64(sequence).bytes());
}

result<std::optional<std::uint64_t>> last_sequence(const store& where, std::string_view producer,
                                                   std::string_view topic,
                                                   std::uint32_t partition) {
  std::string value;
  const auto found = where.get(table::meta, key_of(producer, topic, partition), value);
  if (!found) return fail(found.error());
  if (!*found) return std::optional<std::uint64_t>{};
  key_reader read{value};
  const auto sequence = read.u64();
  if (read.done()) return std::optional<std::uint64_t>{sequence};
  return fail(errc::store_corrupt, "how far producer " + std::string{producer} + " has come in " +
                                       std::string{topic} + "/" + std::to_string(partition) +
                                       " is no sequence");
}

}  // namespace weir::store
