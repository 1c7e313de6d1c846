// SPDX-License-Identifier: Apache-2.0
//
// libarchive_input.cpp: two callbacks.
#include "archive/libarchive_input.hpp"

#include <cerrno>
#include <string>

#include "base/escape.hpp"

namespace meridian::archive {
namespace {

constexpr std::size_t kBuffer = 64 << 10;

}  // namespace

LibarchiveInput::LibarchiveInput(ByteSource& source)
    : source_(source), buffer_(std::make_unique_for_overwrite<char[]>(kBuffer)) {}

int LibarchiveInput::open(::archive* handle) {
  return ::archive_read_open2(handle, this, nullptr, &LibarchiveInput::read, &LibarchiveInput::skip,
                              nullptr);
}

la_ssize_t LibarchiveInput::read(::archive* handle, void* self, const void** block) {
  auto& input = *static_cast<LibarchiveInput*>(self);
  std::size_t count = 0;
  if (!input.error_) {
    auto got = input.source_.read(input.buffer_.get(), kBuffer);
    if (got) {
      count = *got;
    } else {
      input.error_ = std::move(got).error();
    }
  }
  if (input.error_) {
    ::archive_set_error(handle, EIO, "source");
    return ARCHIVE_FATAL;
  }
  input.taken_ += count;
  *block = input.buffer_.get();
  return static_cast<la_ssize_t>(count);
}

la_int64_t LibarchiveInput::skip(::archive* /*handle*/, void* self, la_int64_t wanted) {
  auto& input = *static_cast<LibarchiveInput*>(self);
  if (input.error_ || wanted <= 0) return 0;
  auto passed = input.source_.skip(static_cast<std::uint64_t>(wanted));
  if (!passed) {
    // libarchive takes a negative answer for a count; it reads next, and is told then.
    input.error_ = std::move(passed).error();
    return 0;
  }
  input.taken_ += *passed;
  return static_cast<la_int64_t>(*passed);
}

Error LibarchiveInput::error(::archive* handle, std::string_view what) const {
  if (error_) return *error_;
  const char* const text = ::archive_error_string(handle);
  // Its words may quote names from the archive.
  return Error(ErrorCode::kCorrupt,
               std::string(what) + ": " + base::escape(text != nullptr ? text : "no reason given"));
}

}  // namespace meridian::archive
