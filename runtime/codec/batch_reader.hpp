// SPDX-License-Identifier: BSD-3-Clause
// A record's events as batches again: decoded in place into blocks, as a publisher would have built
// them, so that handlers cannot tell a replay from live events.
//
// An event that cannot be decoded ends the batch before it, and next() then says why, again and
// again, until take_failed() gives what stands for it, or skip() is called: whoever reads must have
// done something about the event, and says so. Nothing is skipped silently.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "weir/runtime/codec/batch_record.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/event/batch.hpp"

namespace weir::codec {

/// Reads records one after the other. One thread at a time; keep it, it remembers the types.
class batch_reader {
 public:
  /// Begins `record`, which must outlive its reading, at the event with offset `from` or, if that
  /// is before its first, there; events before it are not decoded and cannot fail.
  /// errc::malformed, errc::newer_format.
  result<void> open(std::string_view record, std::uint64_t from = 0);
  const record_header& header() const noexcept { return walker_.header(); }
  const std::vector<stored_type>& types() const noexcept { return walker_.types(); }

  /// The next events, in one block of `pool`; empty at the end of the record. Offsets are dense
  /// within a batch, and from one to the next but for events that were skipped.
  ///
  /// Errors of one event name its type and offset: errc::unknown_event_type (no such type in this
  /// program), errc::no_codec, errc::schema_mismatch (binary, and the layout is another one),
  /// errc::event_too_large (more than a block of `pool`), or what its decoding gives. They are
  /// poison. errc::malformed with failed() null: the record itself is broken and ends here.
  result<batch> next(block_pool& pool);

  /// The event that next() cannot decode; null if it can, or if the record is broken. Valid until
  /// skip() or open().
  const stored_event* failed() const noexcept {
    return waiting_ && why_ ? &event_ : nullptr;
  }
  /// Goes on behind failed(), which must not be null (invariant).
  void skip();
  /// failed(), which must not be null (invariant), as an undecoded_event, together with those that
  /// follow it and are of no type that can be decoded; next() goes on behind them.
  batch take_failed();

 private:
  struct known_type {
    const event_type* type = nullptr;
    const event_codec* codec = nullptr;
    result<void> (*decode)(std::string_view bytes, void* storage) = nullptr;
    errc why = errc::unknown_event_type;  // if `decode` is null
  };
  known_type find(const stored_type& stored, const known_type& last) const;
  bool fetch();
  bool build(block& memory);
  bool refuse(error why);
  bool refuse_type();
  bool stand_in(block& memory);

  record_walker walker_;
  std::vector<known_type> known_;  // by index of the record's type
  stored_event event_;             // the next to build, if `waiting_`
  bool waiting_ = false;
  boost::intrusive_ptr<block_pool> stand_ins_;  // once something has failed
  std::optional<error> why_;  // why the next cannot be built, or the record goes no further
};

}  // namespace weir::codec
