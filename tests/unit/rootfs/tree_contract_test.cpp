// SPDX-License-Identifier: Apache-2.0
//
// tree_contract_test.cpp: what tree.hpp promises, of every kind of tree.
#include "base/limits.hpp"
#include "rootfs/layered_tree.hpp"
#include "rootfs/sample_tree.hpp"

namespace meridian::rootfs {
namespace {

Sample sample() {
  Sample sample;
  sample["a"] = sample_directory(0711);
  sample["a/b"] = sample_directory();
  sample["a-b"] = sample_file("beside a/", 0600);
  sample["a/b/file"] = sample_file("content", 04755);
  sample["a/empty"] = sample_file("");
  sample["a/large"] = sample_file(std::string(3 << 20, 'L'));
  sample["abs"] = sample_symlink("/a/b/file");
  sample["dir-link"] = sample_symlink("a/b");
  sample["escape"] = sample_symlink("../../../a/b/../b/file");
  sample["fifo"] = sample_fifo();
  sample["loop"] = sample_symlink("loop");
  sample["dangling"] = sample_symlink("nowhere");
  sample["n\n\xff"] = sample_file("strange name");
  sample["zero-byte"] = sample_file(std::string("\0x", 2));
  return sample;
}

enum class Kind { kMemory, kOpenat2, kComponents, kTar, kLayered };

struct Made {
  std::unique_ptr<ScratchDir> scratch;
  std::shared_ptr<Tree> tree;
};

Made make_tree(Kind kind, const Sample& of) {
  Made made;
  switch (kind) {
    case Kind::kMemory:
      made.tree = memory_tree(of);
      break;
    case Kind::kTar:
      made.tree = tar_tree(tar_of(of));
      break;
    case Kind::kLayered: {
      // Every other entry in a layer of its own kind, below and above.
      Sample lower, upper;
      bool odd = false;
      for (const auto& [path, entry] : of) {
        if (entry.stat.type == EntryType::kDirectory) lower[path] = upper[path] = entry;
        ((odd = !odd) ? lower : upper)[path] = entry;
      }
      made.tree = std::make_shared<LayeredTree>(
          std::vector<StackedLayer>{{memory_tree(lower), model::MarkerDialect::kKernelTrusted},
                                    {tar_tree(tar_of(upper)), model::MarkerDialect::kTar}});
      break;
    }
    default:
      made.scratch = std::make_unique<ScratchDir>();
      REQUIRE(fill_directory(made.scratch->path(), of));
      made.tree = std::make_shared<DirectoryTree>(
          made.scratch->open(), "tree",
          kind == Kind::kOpenat2 ? LookupMode::kAuto : LookupMode::kComponents);
  }
  return made;
}

Made every_tree(const Sample& of = sample()) {
  return make_tree(
      GENERATE(Kind::kMemory, Kind::kOpenat2, Kind::kComponents, Kind::kTar, Kind::kLayered), of);
}

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code();
}

}  // namespace

TEST_CASE("tree: a walk and look-ups see the same, and what was put there") {
  const Made made = every_tree();
  Recorder recorder;
  REQUIRE(made.tree->walk(recorder));
  for (const auto& [path, error] : recorder.problems) FAIL_CHECK(path << error.message());
  CHECK(recorder.seen.size() == sample().size());
  CHECK(recorder.seen == look_up_all(*made.tree));
  for (const auto& [path, entry] : sample()) {
    CAPTURE(path);
    std::string line = Recorder::describe(entry.stat);
    if (entry.stat.type == EntryType::kRegular) line += " " + entry.content;
    CHECK(recorder.seen[path] == line);
  }
}

TEST_CASE("tree: a missing path, a path below a file or link, and the wrong kind are told apart") {
  const Made made = every_tree();
  const Tree& tree = *made.tree;
  for (const char* path : {"none", "a/none", "a-b/x", "dir-link/file", "fifo/x", "a/b/file/x"}) {
    CAPTURE(path);
    CHECK(code_of(tree.stat(at(path))) == ErrorCode::kNotFound);
    CHECK(code_of(tree.list(at(path))) == ErrorCode::kNotFound);
    CHECK(code_of(tree.open(at(path))) == ErrorCode::kNotFound);
    CHECK(code_of(tree.readlink(at(path))) == ErrorCode::kNotFound);
    CHECK(code_of(tree.xattr(at(path), "user.x")) == ErrorCode::kNotFound);
  }
  for (const char* path : {"a", "fifo", "abs", ""}) {
    CAPTURE(path);
    CHECK(code_of(tree.open(at(path))) == ErrorCode::kInvalid);
  }
  CHECK(code_of(tree.list(at("a-b"))) == ErrorCode::kInvalid);
  CHECK(code_of(tree.list(at("dir-link"))) == ErrorCode::kInvalid);
  CHECK(code_of(tree.readlink(at("a-b"))) == ErrorCode::kInvalid);
  CHECK(code_of(tree.readlink(at("a"))) == ErrorCode::kInvalid);
  CHECK(tree.readlink(at("escape")).value_or("") == "../../../a/b/../b/file");
  CHECK(tree.stat(RootfsPath())->type == EntryType::kDirectory);
}

