// SPDX-License-Identifier: BSD-3-Clause
// A batch record made of events of other records, as they are: payloads are not decoded, and no
// type need be known.
#pragma once

#include <string>
#include <vector>

#include "weir/runtime/codec/batch_record.hpp"

namespace weir::codec {

/// One thread at a time; it may build many records, one after the other.
class record_builder {
 public:
  /// The event, whose views are needed only during the call, follows those before. `format` is the
  /// one of its payload and of all others of this record. Its offset is not taken over.
  void add(const stored_event& event, const stored_type& type, payload_format format);

  /// What the events so far take in a record; zero if there are none.
  std::size_t bytes() const noexcept { return body_.size(); }
  std::uint32_t events() const noexcept { return header_.events; }
  payload_format format() const noexcept { return header_.format; }

  /// Appends the record, which begins at `first_offset`, and is empty again. At least one event
  /// must have been added.
  void finish(std::uint64_t first_offset, std::string& out);

 private:
  struct known_type {
    std::string name;
    std::uint32_t version;
    std::uint64_t fingerprint;
  };
  std::size_t place_of(const stored_type& type);

  record_header header_;
  timestamp before_{};
  std::vector<known_type> types_;
  std::string body_;
};

}  // namespace weir::codec
