// SPDX-License-Identifier: Apache-2.0
//
// layered_tree_test.cpp: which file wins, by dialect.
#include "rootfs/layered_tree.hpp"

#include <climits>

#include "rootfs/directory_tree.hpp"
#include "rootfs/sample_tree.hpp"
#include "rootfs/scratch_dir.hpp"

namespace meridian::rootfs {
namespace {

using model::MarkerDialect;

LayeredTree stack_of(const std::vector<std::pair<Sample, MarkerDialect>>& layers) {
  std::vector<StackedLayer> stack;
  for (const auto& [sample, dialect] : layers) stack.push_back({memory_tree(sample), dialect});
  return LayeredTree(std::move(stack));
}

std::vector<std::string> names(const Tree& tree, std::string_view path = "") {
  std::vector<std::string> names;
  const auto entries = tree.list(at(path));
  if (!entries) return {"error: " + entries.error().message()};
  for (const DirEntry& entry : *entries) names.push_back(entry.name);
  return names;
}

std::string text(const Tree& tree, std::string_view path) {
  const auto content = tree.open(at(path));
  if (!content) return "error: " + content.error().message();
  return read_content(**content, 1000).value_or("error");
}

bool has(const Tree& tree, std::string_view path) {
  const auto stat = tree.stat(at(path));
  if (!stat) CHECK(stat.error().code() == ErrorCode::kNotFound);
  return stat.has_value();
}

std::size_t origin_layer(const LayeredTree& tree, std::string_view path) {
  const auto origin = tree.origin(at(path));
  REQUIRE(origin);
  return origin->entry.layer;
}

MemoryEntry opaque_directory(const std::string& attribute) {
  MemoryEntry entry = sample_directory();
  entry.xattrs[attribute] = "y";
  return entry;
}

using Names = std::vector<std::string>;

const Sample kLower = {{"d", sample_directory()},           {"d/low", sample_file("low")},
                       {"d/both", sample_file("lower")},    {"d/sub", sample_directory()},
                       {"d/sub/deep", sample_file("deep")}, {"f", sample_file("f")}};

}  // namespace

TEST_CASE("layered_tree: upper wins, directories merge, and origin tells the layer") {
  Sample upper = {{"d", sample_directory(0700)}, {"d/both", sample_file("upper")}};
  upper["d/new"] = sample_file("new");
  const LayeredTree tree =
      stack_of({{kLower, MarkerDialect::kNone}, {upper, MarkerDialect::kKernelTrusted}});
  CHECK(names(tree, "d") == Names{"both", "low", "new", "sub"});
  CHECK(text(tree, "d/both") == "upper");
  CHECK(text(tree, "d/sub/deep") == "deep");
  CHECK(tree.stat(at("d"))->mode == 0700);
  CHECK(origin_layer(tree, "d") == 1);
  CHECK(origin_layer(tree, "d/low") == 0);
  CHECK(tree.origin(at("d/none")).error().code() == ErrorCode::kNotFound);
}

TEST_CASE("layered_tree: a whiteout hides the file in every lower layer, in each dialect") {
  const auto [marker, dialect] =
      GENERATE(table<std::string, MarkerDialect>({{"device", MarkerDialect::kKernelTrusted},
                                                  {"device", MarkerDialect::kKernelUser},
                                                  {"device", MarkerDialect::kFuseOverlayfs},
                                                  {"file", MarkerDialect::kFuseOverlayfs},
                                                  {"file", MarkerDialect::kTar}}));
  CAPTURE(marker, static_cast<int>(dialect));
  Sample upper = {{"d", sample_directory()}};
  if (marker == "device") {
    upper["d/low"] = upper["d/sub"] = sample_whiteout();
  } else {
    upper["d/.wh.low"] = upper["d/.wh.sub"] = sample_file("");
  }
  const LayeredTree tree =
      stack_of({{kLower, MarkerDialect::kNone},
                {{{"d", sample_directory()}, {"d/low", sample_file("mid")}}, MarkerDialect::kNone},
                {upper, dialect}});
  CHECK(names(tree, "d") == Names{"both"});
  for (const char* path : {"d/low", "d/sub", "d/sub/deep", "d/.wh.low"})
    CHECK_FALSE(has(tree, path));
}

TEST_CASE("layered_tree: an opaque directory hides the children below it and only there") {
  const auto [how, dialect] = GENERATE(table<std::string, MarkerDialect>(
      {{"trusted.overlay.opaque", MarkerDialect::kKernelTrusted},
       {"user.overlay.opaque", MarkerDialect::kKernelUser},
       {"user.fuseoverlayfs.opaque", MarkerDialect::kFuseOverlayfs},
       {".wh..wh..opq", MarkerDialect::kFuseOverlayfs},
       {".wh..wh..opq", MarkerDialect::kTar}}));
  CAPTURE(how, static_cast<int>(dialect));
  Sample upper = {{"d", sample_directory()}, {"d/new", sample_file("new")}};
  if (how[0] == '.') {
    upper["d/" + how] = sample_file("");
  } else {
    upper["d"] = opaque_directory(how);
  }
  const LayeredTree tree = stack_of({{kLower, MarkerDialect::kNone}, {upper, dialect}});
  CHECK(names(tree) == Names{"d", "f"});
  CHECK(names(tree, "d") == Names{"new"});
  CHECK_FALSE(has(tree, "d/low"));
  CHECK_FALSE(has(tree, "d/sub/deep"));
  CHECK(text(tree, "d/new") == "new");
}

TEST_CASE("layered_tree: markers of another dialect are ordinary files and hide nothing") {
  Sample shipped = {{"d", opaque_directory("user.overlay.opaque")}};
  shipped["d"].xattrs["user.fuseoverlayfs.opaque"] = "y";
  shipped["d/.wh.low"] = shipped["d/.wh..wh..opq"] = sample_file("");
  const LayeredTree kernel =
      stack_of({{kLower, MarkerDialect::kNone}, {shipped, MarkerDialect::kKernelTrusted}});
  CHECK(names(kernel, "d") == Names{".wh..wh..opq", ".wh.low", "both", "low", "sub"});
  CHECK(has(kernel, "d/.wh.low"));

  Sample tar = {{"d", opaque_directory("trusted.overlay.opaque")}};
  tar["d/low"] = sample_whiteout();
  const LayeredTree from_tar =
      stack_of({{kLower, MarkerDialect::kNone}, {tar, MarkerDialect::kTar}});
  CHECK(names(from_tar, "d") == Names{"both", "low", "sub"});
  CHECK(from_tar.stat(at("d/low"))->type == EntryType::kCharDevice);

  Sample plain = tar;
  plain["d/.wh.both"] = sample_file("");
  const LayeredTree none =
      stack_of({{kLower, MarkerDialect::kNone}, {plain, MarkerDialect::kNone}});
  CHECK(names(none, "d") == Names{".wh.both", "both", "low", "sub"});
}

TEST_CASE("layered_tree: opaque is the value y, and a device with a number is a device") {
  Sample upper = {{"d", sample_directory()}, {"f", sample_whiteout()}};
  upper["d"].xattrs["trusted.overlay.opaque"] = "x";
  upper["f"].stat.rdev = 0x103;
  const LayeredTree tree =
      stack_of({{kLower, MarkerDialect::kNone}, {upper, MarkerDialect::kKernelTrusted}});
  CHECK(names(tree, "d") == Names{"both", "low", "sub"});
  CHECK(tree.stat(at("f"))->type == EntryType::kCharDevice);
}

TEST_CASE("layered_tree: what is hidden on the way hides everything inside it, for good") {
  // A file over the directory, then a directory again: the first one's children stay gone.
  const LayeredTree tree = stack_of(
      {{kLower, MarkerDialect::kNone},
       {{{"d", sample_file("now a file")}}, MarkerDialect::kKernelUser},
       {{{"d", sample_directory()}, {"d/x", sample_file("x")}}, MarkerDialect::kKernelUser}});
  CHECK(names(tree, "d") == Names{"x"});
  CHECK_FALSE(has(tree, "d/low"));
  CHECK_FALSE(has(tree, "d/sub/deep"));
  const LayeredTree link = stack_of(
      {{kLower, MarkerDialect::kNone}, {{{"d", sample_symlink("/f")}}, MarkerDialect::kNone}});
  CHECK_FALSE(has(link, "d/low"));
  CHECK(names(link) == Names{"d", "f"});
}

TEST_CASE("layered_tree: a tar layer may delete a name and bring it again") {
  Sample upper = {{".wh.d", sample_file("")}, {"d", sample_directory()}};
  upper["d/again"] = sample_file("again");
  upper[".wh.f"] = sample_file("");
  upper["f"] = sample_file("again");
  const LayeredTree tree = stack_of({{kLower, MarkerDialect::kNone}, {upper, MarkerDialect::kTar}});
  CHECK(names(tree) == Names{"d", "f"});
  CHECK(names(tree, "d") == Names{"again"});
  CHECK(text(tree, "f") == "again");
  CHECK_FALSE(has(tree, "d/low"));
}

TEST_CASE("layered_tree: a tar's opaque marker on the root hides all that is below") {
  const LayeredTree tree = stack_of(
      {{kLower, MarkerDialect::kTar},
       {{{".wh..wh..opq", sample_file("")}, {"only", sample_file("")}}, MarkerDialect::kTar}});
  CHECK(names(tree) == Names{"only"});
  CHECK_FALSE(has(tree, "f"));
}

TEST_CASE("layered_tree: a link in one layer leads to a file of another") {
  const LayeredTree tree =
      stack_of({{{{"usr/etc/passwd", sample_file("root")}}, MarkerDialect::kNone},
                {{{"etc", sample_symlink("/usr/etc")}}, MarkerDialect::kTar}});
  const auto path = resolve(tree, "/etc/passwd");
  REQUIRE(path);
  CHECK(path->text() == "usr/etc/passwd");
}

TEST_CASE("layered_tree: a redirect says where the lower layers have a directory") {
  const Sample lower = {{"old/f", sample_file("f")}, {"old/sub/g", sample_file("g")}};
  Sample upper = {{"new", sample_directory(0700)}, {"old", sample_whiteout()}};
  upper["new"].xattrs["trusted.overlay.redirect"] = "old";
  upper["far"] = sample_directory();
  upper["far/away"] = sample_directory();
  upper["far/away"].xattrs["trusted.overlay.redirect"] = "/old/sub";
  const LayeredTree tree =
      stack_of({{lower, MarkerDialect::kKernelTrusted}, {upper, MarkerDialect::kKernelTrusted}});
  CHECK(names(tree) == Names{"far", "new"});
  CHECK(text(tree, "new/sub/g") == "g");
  CHECK(text(tree, "far/away/g") == "g");
  CHECK(tree.origin(at("new/f"))->entry == Place{0, at("old/f")});
  // The other dialects, and a mount that does not follow.
  for (const auto dialect : {MarkerDialect::kTar, MarkerDialect::kFuseOverlayfs}) {
    CHECK(names(stack_of({{lower, MarkerDialect::kNone}, {upper, dialect}}), "new").empty());
  }
  const LayeredTree nofollow({{memory_tree(lower), MarkerDialect::kKernelTrusted},
                              {memory_tree(upper), MarkerDialect::kKernelTrusted}},
                             {false, false});
  CHECK(names(nofollow) == Names{"far", "new"});
  CHECK(nofollow.stat(at("new")).error().code() == ErrorCode::kRefused);
}

TEST_CASE("layered_tree: a metacopy file has its bytes below, or is an error, and never zeros") {
  const Sample lower = {{"f", sample_file("bytes")}};
  Sample upper = {{"f", sample_file(std::string(5, '\0'), 0600)}};
  upper["f"].xattrs["trusted.overlay.metacopy"] = "";
  upper["alone"] = upper["f"];
  const std::vector<StackedLayer> layers = {{memory_tree(lower), MarkerDialect::kKernelTrusted},
                                            {memory_tree(upper), MarkerDialect::kKernelTrusted}};
  const LayeredTree followed(layers, {true, true});
  CHECK(text(followed, "f") == "bytes");
  CHECK(followed.stat(at("f"))->mode == 0600);
  const auto origin = followed.origin(at("f"));
  CHECK(origin->entry == Place{1, at("f")});
  CHECK(origin->content == Place{0, at("f")});
  CHECK(followed.stat(at("alone")).error().code() == ErrorCode::kCorrupt);
  CHECK(names(followed) == Names{"alone", "f"});
  // As Docker mounts.
  CHECK(LayeredTree(layers).stat(at("f")).error().code() == ErrorCode::kRefused);
}

TEST_CASE("layered_tree: the kernel's whiteout attribute deletes, and only in its own dialect") {
  Sample upper = {{"d", sample_directory()}, {"d/low", sample_file("")}};
  upper["d/low"].xattrs["trusted.overlay.whiteout"] = "";
  for (const auto dialect : {MarkerDialect::kKernelTrusted, MarkerDialect::kKernelUser}) {
    const LayeredTree tree = stack_of({{kLower, MarkerDialect::kNone}, {upper, dialect}});
    CHECK(has(tree, "d/low") == (dialect == MarkerDialect::kKernelUser));
    CHECK(names(tree, "d").size() == (dialect == MarkerDialect::kKernelUser ? 3u : 2u));
  }
}

TEST_CASE("layered_tree: attributes of the dialect do not show, and escaped ones lose the escape") {
  Sample sample = {{"d", sample_directory()}};
  sample["d"].xattrs = {{"trusted.overlay.opaque", "n"},
                        {"trusted.overlay.overlay.redirect", "inner"},
                        {"user.overlay.opaque", "y"}};
  const LayeredTree tree = stack_of({{sample, MarkerDialect::kKernelTrusted}});
  CHECK_FALSE(tree.xattr(at("d"), "trusted.overlay.opaque"));
  CHECK(tree.xattr(at("d"), "trusted.overlay.redirect").value_or("") == "inner");
  CHECK(tree.xattr(at("d"), "user.overlay.opaque").value_or("") == "y");
}

TEST_CASE("layered_tree: a layer that cannot be read is an error, never what lies below it") {
  std::string cut =
      tar_of({{"a", sample_file("upper")}, {"b", sample_file(std::string(5000, 'b'))}});
  cut.resize(2048);
  const LayeredTree tree({{memory_tree({{"b", sample_file("lower")}, {"c", sample_file("lower")}}),
                           MarkerDialect::kTar},
                          {tar_tree(cut), MarkerDialect::kTar}});
  CHECK(tree.stat(at("c")).error().code() == ErrorCode::kCorrupt);
  CHECK(tree.list(RootfsPath()).error().code() == ErrorCode::kCorrupt);
  Recorder recorder;
  CHECK_FALSE(tree.walk(recorder));
}

TEST_CASE("layered_tree: a name that no file system has shows where it is, and hides nothing") {
  const std::string longest(NAME_MAX, 'n'), longer(NAME_MAX + 8, 'n');
  const ScratchDir dir;
  dir.file(longest, "below");
  // The whiteout of the longest name would have a name that is too long: asked for, it is not
  // there.
  const LayeredTree merged(
      {{std::make_shared<DirectoryTree>(dir.open(), "dir"), MarkerDialect::kFuseOverlayfs},
       {memory_tree({{longer, sample_file("above")}}), MarkerDialect::kTar}});
  CHECK(names(merged) == Names{longest, longer});
  CHECK(text(merged, longest) == "below");
  CHECK(text(merged, longer) == "above");
  CHECK(!has(merged, longer + "n"));
  CHECK(!has(merged, longer + "/below"));
}

TEST_CASE("layered_tree: no layers are an empty root") {
  const LayeredTree tree({});
  CHECK(names(tree).empty());
  CHECK(tree.stat(RootfsPath())->type == EntryType::kDirectory);
  CHECK_FALSE(has(tree, "x"));
  Recorder recorder;
  CHECK(tree.walk(recorder));
}

}  // namespace meridian::rootfs
