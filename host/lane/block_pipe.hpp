// SPDX-License-Identifier: Apache-2.0
//
// block_pipe.hpp: bytes from a reader process to the host: blocks of shared memory in turn, each
// announced over a stream socket by how many of its bytes are used; the host gives a block back
// with one byte. So the reader decodes into what the host reads, runs ahead by all but one block,
// and a system call is made for each quarter of a megabyte.
//
// The reader is not trusted: numbers are checked, and memory is read once, by copying.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/cancel.hpp"
#include "base/read_pace.hpp"
#include "base/unique_fd.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

inline constexpr std::size_t kBlockBytes = 256 << 10;
inline constexpr std::size_t kBlocks = 8;

/// A mapping of the blocks.
class BlockMemory {
 public:
  /// A new memory file of fixed size.
  static Result<base::UniqueFd> make_file();
  static Result<BlockMemory> map(int file);
  BlockMemory(BlockMemory&& other) noexcept;
  BlockMemory(const BlockMemory&) = delete;
  BlockMemory& operator=(const BlockMemory&) = delete;
  BlockMemory& operator=(BlockMemory&&) = delete;
  ~BlockMemory();

  std::span<char> block(std::size_t number) const;
  /// Rises while the reader reads: it is not stuck, though no block comes.
  std::atomic<std::uint64_t>& progress() const;
  /// What it reads is counted there.
  base::ReadMeter& reading() const;

 private:
  struct Head {
    std::atomic<std::uint64_t> progress{0};
    base::ReadMeter reading;
  };
  explicit BlockMemory(void* at) : at_(at) {}
  Head& head() const { return *static_cast<Head*>(at_); }
  void* at_;
};

/// The reader's side.
class BlockWriter {
 public:
  BlockWriter(int socket, const BlockMemory& memory) : socket_(socket), memory_(memory) {}

  /// Room for `least` bytes or more (at most kBlockBytes); a block with less is sent.
  Result<std::span<char>> room(std::size_t least);
  void used(std::size_t bytes) { at_ += bytes; }
  Result<void> write(std::string_view bytes);
  Result<void> flush();
  /// Flushes, and waits for the host's answer(): whether it wants what could follow.
  Result<bool> ask();

 private:
  Result<void> hear();

  int socket_;
  const BlockMemory& memory_;
  std::size_t free_ = kBlocks;  // the current one among them
  std::size_t current_ = 0;
  std::size_t at_ = 0;  // of the current one: bytes used
  std::size_t answers_ = 0, wanted_ = 0;
};

/// The host's side.
class BlockReader {
 public:
  /// `most`: what is waited for it in all, however busy it looks; not while it may not read on.
  BlockReader(base::UniqueFd socket, BlockMemory memory, const base::Cancel& cancel,
              std::chrono::seconds most)
      : socket_(std::move(socket)),
        memory_(std::move(memory)),
        pace_(memory_.reading()),
        cancel_(cancel),
        patience_(most) {}

  /// Exactly `size` bytes. kUnreadable: it has ended; kLimit: it is stuck, or says more than a
  /// layer can hold; kCancelled.
  Result<void> read(void* buffer, std::size_t size);
  Result<void> skip(std::uint64_t size);
  /// To ask(). What goes wrong shows at the next read.
  void answer(bool wanted);

 private:
  Result<void> advance();
  Result<std::size_t> announced();
  Result<void> wait(std::chrono::steady_clock::time_point stuck);

  base::UniqueFd socket_;
  BlockMemory memory_;
  base::PacedMeter pace_;
  const base::Cancel& cancel_;
  std::size_t current_ = 0;
  std::size_t size_ = 0, at_ = 0;  // of the current one
  std::uint64_t total_ = 0;        // bytes of all so far
  std::chrono::nanoseconds patience_;
};

}  // namespace meridian::lane
