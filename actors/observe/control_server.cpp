// SPDX-License-Identifier: BSD-3-Clause
// The socket file, and the threads.
#include "weir/actors/observe/control_server.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "weir/runtime/core/log.hpp"

namespace weir::actors {
namespace {

/// More wait outside.
constexpr int waiting_clients = 16;

tl::unexpected<error> failed(const std::string& path, const char* what) {
  return fail(errc::io_failed, path + ": " + what + ": " + std::strerror(errno));
}

/// The store's lock says that no other node has the directory, so whoever made the file has ended;
/// it is asked all the same.
result<void> clear_away(const std::string& path) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0) {
    if (errno == ENOENT) return {};
    return failed(path, "looking at it");
  }
  if (!S_ISSOCK(there.st_mode)) {
    return fail(errc::already_exists, path + ": this is no socket, but where one belongs");
  }
  if (connect_to(path)) return fail(errc::already_exists, path + ": another process listens here");
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed(path, "removing it");
  return {};
}

/// The peer runs as the same user, or may do anything anyway.
bool is_owner(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

}  // namespace

result<std::unique_ptr<control_server>> control_server::open(const std::string& data_dir) {
  auto path = control_path(data_dir);
  if (auto sound = check_control_path(path); !sound) return fail(std::move(sound.error()));
  if (auto cleared = clear_away(path); !cleared) return fail(std::move(cleared.error()));
  descriptor stopping{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  descriptor listening{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!stopping.open() || !listening.open()) return failed(path, "making a socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  // Linux gives the file the rights of the socket as bind() finds it, so it never has others;
  // changing the process's umask would change it for every thread.
  if (::fchmod(listening.get(), S_IRUSR | S_IWUSR) != 0) return failed(path, "its rights");
  if (::bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failed(path, "bind");
  }
  struct stat made {};
  const bool looked = ::lstat(path.c_str(), &made) == 0;
  if (!looked || (made.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    ::unlink(path.c_str());
    return fail(errc::io_failed, path + ": the socket would be open to other users");
  }
  if (::listen(listening.get(), waiting_clients) != 0) {
    ::unlink(path.c_str());
    return failed(path, "listen");
  }
  return std::unique_ptr<control_server>{new control_server{
      std::move(path), std::move(listening), std::move(stopping), made.st_ino}};
}

control_server::control_server(std::string path, descriptor listening, descriptor stopping,
                               std::uint64_t inode)
    : path_(std::move(path)),
      listening_(std::move(listening)),
      stopping_(std::move(stopping)),
      inode_(inode) {}

control_server::~control_server() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(stopping_.get(), &one, sizeof one));
  for (auto& thread : threads_) thread.join();
  struct stat there {};
  // Somebody may have put something else there.
  if (::lstat(path_.c_str(), &there) == 0 && there.st_ino == inode_) ::unlink(path_.c_str());
}

void control_server::serve(std::vector<observe::route> routes) {
  routes_ = std::move(routes);
  http_ = std::make_unique<http_side>([this](const observe::request& asked) {
    return observe::answer(routes_, asked, observe::right::write);
  });
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

void control_server::work() {
  for (;;) {
    pollfd looked[] = {{listening_.get(), POLLIN, 0}, {stopping_.get(), POLLIN, 0}};
    if (::poll(looked, 2, -1) < 0 && errno != EINTR) return;
    if (looked[1].revents != 0) return;
    descriptor client{::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!client.open()) {
      const int why = errno;  // another thread was first, or the client has gone
      if (why == EAGAIN || why == EINTR || why == ECONNABORTED) continue;
      log(log_level::warn, "control-socket", path_ + ": accept: " + std::strerror(why));
      // No descriptors are left, for instance: look again in a while, or when it stops.
      if (::poll(looked + 1, 1, 100) > 0) return;
      continue;
    }
    if (!is_owner(client.get())) continue;
    connection with{std::move(client), stopping_.get(),
                    {head_bytes_max + body_bytes_max, machine_clock().now() + request_time}};
    http_->serve(with);
  }
}

}  // namespace weir::actors
