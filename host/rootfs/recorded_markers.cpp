// SPDX-License-Identifier: Apache-2.0
#include "rootfs/recorded_markers.hpp"

#include <span>
#include <string_view>
#include <utility>

#include "base/escape.hpp"

namespace meridian::rootfs {
namespace {

bool is_trusted(std::string_view name) {
  constexpr std::string_view kPrefix = "trusted.";
  return name.substr(0, kPrefix.size()) == kPrefix;
}

/// Hands a walk on, with the record behind its attributes.
class MarkingVisitor final : public Visitor {
 public:
  MarkingVisitor(const RecordedMarkers& tree, Visitor& visitor) : tree_(tree), visitor_(visitor) {}
  WalkStep entry(const RootfsPath& path, const Stat& stat, Opener& opener) override {
    MarkingOpener marking(tree_, path, opener);
    return visitor_.entry(path, stat, marking);
  }
  WalkStep links(std::span<const RootfsPath> names, const Stat& stat, Opener& opener) override {
    MarkingOpener marking(tree_, names.front(), opener);
    return visitor_.links(names, stat, marking);
  }
  void problem(const RootfsPath& path, const Error& error) override {
    visitor_.problem(path, error);
  }

 private:
  class MarkingOpener final : public Opener {
   public:
    MarkingOpener(const RecordedMarkers& tree, const RootfsPath& path, Opener& opener)
        : tree_(tree), path_(path), opener_(opener) {}
    Result<std::unique_ptr<Content>> open() override { return opener_.open(); }
    Result<std::string> xattr(const std::string& name) override {
      return is_trusted(name) ? tree_.xattr(path_, name) : opener_.xattr(name);
    }
    Result<std::vector<std::string>> xattr_names() override { return opener_.xattr_names(); }

   private:
    const RecordedMarkers& tree_;
    const RootfsPath& path_;
    Opener& opener_;
  };

  const RecordedMarkers& tree_;
  Visitor& visitor_;
};

}  // namespace

RecordedMarkers::RecordedMarkers(std::shared_ptr<const Tree> tree, MarkerRecord markers,
                                 std::optional<Error> gap)
    : tree_(std::move(tree)), markers_(std::move(markers)), gap_(std::move(gap)) {}

Result<std::string> RecordedMarkers::xattr(const RootfsPath& path, const std::string& name) const {
  if (!is_trusted(name)) return tree_->xattr(path, name);
  if (const auto entry = markers_.find(path); entry != markers_.end()) {
    const auto value = entry->second.find(name);
    if (value != entry->second.end()) return value->second;
  }
  return Error(ErrorCode::kNotFound,
               "'" + base::escape(path.text()) + "': no attribute " + base::escape(name));
}

Result<void> RecordedMarkers::walk(Visitor& visitor) const {
  MarkingVisitor marking(*this, visitor);
  return tree_->walk(marking);
}

}  // namespace meridian::rootfs
