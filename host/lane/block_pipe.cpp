// SPDX-License-Identifier: Apache-2.0
#include "lane/block_pipe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/limits.hpp"
#include "base/system_error.hpp"

namespace meridian::lane {

namespace {

constexpr std::size_t kPage = 4096;  // for the head
constexpr std::size_t kMemory = kPage + kBlocks * kBlockBytes;
/// Without a byte read or a block filled: a dead disk, or a decoder that turns in circles.
constexpr std::chrono::seconds kPatience{60};
constexpr int kLookMilliseconds = 50;
/// Contents, and entries with their texts.
constexpr std::uint64_t kMostBytes = limits::kMaxLayerBytes + limits::kMaxIndexBytes * 4;

// What the host says, a byte each.
constexpr char kFree = 'f', kWanted = 'w', kUnwanted = 'u';

Error ended() { return Error(ErrorCode::kUnreadable, "the process has ended"); }

}  // namespace

Result<base::UniqueFd> BlockMemory::make_file() {
  base::UniqueFd file(::memfd_create("meridian-blocks", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return base::system_error(errno, "memfd_create");
  // Of fixed size: one that the reader makes shorter would end the host (SIGBUS).
  if (::ftruncate(file.get(), kMemory) != 0 ||
      ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return base::system_error(errno, "making shared memory");
  }
  return file;
}

Result<BlockMemory> BlockMemory::map(int file) {
  void* const at = ::mmap(nullptr, kMemory, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (at == MAP_FAILED) return base::system_error(errno, "mapping shared memory");  // NOLINT
  return BlockMemory(at);
}

BlockMemory::BlockMemory(BlockMemory&& other) noexcept : at_(std::exchange(other.at_, nullptr)) {}

BlockMemory::~BlockMemory() {
  if (at_ != nullptr) ::munmap(at_, kMemory);
}

std::span<char> BlockMemory::block(std::size_t number) const {
  return {static_cast<char*>(at_) + kPage + number * kBlockBytes, kBlockBytes};
}

std::atomic<std::uint64_t>& BlockMemory::progress() const { return head().progress; }

base::ReadMeter& BlockMemory::reading() const {
  static_assert(sizeof(Head) <= kPage);
  return head().reading;
}

// ------------------------------------------------------------------------------------ the reader

Result<void> BlockWriter::hear() {
  std::array<char, 64> said{};
  const ssize_t got = ::recv(socket_, said.data(), said.size(), 0);
  if (got < 0 && errno == EINTR) return {};
  if (got <= 0) return Error(ErrorCode::kCancelled, "the host wants no more");
  for (const char one : std::string_view(said.data(), static_cast<std::size_t>(got))) {
    if (one == kFree) {
      ++free_;
    } else {
      ++answers_;
      wanted_ += one == kWanted ? 1 : 0;
    }
  }
  return {};
}

Result<std::span<char>> BlockWriter::room(std::size_t least) {
  if (kBlockBytes - at_ < least) MERIDIAN_CHECK(flush());
  while (free_ == 0) MERIDIAN_CHECK(hear());
  return memory_.block(current_).subspan(at_);
}

Result<void> BlockWriter::write(std::string_view bytes) {
  while (!bytes.empty()) {
    MERIDIAN_TRY(const std::span<char> room_left, room(1));
    const std::size_t count = std::min(room_left.size(), bytes.size());
    std::memcpy(room_left.data(), bytes.data(), count);
    used(count);
    bytes.remove_prefix(count);
  }
  return {};
}

Result<void> BlockWriter::flush() {
  if (at_ == 0) return {};
  const auto size = static_cast<std::uint32_t>(at_);
  ssize_t sent = 0;
  do {
    sent = ::send(socket_, &size, sizeof size, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent != sizeof size) return base::system_error(errno, "send");
  --free_;
  current_ = (current_ + 1) % kBlocks;
  at_ = 0;
  return {};
}

Result<bool> BlockWriter::ask() {
  MERIDIAN_CHECK(flush());
  while (answers_ == 0) MERIDIAN_CHECK(hear());
  answers_ = 0;
  return std::exchange(wanted_, 0) > 0;
}

// -------------------------------------------------------------------------------------- the host

/// For something to be read, a moment; an error: no more of that.
Result<void> BlockReader::wait(std::chrono::steady_clock::time_point stuck) {
  const auto before = std::chrono::steady_clock::now();
  if (before >= stuck) {
    return Error(ErrorCode::kLimit,
                 "not a byte in " + std::to_string(kPatience.count()) + " seconds");
  }
  if (patience_.count() <= 0) return Error(ErrorCode::kLimit, "it came to no end");
  pollfd wait{socket_.get(), POLLIN, 0};
  ::poll(&wait, 1, kLookMilliseconds);
  if (!pace_.meter().is_waiting()) patience_ -= std::chrono::steady_clock::now() - before;
  return {};
}

Result<std::size_t> BlockReader::announced() {
  std::array<char, sizeof(std::uint32_t)> bytes{};
  std::size_t have = 0;
  std::uint64_t progress = memory_.progress().load();
  auto stuck = std::chrono::steady_clock::now() + kPatience;
  while (have < bytes.size()) {
    if (cancel_.stopped()) return Error(ErrorCode::kCancelled, "the scan was ended");
    const ssize_t got =
        ::recv(socket_.get(), bytes.data() + have, bytes.size() - have, MSG_DONTWAIT);
    if (got > 0) {
      have += static_cast<std::size_t>(got);
      continue;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) return ended();
    const std::uint64_t seen = memory_.progress().load();
    if (seen != progress || pace_.meter().is_waiting()) {
      progress = seen;
      stuck = std::chrono::steady_clock::now() + kPatience;
    }
    MERIDIAN_CHECK(wait(stuck));
  }
  std::uint32_t size = 0;
  std::memcpy(&size, bytes.data(), sizeof size);
  if (size == 0 || size > kBlockBytes) {
    return Error(ErrorCode::kCorrupt, "a block of " + std::to_string(size) + " bytes");
  }
  total_ += size;
  if (total_ > kMostBytes) {
    return Error(ErrorCode::kLimit, "more than " + std::to_string(kMostBytes) + " bytes");
  }
  return size;
}

/// To the next block.
Result<void> BlockReader::advance() {
  if (size_ > 0) {
    current_ = (current_ + 1) % kBlocks;
    size_ = at_ = 0;
    // Whoever has ended has announced what there is.
    static_cast<void>(::send(socket_.get(), &kFree, 1, MSG_NOSIGNAL));
  }
  MERIDIAN_TRY(size_, announced());
  return {};
}

Result<void> BlockReader::read(void* buffer, std::size_t size) {
  auto* to = static_cast<char*>(buffer);
  while (size > 0) {
    if (at_ == size_) MERIDIAN_CHECK(advance());
    const std::size_t count = std::min(size, size_ - at_);
    std::memcpy(to, memory_.block(current_).data() + at_, count);
    at_ += count;
    to += count;
    size -= count;
  }
  return {};
}

Result<void> BlockReader::skip(std::uint64_t size) {
  while (size > 0) {
    if (at_ == size_) MERIDIAN_CHECK(advance());
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - at_));
    at_ += count;
    size -= count;
  }
  return {};
}

void BlockReader::answer(bool wanted) {
  const char said = wanted ? kWanted : kUnwanted;
  static_cast<void>(::send(socket_.get(), &said, 1, MSG_NOSIGNAL));
}

}  // namespace meridian::lane
