// SPDX-License-Identifier: BSD-3-Clause
// Records of format 1 as they were written on 2026-11-26: the events of stored_batches.hpp from
// offset 300. Every later version reads them and, while it writes format 1, writes them. Never
// change a digit.
#pragma once

#include <string>
#include <string_view>

#include "weir/tests/runtime/codec/hex.hpp"

namespace codec_tests {

/// Payloads in binary; published by producer 0xaabb in epoch 3, from sequence number 200 on.
inline std::string golden_binary() {
  return unhex(
      "01 01 01 03 ac02 00ca9a3b00000000 ac02"              // format to the latest time
      "bbaa000000000000 03 c801"                            // producer
      "02"                                                  // types
      "12 636f6465635f74657374732e706c61636564 02 22206301ef21606b"
      "12 636f6465635f74657374732e7469636b6564 01 ff071988be54ecf2"
      "00 0807060504030201 1817161514131211 00"             // placed: id, time
      "03 632d37"                                           // key
      "06 03 6f2d31 9e1f"                                   // payload
      "03 0100000000000000 0200000000000000 d804 00"        // ticked, with lineage
      "0300000000000000 0400000000000000 0500000000000000 0600000000000000"
      "01 01"
      "02 0100000000000000 0300000000000000 d904 01 6b"     // ticked
      "01 0e");
}

/// The same events in JSON, without producer.
inline std::string golden_json() {
  return unhex(
             "01 00 00 03 ac02 00ca9a3b00000000 ac02 02"
             "12 636f6465635f74657374732e706c61636564 02 22206301ef21606b"
             "12 636f6465635f74657374732e7469636b6564 01 ff071988be54ecf2"
             "00 0807060504030201 1817161514131211 00 03 632d37 1f") +
         R"({"order_id":"o-1","cents":1999})" +
         unhex(
             "03 0100000000000000 0200000000000000 d804 00"
             "0300000000000000 0400000000000000 0500000000000000 0600000000000000 0d") +
         R"({"number":-1})" + unhex("02 0100000000000000 0300000000000000 d904 01 6b 0c") +
         R"({"number":7})";
}

}  // namespace codec_tests
