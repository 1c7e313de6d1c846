// SPDX-License-Identifier: Apache-2.0
#include "rootfs/merged_names.hpp"

#include "rootfs/layered_tree.hpp"
#include "rootfs/sample_tree.hpp"

namespace meridian::rootfs {
namespace {

std::vector<std::string> texts(const std::vector<RootfsPath>& paths) {
  std::vector<std::string> texts;
  for (const RootfsPath& path : paths) texts.push_back(path.text());
  return texts;
}
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("merged_names: without redirects a path has its own name") {
  const std::vector<Redirect> none;
  CHECK(texts(MergedNames({&none, &none}).of(at("a/b"), 0)) == Texts{"a/b"});
}

TEST_CASE(
    "merged_names: names follow redirects of every layer above, relative ones in their parent") {
  const std::vector<Redirect> none;
  const std::vector<Redirect> middle = {{at("b"), "/a"}};
  const std::vector<Redirect> top = {{at("z"), "b"}, {at("z/new"), "sub"}};
  const MergedNames names({&none, &middle, &top});
  CHECK(texts(names.of(at("a/sub/f"), 0)) == Texts{"a/sub/f", "b/sub/f", "z/new/f", "z/sub/f"});
  CHECK(texts(names.of(at("b/x"), 1)) == Texts{"b/x", "z/x"});
  CHECK(texts(names.of(at("z/x"), 2)) == Texts{"z/x"});
  CHECK(texts(names.of(at("ab"), 0)) == Texts{"ab"});
}

TEST_CASE("merged_names: a directory that shows under a thousand names gives a bounded answer") {
  std::vector<Redirect> many;
  for (int i = 0; i < 1000; ++i) many.push_back({at("d" + std::to_string(i)), "/a"});
  const std::vector<Redirect> none;
  CHECK(MergedNames({&none, &many}).of(at("a/f"), 0).size() == MergedNames::kMaxNames);
}

}  // namespace meridian::rootfs
