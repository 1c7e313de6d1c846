// SPDX-License-Identifier: Apache-2.0
#include "lane/blob_reader.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lane/read_records.hpp"

namespace meridian::lane {

namespace {

constexpr std::size_t kLeastData = 4 << 10;

class BlobReader {
 public:
  BlobReader(archive::Unpacker& unpacker, BlockWriter& out) : unpacker_(unpacker), out_(out) {}

  /// An error of the blob is said to the host; one that is returned is of the pipe.
  Result<void> read(const message::Read& order, const archive::BlobRange& blob);

 private:
  Result<void> tar(Result<std::unique_ptr<archive::TarStream>> stream);
  Result<void> content(archive::TarStream& stream, const archive::TarEntry& entry);
  Result<void> bytes(const archive::BlobRange& blob);
  Result<void> members(const archive::BlobRange& blob, const std::string& name);

  Result<void> put(RecordType type, std::string_view payload) {
    const RecordHeader header{type, static_cast<std::uint32_t>(payload.size())};
    MERIDIAN_CHECK(out_.write({reinterpret_cast<const char*>(&header), sizeof header}));
    return out_.write(payload);
  }
  Result<void> fail(const Error& error) {
    return put(RecordType::kFailed, encode(FailedRecord(error.code(), error.message())));
  }
  /// As one kData, decoded in place. False: the end, or an error that was said.
  template <typename Source>
  Result<bool> put_data(Source& source);

  archive::Unpacker& unpacker_;
  BlockWriter& out_;
};

template <typename Source>
Result<bool> BlobReader::put_data(Source& source) {
  MERIDIAN_TRY(const std::span<char> room, out_.room(sizeof(RecordHeader) + kLeastData));
  const std::span<char> data = room.subspan(sizeof(RecordHeader));
  const auto got = source.read(data.data(), data.size());
  if (!got) MERIDIAN_CHECK(fail(got.error()));
  if (!got || *got == 0) return false;
  const RecordHeader header{RecordType::kData, static_cast<std::uint32_t>(*got)};
  std::memcpy(room.data(), &header, sizeof header);
  out_.used(sizeof header + *got);
  return true;
}

Result<void> BlobReader::content(archive::TarStream& stream, const archive::TarEntry& entry) {
  if (entry.size == 0) return {};
  if (entry.size > kUnasked) {
    MERIDIAN_TRY(const bool wanted, out_.ask());
    if (!wanted) return {};
  }
  for (bool more = true; more;) {
    MERIDIAN_TRY(more, put_data(stream));
  }
  return {};
}

Result<void> BlobReader::tar(Result<std::unique_ptr<archive::TarStream>> stream) {
  if (!stream) return fail(stream.error());
  while (true) {
    const auto entry = (*stream)->next();
    if (!entry) return fail(entry.error());
    if (!*entry) break;
    MERIDIAN_CHECK(put(RecordType::kEntry, encode(**entry)));
    MERIDIAN_CHECK(content(**stream, **entry));
  }
  MERIDIAN_CHECK(put(RecordType::kEntriesEnd, ""));
  // The host may take the time for what it has.
  MERIDIAN_CHECK(out_.flush());
  const auto digests = (*stream)->finish();
  return digests ? put(RecordType::kDigests, encode(*digests)) : fail(digests.error());
}

Result<void> BlobReader::bytes(const archive::BlobRange& blob) {
  auto source = unpacker_.decoded(blob);
  if (!source) return fail(source.error());
  for (bool more = true; more;) {
    MERIDIAN_TRY(more, put_data(**source));
  }
  return put(RecordType::kEnd, "");
}

Result<void> BlobReader::members(const archive::BlobRange& blob, const std::string& name) {
  auto all = unpacker_.members(blob, name);
  if (!all) return fail(all.error());
  const std::span<archive::Member> rest(*all);
  for (std::size_t at = 0; at < rest.size(); at += kMembersAtOnce) {
    const auto some = rest.subspan(at, std::min(kMembersAtOnce, rest.size() - at));
    MERIDIAN_CHECK(
        put(RecordType::kMembers, encode(std::vector<archive::Member>(some.begin(), some.end()))));
  }
  return put(RecordType::kEnd, "");
}

Result<void> BlobReader::read(const message::Read& order, const archive::BlobRange& blob) {
  switch (order.kind) {
    case ReadKind::kTar:
      MERIDIAN_CHECK(tar(unpacker_.tar(blob, order.name)));
      break;
    case ReadKind::kTarAgain:
      MERIDIAN_CHECK(tar(unpacker_.tar_again(blob, order.name)));
      break;
    case ReadKind::kBytes:
      MERIDIAN_CHECK(bytes(blob));
      break;
    case ReadKind::kMembers:
      MERIDIAN_CHECK(members(blob, order.name));
      break;
  }
  return out_.flush();
}

}  // namespace

void read_blob(const message::Read& order, base::UniqueFd file, BlockWriter& out,
               std::atomic<std::uint64_t>& progress) {
  const archive::BlobRange blob{std::make_shared<base::UniqueFd>(std::move(file)), order.offset,
                                order.size, order.form};
  const auto unpacker = archive::reader_unpacker(progress);
  // An error here: the host is gone, or wants no more.
  static_cast<void>(BlobReader(*unpacker, out).read(order, blob));
}

}  // namespace meridian::lane
