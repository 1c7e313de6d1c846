// SPDX-License-Identifier: Apache-2.0
#include "lane/channel.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include "lane/messages.hpp"

using namespace meridian;
using namespace meridian::lane;

namespace {

struct Ends {
  base::UniqueFd ours, theirs;
};

Ends ends() {
  auto made = Channel::pair();
  REQUIRE(made);
  return {std::move(made->first), std::move(made->second)};
}

void write_raw(int fd, const std::string& bytes) {
  REQUIRE(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
}

std::string header(std::uint32_t size, std::uint16_t type, std::uint16_t descriptors) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &size, 4);
  std::memcpy(bytes.data() + 4, &type, 2);
  std::memcpy(bytes.data() + 6, &descriptors, 2);
  return bytes;
}

}  // namespace

TEST_CASE("channel: frames and their descriptors arrive in order") {
  Ends two = ends();
  Channel sender(std::move(two.ours), {});
  Channel receiver(std::move(two.theirs), {kMaxFrame, 4});
  std::vector<base::UniqueFd> files;
  files.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  sender.queue(1, "first");
  sender.queue(2, std::string(300'000, 'x'), std::move(files));
  sender.queue(3, "");
  std::thread writer([&] {
    while (sender.has_queued()) REQUIRE(sender.flush());
  });
  auto one = receiver.receive();
  auto two_frame = receiver.receive();
  auto three = receiver.receive();
  writer.join();
  REQUIRE((one && *one && two_frame && *two_frame && three && *three));
  CHECK((*one)->payload == "first");
  CHECK((*one)->descriptors.empty());
  CHECK((*two_frame)->payload.size() == 300'000);
  REQUIRE((*two_frame)->descriptors.size() == 1);
  CHECK(::fcntl((*two_frame)->descriptors[0].get(), F_GETFD) == FD_CLOEXEC);
  CHECK((*three)->type == 3);
  CHECK((*three)->payload.empty());
}

TEST_CASE("channel: half a frame waits for its rest, a closed socket ends it") {
  Ends two = ends();
  Channel receiver(std::move(two.ours), {});
  const std::string frame = header(4, 7, 0) + "abcd";
  for (const char byte : frame) {
    auto early = receiver.next();
    REQUIRE(early);
    CHECK(!*early);
    write_raw(two.theirs.get(), std::string(1, byte));
    REQUIRE(receiver.read_some());
  }
  auto whole = receiver.next();
  REQUIRE((whole && *whole));
  CHECK((*whole)->payload == "abcd");
  write_raw(two.theirs.get(), frame.substr(0, 5));
  two.theirs.reset();
  auto open = receiver.read_some();
  REQUIRE(open);
  CHECK(!*open);
  CHECK(!*receiver.next());
}

TEST_CASE("channel: a frame past its bounds is refused before anything is kept") {
  for (const std::string& bytes :
       {header(kMaxFrame + 1, 1, 0), header(0xffffffff, 1, 0), header(0, 1, 1)}) {
    Ends two = ends();
    Channel receiver(std::move(two.ours), {});
    write_raw(two.theirs.get(), bytes);
    REQUIRE(receiver.read_some());
    const auto frame = receiver.next();
    REQUIRE(!frame);
    CHECK(frame.error().code() == ErrorCode::kCorrupt);
  }
}

TEST_CASE("channel: descriptors that nobody asked for are closed by the kernel") {
  Ends two = ends();
  Channel sender(std::move(two.ours), {});
  Channel receiver(std::move(two.theirs), {});
  const int file = 0;
  REQUIRE(sender.send(1, "x", std::span(&file, 1)));
  const auto frame = receiver.receive();
  CHECK(!frame);
}

TEST_CASE("channel: a million frames take no memory") {
  Ends two = ends();
  Channel sender(std::move(two.ours), {});
  Channel receiver(std::move(two.theirs), {});
  constexpr int kFrames = 1'000'000;
  std::thread writer([&] {
    for (int i = 0; i < kFrames; ++i) {
      if (!sender.send(5, "")) return;
    }
  });
  int seen = 0;
  while (seen < kFrames) {
    auto frame = receiver.receive();
    REQUIRE((frame && *frame));
    ++seen;
  }
  writer.join();
  CHECK(seen == kFrames);
}
