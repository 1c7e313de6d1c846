// SPDX-License-Identifier: Apache-2.0
//
// read_records.hpp: what a reader process says of a blob: records in a stream of bytes, and the
// streams and lists that the host makes of them.
//
// A record is {u32 type, u32 bytes} and its payload. Of a tar: for each entry a kEntry and, if it
// is regular, its bytes as kData, as many as it likes; then kEntriesEnd, then kDigests (empty
// ones if it is read again). Of decoded
// bytes: kData, then kEnd. Of an archive's members: kMembers, then kEnd. kFailed may stand anywhere
// and ends it. An entry larger than kUnasked is followed by its bytes only if the host wants them:
// holes cost nothing in a tar and everything when they are written out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "archive/unpacker.hpp"
#include "lane/wire_values.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

enum class RecordType : std::uint32_t {
  kEntry,       // archive::TarEntry
  kData,        // bytes
  kEntriesEnd,  // nothing
  kDigests,     // archive::StreamDigests
  kMembers,     // std::vector<archive::Member>
  kEnd,         // nothing
  kFailed,      // FailedRecord
};
using FailedRecord = std::pair<ErrorCode, std::string>;

struct RecordHeader {
  RecordType type = RecordType::kEnd;
  std::uint32_t size = 0;
};
static_assert(sizeof(RecordHeader) == 8);

inline constexpr std::uint64_t kUnasked = 64 << 10;
/// Of a record that is no kData: an entry's path, link and attributes come from headers of a
/// megabyte each.
inline constexpr std::size_t kMaxRecord = 16 << 20;
inline constexpr std::size_t kMembersAtOnce = 1000;

/// Where the records come from. Errors stay.
class RecordInput {
 public:
  RecordInput() = default;
  RecordInput(const RecordInput&) = delete;
  RecordInput& operator=(const RecordInput&) = delete;
  virtual ~RecordInput() = default;

  virtual Result<void> read(void* buffer, std::size_t size) = 0;
  virtual Result<void> skip(std::uint64_t size) = 0;
  /// Whether the bytes of the entry above kUnasked are wanted.
  virtual void answer(bool wanted) = 0;
};

/// `name` stands for the blob in errors. Nothing that the records say is trusted: kCorrupt.
std::unique_ptr<archive::TarStream> tar_of_records(std::unique_ptr<RecordInput> input,
                                                   const std::string& name);
std::unique_ptr<archive::ByteSource> bytes_of_records(std::unique_ptr<RecordInput> input);
/// `size`: of the archive; every member lies inside.
Result<std::vector<archive::Member>> members_of_records(RecordInput& input, std::uint64_t size,
                                                        const std::string& name);

template <>
inline constexpr auto kLargest<archive::TarType> = archive::TarType::kFifo;

template <typename Archive>
void fields(Archive& archive, Of<Archive, archive::TarEntry>& value) {
  archive(value.path, value.type, value.mode, value.uid, value.gid, value.size, value.mtime,
          value.rdev, value.link, value.xattrs);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, archive::Member>& value) {
  archive(value.path, value.type, value.offset, value.size, value.link);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, archive::StreamDigests>& value) {
  archive(value.decoded, value.stored);
}

}  // namespace meridian::lane
