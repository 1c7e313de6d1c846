// SPDX-License-Identifier: Apache-2.0
//
// fuzz_read_records.cpp: what a reader process says, once foreign bytes have taken it over. The
// first byte chooses what was asked for and what is read of it; the rest are its records. It ends;
// no file has more bytes than its entry says; an error stays; members lie inside.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "base/escape.hpp"
#include "lane/read_records.hpp"

using namespace meridian;

namespace {

void must(bool held) {
  if (!held) std::abort();
}

class Input final : public lane::RecordInput {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}
  Result<void> read(void* buffer, std::size_t size) override {
    if (size > rest_.size()) return Error(ErrorCode::kUnreadable, "ended");
    std::memcpy(buffer, rest_.data(), size);
    rest_.remove_prefix(size);
    return {};
  }
  Result<void> skip(std::uint64_t size) override {
    if (size > rest_.size()) return Error(ErrorCode::kUnreadable, "ended");
    rest_.remove_prefix(static_cast<std::size_t>(size));
    return {};
  }
  void answer(bool) override {}

 private:
  std::string_view rest_;
};

void shown(const Error& error) {
  must(error.message().size() < 5000 && base::is_utf8(error.message()) &&
       error.message().find('\n') == std::string::npos);
}

void check_tar(std::string_view bytes, bool opens) {
  const auto stream = lane::tar_of_records(std::make_unique<Input>(bytes), "b");
  for (;;) {
    const auto entry = stream->next();
    if (!entry) {
      shown(entry.error());
      must(!stream->next() && !stream->finish());
      return;
    }
    if (!*entry) break;
    must(((*entry)->mode & ~07777u) == 0);
    std::uint64_t seen = 0;
    for (char buffer[300]; opens;) {
      const auto got = stream->read(buffer, sizeof buffer);
      if (!got || *got == 0) break;
      seen += *got;
    }
    must(seen <= (*entry)->size);
  }
  const auto digests = stream->finish();
  if (!digests) return shown(digests.error());
  must(digests->decoded.empty() || digests->decoded.rfind("sha", 0) == 0);
}

void check_bytes(std::string_view bytes) {
  const auto source = lane::bytes_of_records(std::make_unique<Input>(bytes));
  std::size_t seen = 0;
  for (char buffer[300];;) {
    const auto got = source->read(buffer, sizeof buffer);
    if (!got) shown(got.error());
    if (!got || *got == 0) break;
    seen += *got;
  }
  must(seen <= bytes.size());
}

void check_members(std::string_view bytes) {
  constexpr std::uint64_t kSize = 1000;
  Input input(bytes);
  const auto members = lane::members_of_records(input, kSize, "b");
  if (!members) return shown(members.error());
  for (const archive::Member& member : *members) {
    must(member.size <= kSize && member.offset <= kSize - member.size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 1 << 16) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] & 3u) {
    case 0:
      check_tar(bytes, false);
      break;
    case 1:
      check_tar(bytes, true);
      break;
    case 2:
      check_bytes(bytes);
      break;
    default:
      check_members(bytes);
  }
  return 0;
}
