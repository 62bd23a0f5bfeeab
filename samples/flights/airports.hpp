// SPDX-License-Identifier: BSD-3-Clause
// The table of airports: code to name, place and coordinates, loaded whole at start (3,376 rows)
// and only read after that.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

#include "weir/samples/flights/byte_source.hpp"
#include "weir/samples/flights/departure.hpp"

namespace flights {

struct airport {
  std::string name, city, state, country;
  double latitude = 0;   ///< degrees, north positive
  double longitude = 0;  ///< degrees, east positive
};

/// Immutable once loaded: any number of threads may read it.
class airport_table {
 public:
  /// Loads a CSV with the header `iata,name,city,state,country,latitude,longitude`. Errors name
  /// file, line and column: not_found, io_failed, malformed, missing_field, wrong_type,
  /// out_of_range, too_long, invalid_utf8, already_exists (a code that is there twice).
  static weir::result<airport_table> load(const std::string& path);
  /// The same over any bytes; `name` stands for the file in errors.
  static weir::result<airport_table> load(std::unique_ptr<byte_source> source,
                                          const std::string& name);

  /// Null if there is no such airport.
  const airport* find(iata code) const noexcept {
    const auto found = airports_.find(code);
    return found == airports_.end() ? nullptr : &found->second;
  }
  std::size_t size() const noexcept { return airports_.size(); }

 private:
  std::unordered_map<iata, airport> airports_;
};

}  // namespace flights
