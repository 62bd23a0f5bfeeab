// SPDX-License-Identifier: BSD-3-Clause
// A dead letter as the record a store keeps: its bytes and its key. FORMAT.md has the grammar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/delivery/dead_letter.hpp"

namespace weir::delivery {

/// A letter and its place in the order in which letters were kept.
struct numbered_letter {
  std::uint64_t number = 0;
  dead_letter letter;
};

/// Appends the letter's record to `out`. Any thread.
void encode_letter(const dead_letter& letter, std::uint64_t number, std::string& out);
/// The letter of a record. errc::malformed; errc::newer_format. Any thread.
result<numbered_letter> decode_letter(std::string_view bytes);

/// Where the letter lies in the table dead_letters. One of a durable topic lies where its event and
/// subscription say, whoever keeps it and however often; any other where its number says.
std::string key_of_letter(const dead_letter& letter, std::uint64_t number, bool durable);
/// What a key says: whether the topic is durable, and the number if it is not.
struct letter_key {
  bool durable = false;
  std::uint64_t number = 0;
};
letter_key read_letter_key(std::string_view key) noexcept;

}  // namespace weir::delivery
