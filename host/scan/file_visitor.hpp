// SPDX-License-Identifier: Apache-2.0
//
// file_visitor.hpp: the walk's side of "open only what somebody wants", for layers and targets.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/cancel.hpp"
#include "lane/plugin_set.hpp"
#include "scan/options.hpp"

namespace meridian::scan {

/// Stops when the scan ends; skips what the user excluded; opens the regular files that `matcher`
/// wants and hands them to wanted(). A file past limits::kMaxFileRead, and every file once
/// limits::kMaxLayerBytes were searched, is unreadable() to the patterns; who asked for the file
/// itself still gets it, and reads as little of it as it wants.
class FileVisitor : public rootfs::Visitor {
 public:
  /// All are borrowed.
  FileVisitor(const plugin::Matcher& matcher, lane::Run& run, const Options& options,
              const base::Cancel& cancel)
      : run_(run), matcher_(matcher), options_(options), cancel_(cancel) {}

  rootfs::WalkStep entry(const rootfs::RootfsPath& path, const rootfs::Stat& stat,
                         Opener& opener) final;
  rootfs::WalkStep links(std::span<const rootfs::RootfsPath> names, const rootfs::Stat& stat,
                         Opener& opener) final;

 protected:
  virtual void met_directory(const rootfs::RootfsPath&, Opener&) {}
  /// A regular file was met; false: it is no file to anybody.
  virtual bool met(const rootfs::RootfsPath& path, const rootfs::Stat& stat, Opener& opener) = 0;
  /// Of the file met last (once, whatever its names), which is wanted.
  virtual Result<std::unique_ptr<rootfs::Content>> open(Opener& opener) { return opener.open(); }
  /// Opened; the content ends its reads once the scan is ending.
  virtual void wanted(const lane::FileItem& item) = 0;
  virtual void unreadable(const plugin::Wanted& who, const rootfs::RootfsPath& path,
                          const Error& error) = 0;

  lane::Run& run_;

 private:
  bool is_excluded(const rootfs::RootfsPath& path) const;
  /// Adds a name of a file to names_ if somebody wants the file under it.
  void consider(const rootfs::RootfsPath& path, const rootfs::Stat& stat, Opener& opener);
  /// Who wants a file of choice_ in this pass.
  const std::shared_ptr<const plugin::Wanted>& wish();
  /// Takes the patterns out of names_ where they would read too much.
  void bound_search(std::uint64_t size);
  /// Opens the file once for all of names_.
  void hand_over(const rootfs::Stat& stat, Opener& opener);

  const plugin::Matcher& matcher_;
  const Options& options_;
  const base::Cancel& cancel_;
  plugin::Matcher::Choice choice_;  // of the name met last
  std::map<plugin::Matcher::Choice, std::shared_ptr<const plugin::Wanted>> wishes_;
  std::uint64_t narrowing_ = 0;        // of the run, when wishes_ were made
  std::vector<lane::FileName> names_;  // the first count_ are those of the file met last
  std::size_t count_ = 0;
  std::uint64_t searched_ = 0;  // bytes of files, as stat says
};

}  // namespace meridian::scan
