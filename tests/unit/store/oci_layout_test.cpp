// SPDX-License-Identifier: Apache-2.0
#include "store/oci_layout/oci_layout.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/limits.hpp"
#include "store/archive/archive_files.hpp"
#include "store/oci_layout/directory_files.hpp"
#include "store/oci_layout/platform_choice.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/store/layout_fixture.hpp"

using namespace meridian;
using namespace meridian::store;
using model::LayerIdentity;
using testing_support::TempDir;

namespace {

struct Reading {
  std::unique_ptr<Store> store;
  model::Inventory inventory;

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& image : inventory.images) {
      all.insert(all.end(), image.names.begin(), image.names.end());
    }
    return all;
  }
  std::vector<ErrorCode> problems() const {
    std::vector<ErrorCode> codes;
    for (const auto& problem : inventory.problems) codes.push_back(problem.error.code());
    return codes;
  }
};

Result<Reading> read(const Layout& layout, const LayoutWish& wish = {}) {
  const TempDir folder;
  MERIDIAN_TRY(auto files,
               ArchiveFiles::open(archive::local_unpacker(), folder.file("x.tar", layout.tar())));
  MERIDIAN_TRY(auto store, read_oci_layout(std::move(files), "oci-archive", wish));
  Reading out{std::move(store), {}};
  out.store->read(3, out.inventory);
  return out;
}

model::Platform platform(const char* text) { return *model::Platform::parse(text); }

const std::string kBase = layer_tar("base");
const std::string kApp = layer_tar("app!");
using Codes = std::vector<ErrorCode>;

}  // namespace

TEST_CASE("oci layout: an image, its names, its layers by digest and diffID") {
  Layout layout;
  layout.top(layout.image({kBase, kApp}, named("1", "docker.io/library/demo:1")));
  const auto reading = read(layout);
  REQUIRE(reading);
  CHECK(reading->inventory.problems.empty());
  REQUIRE(reading->inventory.images.size() == 1);
  const auto& image = reading->inventory.images[0];
  CHECK(image.id == "sha256:" + base::sha256_hex(config_json({kBase, kApp})));
  CHECK(image.names == std::vector<std::string>{"docker.io/library/demo:1"});
  REQUIRE(image.present_in.size() == 1);
  CHECK(image.present_in[0].store == 3);
  CHECK(image.present_in[0].id != image.id);  // that of the manifest
  REQUIRE(image.layers.size() == 2);
  CHECK(image.layers[1].diff_id->hex() == base::sha256_hex(kApp));
  CHECK(image.layers[1].digest->hex() == base::sha256_hex(kApp));
  CHECK(image.layers[1].identity == LayerIdentity::kRecorded);
  CHECK(image.layers[1].dialect == model::MarkerDialect::kTar);
  CHECK(image.layers[1].created_by == "RUN app!");
  const auto tree = reading->store->open_layer(image.layers[1]);
  REQUIRE(tree);
  CHECK((*tree)->stat(*rootfs::RootfsPath::parse("from"))->size == 4);
}

TEST_CASE("oci layout: a directory gives what its tar gives, and links in it stay inside") {
  Layout layout;
  const std::string other = layer_tar("evil");
  layout.top(layout.image({kBase}, named("demo:1")) + "," + layout.image({other}, named("out:1")));
  const TempDir folder;
  for (const auto& [name, content] : layout.files) {
    if (name != "blobs/sha256/" + base::sha256_hex(other)) folder.file("l/" + name, content);
  }
  const std::string secret = folder.file("secret", other);
  REQUIRE(::symlink(secret.c_str(),
                    folder.at("l/blobs/sha256/" + base::sha256_hex(other)).c_str()) == 0);
  auto files = DirectoryFiles::open(archive::local_unpacker(), folder.at("l"));
  REQUIRE(files);
  auto store = read_oci_layout(*std::move(files), "oci", {});
  REQUIRE(store);
  model::Inventory inventory;
  (*store)->read(0, inventory);
  REQUIRE(inventory.images.size() == 2);
  for (const auto& image : inventory.images) {
    const bool is_out = image.names.at(0) == "out:1";
    CHECK(image.layers.at(0).missing == is_out);
    CHECK((*store)->open_layer(image.layers[0]).has_value() != is_out);
  }
  CHECK(inventory.problems.size() == 1);
  CHECK(DirectoryFiles::open(archive::local_unpacker(), secret).error().code() ==
        ErrorCode::kInvalid);
  CHECK(DirectoryFiles::open(archive::local_unpacker(), folder.at("absent")).error().code() ==
        ErrorCode::kNotFound);
}

