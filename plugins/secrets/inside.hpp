// SPDX-License-Identifier: Apache-2.0
//
// inside.hpp: secrets inside of packed files, databases and UTF-16 text: what the host's matcher
// does not see in the bytes as they lie on disk.
//
// Bounds: kMaxPacked of what is opened, kMaxDepth of archives in archives, kMaxUnpacked and
// kMaxRatio of what comes out. What is left out is told as a gap.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "judge.hpp"
#include "members.hpp"
#include "text_search.hpp"
#include "utf16.hpp"

namespace meridian::secrets {

/// How files that Inside searches begin: archives but for tar, and the others.
std::vector<std::string> archive_magic();
std::vector<std::string> encoded_magic();

class Inside final : private MemberSink {
 public:
  /// `field` says where inside: "member:a.jar!b.properties", "unpacked", "utf-16".
  using Found = std::function<void(std::string_view field, const Located&)>;
  using Gap = std::function<void(const Error&)>;

  Inside(const Judge& judge, Scratch& scratch, Found found, Gap gap);
  ~Inside() override;

  /// Searches the file `path` if it is one of those; nothing happens with another.
  void search(std::string_view path, ByteReader& file);

  static constexpr std::uint64_t kMaxPacked = 256ull << 20;   // bytes of an archive
  static constexpr std::uint64_t kMaxDatabase = 32ull << 20;  // bytes, held in memory
  static constexpr std::uint64_t kMaxNested = 24ull << 20;    // the same, of an archive in one
  static constexpr std::uint64_t kMaxUnpacked = 1ull << 30;   // bytes in all
  static constexpr std::uint64_t kMaxRatio = 250;             // unpacked to packed,
  static constexpr std::uint64_t kFreeOfRatio = 32ull << 20;  // from here on
  static constexpr int kMaxDepth = 3;                         // a jar in a war in a tar.gz
  static constexpr std::size_t kMaxGaps = 8;                  // of one file

 private:
  struct Part;
  void begin(std::string_view name) override;
  void add(std::string_view bytes) override;
  void end() override;
  void damaged(std::string_view name, const Error& why) override;

  void open(std::string_view head, ByteReader& file);
  void choose(Part& part);
  void feed(Part& part, std::string_view bytes);
  void tell(std::string_view name, const Error& why);

  const Judge& judge_;
  Scratch& scratch_;
  const Found found_;
  const Gap gap_;
  std::string path_;    // of the file, and of the archives that lead to the part
  std::string member_;  // the same without the file
  std::unique_ptr<Part> part_;
  std::uint64_t budget_ = 0;
  std::size_t gaps_ = 0;
  int depth_ = 0;
};

}  // namespace meridian::secrets
