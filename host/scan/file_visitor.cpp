// SPDX-License-Identifier: Apache-2.0
#include "scan/file_visitor.hpp"

#include <string>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"

namespace meridian::scan {

namespace {

/// Ends a long read once the scan is ending.
class CancellableContent final : public rootfs::Content {
 public:
  CancellableContent(rootfs::Content& content, const base::Cancel& cancel)
      : content_(content), cancel_(cancel) {}
  std::uint64_t size() const override { return content_.size(); }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    if (cancel_.stopped()) return Error(ErrorCode::kCancelled, "the scan was ended");
    return content_.read(offset, buffer, capacity);
  }
  int fd() const override { return content_.fd(); }

 private:
  rootfs::Content& content_;
  const base::Cancel& cancel_;
};

}  // namespace

rootfs::WalkStep FileVisitor::entry(const rootfs::RootfsPath& path, const rootfs::Stat& stat,
                                    Opener& opener) {
  if (cancel_.stopped()) return rootfs::WalkStep::kStop;
  for (const plugin::Glob& glob : options_.exclude) {
    if (glob.matches(path.text())) return rootfs::WalkStep::kSkipChildren;
  }
  if (stat.type == rootfs::EntryType::kDirectory) met_directory(path, opener);
  if (stat.type != rootfs::EntryType::kRegular || !met(path, stat, opener)) {
    return rootfs::WalkStep::kGoOn;
  }
  matcher_.wants(path.text(), stat, wanted_);
  if (!wanted_.patterns.empty()) bound_search(path, stat.size);
  if (wanted_.nothing()) return rootfs::WalkStep::kGoOn;
  auto content = open(opener);
  if (!content) {
    unreadable(wanted_, path, content.error());
    return rootfs::WalkStep::kGoOn;
  }
  CancellableContent cancellable(**content, cancel_);
  wanted({path, stat, cancellable, opener, wanted_});
  return rootfs::WalkStep::kGoOn;
}

void FileVisitor::bound_search(const rootfs::RootfsPath& path, std::uint64_t size) {
  std::string why;
  if (size > limits::kMaxFileRead) {
    why = std::to_string(size) + " bytes; files of more than " +
          std::to_string(limits::kMaxFileRead) + " are not searched";
  } else if (size > limits::kMaxLayerBytes - searched_) {
    why = "not searched: with it, more than " + std::to_string(limits::kMaxLayerBytes) +
          " bytes of files";
  } else {
    searched_ += size;
    return;
  }
  plugin::Wanted too_much;
  too_much.patterns = std::exchange(wanted_.patterns, {});
  unreadable(too_much, path, Error(ErrorCode::kLimit, base::escape(path.text()) + ": " + why));
}

}  // namespace meridian::scan
