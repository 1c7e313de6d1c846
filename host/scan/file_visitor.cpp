// SPDX-License-Identifier: Apache-2.0
#include "scan/file_visitor.hpp"

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
  if (stat.type != rootfs::EntryType::kRegular || !met(path, stat)) return rootfs::WalkStep::kGoOn;
  matcher_.wants(path.text(), stat, wanted_);
  if (wanted_.nothing()) return rootfs::WalkStep::kGoOn;
  auto content = opener.open();
  if (!content) {
    unreadable(wanted_, path, content.error());
    return rootfs::WalkStep::kGoOn;
  }
  CancellableContent cancellable(**content, cancel_);
  wanted({path, stat, cancellable, opener, wanted_});
  return rootfs::WalkStep::kGoOn;
}

}  // namespace meridian::scan
