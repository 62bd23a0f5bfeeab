// SPDX-License-Identifier: BSD-3-Clause
// The control socket, with real clients: good ones, slow ones, and those that send anything.
#include "weir/actors/observe/control_server.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <cstring>
#include <filesystem>

#include <catch2/catch.hpp>

#include "weir/actors/observe/control_client.hpp"
#include "weir/tests/runtime/store/scratch_directory.hpp"

using namespace std::chrono_literals;
using namespace weir::actors;
using store_tests::scratch_directory;
using weir::errc;
using weir::observe::request;
using weir::observe::right;
using weir::observe::route;

namespace {

namespace fs = std::filesystem;

std::vector<route> echo() {
  return {{"GET", "/echo", right::read,
           [](const request& asked) { return weir::observe::write_query(asked.query); }},
          {"POST", "/length", right::write,
           [](const request& asked) { return std::to_string(asked.body.size()); }},
          {"GET", "/large", right::read,
           [](const request&) { return std::string(3'000'000, 'x'); }}};
}

std::unique_ptr<control_server> open(const scratch_directory& in) {
  auto opened = control_server::open(in.path().string());
  INFO((opened ? "" : to_string(opened.error())));
  REQUIRE(opened);
  return std::move(*opened);
}

std::unique_ptr<control_server> serving(const scratch_directory& in) {
  auto server = open(in);
  server->serve(echo());
  return server;
}

connection client_of(const scratch_directory& in) {
  auto socket = connect_to(control_path(in.path().string()));
  REQUIRE(socket);
  return {std::move(*socket), -1, {std::size_t{1} << 20U, weir::machine_clock().now() + 60s}};
}

void send_all(connection& to, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const auto more = to.write(text.data() + sent, text.size() - sent);
    if (more <= 0) return;  // it has heard enough
    sent += static_cast<std::size_t>(more);
  }
}

