// SPDX-License-Identifier: Apache-2.0
//
// thunks.hpp: the C tables over a Plugin. Authors need not read it.
//
// Why here: an exception must be caught inside the plugin's own binary; a host cannot catch one
// from a plugin with a static C++ runtime (plugin-hosts.md, L8). Every slot runs in fence().
#pragma once

#include <exception>
#include <memory>
#include <new>
#include <string>

#include "abi/plugin.h"
#include "declare.hpp"
#include "elf_note.hpp"
#include "plugin.hpp"

#ifndef MERIDIAN_SDK_VERSION
#define MERIDIAN_SDK_VERSION "0.1.0"
#endif

namespace meridian::thunks {

/// Runs `body`; whatever it throws becomes FAILED with the words of the exception. A failed
/// allocation is no mistake of the code's, so it is a problem of its own.
template <typename F>
meridian_status fence(meridian_failure* failure, F&& body) noexcept {
  try {
    return body();
  } catch (const NotApplicable&) {
    return MERIDIAN_NOT_APPLICABLE;
  } catch (const std::bad_alloc&) {
    describe(failure, MERIDIAN_PROBLEM_MEMORY, "out of memory");
  } catch (const std::exception& thrown) {
    describe(failure, MERIDIAN_PROBLEM_EXCEPTION, thrown.what());
  } catch (...) {
    describe(failure, MERIDIAN_PROBLEM_EXCEPTION, "an exception that is not a std::exception");
  }
  return MERIDIAN_FAILED;
}

/// The plugin with what it subscribed to. Const after subscribe().
template <typename T>
struct Instance {
  T plugin;
  typename T::Subscriptions subscriptions;
};

template <typename T>
class Table {
  using State = typename T::UnitState;

  static const Instance<T>& self(const void* instance) {
    return *static_cast<const Instance<T>*>(instance);
  }
  static State& state(void* unit) { return *static_cast<State*>(unit); }

  static meridian_status create(const meridian_host* host, void** ret, meridian_failure* failure) {
    return fence(failure, [&] {
      auto made = std::make_unique<Instance<T>>();
      made->plugin.attach(Host(host));
      *ret = made.release();
      return MERIDIAN_OK;
    });
  }

  static meridian_status configure(void* instance, const meridian_config* config,
                                   const meridian_rule_data* rules, meridian_failure* failure) {
    return fence(failure, [&]() -> meridian_status {
      auto done =
          static_cast<Instance<T>*>(instance)->plugin.configure(Config(config), RuleData(rules));
      return done ? MERIDIAN_OK : fail(failure, done.error());
    });
  }

  static meridian_status subscribe(const void* instance, const meridian_subscriptions* on,
                                   meridian_failure* failure) {
    return fence(failure, [&]() -> meridian_status {
      // [control] runs alone, and the instance was made non-const by create().
      auto& made = *static_cast<Instance<T>*>(const_cast<void*>(instance));
      made.plugin.subscribe(made.subscriptions);
      return declare(made.subscriptions, on, failure);
    });
  }

  static meridian_status unit_begin(const void*, void** ret, meridian_failure* failure) {
    return fence(failure, [&] {
      *ret = new State();
      return MERIDIAN_OK;
    });
  }

  static meridian_status layer_file(const void* instance, void* unit, std::uint32_t number,
                                    const meridian_file* file, const meridian_sink* sink,
                                    meridian_failure* failure) {
    return fence(failure, [&] {
      LayerSink out(sink);
      self(instance).subscriptions.files.at(number).second(self(instance).plugin, File(file),
                                                           state(unit), out);
      return MERIDIAN_OK;
    });
  }

  static meridian_status layer_match(const void* instance, void* unit, const meridian_match* match,
                                     const meridian_sink* sink, meridian_failure* failure) {
    return fence(failure, [&] {
      LayerSink out(sink);
      self(instance)
          .subscriptions.matches.at(match->pattern)
          .second(self(instance).plugin, Match(match), state(unit), out);
      return MERIDIAN_OK;
    });
  }

  static meridian_status layer_done(const void* instance, void* unit, const meridian_layer* layer,
                                    const meridian_sink* sink, meridian_failure* failure) {
    return fence(failure, [&] {
      LayerSink out(sink);
      self(instance).subscriptions.layer_done(self(instance).plugin, Layer(layer), state(unit),
                                              out);
      return MERIDIAN_OK;
    });
  }

  static meridian_status target(const void* instance, void* unit, std::uint32_t number,
                                const meridian_target* target, const meridian_sink* sink,
                                meridian_failure* failure) {
    return fence(failure, [&] {
      TargetSink out(sink);
      self(instance).subscriptions.targets.at(number).second(self(instance).plugin, Target(target),
                                                             state(unit), out);
      return MERIDIAN_OK;
    });
  }

  static meridian_status merged_file(const void* instance, void* unit, std::uint32_t number,
                                     const meridian_target* target, const meridian_file* file,
                                     const meridian_sink* sink, meridian_failure* failure) {
    return fence(failure, [&] {
      TargetSink out(sink);
      self(instance).subscriptions.merged.at(number).second(
          self(instance).plugin, MergedFile(file, target), state(unit), out);
      return MERIDIAN_OK;
    });
  }

  static meridian_status target_done(const void* instance, void* unit,
                                     const meridian_target* target, const meridian_facts* facts,
                                     const meridian_sink* sink, meridian_failure* failure) {
    return fence(failure, [&] {
      TargetSink out(sink);
      self(instance).subscriptions.target_done(self(instance).plugin, Target(target), Facts(facts),
                                               state(unit), out);
      return MERIDIAN_OK;
    });
  }

  static meridian_status unit_end(const void*, void* unit, meridian_failure* failure) {
    return fence(failure, [&] {
      delete static_cast<State*>(unit);
      return MERIDIAN_OK;
    });
  }

  static meridian_status destroy(void* instance, meridian_failure* failure) {
    return fence(failure, [&] {
      delete static_cast<Instance<T>*>(instance);
      return MERIDIAN_OK;
    });
  }

 public:
  static constexpr meridian_plugin_api api = {sizeof(meridian_plugin_api),
                                              0,
                                              &create,
                                              &configure,
                                              &subscribe,
                                              &unit_begin,
                                              &layer_file,
                                              &layer_match,
                                              &layer_done,
                                              &target,
                                              &merged_file,
                                              &target_done,
                                              &unit_end,
                                              &destroy};

  static const void* query(meridian_str id) {
    return view(id) == MERIDIAN_PLUGIN_INTERFACE ? &api : nullptr;
  }
};

template <typename T>
const meridian_descriptor* descriptor(std::string_view id, std::string_view version) {
  static const meridian_descriptor made = {sizeof(meridian_descriptor),
                                           MERIDIAN_ABI_MAJOR,
                                           MERIDIAN_ABI_MINOR,
                                           MERIDIAN_ABI_MINOR,
                                           MERIDIAN_MODEL_VERSION,
                                           0,
                                           lend("meridian"),
                                           lend(id),
                                           lend(version),
                                           lend(MERIDIAN_SDK_VERSION),
                                           &Table<T>::query};
  return &made;
}

}  // namespace meridian::thunks
