// SPDX-License-Identifier: Apache-2.0
#include "lane/channel.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/system_error.hpp"

namespace meridian::lane {

namespace {

constexpr std::size_t kHeader = 8;
constexpr std::size_t kReadAtOnce = 64 << 10;
// For room among the descriptors that are on their way: ten seconds.
constexpr int kPauseMilliseconds = 10;
constexpr int kMostTries = 1000;

struct Header {
  std::uint32_t size = 0;
  std::uint16_t type = 0;
  std::uint16_t descriptors = 0;
};
static_assert(sizeof(Header) == kHeader);

/// Room for the descriptors of one message, aligned as cmsg(3) wants it.
union Control {
  cmsghdr align;
  std::array<char, CMSG_SPACE(kMaxDescriptors * sizeof(int))> bytes;
};

std::string framed(std::uint16_t type, std::string_view payload, std::size_t descriptors) {
  const Header header{static_cast<std::uint32_t>(payload.size()), type,
                      static_cast<std::uint16_t>(descriptors)};
  std::string bytes(kHeader, '\0');
  std::memcpy(bytes.data(), &header, kHeader);
  bytes += payload;
  return bytes;
}

}  // namespace

Channel::Channel(base::UniqueFd socket, Accepted accepted)
    : socket_(std::move(socket)), accepted_(accepted) {}

Result<std::pair<base::UniqueFd, base::UniqueFd>> Channel::pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return base::system_error(errno, "socketpair");
  }
  return std::pair(base::UniqueFd(ends[0]), base::UniqueFd(ends[1]));
}

/// False: the socket takes nothing now. Descriptors go with the first byte.
Result<bool> Channel::write_part(Outgoing& frame, std::span<const int> descriptors, Wait wait) {
  iovec part{frame.bytes.data() + frame.written, frame.bytes.size() - frame.written};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  Control control{};
  if (frame.written == 0 && !descriptors.empty()) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* const rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size() * sizeof(int));
  }
  const int flags = MSG_NOSIGNAL | (wait == Wait::kYes ? 0 : MSG_DONTWAIT);
  const ssize_t sent = ::sendmsg(socket_.get(), &message, flags);
  if (sent < 0) {
    if (errno == EINTR) return true;
    // ETOOMANYREFS: too many descriptors are on their way; some arrive soon.
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ETOOMANYREFS) return false;
    return base::system_error(errno, "sendmsg");
  }
  frame.written += static_cast<std::size_t>(sent);
  return true;
}

Result<void> Channel::send(std::uint16_t type, std::string_view payload,
                           std::span<const int> descriptors) {
  Outgoing frame{framed(type, payload, descriptors.size()), 0, {}};
  int tries = 0;
  while (frame.written < frame.bytes.size()) {
    MERIDIAN_TRY(const bool wrote, write_part(frame, descriptors, Wait::kYes));
    if (wrote) continue;
    // The kernel counts those of all processes of this user, so that they need not be ours.
    if (++tries > kMostTries) return Error(ErrorCode::kLimit, "too many descriptors on their way");
    ::poll(nullptr, 0, kPauseMilliseconds);
  }
  return {};
}

void Channel::queue(std::uint16_t type, std::string_view payload,
                    std::vector<base::UniqueFd> descriptors) {
  queued_.push_back({framed(type, payload, descriptors.size()), 0, std::move(descriptors)});
}

Result<void> Channel::flush() {
  while (!queued_.empty()) {
    Outgoing& frame = queued_.front();
    std::vector<int> numbers;
    if (frame.written == 0) {
      for (const base::UniqueFd& one : frame.descriptors) numbers.push_back(one.get());
    }
    MERIDIAN_TRY(const bool wrote, write_part(frame, numbers, Wait::kNo));
    if (!wrote) return {};
    if (frame.written < frame.bytes.size()) continue;
    base::close_all(frame.descriptors);
    queued_.pop_front();
  }
  return {};
}

Result<Channel::Got> Channel::receive_bytes(Wait wait) {
  if (taken_ > 0) {
    received_.erase(0, taken_);
    taken_ = 0;
  }
  const std::size_t before = received_.size();
  received_.resize(before + kReadAtOnce);
  iovec part{received_.data() + before, kReadAtOnce};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  Control control{};
  if (accepted_.descriptors > 0) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
  }
  const int flags = MSG_CMSG_CLOEXEC | (wait == Wait::kYes ? 0 : MSG_DONTWAIT);
  const ssize_t got = ::recvmsg(socket_.get(), &message, flags);
  const int error = errno;
  received_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) {
    if (error == EINTR || error == EAGAIN || error == EWOULDBLOCK) return Got::kNothing;
    if (error == ECONNRESET) return Got::kEnd;
    return base::system_error(error, "recvmsg");
  }
  for (cmsghdr* one = accepted_.descriptors > 0 ? CMSG_FIRSTHDR(&message) : nullptr; one != nullptr;
       one = CMSG_NXTHDR(&message, one)) {
    if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (one->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::vector<int> numbers(count);
    std::memcpy(numbers.data(), CMSG_DATA(one), count * sizeof(int));
    for (const int number : numbers) descriptors_.emplace_back(number);
  }
  if ((message.msg_flags & MSG_CTRUNC) != 0 || descriptors_.size() > 4 * kMaxDescriptors) {
    return Error(ErrorCode::kCorrupt, "frames with descriptors that nobody asked for");
  }
  return got == 0 ? Got::kEnd : Got::kBytes;
}

Result<std::optional<Frame>> Channel::next() {
  const std::string_view bytes = std::string_view(received_).substr(taken_);
  if (bytes.size() < kHeader) return std::optional<Frame>();
  Header header;
  std::memcpy(&header, bytes.data(), kHeader);
  if (header.size > accepted_.payload || header.descriptors > accepted_.descriptors) {
    return Error(ErrorCode::kCorrupt, "a frame of " + std::to_string(header.size) + " bytes with " +
                                          std::to_string(header.descriptors) +
                                          " descriptors; at most " +
                                          std::to_string(accepted_.payload) + " and " +
                                          std::to_string(accepted_.descriptors));
  }
  if (bytes.size() < kHeader + header.size) return std::optional<Frame>();
  if (descriptors_.size() < header.descriptors) {
    return Error(ErrorCode::kCorrupt, "a frame without its descriptors");
  }
  Frame frame;
  frame.type = header.type;
  frame.payload = bytes.substr(kHeader, header.size);
  for (std::size_t i = 0; i < header.descriptors; ++i) {
    frame.descriptors.push_back(std::move(descriptors_.front()));
    descriptors_.pop_front();
  }
  taken_ += kHeader + header.size;
  return std::optional<Frame>(std::move(frame));
}

Result<std::optional<Frame>> Channel::receive() {
  while (true) {
    MERIDIAN_TRY(auto frame, next());
    if (frame) return frame;
    MERIDIAN_TRY(const Got got, receive_bytes(Wait::kYes));
    if (got == Got::kEnd) return std::optional<Frame>();
  }
}

Result<bool> Channel::read_some() {
  for (std::size_t before = received_.size() - taken_;
       received_.size() - taken_ < before + kMaxFrame;) {
    MERIDIAN_TRY(const Got got, receive_bytes(Wait::kNo));
    if (got == Got::kEnd) return false;
    if (got == Got::kNothing) break;
  }
  return true;
}

}  // namespace meridian::lane
