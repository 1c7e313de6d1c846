// SPDX-License-Identifier: Apache-2.0
//
// docker_root.hpp: a data root of dockerd (overlay2) made in code, below a host root of its own.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/sha256.hpp"
#include "model/digest.hpp"
#include "support/temp_dir.hpp"

namespace meridian::testing_support {

/// One character, 64 times: an id.
inline std::string docker_id(char digit) { return std::string(64, digit); }

struct DockerImage {
  std::vector<std::string> layers;  // texts that stand for the layers' content
  std::vector<std::string> names;
  std::string parent = {};      // "sha256:..."
  std::string env = "\"A=1\"";  // JSON, inside the list
};

class DockerRoot {
 public:
  explicit DockerRoot(std::string root = "/var/lib/docker") : root_(std::move(root)) {
    host_.directory(root_ + "/containers");
    host_.directory(root_ + "/image/overlay2/imagedb/content/sha256");
    host_.directory(root_ + "/overlay2/l");
  }

  const TempDir& host() const { return host_; }
  const std::string& root() const { return root_; }
  std::string image_file(const std::string& id) const {
    return root_ + "/image/overlay2/imagedb/content/sha256/" + id.substr(7);
  }
  std::string layer_folder(const model::ChainId& chain) const {
    return root_ + "/image/overlay2/layerdb/sha256/" + std::string(chain.hex());
  }
  static model::DiffId diff_id(const std::string& content) {
    return *model::DiffId::from_hex(base::sha256_hex(content));
  }
  static std::vector<model::ChainId> chains(const std::vector<std::string>& layers) {
    std::vector<model::DiffId> ids;
    for (const auto& layer : layers) ids.push_back(diff_id(layer));
    return model::chain_ids(ids);
  }
  static std::string cache_id(const model::ChainId& chain) {
    return base::sha256_hex("cache of " + chain.text());
  }

  /// Its id. Every layer has one file, "from", with the layer's text.
  std::string add(const DockerImage& image) {
    std::string diffs, history;
    for (const std::string& layer : image.layers) {
      diffs += (diffs.empty() ? "\"" : ",\"") + diff_id(layer).text() + "\"";
      history += (history.empty() ? "" : ",") + ("{\"created_by\":\"RUN " + layer + "\"}");
    }
    const std::string config = R"({"architecture":"amd64","os":"linux","config":{"Env":[)" +
                               image.env + R"(],"Entrypoint":null,"Labels":null},"history":[)" +
                               history + R"(],"rootfs":{"type":"layers","diff_ids":[)" + diffs +
                               "]}}";
    const std::string id = "sha256:" + base::sha256_hex(config);
    host_.file(image_file(id), config);
    if (!image.parent.empty()) {
      host_.file(root_ + "/image/overlay2/imagedb/metadata/sha256/" + id.substr(7) + "/parent",
                 image.parent);
    }
    add_layers(image.layers);
    for (const std::string& name : image.names) {
      const auto cut = name.find_first_of(":@");
      names_[name.substr(0, cut)][name] = id;
    }
    write_names();
    return id;
  }

  void add_layers(const std::vector<std::string>& layers) {
    const auto all = chains(layers);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string folder = layer_folder(all[i]);
      host_.file(folder + "/cache-id", cache_id(all[i]));
      host_.file(folder + "/diff", diff_id(layers[i]).text());
      host_.file(folder + "/size", std::to_string(layers[i].size()));
      if (i > 0) host_.file(folder + "/parent", all[i - 1].text());
      host_.file(root_ + "/overlay2/" + cache_id(all[i]) + "/diff/from", layers[i]);
    }
  }

  /// With an init and a writable layer; `record` is config.v2.json, `stack` the image's layers.
  void add_container(const std::string& id, const std::string& record,
                     const std::vector<std::string>& stack) {
    if (!record.empty()) {
      host_.file(root_ + "/containers/" + id + "/config.v2.json", record);
      host_.file(root_ + "/containers/" + id + "/hostconfig.json", "{\"Runtime\":\"runc\"}");
    }
    const std::string mount = mount_id(id);
    const std::string folder = root_ + "/image/overlay2/layerdb/mounts/" + id;
    host_.file(folder + "/mount-id", mount);
    host_.file(folder + "/init-id", mount + "-init");
    if (!stack.empty()) host_.file(folder + "/parent", chains(stack).back().text());
    host_.file(root_ + "/overlay2/" + mount + "-init/diff/.dockerenv", "");
    host_.file(root_ + "/overlay2/" + mount + "/diff/written", "at run time");
  }
  static std::string mount_id(const std::string& container) {
    return base::sha256_hex("mount of " + container);
  }
  static std::string record(const std::string& id, const std::string& image,
                            const std::string& state, const std::string& driver = "overlay2") {
    return R"({"State":{)" + state + R"(},"ID":")" + id + R"(","Created":"2026-01-02T03:04:05Z",)" +
           R"("Config":{"User":"7","Env":["SECRET=abc"],"Cmd":["sleep","6"],"Image":"demo:1",)" +
           R"("Labels":{"team":"x"},"Entrypoint":null},"Image":")" + image + R"(","Name":"/c1",)" +
           R"("Driver":")" + driver + R"(","OS":"linux","MountPoints":{"/data":{"Type":"volume",)" +
           R"("Source":"/var/lib/docker/volumes/v/_data","Destination":"/data","RW":true}}})";
  }

 private:
  void write_names() {
    std::string repositories;
    for (const auto& [repository, names] : names_) {
      std::string entries;
      for (const auto& [name, id] : names) {
        entries += (entries.empty() ? "\"" : ",\"") + name + "\":\"" + id + "\"";
      }
      repositories += (repositories.empty() ? "\"" : ",\"") + repository + "\":{" + entries + "}";
    }
    host_.file(root_ + "/image/overlay2/repositories.json",
               "{\"Repositories\":{" + repositories + "}}");
  }

  TempDir host_;
  std::string root_;
  std::map<std::string, std::map<std::string, std::string>> names_;
};

}  // namespace meridian::testing_support
