// SPDX-License-Identifier: Apache-2.0
//
// loaded_plugin.cpp: see loaded_plugin.hpp.
#include "plugin/loaded_plugin.hpp"

#include <algorithm>
#include <utility>

#include "base/escape.hpp"
#include "base/sealed_file.hpp"
#include "meridian/failure.hpp"
#include "meridian/text.hpp"
#include "plugin/acceptance.hpp"
#include "plugin/config_table.hpp"
#include "plugin/elf_lint.hpp"
#include "plugin/host_services.hpp"
#include "plugin/identity.hpp"
#include "plugin/record.hpp"
#include "plugin/refusal.hpp"
#include "plugin/sealed_library.hpp"
#include "plugin/subscription_table.hpp"

namespace meridian::plugin {

struct LoadedPlugin::State {
  State(PluginFacts said, const base::Log& log_to, const base::Cancel& cancel)
      : facts(std::move(said)), log(log_to), services(facts.id, log_to, cancel) {}

  PluginFacts facts;
  const base::Log& log;
  HostServices services;
  meridian_plugin_api api{};
  void* instance = nullptr;
  std::vector<DataFile> data;  // what the instance may keep views of
};

namespace {

/// What a descriptor said, copied out of the plugin.
struct Identity {
  std::string id, version, sdk;
  std::uint32_t abi_major = 0, abi_minor = 0, host_minor_min = 0, model_version = 0;
  meridian_plugin_api api{};
};

std::string abi_text(std::uint32_t major, std::uint32_t minor) {
  return std::to_string(major) + "." + std::to_string(minor);
}

Result<void> check_abi(const meridian_descriptor& descriptor) {
  const std::string ours = abi_text(MERIDIAN_ABI_MAJOR, MERIDIAN_ABI_MINOR);
  if (descriptor.abi_major != MERIDIAN_ABI_MAJOR) {
    return refused("built for ABI " + abi_text(descriptor.abi_major, descriptor.abi_minor),
                   "ABI " + std::to_string(MERIDIAN_ABI_MAJOR) + ".x (this host has " + ours + ")",
                   "rebuild it with this host's SDK");
  }
  if (descriptor.host_minor_min > MERIDIAN_ABI_MINOR) {
    return refused("it needs a host of ABI " +
                       abi_text(descriptor.abi_major, descriptor.host_minor_min) + " or newer",
                   "at most " + ours, "update the host, or take an older version of the plugin");
  }
  return {};
}

Result<std::string> own_text(meridian_str text, std::size_t limit, const char* field) {
  const std::string_view bytes = view(text);
  if (bytes.size() > limit || !base::is_utf8(bytes)) {
    return Error(ErrorCode::kRefused, std::string("descriptor: '") + field + "' has " +
                                          std::to_string(bytes.size()) +
                                          " bytes or is not UTF-8, limit " + std::to_string(limit));
  }
  return std::string(bytes);
}

/// Checks version before content: nothing past what the descriptor claims is read.
Result<Identity> read_descriptor(const meridian_descriptor* lent) {
  if (lent == nullptr) return Error(ErrorCode::kRefused, "the entry returned no descriptor");
  if (lent->struct_size < sizeof(meridian_descriptor)) {
    return Error(ErrorCode::kRefused, "descriptor of " + std::to_string(lent->struct_size) +
                                          " bytes, at least " +
                                          std::to_string(sizeof(meridian_descriptor)));
  }
  const meridian_descriptor& descriptor = *lent;
  MERIDIAN_CHECK(check_abi(descriptor));
  MERIDIAN_TRY(const std::string vendor, own_text(descriptor.vendor, 63, "vendor"));
  if (vendor != "meridian") {
    return refused("vendor '" + base::escape(vendor) + "'", "'meridian'",
                   "rebuild it with this host's SDK");
  }
  Identity identity;
  MERIDIAN_TRY(identity.id, own_text(descriptor.id, 127, "id"));
  MERIDIAN_TRY(identity.version, own_text(descriptor.version, 31, "version"));
  MERIDIAN_TRY(identity.sdk, own_text(descriptor.sdk, 63, "sdk"));
  if (!is_plugin_id(identity.id) || !is_version(identity.version)) {
    return refused(
        "it calls itself '" + base::escape(identity.id) + "' " + base::escape(identity.version),
        "a reverse-DNS id and MAJOR.MINOR.PATCH", "correct MERIDIAN_PLUGIN(...)");
  }
  identity.abi_major = descriptor.abi_major;
  identity.abi_minor = descriptor.abi_minor;
  identity.host_minor_min = descriptor.host_minor_min;
  identity.model_version = descriptor.model_version;
  if (descriptor.query == nullptr) return Error(ErrorCode::kRefused, "descriptor without query");
  const auto* api =
      static_cast<const meridian_plugin_api*>(descriptor.query(lend(MERIDIAN_PLUGIN_INTERFACE)));
  if (api == nullptr) {
    return refused("it has no interface '" MERIDIAN_PLUGIN_INTERFACE "'", "that interface",
                   "rebuild it with this host's SDK");
  }
  identity.api = copy_record(*api);
  const auto& table = identity.api;
  if (table.create == nullptr || table.subscribe == nullptr || table.unit_begin == nullptr ||
      table.unit_end == nullptr || table.destroy == nullptr) {
    return Error(ErrorCode::kRefused,
                 "its table lacks create, subscribe, unit_begin, unit_end or "
                 "destroy");
  }
  return identity;
}

/// One line for each field in which code, note and manifest do not say the same.
Result<void> check_three_ways(const Identity& code, const ElfNote& note, const Manifest& manifest) {
  std::string differences;
  const auto compare = [&](const char* field, const std::string& in_code,
                           const std::string& in_note, const std::string& in_manifest) {
    if (in_code == in_note && in_note == in_manifest) return;
    differences.append(differences.empty() ? "" : ", ").append(field);
    differences.append(": code '").append(base::escape(in_code));
    differences.append("', note '").append(base::escape(in_note));
    differences.append("', plugin.json '").append(base::escape(in_manifest)).append("'");
  };
  compare("id", code.id, note.id, manifest.id);
  compare("version", code.version, note.version, manifest.version);
  const auto numbers = [](std::uint32_t major, std::uint32_t minor, std::uint32_t host_minor,
                          std::uint32_t model) {
    return abi_text(major, minor) + " (host " + std::to_string(host_minor) + ", model " +
           std::to_string(model) + ")";
  };
  const std::string code_abi =
      numbers(code.abi_major, code.abi_minor, code.host_minor_min, code.model_version);
  const std::string note_abi =
      numbers(note.abi_major, note.abi_minor, note.host_minor_min, note.model_version);
  compare("ABI", code_abi, note_abi, note_abi);
  if (differences.empty()) return {};
  return refused(differences, "one identity in all three", "rebuild the bundle as a whole");
}

/// A callback that is subscribed to is there, so that callers need not ask.
Result<void> check_slots(const Subscriptions& wishes, const meridian_plugin_api& api) {
  const char* missing = nullptr;
  if (!wishes.files.empty() && api.layer_file == nullptr) missing = "layer_file";
  if (!wishes.patterns.empty() && api.layer_match == nullptr) missing = "layer_match";
  if (wishes.layer_done && api.layer_done == nullptr) missing = "layer_done";
  if (!wishes.targets.empty() && api.target == nullptr) missing = "target";
  if (!wishes.merged.empty() && api.merged_file == nullptr) missing = "merged_file";
  if (wishes.target_done && api.target_done == nullptr) missing = "target_done";
  if (missing == nullptr) return {};
  return Error(ErrorCode::kRefused,
               std::string("it subscribes to ") + missing + ", which its table does not have");
}

Result<void> check_status(meridian_status status, const Failure& failure, const char* slot) {
  if (status == MERIDIAN_OK) return {};
  return failure.error(status).in(slot);
}

using Rules = std::vector<std::pair<std::string, std::string>>;

Result<void> configure_instance(const meridian_plugin_api& api, void* instance,
                                const std::string& options, const Rules& rules,
                                const std::vector<DataFile>& data, KeptBytes* kept) {
  if (api.configure == nullptr) return {};
  MERIDIAN_TRY(const auto config, ConfigTable::parse(options));
  const RuleTable rule_table(rules, data, kept);
  Failure failure;
  const meridian_status status =
      api.configure(instance, config->get(), rule_table.get(), failure.get());
  return check_status(status, failure, "configure");
}

Result<Subscriptions> subscribe_instance(const meridian_plugin_api& api, const void* instance) {
  SubscriptionTable table;
  Failure failure;
  const meridian_status status = api.subscribe(instance, table.get(), failure.get());
  // A refusal of ours says more than what the plugin made of it.
  auto taken = table.take();
  if (!taken) return std::move(taken).error().in("subscribe");
  MERIDIAN_CHECK(check_status(status, failure, "subscribe"));
  MERIDIAN_CHECK(check_slots(*taken, api));
  std::sort(taken->rules.begin(), taken->rules.end());
  return taken;
}

}  // namespace

LoadedPlugin::LoadedPlugin(std::unique_ptr<State> state) : state_(std::move(state)) {}

LoadedPlugin::~LoadedPlugin() {
  if (const auto done = destroy(); !done) {
    state_->log.warn("plugin " + id() + ": " + done.error().message());
  }
}

Result<void> LoadedPlugin::destroy() {
  void* const instance = std::exchange(state_->instance, nullptr);
  if (instance == nullptr) return {};
  Failure failure;
  return check_status(state_->api.destroy(instance, failure.get()), failure, "destroy");
}

Result<std::unique_ptr<LoadedPlugin>> LoadedPlugin::start(
    const meridian_descriptor* descriptor, const Bundle* bundle, const std::string& options,
    const Rules& rules, std::vector<DataFile> data, const base::Log& log,
    const base::Cancel& cancel, const OnStep& on_step, KeptBytes* kept) {
  MERIDIAN_TRY(Identity identity, read_descriptor(descriptor));
  if (bundle != nullptr) {
    MERIDIAN_CHECK(check_three_ways(identity, bundle->note, bundle->manifest));
  }
  PluginFacts facts;
  facts.id = std::move(identity.id);
  facts.version = std::move(identity.version);
  facts.sdk = std::move(identity.sdk);
  facts.rules_digest = digest_of_rules(rules, data);
  if (bundle != nullptr) facts.digest = bundle->digest;
  auto state = std::make_unique<State>(std::move(facts), log, cancel);
  state->api = identity.api;
  state->data = std::move(data);

  // From here on the destructor destroys the instance, whichever step fails.
  std::unique_ptr<LoadedPlugin> loaded(new LoadedPlugin(std::move(state)));
  State& made = *loaded->state_;
  Failure failure;
  if (on_step) on_step(LoadStep::kCreate);
  const meridian_status status =
      made.api.create(made.services.get(), &made.instance, failure.get());
  if (status != MERIDIAN_OK) made.instance = nullptr;
  MERIDIAN_CHECK(check_status(status, failure, "create"));
  if (on_step) on_step(LoadStep::kConfigure);
  MERIDIAN_CHECK(configure_instance(made.api, made.instance, options, rules, made.data, kept));
  Subscriptions& wishes = made.facts.subscriptions;
  if (on_step) on_step(LoadStep::kSubscribe);
  MERIDIAN_TRY(wishes, subscribe_instance(made.api, made.instance));
  if (bundle != nullptr) MERIDIAN_CHECK(check_rules(wishes.rules, bundle->manifest));
  return loaded;
}

Result<base::UniqueFd> seal_library(const Bundle& bundle) {
  // Again, though the catalog did: a library cut short would end the process inside dlopen
  // (SIGBUS).
  if (auto sound = lint_elf(bundle.library); !sound) {
    return std::move(sound).error().in("plugin " + bundle.manifest.id);
  }
  return base::sealed_memfd("meridian-" + bundle.manifest.id, bundle.library);
}

Result<std::unique_ptr<LoadedPlugin>> LoadedPlugin::load(const Bundle& bundle,
                                                         const std::string& settings,
                                                         const base::Log& log,
                                                         const base::Cancel& cancel) {
  MERIDIAN_TRY(auto library, seal_library(bundle));
  return load(bundle, std::move(library), settings, log, cancel, {}, nullptr);
}

Result<std::unique_ptr<LoadedPlugin>> LoadedPlugin::load(
    const Bundle& bundle, base::UniqueFd library, const std::string& settings, const base::Log& log,
    const base::Cancel& cancel, const OnStep& on_step, KeptBytes* kept) {
  MERIDIAN_TRY(const std::string options, configure(bundle.manifest, settings));
  const std::string where = "plugin " + bundle.manifest.id;
  if (on_step) on_step(LoadStep::kLoad);
  auto entry = load_sealed(std::move(library));
  if (!entry) return std::move(entry).error().in(where);
  auto loaded =
      start((*entry)(), &bundle, options, bundle.rules, bundle.data, log, cancel, on_step, kept);
  if (!loaded) return std::move(loaded).error().in(where);
  return loaded;
}

Result<std::unique_ptr<LoadedPlugin>> LoadedPlugin::adopt(const meridian_descriptor* descriptor,
                                                          const std::string& options, Rules rules,
                                                          const base::Log& log,
                                                          const base::Cancel& cancel,
                                                          std::vector<DataFile> data) {
  std::sort(rules.begin(), rules.end());
  std::sort(data.begin(), data.end(),
            [](const DataFile& a, const DataFile& b) { return a.name < b.name; });
  return start(descriptor, nullptr, options, rules, std::move(data), log, cancel, {}, nullptr);
}

const PluginFacts& LoadedPlugin::facts() const { return state_->facts; }
const meridian_plugin_api& LoadedPlugin::api() const { return state_->api; }
const void* LoadedPlugin::instance() const { return state_->instance; }

}  // namespace meridian::plugin
