// SPDX-License-Identifier: BSD-3-Clause
// The only file that includes cpp-httplib. Its listening, accepting, pool and connecting are not
// used: sockets are ours, with deadlines it does not know.
#include "weir/actors/observe/http.hpp"

#include <httplib.h>

namespace weir::actors {
namespace {

/// A connection as the library wants it.
class stream final : public httplib::Stream {
 public:
  explicit stream(connection& with) : with_(with) {}
  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* into, std::size_t size) override { return with_.read(into, size); }
  ssize_t write(const char* from, std::size_t size) override { return with_.write(from, size); }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  // It only asks whether select() could take it.
  socket_t socket() const override { return 0; }

 private:
  connection& with_;
};

std::string query_of(const std::string& target) {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string{} : target.substr(mark + 1);
}

observe::response refusal(int status, errc code, std::string why) {
  auto made = observe::response_to({code, std::move(why)});
  made.status = status;
  return made;
}

}  // namespace

class http_side::server : public httplib::Server {
 public:
  explicit server(answering answer) : answer_(std::move(answer)) {
    set_payload_max_length(body_bytes_max);
    set_pre_routing_handler([](const httplib::Request& asked, httplib::Response& out) {
      if (asked.headers.size() > headers_max) {
        put(refusal(431, errc::too_long, "more than " + std::to_string(headers_max) + " headers"),
            out);
        return HandlerResponse::Handled;
      }
      // What is small when it comes may be anything once it is unpacked.
      if (!asked.has_header("Content-Encoding")) return HandlerResponse::Unhandled;
      put(refusal(415, errc::invalid_argument, "a body is taken as it is, without an encoding"),
          out);
      return HandlerResponse::Handled;
    });
    const auto all = [this](const httplib::Request& asked, httplib::Response& out) {
      put(answer_to(asked), out);
    };
    // Every path: which there are is the table's to say.
    const char* const any = ".*";
    Get(any, all).Post(any, all).Put(any, all).Patch(any, all).Delete(any, all).Options(any, all);
    // What the library refuses by itself.
    set_error_handler([](const httplib::Request&, httplib::Response& out) {
      if (!out.body.empty()) return;
      const auto status = out.status;
      put(refusal(status, status == 413 || status == 414 ? errc::too_long : errc::malformed,
                  status == 413 ? "a body of more than " + std::to_string(body_bytes_max) + " bytes"
                                : "no request that can be read"),
          out);
    });
  }

  void serve(connection& with) {
    stream bytes{with};
    bool closed = false;
    process_request(bytes, true, closed, nullptr);
  }

 private:
  observe::response answer_to(const httplib::Request& asked) const {
    auto query = observe::read_query(query_of(asked.target));
    if (!query) return observe::response_to(query.error());
    return answer_({asked.method, asked.path, std::move(*query), asked.body});
  }

  static void put(observe::response&& from, httplib::Response& to) {
    to.status = from.status;
    to.set_content(std::move(from.body), from.type);
  }

  answering answer_;
};

http_side::http_side(answering answer) : server_(std::make_unique<server>(std::move(answer))) {}
http_side::~http_side() = default;
void http_side::serve(connection& with) const { server_->serve(with); }

namespace {

class client final : public httplib::ClientImpl {
 public:
  client() : ClientImpl("node") {}
  result<observe::response> ask(connection& with, const observe::request& asked) {
    httplib::Request request;
    request.method = asked.method;
    request.path = asked.path;
    if (!asked.query.empty()) request.path += '?' + observe::write_query(asked.query);
    request.headers.emplace("Accept", "*/*");
    request.body = asked.body;
    if (!asked.body.empty()) {
      request.headers.emplace("Content-Type", std::string{observe::json_type});
    }
    stream bytes{with};
    httplib::Response given;
    auto problem = httplib::Error::Success;
    if (!process_request(bytes, request, given, true, problem)) {
      if (with.overdue()) return fail(errc::timeout, "the node does not answer");
      if (with.overfull()) return fail(errc::too_long, "the node's answer is too long");
      return fail(errc::unavailable, "the node has ended the connection before it answered");
    }
    return observe::response{given.status, given.get_header_value("Content-Type"),
                            std::move(given.body)};
  }
};

}  // namespace

result<observe::response> exchange(connection& with, const observe::request& asked) {
  return client{}.ask(with, asked);
}

}  // namespace weir::actors
