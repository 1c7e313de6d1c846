// SPDX-License-Identifier: Apache-2.0
#include "model/reference.hpp"

#include <algorithm>
#include <array>

namespace meridian::model {
namespace {

/// What follows a transport's colon.
enum class Form { kPath, kPathAndName, kName, kNamespaceAndName };

struct Transport {
  std::string_view name;
  std::string_view prefix;
  Form form;
};

// contract.md's list. `docker:24` is an image, so that transport needs its slashes.
constexpr std::array<Transport, 8> kTransports = {{
    {"docker-archive", "docker-archive:", Form::kPathAndName},
    {"oci", "oci:", Form::kPathAndName},
    {"oci-archive", "oci-archive:", Form::kPathAndName},
    {"containers-storage", "containers-storage:", Form::kName},
    {"docker-daemon", "docker-daemon:", Form::kName},
    {"containerd", "containerd:", Form::kNamespaceAndName},
    {"docker", "docker://", Form::kName},
    {"dir", "dir:", Form::kPath},
}};

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool is_hex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Without tag and digest; "127.0.0.1:5000/x" keeps its port.
std::string_view repository_of(std::string_view name) {
  name = name.substr(0, name.find('@'));
  const auto slash = name.rfind('/');
  const auto colon = name.find(':', slash == std::string_view::npos ? 0 : slash);
  return name.substr(0, colon);
}

bool is_registry(std::string_view part) {
  return part == "localhost" || part.find_first_of(".:") != std::string_view::npos;
}

/// Whether a folder or the last part of the repository is called `identifier`.
bool carries(std::string_view repository, std::string_view identifier) {
  bool first = true;
  while (true) {
    const auto slash = repository.find('/');
    const auto part = repository.substr(0, slash);
    const bool registry = first && slash != std::string_view::npos && is_registry(part);
    if (!registry && part == identifier) return true;
    if (slash == std::string_view::npos) return false;
    repository.remove_prefix(slash + 1);
    first = false;
  }
}

bool is_id_or_prefix(std::string_view name, std::string_view id) {
  if (name == id) return true;
  constexpr std::string_view kAlgorithm = "sha256:";
  if (starts_with(name, kAlgorithm)) name.remove_prefix(kAlgorithm.size());
  if (starts_with(id, kAlgorithm)) id.remove_prefix(kAlgorithm.size());
  return is_hex(name) && is_hex(id) && starts_with(id, name);
}

/// "name:tag@digest" means what "name@digest" does, as engines take it: the digest says which.
std::string digest_reference(std::string_view name) {
  const auto at = name.find('@');
  if (at == std::string_view::npos) return std::string(name);
  return std::string(repository_of(name)).append(name.substr(at));
}

bool names_image(std::string_view wanted, std::string_view stored) {
  if (digest_reference(wanted) == digest_reference(stored)) return true;
  const bool bare = repository_of(wanted) == wanted;
  const auto repository = repository_of(stored);
  if (bare && wanted == repository) return true;
  return bare && wanted.find('/') == std::string_view::npos && carries(repository, wanted);
}

}  // namespace

Result<Reference> Reference::parse(std::string_view text) {
  if (text.empty()) return Error(ErrorCode::kInvalid, "empty image reference");
  const auto found =
      std::find_if(kTransports.begin(), kTransports.end(),
                   [text](const Transport& known) { return starts_with(text, known.prefix); });
  if (found == kTransports.end()) return Reference{{}, {}, std::string(text)};

  const std::string_view rest = text.substr(found->prefix.size());
  Reference out;
  out.transport = found->name;
  if (found->form == Form::kName) {
    out.name = rest;
  } else {
    // As containers/image splits them: a path with a colon can only be given to "dir:".
    const char separator = found->form == Form::kNamespaceAndName ? '/' : ':';
    const auto split = found->form == Form::kPath ? std::string_view::npos : rest.find(separator);
    out.path = rest.substr(0, split);
    if (split != std::string_view::npos) out.name = rest.substr(split + 1);
  }
  const bool needs_path = found->form != Form::kName;
  const bool needs_name = found->form == Form::kName || found->form == Form::kNamespaceAndName;
  if ((needs_path && out.path.empty()) || (needs_name && out.name.empty())) {
    return Error(ErrorCode::kInvalid, "'" + std::string(found->prefix) + "' needs " +
                                          (found->form == Form::kNamespaceAndName ? "NAMESPACE/REF"
                                           : needs_path                           ? "a path"
                                                        : "an image reference") +
                                          " after it");
  }
  return out;
}

std::string Reference::text() const {
  const auto found =
      std::find_if(kTransports.begin(), kTransports.end(),
                   [this](const Transport& known) { return known.name == transport; });
  if (found == kTransports.end()) return name;
  std::string text = std::string(found->prefix) + path;
  if (found->form == Form::kNamespaceAndName) return text + "/" + name;
  if (found->form == Form::kPathAndName && !name.empty()) text += ":";
  return text + name;
}

std::string_view familiar_name(std::string_view name) {
  for (const std::string_view domain : {"docker.io/", "index.docker.io/"}) {
    if (starts_with(name, domain)) name.remove_prefix(domain.size());
  }
  constexpr std::string_view kOfficial = "library/";
  if (starts_with(name, kOfficial)) name.remove_prefix(kOfficial.size());
  return name;
}

bool matches(std::string_view name, const Image& image) {
  if (name.empty()) return false;
  if (is_id_or_prefix(name, image.id)) return true;
  if (std::any_of(image.present_in.begin(), image.present_in.end(),
                  [name](const Presence& place) { return is_id_or_prefix(name, place.id); })) {
    return true;
  }
  const std::string_view wanted = familiar_name(name);
  return std::any_of(image.names.begin(), image.names.end(), [wanted](const std::string& stored) {
    return names_image(wanted, familiar_name(stored));
  });
}

bool matches(std::string_view name, const Container& container) {
  if (name.empty()) return false;
  return name == container.name || is_id_or_prefix(name, container.id);
}

}  // namespace meridian::model
