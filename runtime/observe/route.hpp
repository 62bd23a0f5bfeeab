// SPDX-License-Identifier: BSD-3-Clause
// What can be asked of a node from outside, as a table of routes: data and functions, no socket.
// A request is answered by the route of its path and method, or says what there is instead; errors
// are JSON. Who listens, and to whom, is somebody else's: see actors/observe.
//
// Invariant: every request has one response, whatever its bytes.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "weir/runtime/core/result.hpp"

namespace weir::observe {

/// What somebody must be allowed to do to use a route.
enum class right : std::uint8_t { read, write };

/// Names to values, decoded.
using query_values = std::map<std::string, std::string, std::less<>>;

struct request {
  std::string method = "GET";
  /// Without the query, as it came.
  std::string path = "/";
  query_values query{};
  std::string body{};
};

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view lines_type = "application/x-ndjson";
inline constexpr std::string_view text_type = "text/plain";
inline constexpr std::string_view bytes_type = "application/octet-stream";

struct route {
  std::string method;
  /// All of it, from the first slash.
  std::string path;
  right needs = right::read;
  /// The body of a good answer. May be called by several threads at once; what it throws is an
  /// answer too.
  std::function<result<std::string>(const request&)> answer;
  std::string_view type = json_type;
};

struct response {
  int status = 200;
  std::string type{json_type};
  std::string body{};

  bool good() const noexcept { return status >= 200 && status < 300; }
};

/// What the table says to a request of somebody who may do `allowed`: `write` includes `read`.
/// Without a route: errc::not_found (404), or errc::invalid_argument (405) if there is one for
/// another method; errc::invalid_argument (403) if it needs more.
response answer(std::span<const route> routes, const request& asked, right allowed);

/// `{"error":"not_found","message":"...","causes":[{"type":"...","message":"..."}]}` under the
/// status of its code.
response response_to(const error& failure);
/// The status of HTTP that says the same to whoever knows no codes of ours.
int http_status(errc code) noexcept;
/// The body of a good response, or the error of another.
result<std::string> body_of(response given);

/// `a=1&b=%20`, percent-decoded, with + for blanks. errc::invalid_argument for a broken escape, a
/// name that is empty or comes twice, and more than 64 of them.
result<query_values> read_query(std::string_view text);
/// The way back.
std::string write_query(const query_values& values);

}  // namespace weir::observe