TEST_CASE("oci layout: an image by tag, name, id, manifest digest or number; else what there is") {
  Layout layout;
  const std::string demo = layout.image({kBase}, named("1", "docker.io/library/demo:1"));
  const std::string app = layout.image({kApp}, named("localhost/app:2"));
  layout.top(demo + "," + app);
  const std::string id = "sha256:" + base::sha256_hex(config_json({kBase}));
  const std::string manifest = demo.substr(demo.find("sha256:"), 71);
  for (const std::string& wanted :
       {std::string("1"), std::string("demo:1"), std::string("demo"), id.substr(7, 12), id,
        manifest, std::string("@0"), std::string("docker.io/library/demo:1")}) {
    INFO(wanted);
    const auto reading = read(layout, {wanted, {}});
    REQUIRE(reading);
    CHECK(reading->names() == std::vector<std::string>{"docker.io/library/demo:1"});
  }
  CHECK(read(layout, {"app", {}})->names() == std::vector<std::string>{"localhost/app:2"});
  for (const char* const wanted : {"3", "@2", "nothing:1"}) {
    const auto none = read(layout, {wanted, {}});
    REQUIRE_FALSE(none);
    CHECK(none.error().code() == ErrorCode::kNotFound);
  }
  CHECK(read(layout, {"3", {}}).error().message().find("demo:1, localhost/app:2") !=
        std::string::npos);
}

TEST_CASE("oci layout: one manifest under several tags is one image with all names") {
  Layout layout;
  layout.top(layout.image({kBase}, named("b:1")) + "," + layout.image({kBase}, named("a:1")));
  const auto reading = read(layout);
  REQUIRE(reading->inventory.images.size() == 1);
  CHECK(reading->names() == std::vector<std::string>{"a:1", "b:1"});
  CHECK(reading->inventory.problems.empty());
}

TEST_CASE("oci layout: of an index the image of the platform is read, attestations never") {
  Layout layout;
  const std::string amd = layout.image({kBase}, on_platform("linux", "amd64"));
  const std::string arm = layout.image({kApp}, on_platform("linux", "arm64", "v8"));
  const std::string arm7 = layout.image({layer_tar("arm7")}, on_platform("linux", "arm", "v7"));
  const std::string statement =
      layout.image({layer_tar("prov")}, on_platform("unknown", "unknown"));
  const std::string entries = statement + "," + arm + "," + arm7 + "," + amd;
  const auto command = [](const Result<Reading>& reading) {
    return reading->inventory.images.at(0).layers.at(0).created_by;
  };
  const bool nested = GENERATE(false, true);
  if (nested) {
    layout.top(layout.index(layout.index(entries), named("demo:1")));
  } else {
    layout.top(entries);
  }
  for (const auto& [asked, expected] :
       {std::pair{"linux/amd64", "RUN base"}, std::pair{"linux/arm64", "RUN app!"},
        std::pair{"linux/arm64/v8", "RUN app!"}, std::pair{"linux/arm", "RUN arm7"},
        std::pair{"linux/arm/v7", "RUN arm7"}}) {
    INFO(asked);
    const auto reading = read(layout, {"", platform(asked)});
    REQUIRE(reading);
    CHECK(reading->inventory.problems.empty());
    REQUIRE(reading->inventory.images.size() == 1);
    CHECK(command(reading) == expected);
    if (nested) CHECK(reading->names() == std::vector<std::string>{"demo:1"});
  }
  for (const char* const asked : {"linux/s390x", "windows/amd64", "linux/arm/v6"}) {
    const auto none = read(layout, {"", platform(asked)});
    REQUIRE_FALSE(none);
    CHECK(none.error().code() == ErrorCode::kNotFound);
    CHECK(none.error().message().find("linux/arm64/v8, linux/arm/v7, linux/amd64") !=
          std::string::npos);
  }
}

