// SPDX-License-Identifier: Apache-2.0
//
// throwing_test.cpp: whatever throws inside a plugin comes back as a status, from every slot.
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>

#include "meridian/failure.hpp"
#include "meridian/text.hpp"
#include "plugin/config_table.hpp"
#include "plugin/host_services.hpp"
#include "plugin/loaded_plugin.hpp"
#include "plugin/subscription_table.hpp"
#include "support/catch.hpp"
#include "throwing_slots.hpp"

using namespace meridian;
using fixture::Slot;

namespace {

class ThrowAt {
 public:
  ThrowAt(const char* slot, const char* kind) {
    ::setenv("MERIDIAN_THROW_AT", slot, 1);
    ::setenv("MERIDIAN_THROW_KIND", kind, 1);
  }
  ~ThrowAt() { ::unsetenv("MERIDIAN_THROW_AT"); }
  ThrowAt(const ThrowAt&) = delete;
  ThrowAt& operator=(const ThrowAt&) = delete;
};

/// Everything a slot may be given, as little as it is.
struct World {
  base::Log log{base::LogLevel::kOff, base::Log::Color::kNo};
  base::Cancel cancel;
  plugin::HostServices services{"test", log, cancel};
  std::unique_ptr<plugin::ConfigTable> config = *plugin::ConfigTable::parse("{}");
  plugin::RuleTable rules{{}, {}, nullptr};
  plugin::SubscriptionTable wishes;
  meridian_stat stat{};
  meridian_file file{};
  meridian_match match{};
  meridian_layer layer{};
  meridian_target target{};
  meridian_facts facts{};
  meridian_sink sink{};

  World() {
    file.struct_size = sizeof file;
    file.stat = &stat;
    match.struct_size = sizeof match;
    match.file = &file;
    target.struct_size = sizeof target;
  }
};

/// Brings a fresh instance to where `slot` may be called, and calls it while it throws.
class Call {
 public:
  Call(const meridian_plugin_api& api, World& world) : api_(api), world_(world) {}
  ~Call() {
    Failure failure;
    if (unit_ != nullptr) (void)api_.unit_end(instance_, unit_, failure.get());
    if (instance_ != nullptr) (void)api_.destroy(instance_, failure.get());
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  meridian_status run(Slot slot, const char* kind, Failure& failure) {
    if (slot > Slot::kCreate) prepare(create(failure));
    if (slot > Slot::kConfigure) prepare(configure(failure));
    if (slot > Slot::kSubscribe) prepare(subscribe(failure));
    if (slot > Slot::kUnitBegin && slot < Slot::kDestroy) prepare(begin(failure));
    const ThrowAt armed(fixture::name(slot), kind);
    return call(slot, failure);
  }

 private:
  static void prepare(meridian_status status) { REQUIRE(status == MERIDIAN_OK); }
  meridian_status create(Failure& f) {
    return api_.create(world_.services.get(), &instance_, f.get());
  }
  meridian_status configure(Failure& f) {
    return api_.configure(instance_, world_.config->get(), world_.rules.get(), f.get());
  }
  meridian_status subscribe(Failure& f) {
    return api_.subscribe(instance_, world_.wishes.get(), f.get());
  }
  meridian_status begin(Failure& f) { return api_.unit_begin(instance_, &unit_, f.get()); }

  /// No default: a new slot has to be called.
  meridian_status call(Slot slot, Failure& f) {
    switch (slot) {
      case Slot::kCreate:
        return create(f);
      case Slot::kConfigure:
        return configure(f);
      case Slot::kSubscribe:
        return subscribe(f);
      case Slot::kUnitBegin:
        return begin(f);
      case Slot::kLayerFile:
        return api_.layer_file(instance_, unit_, 0, &world_.file, &world_.sink, f.get());
      case Slot::kLayerMatch:
        return api_.layer_match(instance_, unit_, &world_.match, &world_.sink, f.get());
      case Slot::kLayerDone:
        return api_.layer_done(instance_, unit_, &world_.layer, &world_.sink, f.get());
      case Slot::kTarget:
        return api_.target(instance_, unit_, 0, &world_.target, &world_.sink, f.get());
      case Slot::kMergedFile:
        return api_.merged_file(instance_, unit_, 0, &world_.target, &world_.file, &world_.sink,
                                f.get());
      case Slot::kTargetDone:
        return api_.target_done(instance_, unit_, &world_.target, &world_.facts, &world_.sink,
                                f.get());
      case Slot::kUnitEnd:
        return api_.unit_end(instance_, std::exchange(unit_, nullptr), f.get());
      case Slot::kDestroy:
        return api_.destroy(std::exchange(instance_, nullptr), f.get());
    }
    return MERIDIAN_OK;
  }

  const meridian_plugin_api& api_;
  World& world_;
  void* instance_ = nullptr;
  void* unit_ = nullptr;
};

plugin::Bundle bundle_of(const std::string& name) {
  plugin::Catalog catalog;
  REQUIRE(plugin::add_directory(MERIDIAN_FIXTURES "/" + name, catalog).has_value());
  for (const auto& refusal : catalog.refusals)
    UNSCOPED_INFO(refusal.path << ": " << refusal.message);
  REQUIRE(catalog.bundles.size() == 1);
  return catalog.bundles.front();
}

std::vector<std::string> variants() {
  std::vector<std::string> result;
  std::istringstream list(MERIDIAN_THROWING);
  for (std::string name; list >> name;) result.push_back(name);
  return result;
}

}  // namespace

TEST_CASE("fence: whatever a slot throws, it answers FAILED with its problem and the words") {
  for (const std::string& variant : variants()) {
    World world;
    const plugin::Bundle bundle = bundle_of(variant);
    auto loaded = plugin::LoadedPlugin::load(bundle, "{}", world.log, world.cancel);
    INFO((loaded ? "" : loaded.error().message()));
    REQUIRE(loaded.has_value());
    for (const Slot slot : fixture::kSlots) {
      for (const std::string kind : {"exception", "int", "memory"}) {
        INFO(variant << ", " << fixture::name(slot) << ", " << kind);
        World fresh;
        Failure failure;
        Call call((*loaded)->api(), fresh);
        CHECK(call.run(slot, kind.c_str(), failure) == MERIDIAN_FAILED);
        CHECK(failure.get()->problem ==
              (kind == "memory" ? MERIDIAN_PROBLEM_MEMORY : MERIDIAN_PROBLEM_EXCEPTION));
        const std::string text = failure.get()->text;
        CHECK(text.find(kind == "int"      ? "not a std::exception"
                        : kind == "memory" ? "out of memory"
                                           : "thrown by the ") != std::string::npos);
      }
    }
  }
}

TEST_CASE("fence: a plugin that throws while it is loaded is an error that carries the words") {
  for (const Slot slot : {Slot::kCreate, Slot::kConfigure, Slot::kSubscribe}) {
    World world;
    const ThrowAt armed(fixture::name(slot), "exception");
    const auto loaded =
        plugin::LoadedPlugin::load(bundle_of("throwing"), "{}", world.log, world.cancel);
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().code() == ErrorCode::kException);
    CHECK(loaded.error().message().find("thrown by the ") != std::string::npos);
    CHECK(loaded.error().message().find("org.meridian.fixture.throwing") != std::string::npos);
  }
}

TEST_CASE("fence: a destructor that throws does not end the host") {
  World world;
  auto loaded = plugin::LoadedPlugin::load(bundle_of("throwing"), "{}", world.log, world.cancel);
  REQUIRE(loaded.has_value());
  const ThrowAt armed("destroy", "exception");
  loaded->reset();
  SUCCEED("alive");
}
