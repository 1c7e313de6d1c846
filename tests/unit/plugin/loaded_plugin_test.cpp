// SPDX-License-Identifier: Apache-2.0
//
// loaded_plugin_test.cpp: negotiation, and a plugin's way from bytes to subscriptions.
#include "plugin/loaded_plugin.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/limits.hpp"
#include "meridian/plugin.hpp"
#include "support/catch.hpp"

using namespace meridian;
using plugin::LoadedPlugin;

namespace {

const base::Log& quiet() {
  static const base::Log log(base::LogLevel::kOff, base::Log::Color::kNo);
  return log;
}

base::Cancel& cancel() {
  static base::Cancel made;
  return made;
}

plugin::Bundle hello() {
  plugin::Catalog catalog;
  REQUIRE(plugin::add_directory(MERIDIAN_FIXTURES "/hello", catalog).has_value());
  for (const auto& refusal : catalog.refusals) UNSCOPED_INFO(refusal.message);
  REQUIRE(catalog.bundles.size() == 1);
  return catalog.bundles[0];
}

auto load(const plugin::Bundle& bundle, const std::string& settings = "{}") {
  return LoadedPlugin::load(bundle, settings, quiet(), cancel());
}

auto adopt(const meridian_descriptor& descriptor, const std::string& options = "{}") {
  return LoadedPlugin::adopt(&descriptor, options, {}, quiet(), cancel());
}

template <typename R>
bool says(const R& result, std::string_view words) {
  REQUIRE_FALSE(result.has_value());
  UNSCOPED_INFO(result.error().message());
  return result.error().message().find(words) != std::string::npos;
}

/// A plugin whose wishes a test sets.
struct Wish final : Plugin<> {
  static inline std::function<void(BasicSubscriptions<NoState>&)> wishes;
  static inline int alive = 0;
  Wish() { ++alive; }
  ~Wish() { --alive; }
  void subscribe(Subscriptions& on) const override {
    if (wishes) wishes(on);
  }
};

meridian_descriptor wish(std::function<void(BasicSubscriptions<NoState>&)> wishes = {}) {
  Wish::wishes = std::move(wishes);
  return *thunks::descriptor<Wish>("org.example.wish", "1.0.0");
}

/// The table that the next descriptor() answers with.
meridian_plugin_api table;
const void* answer(meridian_str) { return &table; }

meridian_descriptor with_table(void (*change)(meridian_plugin_api&)) {
  meridian_descriptor descriptor = wish();
  table = thunks::Table<Wish>::api;
  change(table);
  descriptor.query = &answer;
  return descriptor;
}

}  // namespace

TEST_CASE("loaded plugin: a bundle becomes tables, wishes and rules") {
  const auto loaded = load(hello());
  INFO((loaded ? "" : loaded.error().message()));
  REQUIRE(loaded.has_value());
  const LoadedPlugin& plugin = **loaded;
  CHECK(plugin.id() == "org.meridian.fixture.hello");
  CHECK(plugin.facts().version == "1.0.0");
  CHECK(plugin.facts().sdk == MERIDIAN_SDK_VERSION);
  CHECK(plugin.facts().digest == hello().digest);
  CHECK(plugin.facts().rules_digest == hello().rules_digest);
  REQUIRE(plugin.subscriptions().files.size() == 1);
  CHECK(plugin.subscriptions().files[0].where.paths == std::vector<std::string>{"etc/hello*"});
  CHECK(plugin.subscriptions().layer_done);
  CHECK(plugin.subscriptions().target_done);
  CHECK(plugin.subscriptions().wants_layers());
  REQUIRE(plugin.facts().rule("hello-file") != nullptr);
  CHECK(plugin.facts().rule("hello-file")->severity == finding::Severity::kInfo);
  CHECK(plugin.facts().rule("absent") == nullptr);
}

TEST_CASE("loaded plugin: the same bundle loads again, each with its own instance") {
  const auto first = load(hello());
  const auto second = load(hello());
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK((*first)->instance() != (*second)->instance());
}

