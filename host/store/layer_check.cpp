// SPDX-License-Identifier: Apache-2.0
#include "store/layer_check.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "archive/split_pieces.hpp"
#include "base/sha256.hpp"

namespace meridian::store {
namespace {

using model::ContentCheck;
using model::ContentState;

constexpr std::size_t kPiece = 256 << 10;

/// What was noted before the look ended early: a difference stays one.
ContentCheck ended(const LayerComparison& layer, Error why) {
  ContentCheck out = layer.result();
  if (out.state != ContentState::kChanged) out.state = ContentState::kUnknown;
  out.reason = std::move(why);
  return out;
}

std::string checksum_text(std::uint64_t crc) {
  std::string bytes(sizeof crc, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(crc >> (8 * (bytes.size() - 1 - i)));
  }
  return bytes;
}

/// The one hash that is computed here.
bool is_sha256(const std::string& digest) { return digest.compare(0, 7, "sha256:") == 0; }

Error other_hash(const std::string& digest) {
  return {ErrorCode::kUnsupported, digest.substr(0, digest.find(':')) + " is not computed"};
}

/// Puts a layer's tar together and hashes it.
class Reassembly {
 public:
  Reassembly(LayerComparison& layer, std::unique_ptr<archive::ByteSource> lines)
      : layer_(layer), pieces_(std::move(lines)), buffer_(kPiece) {}

  /// Empty: some of its bytes are not there, or more than once, so that it has no digest.
  Result<std::string> digest() {
    for (;;) {
      MERIDIAN_TRY(const auto piece, pieces_.next());
      if (!piece) break;
      if (!piece->is_file) {
        hash_.update(piece->bytes);
      } else if (piece->size > 0) {
        MERIDIAN_CHECK(file(*piece));
      }
    }
    return whole_ ? "sha256:" + base::to_hex(hash_.finish()) : std::string();
  }

 private:
  Result<void> file(const archive::SplitPiece& piece);

  LayerComparison& layer_;
  archive::SplitPieces pieces_;
  std::vector<char> buffer_;
  base::Sha256 hash_;
  bool whole_ = true;
};

Result<void> Reassembly::file(const archive::SplitPiece& piece) {
  if (layer_.is_repeated(piece.bytes)) {
    return Error(ErrorCode::kUnsupported, "its tar has several entries of one name");
  }
  MERIDIAN_TRY(const auto content, layer_.open(piece.bytes, piece.size));
  if (!content) {
    whole_ = false;
    return {};
  }
  std::uint64_t crc = 0;
  for (std::uint64_t offset = 0; offset < piece.size;) {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), piece.size - offset));
    MERIDIAN_TRY(const std::size_t got, content->read(offset, buffer_.data(), wanted));
    if (got == 0) {
      whole_ = false;
      layer_.differs(piece.bytes, "size");
      return {};
    }
    hash_.update({buffer_.data(), got});
    crc = archive::crc64(crc, {buffer_.data(), got});
    offset += got;
  }
  if (!piece.checksum.empty() && piece.checksum != checksum_text(crc)) {
    const auto path = rootfs::RootfsPath::parse(piece.bytes);
    layer_.differs(path ? path->text() : piece.bytes, "content");
  }
  return {};
}

/// Compares the bytes of the entry that `tar` stands at.
Result<void> compare_content(archive::TarStream& tar, const archive::TarEntry& entry,
                             const LayerComparison& layer, std::vector<char>& buffers,
                             std::vector<std::string>& changed) {
  const auto path = rootfs::RootfsPath::parse(entry.path);
  if (!path || path->name().substr(0, 4) == ".wh.") return {};
  MERIDIAN_TRY(const auto content, layer.open(entry.path, entry.size));
  if (!content) return {};
  for (std::uint64_t offset = 0; offset < entry.size;) {
    MERIDIAN_TRY(const std::size_t got, tar.read(buffers.data(), kPiece));
    if (got == 0) return {};
    std::size_t seen = 0;
    while (seen < got) {
      MERIDIAN_TRY(const std::size_t more,
                   content->read(offset + seen, buffers.data() + kPiece + seen, got - seen));
      if (more == 0) break;
      seen += more;
    }
    if (seen != got || std::memcmp(buffers.data(), buffers.data() + kPiece, got) != 0) {
      if (changed.size() < model::kMaxCountedDifferences) changed.push_back(path->text());
      return {};
    }
    offset += got;
  }
  return {};
}

}  // namespace

