// SPDX-License-Identifier: Apache-2.0
//
// visibility_test.cpp: where the merged view shows what a layer has.
#include <memory>

#include "rootfs/memory_tree.hpp"
#include "scan/target_unit.hpp"
#include "support/catch.hpp"

namespace meridian::scan {
namespace {

using rootfs::MemoryEntry;
using rootfs::MemoryTree;
using Texts = std::vector<std::string>;

rootfs::RootfsPath at(std::string_view text) { return rootfs::RootfsPath::parse(text).value(); }

MemoryEntry file(const std::string& content) {
  MemoryEntry entry;
  entry.content = content;
  return entry;
}

MemoryEntry marked(rootfs::EntryType type, const std::string& name, const std::string& value) {
  MemoryEntry entry;
  entry.stat.type = type;
  entry.xattrs["trusted.overlay." + name] = value;
  return entry;
}

}  // namespace

TEST_CASE("visibility: a redirect moves what lower layers have, and the old name is another file") {
  auto lower = std::make_shared<MemoryTree>();
  lower->add(at("old/f"), file("f"));
  lower->add(at("old/g"), file("g"));
  auto upper = std::make_shared<MemoryTree>();
  upper->add(at("new"), marked(rootfs::EntryType::kDirectory, "redirect", "/old"));
  upper->add(at("new/g"), file("newer"));
  upper->add(at("old"), file("in its place"));
  const std::vector<rootfs::Redirect> none;
  const std::vector<rootfs::Redirect> redirects = {{at("new"), "/old"}};
  const auto dialect = model::MarkerDialect::kKernelTrusted;
  const rootfs::LayeredTree tree({{lower, dialect}, {upper, dialect}});
  VisibilityLookup lookup(tree, rootfs::MergedNames({&none, &redirects}));
  CHECK(lookup.shown_at("old/f", 0) == Texts{"new/f"});
  CHECK(lookup.shown_at("old/g", 0).empty());
  CHECK(lookup.shown_at("new/g", 1) == Texts{"new/g"});
  CHECK(lookup.origin("old").value_or(9) == 1);
}

TEST_CASE("visibility: the bytes of a metacopy file show where its attributes are") {
  auto lower = std::make_shared<MemoryTree>();
  lower->add(at("f"), file("bytes"));
  auto upper = std::make_shared<MemoryTree>();
  upper->add(at("f"), marked(rootfs::EntryType::kRegular, "metacopy", ""));
  const std::vector<rootfs::Redirect> none;
  const auto dialect = model::MarkerDialect::kKernelTrusted;
  const rootfs::LayeredTree tree({{lower, dialect}, {upper, dialect}}, {true, true});
  VisibilityLookup lookup(tree, rootfs::MergedNames({&none, &none}));
  CHECK(lookup.shown_at("f", 0) == Texts{"f"});
  CHECK(lookup.shown_at("f", 1) == Texts{"f"});
}

}  // namespace meridian::scan