TEST_CASE("tree: resolve follows links inside the tree and nowhere else") {
  const Made made = every_tree();
  const Tree& tree = *made.tree;
  const auto resolved = [&](const char* text) {
    const auto path = resolve(tree, text);
    return path ? path->text() : "error: " + path.error().message();
  };
  CHECK(resolved("/abs") == "a/b/file");
  CHECK(resolved("escape") == "a/b/file");
  CHECK(resolved("dir-link/../b//./file") == "a/b/file");
  CHECK(resolved("../../a") == "a");
  CHECK(resolved("/") == "");
  CHECK(code_of(resolve(tree, "loop")) == ErrorCode::kLimit);
  CHECK(code_of(resolve(tree, "dangling")) == ErrorCode::kNotFound);
  CHECK(code_of(resolve(tree, "a-b/")) == ErrorCode::kNotFound);
  CHECK(code_of(resolve(tree, "a-b/..")) == ErrorCode::kNotFound);
  CHECK(code_of(resolve(tree, std::string_view("a\0b", 3))) == ErrorCode::kInvalid);
  CHECK(code_of(resolve(tree, std::string(limits::kMaxPath + 1, '/'))) == ErrorCode::kLimit);
}

TEST_CASE("tree: a visitor may skip children, stop, and look things up while it walks") {
  const Made made = every_tree();
  struct Skipper final : Recorder {
    explicit Skipper(const Tree& of) : tree(of) {}
    WalkStep entry(const RootfsPath& path, const Stat&, Opener&) override {
      seen[path.text()];
      CHECK(tree.stat(path));
      if (path.text() == stop_at) return WalkStep::kStop;
      return path.text() == "a" ? WalkStep::kSkipChildren : WalkStep::kGoOn;
    }
    const Tree& tree;
    std::string stop_at = "-";
  };
  Skipper skipper(*made.tree);
  REQUIRE(made.tree->walk(skipper));
  CHECK(skipper.seen.count("a") == 1);
  CHECK(skipper.seen.count("a/b") == 0);
  CHECK(skipper.seen.count("a/b/file") == 0);
  CHECK(skipper.seen.count("a-b") == 1);
  Skipper stopper(*made.tree);
  stopper.stop_at = "a";
  REQUIRE(made.tree->walk(stopper));
  CHECK(stopper.seen.count("a/b") == 0);
}

TEST_CASE("tree: content reads at any offset, and its limit is kept") {
  const Made made = every_tree();
  const auto content = made.tree->open(at("a/b/file"));
  REQUIRE(content);
  char buffer[8] = {};
  CHECK((*content)->read(3, buffer, 8).value_or(0) == 4);
  CHECK(std::string(buffer, 4) == "tent");
  CHECK((*content)->read(7, buffer, 8).value_or(9) == 0);
  CHECK((*content)->read(1u << 30, buffer, 8).value_or(9) == 0);
  CHECK(read_content(**content, 7).value_or("") == "content");
  CHECK(code_of(read_content(**content, 6)) == ErrorCode::kLimit);
}

TEST_CASE("rootfs_path: text is brought to one form, and what has none is refused") {
  CHECK(at("//a/./b//").text() == "a/b");
  CHECK(at("../../etc/../x").text() == "x");
  CHECK(at("a/../..").is_root());
  CHECK(at("a/b/c").name() == "c");
  CHECK(at("a/b/c").parent().text() == "a/b");
  CHECK(at("a").parent().is_root());
  CHECK(at("").parent().is_root());
  CHECK((at("") / "x").text() == "x");
  CHECK(at("...").text() == "...");
  CHECK(code_of(RootfsPath::parse(std::string_view("a\0b", 3))) == ErrorCode::kInvalid);
  CHECK(code_of(RootfsPath::parse(std::string(limits::kMaxPath + 1, 'x'))) == ErrorCode::kLimit);
}

TEST_CASE("memory_tree: it knows what was opened") {
  const auto tree = memory_tree(sample());
  REQUIRE(tree->open(at("a-b")));
  REQUIRE(tree->open(at("a-b")));
  CHECK(tree->opened() == std::set<std::string>{"a-b"});
}

}  // namespace meridian::rootfs