TEST_CASE(
    "oci layout: who asks for no platform gets this machine's, or the only one that is there") {
  const model::Platform own = own_platform();
  CHECK(own.os == "linux");
  const std::string strange = on_platform("linux", "strange");
  Layout both;
  both.top(both.index(both.image({kApp}, strange) + "," +
                      both.image({kBase}, on_platform(own.os, own.architecture, own.variant))));
  CHECK(read(both)->inventory.images.at(0).layers.at(0).created_by == "RUN base");

  Layout other;
  other.top(other.index(other.image({kApp}, strange) + "," +
                        Layout::descriptor(kManifestType, std::string(64, 'a'), 7,
                                           on_platform(own.os, own.architecture, own.variant))));
  CHECK(read(other)->inventory.images.at(0).layers.at(0).created_by == "RUN app!");
  // Who asks for it is told that it is not there.
  const auto asked = read(other, {"", own});
  CHECK(asked->inventory.images.empty());
  CHECK(asked->problems() == Codes{ErrorCode::kNotFound});

  Layout two;
  two.top(two.index(two.image({kApp}, strange) + "," +
                    two.image({kBase}, on_platform("linux", "stranger"))));
  CHECK(read(two).error().message().find("--platform") != std::string::npos);
}

TEST_CASE("oci layout: a layer that is not here or cannot be read is a problem that names it") {
  const std::string hex(64, 'b');
  struct Row {
    const char* what;
    std::string layer;
    ErrorCode code;
    const char* said;
  };
  for (const Row& row :
       {Row{"missing", Layout::descriptor(kTarLayer, hex, 7), ErrorCode::kNotFound, "bbbb"},
        Row{"foreign",
            Layout::descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", hex, 7,
                               R"(,"urls":["https://example.com/layer"])"),
            ErrorCode::kUnsupported, "https://example.com/layer"},
        Row{"nondistributable",
            Layout::descriptor("application/vnd.oci.image.layer.nondistributable.v1.tar", hex, 7),
            ErrorCode::kUnsupported, "foreign"},
        Row{"encrypted", Layout::descriptor(kTarLayer + "+gzip+encrypted", hex, 7),
            ErrorCode::kUnsupported, "encrypted"},
        Row{"unknown", Layout::descriptor("application/x-squashfs", hex, 7),
            ErrorCode::kUnsupported, "application/x-squashfs"}}) {
    INFO(row.what);
    Layout layout;
    const std::string config = layout.blob(kConfigType, config_json({kBase, kApp}));
    layout.top(layout.manifest(config, row.layer + "," + layout.blob(kTarLayer, kApp)));
    const auto reading = read(layout);
    REQUIRE(reading);
    REQUIRE(reading->inventory.images.size() == 1);
    const auto& image = reading->inventory.images[0];
    REQUIRE(reading->inventory.problems.size() == 1);
    const auto& problem = reading->inventory.problems[0];
    CHECK(problem.error.code() == row.code);
    CHECK((problem.error.message() + problem.path).find(row.said) != std::string::npos);
    CHECK(problem.object == image.id);
    REQUIRE(image.layers.size() == 2);
    CHECK(image.layers[0].missing);
    CHECK(reading->store->open_layer(image.layers[0]).error().code() == row.code);
    CHECK(image.layers[1].created_by == "RUN app!");
    CHECK(reading->store->open_layer(image.layers[1]));
  }
}

