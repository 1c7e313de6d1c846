// SPDX-License-Identifier: Apache-2.0
#include "members.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include "zip.hpp"

namespace meridian::secrets {

namespace {

constexpr std::size_t kBlock = 64u << 10;

struct Free {
  void operator()(archive* handle) const { archive_read_free(handle); }
};

// What libarchive's callbacks see; no exception may cross it, and none is thrown but for memory.
struct Input {
  ByteReader& source;
  Inflater* inflater = nullptr;  // of a gzip file: it has the blocks
  std::uint64_t offset = 0;
  std::string block = {};
  std::optional<Error> error = {};
};

la_ssize_t failed(archive* handle, Input& input, Error error) {
  input.error = std::move(error);
  archive_set_error(handle, EIO, "source");
  return ARCHIVE_FATAL;
}

la_ssize_t read_block(archive* handle, void* context, const void** block) {
  auto& input = *static_cast<Input*>(context);
  if (input.inflater != nullptr) {
    auto piece = input.inflater->next();
    if (!piece) return failed(handle, input, std::move(piece).error());
    *block = piece->data();
    return static_cast<la_ssize_t>(piece->size());
  }
  auto bytes = input.source.read(input.offset, kBlock);
  if (!bytes) return failed(handle, input, std::move(bytes).error());
  input.block = *std::move(bytes);
  input.offset += input.block.size();
  *block = input.block.data();
  return static_cast<la_ssize_t>(input.block.size());
}

la_int64_t skip_bytes(archive* /*handle*/, void* context, la_int64_t wanted) {
  auto& input = *static_cast<Input*>(context);
  if (input.inflater != nullptr) return 0;  // libarchive reads on
  const std::uint64_t left = input.source.size() - std::min(input.offset, input.source.size());
  const auto passed = std::min(left, static_cast<std::uint64_t>(std::max<la_int64_t>(wanted, 0)));
  input.offset += passed;
  return static_cast<la_int64_t>(passed);
}

Error error_of(archive* handle, const Input& input) {
  if (input.error) return *input.error;
  const char* const text = archive_error_string(handle);
  return Error(ErrorCode::kCorrupt, text != nullptr ? text : "libarchive gives no reason");
}

std::string name_of(archive_entry* entry, std::size_t number) {
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) name = archive_entry_pathname_utf8(entry);
  return name != nullptr ? name : "number " + std::to_string(number);
}

// The data of one member. False: nothing after it can be read, and `result` says why if that is no
// damage of this member alone.
bool read_data(archive* handle, const Input& input, std::string_view name, std::uint64_t& budget,
               MemberSink& sink, Result<void>& result) {
  while (true) {
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;  // holes of a sparse file are passed over
    const int status = archive_read_data_block(handle, &bytes, &size, &offset);
    if (status == ARCHIVE_EOF) return true;
    if (status == ARCHIVE_FAILED) {
      sink.damaged(name, error_of(handle, input));
      return true;
    }
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
      result = error_of(handle, input);
      return false;
    }
    result = spend(size, budget);
    if (!result) return false;
    sink.add({static_cast<const char*>(bytes), size});
  }
}

}  // namespace

Result<void> spend(std::size_t size, std::uint64_t& budget) {
  if (size > budget) {
    return Error(ErrorCode::kLimit, "more is packed into it than is unpacked here");
  }
  budget -= size;
  return {};
}

Result<std::string> MemoryReader::read(std::uint64_t offset, std::uint64_t size) {
  return std::string(
      bytes_.substr(static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_.size())),
                    static_cast<std::size_t>(size)));
}

Packing packing_of(std::string_view head) {
  if (head.substr(0, 3) == std::string_view("\x1f\x8b\x08")) return Packing::kGzip;
  if (head.substr(0, 4) == std::string_view("PK\x03\x04")) return Packing::kZip;
  constexpr std::size_t kTarMagic = 257;
  const bool is_tar = head.size() > kTarMagic && head.substr(kTarMagic, 5) == "ustar";
  return is_tar ? Packing::kTar : Packing::kNone;
}

namespace {

// A handle that reads `input` from its start.
Result<std::unique_ptr<archive, Free>> open_archive(Input& input, Packing packing) {
  std::unique_ptr<archive, Free> owner(archive_read_new());
  archive* const handle = owner.get();
  if (handle == nullptr) return Error(ErrorCode::kMemory, "libarchive has no memory");
  if (packing == Packing::kZip) {
    // By its local headers: what has no directory is read as far as it goes.
    archive_read_support_format_zip_streamable(handle);
  } else {
    archive_read_support_format_tar(handle);
  }
  archive_read_set_read_callback(handle, &read_block);
  archive_read_set_skip_callback(handle, &skip_bytes);
  archive_read_set_callback_data(handle, &input);
  if (archive_read_open1(handle) != ARCHIVE_OK) return error_of(handle, input);
  return owner;
}

// A gzip file: one stream, or a tar file. Asked of the bytes, not of libarchive: to it a stream
// that begins with zeros is an empty tar. True: it is a tar, and nothing was told.
Result<bool> read_stream(Inflater& inflater, std::uint64_t& budget, MemberSink& sink) {
  inflater.begin_gzip();
  MERIDIAN_TRY(auto piece, inflater.next());
  if (packing_of(piece) == Packing::kTar) return true;
  if (piece.empty()) return false;
  sink.begin({});
  Result<void> result;
  while (result && !piece.empty()) {
    result = spend(piece.size(), budget);
    if (!result) break;
    sink.add(piece);
    auto next = inflater.next();
    if (!next) {
      sink.damaged({}, next.error());
      break;
    }
    piece = *next;
  }
  sink.end();
  MERIDIAN_CHECK(std::move(result));
  return false;
}

}  // namespace

Result<void> read_members(ByteReader& source, Packing packing, std::uint64_t& budget,
                          MemberSink& sink) {
  Input input{source};
  Window window(source);
  std::optional<Inflater> inflater;
  if (packing == Packing::kGzip) {
    inflater.emplace(window);
    MERIDIAN_TRY(const bool is_tar, read_stream(*inflater, budget, sink));
    if (!is_tar) return {};
    inflater->begin_gzip();
    input.inflater = &*inflater;
  }
  if (packing == Packing::kZip) {
    MERIDIAN_TRY(const bool is_read, read_zip(source, budget, sink));
    if (is_read) return {};
  }
  MERIDIAN_TRY(const auto owner, open_archive(input, packing));
  archive* const handle = owner.get();
  for (std::size_t number = 1;; ++number) {
    if (number > kMaxMembers) {
      return Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxMembers) + " members");
    }
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(handle, &entry);
    if (status == ARCHIVE_EOF) return {};
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return error_of(handle, input);
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    const std::string name = name_of(entry, number);
    if (archive_entry_is_data_encrypted(entry) != 0) {
      sink.damaged(name, Error(ErrorCode::kUnsupported, "is encrypted"));
      continue;
    }
    sink.begin(name);
    Result<void> result;
    const bool goes_on = read_data(handle, input, name, budget, sink, result);
    sink.end();
    if (!goes_on) return result;
  }
}

}  // namespace meridian::secrets