TEST_CASE("loaded plugin: settings are checked against the schema before the plugin is loaded") {
  CHECK(load(hello(), R"({"greeting": "hi"})").has_value());
  const auto wrong = load(hello(), R"({"greting": "hi"})");
  CHECK(says(wrong, "'greting' is not known; accepted options: greeting, most"));
  CHECK(wrong.error().code() == ErrorCode::kInvalid);
}

TEST_CASE("loaded plugin: code, note and manifest have to be of one identity") {
  plugin::Bundle bundle = hello();
  bundle.note.version = "9.9.9";
  CHECK(says(load(bundle), "version: code '1.0.0', note '9.9.9', plugin.json '1.0.0'"));
  bundle = hello();
  bundle.manifest.id = "org.example.other";
  CHECK(says(load(bundle), "plugin.json 'org.example.other'"));
  bundle = hello();
  bundle.note.model_version = 7;
  CHECK(says(load(bundle), "model 7"));
}

TEST_CASE("loaded plugin: declared rules are those of the manifest; differences are listed") {
  plugin::Bundle bundle = hello();
  bundle.manifest.rules[0].severity = finding::Severity::kHigh;
  bundle.manifest.rules[1].id = "renamed";
  const auto loaded = load(bundle);
  CHECK(says(loaded, "'hello-file' has another severity"));
  CHECK(says(loaded, "'hello-target' is not in plugin.json"));
  CHECK(says(loaded, "'renamed' is only in plugin.json"));
}

