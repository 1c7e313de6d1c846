// SPDX-License-Identifier: Apache-2.0
//
// Bounds from below alone: a busy machine makes everything take longer.
#include "base/read_pace.hpp"

#include <fcntl.h>

#include <chrono>
#include <thread>

#include "base/byte_count.hpp"
#include "base/read_file.hpp"
#include "support/temp_dir.hpp"

using namespace meridian;
using base::ReadMeter;
using base::ReadPace;
using testing_support::TempDir;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// As a process that has read `bytes` more.
void wait_until_granted(ReadMeter& meter, std::uint64_t bytes) {
  meter.read += bytes;
  while (meter.is_waiting()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace

TEST_CASE("read pace: N bytes take at least N / rate") {
  const TempDir temp;
  const std::string path = temp.file("file", std::string(1 << 20, 'x'));
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const base::Cancel cancel;
  const auto pace = ReadPace::start(4 << 20, cancel).value();
  const auto start = Clock::now();
  REQUIRE(base::read_all(file.get(), 1 << 20, "file"));
  CHECK(seconds_since(start) >= 0.25 - 0.1);
}

TEST_CASE("read pace: several share it, and one that says nonsense has its share") {
  const base::Cancel cancel;
  const auto pace = ReadPace::start(4 << 20, cancel).value();
  ReadMeter honest, lying, gone;
  ReadPace::add(honest);
  ReadPace::add(lying);
  ReadPace::add(gone);
  ReadPace::remove(gone);
  lying.read = ~std::uint64_t{0};
  const auto start = Clock::now();
  wait_until_granted(honest, 1 << 20);
  CHECK(seconds_since(start) >= 0.5 - 0.1);
  CHECK(lying.granted >= 1 << 19);
  CHECK(lying.is_waiting());
  CHECK(gone.granted == 0);
  ReadPace::remove(honest);
  ReadPace::remove(lying);
}

TEST_CASE("read pace: without one, and after its end or the scan's, nobody waits") {
  ReadMeter early, late;
  ReadPace::add(early);
  CHECK_FALSE(early.is_waiting());
  base::Cancel cancel;
  {
    const auto pace = ReadPace::start(1, cancel).value();
    ReadPace::add(late);
    late.read = 1 << 30;
    CHECK(late.is_waiting());
    cancel.stop(base::StopReason::kInterrupt);
    wait_until_granted(late, 1 << 20);
    ReadPace::remove(late);
    late.granted = 0;
    ReadPace::add(late);
  }
  CHECK_FALSE(late.is_waiting());
}

TEST_CASE("byte counts as people write them") {
  using base::parse_byte_count;
  CHECK(parse_byte_count("5") == 5);
  CHECK(parse_byte_count("5k") == 5 << 10);
  CHECK(parse_byte_count("50M") == 50 << 20);
  CHECK(parse_byte_count("2G") == 2ull << 30);
  CHECK(parse_byte_count("17179869183G") == 17179869183ull << 30);
  for (const char* const wrong :
       {"", "k", "-1", "+1", "1.5M", "5 M", "5m", "5MB", "17179869184G", "99999999999999999999"}) {
    CHECK_FALSE(parse_byte_count(wrong));
  }
}
