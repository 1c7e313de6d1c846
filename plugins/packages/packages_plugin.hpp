// SPDX-License-Identifier: Apache-2.0
//
// packages_plugin.hpp: the plugin: files of layers in, facts "meridian.packages/1" out, of each
// file in its layer (for other plugins) and of each target (for the report).
#pragma once

#include <meridian/plugin.hpp>

#include "readers.hpp"

namespace meridian::packages {

class PackagesPlugin final : public Plugin<> {
 public:
  void subscribe(Subscriptions& on) const override;

 private:
  void file(const Reader& reader, const File& file, LayerSink& out) const;
  void copyright(const File& file, LayerSink& out) const;
  void write_ahead_log(const File& file, LayerSink& out) const;
  void target(const Target& target, const Facts& facts, TargetSink& out) const;
};

}  // namespace meridian::packages
