// SPDX-License-Identifier: BSD-3-Clause
// Walks the records of one block by their lengths.
#include "weir/runtime/store/log_block.hpp"

#include <cstdint>

#include <boost/crc.hpp>

namespace weir::store {
namespace {

// Castagnoli's CRC-32, as iSCSI has it (RFC 3720).
using crc32c = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

constexpr std::size_t header_size = 7;
constexpr std::size_t length_at = 4, type_at = 6;
constexpr unsigned char last_type = 4;  // above are those of reused files

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return value;
}

// Checksums are kept rotated and offset, so that the checksum of a log in a log is no coincidence.
std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }

// Whether the checksum fits the record cut to some length: it was whole once, and its length is
// what is damaged. A record that was cut short itself has no such length.
bool was_shorter(std::string_view record) {
  const auto checksum = little_endian(record.substr(0, length_at));
  crc32c so_far;
  for (const char byte : record.substr(type_at)) {
    so_far.process_byte(static_cast<unsigned char>(byte));
    if (masked(so_far.checksum()) == checksum) return true;
  }
  return false;
}

}  // namespace

bool hides_damage(std::string_view block, bool last) {
  while (block.size() >= header_size) {
    const auto length = little_endian(block.substr(length_at, 2));
    const auto type = static_cast<unsigned char>(block[type_at]);
    if (type > last_type) return true;
    if (type == 0 && length == 0) {
      return !last || block.find_first_not_of('\0') != block.npos;
    }
    if (header_size + length > block.size()) return last && was_shorter(block);
    block.remove_prefix(header_size + length);
  }
  return false;
}

}  // namespace weir::store
