// SPDX-License-Identifier: BSD-3-Clause
// Which stored events a tool is about, as people say it: --from and --filter.
#pragma once

#include <cstdint>
#include <string>

#include "weir/runtime/codec/batch_record.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/survey.hpp"

namespace weir::cli {

/// Where to begin: an offset, so many before the end, or a time.
struct beginning {
  enum class kind : std::uint8_t { offset, before_end, time } what = kind::offset;
  std::uint64_t number = 0;
  timestamp time{};

  /// Where that is; of a time, where events of it may be: see not_before().
  std::uint64_t offset_in(const store::log_ends& log) const noexcept;
  /// Events before this are not meant.
  timestamp not_before() const noexcept { return what == kind::time ? time : timestamp::min(); }
};

/// `earliest`, `latest`, an offset, `-N` or an RFC 3339 time. errc::invalid_argument.
result<beginning> beginning_of(const std::string& text);

struct filter {
  std::string field;  // key or type; empty: everything passes
  std::string value;

  bool passes(const codec::stored_event& event, const codec::stored_type& type) const;
};

/// `key=KEY` or `type=TYPE`, with or without its version; "": everything. errc::invalid_argument.
result<filter> filter_of(const std::string& text);

}  // namespace weir::cli