TEST_CASE(
    "loaded plugin: bytes that are no whole library are refused before the loader maps them") {
  plugin::Bundle bundle = hello();
  bundle.library.resize(20'000);
  CHECK(says(load(bundle), "reaches past the end"));
  bundle.library = "text";
  CHECK(says(load(bundle), "plugin org.meridian.fixture.hello: "));
}

TEST_CASE("negotiation: another major, vendor or a newer host is refused") {
  const auto refused = [](void (*change)(meridian_descriptor&), const char* words) {
    meridian_descriptor descriptor = wish();
    change(descriptor);
    CHECK(says(adopt(descriptor), words));
  };
  refused([](meridian_descriptor& d) { d.abi_major = 7; }, "built for ABI 7.");
  refused([](meridian_descriptor& d) { d.host_minor_min = 99; }, "needs a host of ABI 0.99");
  refused([](meridian_descriptor& d) { d.vendor = lend("fork"); }, "vendor 'fork'");
  refused([](meridian_descriptor& d) { d.struct_size = 8; }, "descriptor of 8 bytes");
  refused([](meridian_descriptor& d) { d.id = lend("nodots"); }, "'nodots'");
  refused([](meridian_descriptor& d) { d.version.size = 1 << 20; }, "'version'");
  refused([](meridian_descriptor& d) { d.query = nullptr; }, "without query");
  refused(
      [](meridian_descriptor& d) { d.query = [](meridian_str) -> const void* { return nullptr; }; },
      "no interface 'meridian.plugin/0'");
  meridian_descriptor newer = wish();
  newer.abi_minor = 99;
  CHECK(adopt(newer).has_value());
  CHECK(says(LoadedPlugin::adopt(nullptr, "{}", {}, quiet(), cancel()), "no descriptor"));
}

TEST_CASE("negotiation: slots past the plugin's struct_size are null, needed ones are required") {
  auto loaded = adopt(with_table([](meridian_plugin_api& t) {
    t.configure = nullptr;
    t.layer_file = nullptr;
  }));
  REQUIRE(loaded.has_value());
  CHECK((*loaded)->api().layer_file == nullptr);

  CHECK(says(adopt(with_table([](meridian_plugin_api& t) {
               t.struct_size = offsetof(meridian_plugin_api, destroy);
             })),
             "lacks create"));
  CHECK(says(adopt(with_table([](meridian_plugin_api& t) {
               t.struct_size = offsetof(meridian_plugin_api, destroy) + 4;
             })),
             "lacks create"));
  CHECK(says(adopt(with_table([](meridian_plugin_api& t) { t.struct_size = 0; })), "lacks create"));
  CHECK(adopt(with_table([](meridian_plugin_api& t) { t.struct_size = 4096; })).has_value());
}

TEST_CASE("negotiation: a slot that is subscribed to has to be there") {
  meridian_descriptor descriptor =
      with_table([](meridian_plugin_api& t) { t.layer_match = nullptr; });
  Wish::wishes = [](auto& on) {
    on.layer_matches({.pattern = "x"}, [](const Match&, LayerSink&) {});
  };
  CHECK(says(adopt(descriptor), "layer_match"));
}

TEST_CASE("subscriptions: everything asked for is copied") {
  const auto loaded = adopt(wish([](auto& on) {
    on.rule({.id = "r", .severity = Severity::kCritical, .title = "t", .help = "h"});
    on.layer_files({.paths = {"a/**"},
                    .names = {"b"},
                    .exclude = {"c"},
                    .magic = {std::string("\0\x7f", 2)},
                    .mode_any = 02,
                    .min_size = 5,
                    .max_size = 9},
                   [](const File&, LayerSink&) {});
    on.layer_matches(
        {.pattern = "k[0-9]", .where = {.binary = true}, .context = 64, .caseless = true},
        [](const Match&, LayerSink&) {});
    on.image([](const Target&, TargetSink&) {});
    on.container([](const Target&, TargetSink&) {});
  }));
  INFO((loaded ? "" : loaded.error().message()));
  REQUIRE(loaded.has_value());
  const auto& wishes = (*loaded)->subscriptions();
  CHECK(wishes.rules[0] == plugin::ManifestRule{"r", "t", finding::Severity::kCritical, "h"});
  const auto& where = wishes.files[0].where;
  CHECK(where.paths == std::vector<std::string>{"a/**"});
  CHECK(where.magic == std::vector<std::string>{std::string("\0\x7f", 2)});
  CHECK(where.mode_any == 02);
  CHECK(where.max_size == 9);
  CHECK(wishes.patterns[0].expression == "k[0-9]");
  CHECK(wishes.patterns[0].binary);
  CHECK(wishes.patterns[0].caseless);
  CHECK(wishes.patterns[0].context == 64);
  CHECK(wishes.targets.size() == 2);
  CHECK_FALSE(wishes.target_done);
}

TEST_CASE("subscriptions: what is wrong is refused with its place and the compiler's words") {
  const auto handler = [](const Match&, LayerSink&) {};
  const auto file = [](const File&, LayerSink&) {};
  CHECK(says(adopt(wish([&](auto& on) { on.layer_matches({.pattern = "a(b"}, handler); })),
             "subscribe: layer_matches 0: "));
  CHECK(says(
      adopt(wish([&](auto& on) { on.layer_matches({.pattern = "a", .context = 5000}, handler); })),
      "context: 5000, limit 4096"));
  CHECK(says(adopt(wish([&](auto& on) {
               on.layer_matches({.pattern = std::string(70000, 'a')}, handler);
             })),
             "limit"));
  CHECK(says(adopt(wish([&](auto& on) { on.layer_files({.paths = {"[a"}}, file); })),
             "layer_files 0"));
  CHECK(says(adopt(wish([&](auto& on) {
               on.layer_files({.magic = std::vector<std::string>(2000, "x")}, file);
             })),
             "magic: 2000, limit 1000"));
  CHECK(says(adopt(wish([&](auto& on) { on.rule({.id = "Not An Id"}); })), "'Not An Id'"));
  CHECK(says(adopt(wish([&](auto& on) {
               on.rule({.id = "twice"});
               on.rule({.id = "twice"});
             })),
             "'twice' is declared twice"));
  CHECK(says(adopt(wish([&](auto& on) { on.rule({.id = "r", .title = "\xff"}); })), "UTF-8"));
  CHECK(says(adopt(wish([&](auto& on) {
               for (std::size_t i = 0; i <= limits::kMaxSubscriptions; ++i)
                 on.layer_files({}, file);
             })),
             "limit 10000"));
}

TEST_CASE("loaded plugin: the instance is destroyed, also when a later step fails") {
  Wish::alive = 0;
  {
    const auto loaded = adopt(wish());
    REQUIRE(loaded.has_value());
    CHECK(Wish::alive == 1);
  }
  CHECK(Wish::alive == 0);
  CHECK_FALSE(adopt(wish([](auto& on) { on.rule({.id = ""}); })).has_value());
  CHECK_FALSE(adopt(wish(), "[]").has_value());
  CHECK(Wish::alive == 0);
}
