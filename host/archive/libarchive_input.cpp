// SPDX-License-Identifier: Apache-2.0
//
// libarchive_input.cpp: one callback.
#include "archive/libarchive_input.hpp"

#include <cerrno>
#include <string>

#include "base/escape.hpp"

namespace meridian::archive {
namespace {

constexpr std::size_t kBuffer = 128 << 10;

}  // namespace

LibarchiveInput::LibarchiveInput(ByteSource& source) : source_(source), buffer_(kBuffer) {}

int LibarchiveInput::open(::archive* handle) {
  return ::archive_read_open(handle, this, nullptr, &LibarchiveInput::read, nullptr);
}

la_ssize_t LibarchiveInput::read(::archive* handle, void* self, const void** block) {
  auto& input = *static_cast<LibarchiveInput*>(self);
  auto got = input.source_.read(input.buffer_.data(), input.buffer_.size());
  if (!got) {
    input.error_ = std::move(got).error();
    ::archive_set_error(handle, EIO, "source");
    return ARCHIVE_FATAL;
  }
  input.taken_ += *got;
  *block = input.buffer_.data();
  return static_cast<la_ssize_t>(*got);
}

Error LibarchiveInput::error(::archive* handle, std::string_view what) const {
  if (error_) return *error_;
  const char* const text = ::archive_error_string(handle);
  // Its words may quote names from the archive.
  return Error(ErrorCode::kCorrupt,
               std::string(what) + ": " + base::escape(text != nullptr ? text : "no reason given"));
}

}  // namespace meridian::archive