TEST_CASE("oci layout: a foreign layer that is here is read") {
  Layout layout;
  const std::string config = layout.blob(kConfigType, config_json({kBase}));
  layout.top(layout.manifest(config, layout.blob(kTarLayer, kBase, R"(,"urls":["https://x"])")));
  const auto reading = read(layout);
  CHECK(reading->inventory.problems.empty());
  CHECK(reading->store->open_layer(reading->inventory.images.at(0).layers.at(0)));
}

TEST_CASE("oci layout: a blob that is not what it is called marks its image, naming both") {
  const char* const what = GENERATE("manifest", "index", "config", "size");
  INFO(what);
  Layout layout;
  const std::string manifest = layout.image({kBase}, on_platform("linux", "amd64"));
  const std::string index = layout.index(manifest);
  layout.top(index);
  std::string descriptor = std::string(what) == "index" ? index : manifest;
  std::string id = "sha256:" + base::sha256_hex(config_json({kBase}));
  if (std::string(what) == "config") descriptor = id;
  const std::string hex = descriptor.substr(descriptor.find("sha256:") + 7, 64);
  std::string& blob = layout.files["blobs/sha256/" + hex];
  std::string content = blob;
  if (std::string(what) == "size") {
    // The manifest says a size that the layer does not have.
    const std::string claim = "\"size\":" + std::to_string(kBase.size());
    REQUIRE(content.find(claim) != std::string::npos);
    content.replace(content.find(claim), claim.size(), "\"size\":17");
    layout.files["blobs/sha256/" + base::sha256_hex(content)] = content;
    layout.top(Layout::descriptor(kManifestType, base::sha256_hex(content), content.size()));
  } else {
    blob += " ";
    content += " ";
  }
  const auto reading = read(layout, {"", platform("linux/amd64")});
  REQUIRE(reading);
  REQUIRE(reading->inventory.images.size() == 1);
  bool named_both = false;
  for (const auto& problem : reading->inventory.problems) {
    CHECK(problem.error.code() == ErrorCode::kIntegrity);
    CHECK(problem.object == reading->inventory.images[0].id);
    const std::string& text = problem.error.message();
    const bool both = std::string(what) == "size"
                          ? text.find("17") != std::string::npos &&
                                text.find(std::to_string(kBase.size())) != std::string::npos
                          : text.find(hex) != std::string::npos &&
                                text.find(base::sha256_hex(content)) != std::string::npos;
    named_both = named_both || both;
  }
  CHECK(named_both);
}

TEST_CASE("oci layout: what is no image is a problem that names its type, the rest is read") {
  struct Row {
    const char* what;
    std::string entry;
    ErrorCode code;
    const char* said;
  };
  Layout layout;
  const std::string fine = layout.image({kBase}, named("fine:1"));
  const std::string config = layout.blob(kConfigType, config_json({kBase}));
  std::string deep = layout.image({kApp});
  for (std::size_t i = 0; i <= limits::kMaxIndexDepth; ++i) deep = layout.index(deep);
  for (const Row& row :
       {Row{"artifact",
            layout.manifest(layout.blob("application/vnd.cncf.helm.config.v1+json", "{}"), ""),
            ErrorCode::kUnsupported, "helm"},
        Row{"media type", layout.blob("text/plain", "hello"), ErrorCode::kUnsupported,
            "text/plain"},
        Row{"schema 1", layout.blob("", R"({"schemaVersion":1,"fsLayers":[],"signatures":[]})"),
            ErrorCode::kUnsupported, "schema 1"},
        Row{"both at once", layout.blob("", R"({"manifests":[],"layers":[],"config":{}})"),
            ErrorCode::kCorrupt, "at once"},
        Row{"another form", layout.blob(kManifestType, Layout::index_json("")), ErrorCode::kCorrupt,
            "manifest"},
        Row{"no JSON", layout.blob(kManifestType, "{"), ErrorCode::kCorrupt, ""},
        Row{"deep JSON", layout.blob(kManifestType, std::string(9999, '[')), ErrorCode::kLimit, ""},
        Row{"huge", layout.blob(kManifestType, std::string(limits::kMaxManifestBytes + 1, ' ')),
            ErrorCode::kLimit, "bytes"},
        Row{"deep indexes", deep, ErrorCode::kLimit, "indexes inside"},
        Row{"missing", Layout::descriptor(kManifestType, std::string(64, 'c'), 7),
            ErrorCode::kNotFound, "cccc"},
        Row{"config missing",
            layout.manifest(Layout::descriptor(kConfigType, std::string(64, 'd'), 7), ""),
            ErrorCode::kNotFound, "dddd"},
        Row{"bad digest", R"({"mediaType":"x","digest":"sha256:../../etc/passwd"})",
            ErrorCode::kCorrupt, "passwd"},
        Row{"no object", "7", ErrorCode::kCorrupt, "object"}}) {
    INFO(row.what);
    layout.top(row.entry + "," + fine);
    const auto reading = read(layout);
    REQUIRE(reading);
    CHECK(reading->names() == std::vector<std::string>{"fine:1"});
    REQUIRE(reading->problems() == Codes{row.code});
    const auto& problem = reading->inventory.problems[0];
    CHECK((problem.error.message() + problem.path).find(row.said) != std::string::npos);
  }
}

TEST_CASE("oci layout: indexes in a circle end") {
  Layout layout;
  const std::string hex(64, 'e');
  const std::string again = Layout::descriptor(kIndexType, hex, 7);
  layout.files["blobs/sha256/" + hex] = Layout::index_json(again + "," + again);
  layout.top(again);
  const auto reading = read(layout);
  REQUIRE(reading);
  CHECK(reading->inventory.images.empty());
  const Codes codes = reading->problems();
  CHECK(std::count(codes.begin(), codes.end(), ErrorCode::kLimit) > 0);
}

TEST_CASE("oci layout: more manifests than the limit is said, and the first are read") {
  Layout layout;
  std::string entries = layout.image({kBase}, named("fine:1"));
  const std::string filler = "," + Layout::descriptor(kManifestType, std::string(64, 'f'), 7);
  for (std::size_t i = 0; i < limits::kMaxLayoutManifests - 1; ++i) entries += filler;
  layout.top(entries);
  CHECK(read(layout)->problems() == Codes{ErrorCode::kNotFound});
  layout.top(entries + filler);
  CHECK(read(layout).error().code() == ErrorCode::kLimit);
}

TEST_CASE("oci layout: a tar that is none is refused with its name") {
  for (const auto& [index, code] :
       {std::pair{"", ErrorCode::kCorrupt}, std::pair{"[]", ErrorCode::kCorrupt},
        std::pair{"{}", ErrorCode::kCorrupt}, std::pair{R"({"layers":[]})", ErrorCode::kCorrupt},
        std::pair{R"({"config":{"digest":"x"},"layers":[]})", ErrorCode::kCorrupt},
        std::pair{R"({"manifests":7})", ErrorCode::kCorrupt}}) {
    Layout layout;
    if (*index != '\0') layout.files["index.json"] = index;
    const auto reading = read(layout);
    REQUIRE_FALSE(reading);
    CHECK(reading.error().code() == code);
    CHECK(reading.error().message().find("x.tar") != std::string::npos);
  }
  Layout empty;
  empty.top("");
  CHECK(read(empty)->inventory.images.empty());
}

TEST_CASE("oci layout: a second blob with the same claim is read for itself") {
  Layout layout;
  const std::string config = layout.blob(kConfigType, config_json({kBase}));
  const std::string other = layout.blob(kConfigType, config_json({kBase}) + " ");
  layout.top(layout.manifest(config, layout.blob(kTarLayer, kBase)) + "," +
             layout.manifest(other, layout.blob(kTarLayer, layer_tar("evil"))));
  const auto reading = read(layout);
  REQUIRE(reading->inventory.images.size() == 2);
  const auto& first = reading->inventory.images[0].layers.at(0);
  const auto& second = reading->inventory.images[1].layers.at(0);
  CHECK(first.key() != second.key());
  CHECK((first.identity == LayerIdentity::kLocal) != (second.identity == LayerIdentity::kLocal));
}

TEST_CASE("platform: text to value and back; what is none is said") {
  for (const char* const text : {"linux/amd64", "linux/arm64/v8", "windows/amd64"}) {
    CHECK(platform(text).text() == text);
  }
  for (const char* const text : {"", "linux", "linux/", "/amd64", "a/b/", "a/b/c/d", "a//c"}) {
    CHECK(model::Platform::parse(text).error().code() == ErrorCode::kInvalid);
  }
}
