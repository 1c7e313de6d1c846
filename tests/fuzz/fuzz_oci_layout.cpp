// SPDX-License-Identifier: Apache-2.0
//
// fuzz_oci_layout.cpp: any bytes as one document of an OCI layout, and as a whole layout: each line
// of the input is a blob, called after its own digest; index.json is the first line, in which "@N"
// stands for the digest of line N. Properties: read twice is equal; a blob's name stays inside;
// each layer that the store yields can be opened unless it says that it is missing.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "store/image_files.hpp"
#include "store/oci_layout/descriptor.hpp"
#include "store/oci_layout/oci_layout.hpp"
#include "support/fuzz_file.hpp"

namespace {

using namespace meridian;

/// Files in memory.
class Files final : public store::ImageFiles {
 public:
  Files() : ImageFiles(archive::local_unpacker()) {}
  const std::string& name() const override { return name_; }
  Result<Found> find(std::string_view name) const override {
    MERIDIAN_TRY(rootfs::RootfsPath path, rootfs::RootfsPath::parse(name));
    const auto file = files.find(path.text());
    if (file == files.end()) return Error(ErrorCode::kNotFound, "not there");
    return Found{std::move(path), file->second.size()};
  }
  Result<archive::BlobRange> open(const Found& found) const override {
    const std::string& content = files.at(found.path.text());
    return archive::BlobRange{file_.file(), file_.add(content), content.size()};
  }

  Result<store::Witness> witness(const Found&) const override {
    return Error(ErrorCode::kUnsupported, "nobody asks");
  }

  std::map<std::string, std::string> files;

 private:
  std::string name_ = "fuzz";
  testing_support::FuzzFile& file_ = testing_support::FuzzFile::fresh();
};

void require(bool holds) {
  if (!holds) std::abort();
}

/// "@N" becomes the digest of blob N; later lines first, so that earlier ones may name them.
void add_blobs(const std::string& text, Files& out) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n' && lines.size() < 10) {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  std::vector<std::string> digests(lines.size());
  for (std::size_t i = lines.size(); i-- > 0;) {
    std::string blob;
    for (std::size_t at = 0; at < lines[i].size(); ++at) {
      const char next = at + 1 < lines[i].size() ? lines[i][at + 1] : ' ';
      const auto line = static_cast<std::size_t>(next - '0');
      if (lines[i][at] == '@' && next >= '0' && next <= '9' && line < digests.size()) {
        blob += digests[line].empty() ? "sha256:" + std::string(64, 'a') : digests[line];
        ++at;
      } else {
        blob += lines[i][at];
      }
    }
    const std::string hex = base::sha256_hex(blob);
    digests[i] = "sha256:" + hex;
    out.files["blobs/sha256/" + hex] = blob;
    if (i == 0) out.files["index.json"] = blob;
    // A blob that is not what it is called: circles become possible.
    if (i == 1) out.files["blobs/sha256/" + std::string(64, 'a')] = blob;
  }
}

std::string outcome(const std::string& text) {
  auto files = std::make_unique<Files>();
  add_blobs(text, *files);
  auto opened = store::read_oci_layout(std::move(files), "oci", {});
  if (!opened) return "error: " + opened.error().message();
  model::Inventory inventory;
  (*opened)->read(0, inventory);
  std::string lines;
  for (const auto& image : inventory.images) {
    require(!image.id.empty() && image.config_digest.has_value());
    lines += image.id + "\n";
    for (const auto& layer : image.layers) {
      require(layer.missing != (*opened)->open_layer(layer).has_value());
      lines += layer.id + layer.key() + "\n";
    }
  }
  for (const auto& problem : inventory.problems) {
    require(!problem.error.message().empty());
    lines += problem.path + problem.object + problem.error.message() + "\n";
  }
  return lines;
}

void check_document(const std::string& text) {
  const auto document = store::parse_document(text, {});
  const auto again = store::parse_document(text, {});
  require(document.has_value() == again.has_value());
  if (!document) return;
  require(document->index() == again->index());
  const auto is_inside = [](const store::Descriptor& descriptor) {
    const auto path = rootfs::RootfsPath::parse(descriptor.blob());
    require(path && path->text() == descriptor.blob() && path->text().substr(0, 6) == "blobs/");
  };
  if (const auto* index = std::get_if<store::Index>(&*document)) {
    for (const auto& entry : index->manifests) {
      if (entry) is_inside(*entry);
    }
  } else {
    const auto& manifest = std::get<store::Manifest>(*document);
    is_inside(manifest.config);
    for (const auto& layer : manifest.layers) is_inside(layer);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_document(text);
  require(outcome(text) == outcome(text));
  return 0;
}
