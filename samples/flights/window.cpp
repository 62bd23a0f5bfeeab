// SPDX-License-Identifier: BSD-3-Clause
// Refilling: move the unfinished record to the front, grow if it fills the buffer, read behind it.
#include "weir/samples/flights/window.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "weir/runtime/core/invariant.hpp"

namespace flights {

window::window(std::unique_ptr<byte_source> source)
    : source_(std::move(source)), buffer_(read_bytes) {}

weir::result<bool> window::more() {
  if (ended_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    WEIR_INVARIANT(end_ < max_bytes, "a scanner holds more than one record");
    buffer_.resize(std::min(2 * buffer_.size(), max_bytes));
  }
  const auto room = std::span{buffer_}.subspan(end_);
  auto got = source_->read(room.first(std::min(room.size(), read_bytes)));
  if (!got) return weir::fail(std::move(got.error()));
  end_ += *got;
  ended_ = *got == 0;
  return !ended_;
}

}  // namespace flights
