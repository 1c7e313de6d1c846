// SPDX-License-Identifier: Apache-2.0
//
// subscriptions.hpp: what a plugin asks to be shown. The host compiles the wishes of all plugins
// into one matcher and opens only the files that somebody wants.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "file.hpp"
#include "finding.hpp"
#include "target.hpp"

namespace meridian {

/// Which files. Every condition given must hold; an empty list asks nothing.
struct Files {
  std::vector<std::string> paths = {};    // globs on the whole path: * ? [a-z], ** across folders
  std::vector<std::string> names = {};    // globs on the last part
  std::vector<std::string> exclude = {};  // globs on the whole path
  std::vector<std::string> magic = {};    // starts with one of these bytes
  std::uint32_t mode_any = 0;             // some of these mode bits are set
  std::uint64_t min_size = 0;             // bytes
  std::uint64_t max_size = 0;             // bytes; 0: no bound
  bool binary = false;                    // patterns: also in files with NUL in the first 512 bytes
};

/// A regular expression (Hyperscan syntax) in the files named by `where`.
struct Pattern {
  std::string pattern;
  Files where = {};
  std::uint32_t context = 0;  // bytes wanted before and after, at most 4096
  bool caseless = false;
};

struct Rule {
  std::string id;  // [a-z0-9-], for life
  Severity severity = Severity::kUnknown;
  std::string title = {};
  std::string help = {};
};

template <typename S>
class Plugin;

/// The wishes of a plugin whose unit state is `S`. A handler is a const member function of the
/// plugin or anything callable with the same arguments; the state may be left out:
///   void key(const Match&, S&, LayerSink&) const    or    void key(const Match&, LayerSink&) const
template <typename S>
class BasicSubscriptions {
 public:
  using FileHandler = std::function<void(const Plugin<S>&, const File&, S&, LayerSink&)>;
  using MatchHandler = std::function<void(const Plugin<S>&, const Match&, S&, LayerSink&)>;
  using LayerHandler = std::function<void(const Plugin<S>&, const Layer&, S&, LayerSink&)>;
  using TargetHandler = std::function<void(const Plugin<S>&, const Target&, S&, TargetSink&)>;
  using MergedHandler = std::function<void(const Plugin<S>&, const MergedFile&, S&, TargetSink&)>;
  using FactsHandler =
      std::function<void(const Plugin<S>&, const Target&, const Facts&, S&, TargetSink&)>;

  void rule(Rule rule) { rules.push_back(std::move(rule)); }

  /// Each matching file of each unique layer, once. Cacheable.
  template <typename H>
  void layer_files(Files which, H handler) {
    files.push_back({std::move(which), bind<File, LayerSink>(std::move(handler))});
  }
  /// Each match of a pattern in each unique layer, once: longest, not overlapping, in order of
  /// offset. Cacheable.
  template <typename H>
  void layer_matches(Pattern pattern, H handler) {
    matches.push_back({std::move(pattern), bind<Match, LayerSink>(std::move(handler))});
  }
  /// Each matching regular file that a target shows, under the path where it lies (links that lead
  /// to it are asked of `target().tree()`): for every target anew. After image() or container().
  template <typename H>
  void merged_files(Files which, H handler) {
    merged.push_back({std::move(which), bind<MergedFile, TargetSink>(std::move(handler))});
  }
  template <typename H>
  void image(H handler) {
    targets.push_back({MERIDIAN_TARGET_IMAGE, bind<Target, TargetSink>(std::move(handler))});
  }
  template <typename H>
  void container(H handler) {
    targets.push_back({MERIDIAN_TARGET_CONTAINER, bind<Target, TargetSink>(std::move(handler))});
  }
  /// The machine that is scanned (`meridian scan host`). It has no layers and, so far, no tree:
  /// look-ups are kUnsupported. A plugin without this is not asked of a host at all.
  template <typename H>
  void host(H handler) {
    targets.push_back({MERIDIAN_TARGET_HOST, bind<Target, TargetSink>(std::move(handler))});
  }
  /// When all files of a layer (or of a part of a split layer) have been shown.
  template <typename H>
  void finish_layer(H handler) {
    layer_done = bind<Layer, LayerSink>(std::move(handler));
  }
  /// When all layers of a target are done, with the facts of all of them.
  template <typename H>
  void finish_target(H handler) {
    target_done = [handler](const Plugin<S>& self, const Target& target, const Facts& facts,
                            S& state,
                            TargetSink& out) { call(handler, self, state, out, target, facts); };
  }

  std::vector<Rule> rules;
  std::vector<std::pair<Files, FileHandler>> files;
  std::vector<std::pair<Pattern, MatchHandler>> matches;
  std::vector<std::pair<meridian_target_kind, TargetHandler>> targets;
  std::vector<std::pair<Files, MergedHandler>> merged;
  LayerHandler layer_done;
  FactsHandler target_done;

 private:
  template <typename C, typename F>
  static C class_of(F C::*);

  // Calls a member function or a callable, with the state if it takes one. The state stands last
  // but one.
  template <typename H, typename Out, typename... Subjects>
  static void call(const H& handler, const Plugin<S>& self, S& state, Out& out,
                   const Subjects&... subjects) {
    if constexpr (std::is_member_function_pointer_v<H>) {
      using P = decltype(class_of(std::declval<H>()));
      const P& plugin = static_cast<const P&>(self);
      if constexpr (std::is_invocable_v<H, const P&, const Subjects&..., S&, Out&>) {
        (plugin.*handler)(subjects..., state, out);
      } else {
        (plugin.*handler)(subjects..., out);
      }
    } else if constexpr (std::is_invocable_v<const H&, const Subjects&..., S&, Out&>) {
      handler(subjects..., state, out);
    } else {
      handler(subjects..., out);
    }
  }

  template <typename Subject, typename Out, typename H>
  static std::function<void(const Plugin<S>&, const Subject&, S&, Out&)> bind(H handler) {
    return [handler](const Plugin<S>& self, const Subject& subject, S& state, Out& out) {
      call(handler, self, state, out, subject);
    };
  }
};

}  // namespace meridian
