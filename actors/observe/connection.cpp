// SPDX-License-Identifier: BSD-3-Clause
// poll, and one system call at a time.
#include "weir/actors/observe/connection.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace weir::actors {

descriptor::descriptor(descriptor&& other) noexcept
    : number_(std::exchange(other.number_, -1)) {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

void descriptor::close() noexcept {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

bool connection::wait(short wanted) noexcept {
  for (;;) {
    const auto left = limits_.until - machine_clock().now();
    if (left <= duration::zero()) {
      overdue_ = true;
      return false;
    }
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    pollfd looked[] = {{socket_.get(), wanted, 0}, {stop_, POLLIN, 0}};
    const int ready = ::poll(looked, 2, static_cast<int>(std::min<long>(milliseconds, 60'000)));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    if (looked[1].revents != 0) return false;
    if (looked[0].revents != 0) return true;
  }
}

ssize_t connection::read(char* into, std::size_t size) noexcept {
  if (taken_ == filled_) {
    const auto room = std::min(sizeof buffer_, limits_.received_max - received_);
    if (room == 0) {
      overfull_ = true;
      return -1;
    }
    for (;;) {
      if (!wait(POLLIN)) return -1;
      const auto got = ::recv(socket_.get(), buffer_, room, MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (got <= 0) return got;
      taken_ = 0;
      filled_ = static_cast<std::size_t>(got);
      received_ += filled_;
      break;
    }
  }
  const auto given = std::min(size, filled_ - taken_);
  std::memcpy(into, buffer_ + taken_, given);
  taken_ += given;
  return static_cast<ssize_t>(given);
}

ssize_t connection::write(const char* from, std::size_t size) noexcept {
  for (;;) {
    if (!wait(POLLOUT)) return -1;
    const auto sent = ::send(socket_.get(), from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    return sent;
  }
}

std::string control_path(const std::string& data_dir) { return data_dir + "/control.sock"; }

result<void> check_control_path(const std::string& path) {
  constexpr auto longest = sizeof(sockaddr_un{}.sun_path) - 1;
  if (path.size() <= longest) return {};
  return fail(errc::invalid_argument,
              path + ": a socket's path has at most " + std::to_string(longest) +
                  " bytes, this one has " + std::to_string(path.size()) +
                  ": choose a shorter data directory, or one relative to where the program runs");
}

result<descriptor> connect_to(const std::string& path) {
  if (auto sound = check_control_path(path); !sound) return fail(std::move(sound.error()));
  descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket.open()) return fail(errc::io_failed, path + ": " + std::strerror(errno));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  // A Unix socket is connected at once, or not at all.
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return socket;
  }
  const int why = errno;
  const bool nobody = why == ENOENT || why == ECONNREFUSED || why == ENOTDIR;
  return fail(nobody ? errc::not_found : errc::io_failed,
              path + ": " + (nobody ? "no node listens here" : std::strerror(why)));
}

}  // namespace weir::actors
