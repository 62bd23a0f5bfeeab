// SPDX-License-Identifier: BSD-3-Clause
// A stored event as a line: for people, or as CloudEvents 1.0 JSON. Payloads in binary are shown as
// JSON if this program knows their type in this layout, and as bytes if not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/runtime/codec/batch_record.hpp"

namespace weir::observe {

/// An event, and where it was found.
struct found_event {
  std::string_view topic;
  std::uint32_t partition = 0;
  const codec::stored_event& event;
  const codec::stored_type& type;
  payload_format format = payload_format::binary;
};

/// Two digits a byte, lower case.
std::string hex_of(std::string_view bytes);

/// `2026-11-27T08:00:00.000Z orders/2 @17 order.created@1 c-7 {...}`. No line end.
std::string text_of(const found_event& found);
/// One object; extensions: `partition`, `offset`, `typeversion`, `correlationid`, `causationid`.
/// What is no JSON is `data_base64`. No line end.
std::string cloud_event_of(const found_event& found);

}  // namespace weir::observe