ContentCheck unknown_content(Error why) {
  ContentCheck out;
  out.state = ContentState::kUnknown;
  out.reason = std::move(why);
  return out;
}

ContentCheck check_split_layer(archive::Unpacker& unpacker, archive::BlobRange record,
                               const std::string& name, const LayerOnDisk& disk,
                               const model::DiffId& diff_id) {
  if (!is_sha256(diff_id.text())) return unknown_content(other_hash(diff_id.text()));
  LayerComparison layer(disk);
  const auto look = [&]() -> Result<std::string> {
    record.form = archive::BlobForm::kTarSplit;
    MERIDIAN_TRY(const auto tar, unpacker.tar(record, name));
    for (;;) {
      MERIDIAN_TRY(const auto entry, tar->next());
      if (!entry) break;
      MERIDIAN_CHECK(layer.add(*entry));
    }
    MERIDIAN_CHECK(layer.compare());
    record.form = archive::BlobForm::kTar;
    MERIDIAN_TRY(auto lines, unpacker.decoded(record));
    return Reassembly(layer, std::move(lines)).digest();
  };
  const auto digest = look();
  ContentCheck out;
  if (digest) {
    // Every file is as the record says, and the record is of another layer.
    if (!digest->empty() && *digest != diff_id.text() && !layer.has_differences()) {
      layer.differs("", "tar-split record");
    }
    if (digest->empty() && !layer.has_differences()) {
      out = ended(
          layer, Error(ErrorCode::kCorrupt, "tar-split record: names a file that its tar has not"));
    } else {
      out = layer.result();
    }
    out.computed = *digest;
  } else {
    out = ended(layer, digest.error());
  }
  out.expected = diff_id.text();
  return out;
}

ContentCheck check_blob_layer(archive::Unpacker& unpacker, const archive::BlobRange& blob,
                              const std::string& name, const LayerOnDisk& disk,
                              const model::Digest& stored, const model::DiffId& diff_id) {
  for (const std::string& digest : {stored.text(), diff_id.text()}) {
    if (!is_sha256(digest)) return unknown_content(other_hash(digest));
  }
  LayerComparison layer(disk);
  std::vector<char> buffers(2 * kPiece);
  std::vector<std::string> changed;  // unless a later entry has the same name
  const auto look = [&]() -> Result<archive::StreamDigests> {
    MERIDIAN_TRY(const auto tar, unpacker.tar(blob, name));
    for (;;) {
      MERIDIAN_TRY(const auto entry, tar->next());
      if (!entry) break;
      MERIDIAN_CHECK(layer.add(*entry));
      if (disk.tree == nullptr || entry->type != archive::TarType::kRegular) continue;
      MERIDIAN_CHECK(compare_content(*tar, *entry, layer, buffers, changed));
    }
    return tar->finish();
  };
  const auto digests = look();
  if (!digests) return unknown_content(digests.error());
  const bool same = digests->stored == stored.text() && digests->decoded == diff_id.text();
  if (!same) {
    // What the files were made of nobody knows any more.
    ContentCheck out;
    out.state = ContentState::kChanged;
    out.expected = stored.text();
    out.computed = digests->stored;
    out.differences = {{"", "blob"}};
    out.difference_count = 1;
    return out;
  }
  for (const std::string& path : changed) {
    if (!layer.is_repeated(path)) layer.differs(path, "content");
  }
  const auto compared = disk.tree == nullptr ? Result<void>() : layer.compare();
  ContentCheck out = compared ? layer.result() : ended(layer, compared.error());
  out.expected = diff_id.text();
  out.computed = digests->decoded;
  return out;
}

}  // namespace meridian::store
