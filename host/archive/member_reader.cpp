// SPDX-License-Identifier: Apache-2.0
#include "archive/member_reader.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <utility>

#include "archive/libarchive_input.hpp"
#include "base/escape.hpp"
#include "base/read_file.hpp"

namespace meridian::archive {

struct MemberReader::State {
  ArchiveHandle handle;
  std::string name;
  std::uint64_t members = 0;

  Error error() const {
    const char* const words = archive_error_string(handle.get());
    return Error(ErrorCode::kCorrupt,
                 base::escape(name) + ": " + base::escape(words == nullptr ? "damaged" : words));
  }
};

MemberReader::MemberReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
MemberReader::~MemberReader() = default;

Result<std::unique_ptr<MemberReader>> MemberReader::open(int file, const std::string& name) {
  auto state = std::make_unique<State>();
  state->name = name;
  state->handle.reset(archive_read_new());
  if (!state->handle) return Error(ErrorCode::kMemory, "libarchive has no memory");
  ::archive* const handle = state->handle.get();
  archive_read_support_filter_gzip(handle);
  archive_read_support_filter_xz(handle);
  archive_read_support_filter_zstd(handle);
  archive_read_support_format_zip(handle);
  archive_read_support_format_tar(handle);
  constexpr std::size_t kBlock = 128 << 10;
  if (archive_read_open_fd(handle, file, kBlock) != ARCHIVE_OK) return state->error();
  return std::unique_ptr<MemberReader>(new MemberReader(std::move(state)));
}

Result<std::optional<std::string>> MemberReader::next() {
  while (true) {
    ::archive_entry* entry = nullptr;
    const int code = archive_read_next_header(state_->handle.get(), &entry);
    if (code == ARCHIVE_EOF) return std::nullopt;
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return state_->error();
    if (++state_->members > kMaxMembers) {
      return Error(ErrorCode::kLimit, base::escape(state_->name) + ": more than " +
                                          std::to_string(kMaxMembers) + " members");
    }
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    const char* const path = archive_entry_pathname(entry);
    return path == nullptr ? std::string() : std::string(path);
  }
}

Result<std::string> MemberReader::read(std::uint64_t limit) {
  std::string bytes;
  std::string piece(64 << 10, '\0');
  while (true) {
    const la_ssize_t got = archive_read_data(state_->handle.get(), piece.data(), piece.size());
    if (got == 0) return bytes;
    if (got < 0) return state_->error();
    bytes.append(piece, 0, static_cast<std::size_t>(got));
    if (bytes.size() > limit) {
      return Error(ErrorCode::kLimit, "more than " + std::to_string(limit) + " bytes");
    }
  }
}

Result<void> MemberReader::write_to(int file, std::uint64_t limit) {
  std::uint64_t size = 0;
  std::string piece(1 << 20, '\0');
  while (true) {
    const la_ssize_t got = archive_read_data(state_->handle.get(), piece.data(), piece.size());
    if (got == 0) return {};
    if (got < 0) return state_->error();
    size += static_cast<std::uint64_t>(got);
    if (size > limit) {
      return Error(ErrorCode::kLimit, "more than " + std::to_string(limit) + " bytes");
    }
    MERIDIAN_CHECK(
        base::write_all(file, std::string_view(piece).substr(0, static_cast<std::size_t>(got))));
  }
}

}  // namespace meridian::archive