std::string receive_all(connection& from) {
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = from.read(buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

std::string told(const scratch_directory& in, const std::string& text) {
  auto client = client_of(in);
  send_all(client, text);
  return receive_all(client);
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& one : fs::directory_iterator{"/proc/self/fd"}) ++count;
  return count;
}

/// A socket as a killed process leaves it.
void leave_socket(const std::string& path) {
  const descriptor left{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  REQUIRE(::bind(left.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

}  // namespace

TEST_CASE("routes are answered over the socket, whatever the query, the body and the size",
          "[observe]") {
  const scratch_directory in;
  const auto server = serving(in);
  const auto ask = [&](const request& asked) {
    auto given = ask_node(in.path().string(), asked);
    INFO((given ? "" : to_string(given.error())));
    REQUIRE(given);
    return std::move(*given);
  };
  const weir::observe::query_values odd{{"a", "1 & 2 = 3 + %"}, {"\n", "\xff"}};
  CHECK(weir::observe::read_query(ask({.path = "/echo", .query = odd}).body).value() == odd);
  CHECK(ask({.method = "POST", .path = "/length"}).body == "0");
  CHECK(ask({.method = "POST", .path = "/length", .body = std::string(1'000'000, '\0')}).body ==
        "1000000");
  CHECK(ask({.path = "/large"}).body.size() == 3'000'000);
  CHECK(ask({.path = "/nothing"}).status == 404);
  CHECK(ask({.method = "DELETE", .path = "/echo"}).status == 405);
  for (int i = 0; i < 50; ++i) CHECK(ask({.path = "/echo"}).status == 200);
}

TEST_CASE("the socket is its owner's, is gone with the server, and leaves no descriptor",
          "[observe]") {
  const scratch_directory in;
  const auto path = control_path(in.path().string());
  const auto before = open_descriptors();
  const auto mask = ::umask(0);
  {
    const auto server = serving(in);
    struct stat made {};
    REQUIRE(::lstat(path.c_str(), &made) == 0);
    CHECK(S_ISSOCK(made.st_mode));
    CHECK((made.st_mode & 07777U) == 0600U);
    CHECK(told(in, "GET /echo HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
  }
  ::umask(mask);
  CHECK(!fs::exists(fs::symlink_status(path)));
  CHECK(open_descriptors() == before);
  const auto nobody = ask_node(in.path().string(), {.path = "/echo"});
  REQUIRE(!nobody);
  CHECK(nobody.error().code == errc::not_found);
}

TEST_CASE("a socket that a killed process left is replaced, another thing is not", "[observe]") {
  const scratch_directory in;
  const auto path = control_path(in.path().string());
  leave_socket(path);
  CHECK(ask_node(in.path().string(), {.path = "/echo"}).error().code == errc::not_found);
  {
    const auto server = serving(in);
    CHECK(ask_node(in.path().string(), {.path = "/echo"}));
  }
  store_tests::write_file(path, "precious");
  const auto refused = control_server::open(in.path().string());
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::already_exists);
  CHECK(store_tests::bytes_of(path) == "precious");
}

TEST_CASE("the socket of one that lives is not taken from it", "[observe]") {
  const scratch_directory in;
  const auto server = serving(in);
  const auto second = control_server::open(in.path().string());
  REQUIRE(!second);
  CHECK(second.error().code == errc::already_exists);
  CHECK(ask_node(in.path().string(), {.path = "/echo"}));
}

TEST_CASE("a path that is too long for a socket is told by its length", "[observe]") {
  const scratch_directory in;
  const auto deep = (in.path() / std::string(100, 'd')).string();
  fs::create_directory(deep);
  const auto refused = control_server::open(deep);
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK_THAT(refused.error().message, Catch::Contains("a socket's path has at most 107 bytes"));
  CHECK(ask_node(deep, {}).error().code == errc::invalid_argument);
}

TEST_CASE("clients that stall hold up neither the end of the server nor, for long, a client",
          "[observe]") {
  const scratch_directory in;
  auto server = serving(in);
  std::vector<connection> stalled;
  for (std::size_t i = 0; i < control_server::threads; ++i) {
    stalled.push_back(client_of(in));
    send_all(stalled.back(), "GET /echo HTTP/1.1\r\nHost: ");
  }
  // Every thread has one; who comes next gives up.
  const auto late = ask_node(in.path().string(), {.path = "/echo"}, 50ms);
  if (!late) CHECK(late.error().code == errc::timeout);
  const auto before = weir::machine_clock().now();
  server.reset();
  // Long before their time is over.
  CHECK(weir::machine_clock().now() - before < control_server::request_time / 2);
  for (auto& one : stalled) CHECK(receive_all(one).empty());
}

TEST_CASE("a client that does not take its answer is left at the end", "[observe]") {
  const scratch_directory in;
  auto server = serving(in);
  auto client = client_of(in);
  send_all(client, "GET /large HTTP/1.1\r\n\r\n");
  char first = 0;
  CHECK(client.read(&first, 1) == 1);
  server.reset();
}

TEST_CASE("what is no request, or too large, is refused and harms nobody", "[observe]") {
  const scratch_directory in;
  const auto server = serving(in);
  const auto status = [&](const std::string& text) {
    const auto answer = told(in, text);
    return answer.size() < 12 ? answer : answer.substr(9, 3);
  };
  CHECK(status("hello\r\n\r\n") == "400");
  CHECK(status("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n\r\n") == "414");
  std::string headers;
  for (int i = 0; i < 100; ++i) headers += "X-" + std::to_string(i) + ": 1\r\n";
  CHECK(status("GET /echo HTTP/1.1\r\n" + headers + "\r\n") == "431");
  CHECK(status("POST /length HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx") ==
        "415");
  CHECK(status("GET /echo?a=%zz HTTP/1.1\r\n\r\n") == "400");
  const auto too_large = std::to_string(body_bytes_max + 1);
  CHECK_THAT(status("POST /length HTTP/1.1\r\nContent-Length: " + too_large + "\r\n\r\n" +
                    std::string(body_bytes_max + 1, 'x')),
             Catch::Equals("413"));
  // Without an end: cut off at the limit, whatever is said of it.
  const auto endless = told(in, "GET /echo HTTP/1.1\r\n" + std::string(8 << 20, 'x'));
  CHECK((endless.empty() || endless.starts_with("HTTP/1.1 4")));
  CHECK(told(in, "").empty());
  CHECK(ask_node(in.path().string(), {.path = "/echo"})->status == 200);
}

TEST_CASE("who connects before the server serves is answered then", "[observe]") {
  const scratch_directory in;
  auto server = open(in);
  auto client = client_of(in);
  send_all(client, "GET /echo?a=1 HTTP/1.1\r\n\r\n");
  server->serve(echo());
  CHECK_THAT(receive_all(client), Catch::EndsWith("\r\n\r\na=1"));
}
