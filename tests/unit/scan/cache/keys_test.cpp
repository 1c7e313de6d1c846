// SPDX-License-Identifier: Apache-2.0
//
// keys_test.cpp: everything that a result depends on is in its name.
#include "scan/cache/keys.hpp"

#include <functional>
#include <set>

#include "support/catch.hpp"

namespace meridian::scan {
namespace {

const Seal kSeal(std::string(Seal::kKeyBytes, 'k'));
const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kOther = "sha256:" + std::string(64, 'b');

model::Layer layer() {
  model::Layer layer;
  layer.id = "id";
  layer.diff_id = model::DiffId::parse(kDigest).value();
  layer.identity = model::LayerIdentity::kRecorded;
  layer.dialect = model::MarkerDialect::kTar;
  layer.created_by = "RUN make";
  layer.size = 10;
  return layer;
}

plugin::Bundle bundle() {
  plugin::Bundle bundle;
  bundle.manifest.id = "org.example.p";
  bundle.manifest_json = "{}";
  bundle.digest = kDigest;
  bundle.rules_digest = kOther;
  return bundle;
}

}  // namespace

TEST_CASE("keys: parts do not run into each other", "[scan]") {
  const auto key = [](std::initializer_list<std::string_view> parts) {
    KeyMaker maker(kSeal, "kind");
    for (const std::string_view part : parts) maker.add(part);
    return maker.make();
  };
  CHECK(key({"ab", "c"}) == key({"ab", "c"}));
  CHECK(key({"ab", "c"}) != key({"a", "bc"}));
  CHECK(key({"a", ""}) != key({"", "a"}));
  CHECK(key({"a"}) != key({"a", ""}));
  const Seal other(std::string(Seal::kKeyBytes, 'o'));
  CHECK(KeyMaker(kSeal, "kind").make() != KeyMaker(other, "kind").make());
}

TEST_CASE("keys: library, manifest, rules, options and sandbox are the plugin", "[scan]") {
  std::set<std::string> seen;
  const auto add = [&](const plugin::Bundle& one, const char* options, const char* sandbox) {
    return seen.insert(identity_of(one, options, sandbox).text).second;
  };
  CHECK(add(bundle(), "{}", "full"));
  CHECK_FALSE(add(bundle(), "{}", "full"));
  CHECK(add(bundle(), "{\"a\":1}", "full"));
  CHECK(add(bundle(), "{}", "none"));
  for (const auto& change : std::initializer_list<std::function<void(plugin::Bundle&)>>{
           [](auto& one) { one.digest = kOther; }, [](auto& one) { one.rules_digest = kDigest; },
           [](auto& one) { one.manifest_json = "{ }"; }}) {
    plugin::Bundle changed = bundle();
    change(changed);
    CHECK(add(changed, "{}", "full"));
  }
  plugin::Bundle impure = bundle();
  impure.manifest.needs.pure_layer_function = false;
  CHECK_FALSE(identity_of(impure, "{}", "full").is_pure);
}

TEST_CASE("keys: a verified layer is the same anywhere, a recorded one where its witness is",
          "[scan]") {
  const model::Layer one = layer();
  CHECK(content_name(one, kDigest, kDigest, "here") ==
        content_name(one, kDigest, kDigest, "there"));
  CHECK(content_name(one, std::nullopt, std::nullopt, "here") !=
        content_name(one, std::nullopt, std::nullopt, "there"));
  CHECK(content_name(one, std::nullopt, std::nullopt, "here") !=
        content_name(one, kDigest, kDigest, "here"));
  // What packed bytes decode to is said of those bytes alone.
  CHECK(content_name(one, kDigest, kOther, "here") != content_name(one, kDigest, kDigest, "here"));
  CHECK(content_name(one, kOther, kOther, "here").empty());  // it is not what it says
  model::Layer local = layer();
  local.identity = model::LayerIdentity::kLocal;
  CHECK(content_name(local, std::nullopt, std::nullopt, "here").empty());
  CHECK_FALSE(
      content_name(local, kDigest, kDigest, "here").empty());  // a second claim, and a true one
  model::Layer writable = layer();
  writable.kind = model::LayerKind::kWritable;
  CHECK(content_name(writable, std::nullopt, std::nullopt, "here").empty());
  model::Layer dialect = layer();
  dialect.dialect = model::MarkerDialect::kKernelTrusted;
  CHECK(content_name(dialect, kDigest, kDigest, "here") !=
        content_name(one, kDigest, kDigest, "here"));
}

TEST_CASE("keys: the program, what is excluded and what a plugin is shown of a layer count",
          "[scan]") {
  const PluginIdentity plugin = identity_of(bundle(), "{}", "full");
  std::set<CacheKey> seen;
  const auto add = [&](const Circumstances& circumstances, const model::Layer& one) {
    return seen.insert(layer_output_key(kSeal, circumstances, plugin, "content", one)).second;
  };
  CHECK(add({"program", {}}, layer()));
  CHECK(add({"other program", {}}, layer()));
  CHECK(add({"program", {"*.log"}}, layer()));
  CHECK(add({"program", {"*", ".log"}}, layer()));
  model::Layer made = layer();
  made.created_by = "COPY";
  CHECK(add({"program", {}}, made));
  made = layer();
  made.size = 11;
  CHECK(add({"program", {}}, made));
}

TEST_CASE("keys: an image is its layers in order, its config, its names", "[scan]") {
  const PluginIdentity plugin = identity_of(bundle(), "{}", "full");
  const Circumstances none{"program", {}};
  model::Image image;
  image.id = kDigest;
  image.layers = {layer()};
  const auto key = [&](const std::vector<std::string>& contents, const std::string& facts) {
    return image_output_key(kSeal, none, plugin, contents, model_digest(image), facts);
  };
  const CacheKey first = key({"a", "b"}, "");
  CHECK(key({"a", "b"}, "") == first);
  CHECK(key({"b", "a"}, "") != first);
  CHECK(key({"ab"}, "") != first);
  CHECK(key({"a", "b"}, "facts") != first);
  image.layers.front().store = 5;  // another number in another scan
  CHECK(key({"a", "b"}, "") == first);
  image.names = {"a:1"};
  CHECK(key({"a", "b"}, "") != first);
  image.names.clear();
  image.config.env = {"A=1"};
  CHECK(key({"a", "b"}, "") != first);
}

}  // namespace meridian::scan
