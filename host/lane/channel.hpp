// SPDX-License-Identifier: Apache-2.0
//
// channel.hpp: frames with descriptors over a stream socket between the supervisor, a lane and a
// worker.
//
// A frame is {u32 payload bytes, u16 type, u16 descriptors}, then the payload; its descriptors come
// with its first byte (unix(7), SCM_RIGHTS: never later than the bytes they were sent with). The
// other side is not trusted: sizes are bounded before anything is allocated, and descriptors beyond
// what was allowed are closed by the kernel and end the channel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "lane/frame.hpp"
#include "lane/wire.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

struct Frame {
  std::uint16_t type = 0;
  std::string payload;
  std::vector<base::UniqueFd> descriptors;
};

class Channel {
 public:
  /// What frames from the other side may have.
  struct Accepted {
    std::uint64_t payload = kMaxFrame;
    std::size_t descriptors = 0;  // at most kMaxDescriptors
  };
  Channel(base::UniqueFd socket, Accepted accepted);
  /// Two connected sockets, close-on-exec.
  static Result<std::pair<base::UniqueFd, base::UniqueFd>> pair();

  int fd() const { return socket_.get(); }
  void close() { socket_.reset(); }

  /// Waits until all is written. An error if the other side is no more.
  Result<void> send(std::uint16_t type, std::string_view payload,
                    std::span<const int> descriptors = {});
  /// Waits for a frame; nothing: the other side has closed. kCorrupt: no frame of ours.
  Result<std::optional<Frame>> receive();

  /// The same of a message, a struct of messages.hpp.
  template <typename Message>
  Result<void> send(const Message& message, std::span<const int> descriptors = {}) {
    return send(static_cast<std::uint16_t>(Message::kType), encode(message), descriptors);
  }
  template <typename Message>
  void queue(const Message& message, std::vector<base::UniqueFd> descriptors = {}) {
    queue(static_cast<std::uint16_t>(Message::kType), encode(message), std::move(descriptors));
  }

  /// Without waiting: keeps the frame until flush() has written it.
  void queue(std::uint16_t type, std::string_view payload,
             std::vector<base::UniqueFd> descriptors = {});
  bool has_queued() const { return !queued_.empty(); }
  std::size_t queued() const { return queued_.size(); }
  /// Writes what the socket takes now. An error if the other side is no more.
  Result<void> flush();
  /// Reads what is there now, at most about a megabyte at once; false: the other side has closed.
  Result<bool> read_some();
  /// The next frame that has been read whole.
  Result<std::optional<Frame>> next();

 private:
  struct Outgoing {
    std::string bytes;
    std::size_t written = 0;
    std::vector<base::UniqueFd> descriptors;
  };
  enum class Wait { kNo, kYes };
  enum class Got { kNothing, kBytes, kEnd };

  Result<Got> receive_bytes(Wait wait);
  Result<bool> write_part(Outgoing& frame, std::span<const int> descriptors, Wait wait);

  base::UniqueFd socket_;
  Accepted accepted_;
  std::string received_;
  std::size_t taken_ = 0;  // of received_
  std::deque<base::UniqueFd> descriptors_;
  std::deque<Outgoing> queued_;
};

}  // namespace meridian::lane
