// SPDX-License-Identifier: Apache-2.0
#include "vex.hpp"

#include <algorithm>

namespace meridian::vulnerabilities {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

void take_qualifiers(std::string_view text, Purl& purl) {
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view one = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) continue;
    if (one.substr(0, equals) == "repository_url")
      purl.repository = decoded(one.substr(equals + 1));
    if (one.substr(0, equals) == "tag") purl.tag = decoded(one.substr(equals + 1));
  }
}

/// "registry/name:tag" without its tag or digest.
std::string_view repository_of(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const std::size_t colon = image.rfind(':');
  const bool is_tag =
      colon != std::string_view::npos && image.find('/', colon) == std::string_view::npos;
  return is_tag ? image.substr(0, colon) : image;
}

bool is_end_of(std::string_view end, std::string_view whole) {
  return whole == end || (whole.size() > end.size() && whole.ends_with(end) &&
                          whole[whole.size() - end.size() - 1] == '/');
}

/// By its digest where the URL has one; else by its name, and the tag where that is said.
bool is_image(const Purl& wanted, const std::vector<std::string>& images) {
  const bool by_digest = wanted.version.starts_with("sha256:");
  const std::string tag = by_digest || !wanted.tag.empty() ? wanted.tag : wanted.version;
  return std::any_of(images.begin(), images.end(), [&](const std::string& image) {
    if (by_digest) return image == wanted.version || image.ends_with("@" + wanted.version);
    if (image.starts_with("sha256:")) return false;
    const std::string_view repository = repository_of(image);
    if (!is_end_of(wanted.repository.empty() ? wanted.path : wanted.repository, repository)) {
      return false;
    }
    return tag.empty() || image == std::string(repository) + ":" + tag;
  });
}

bool is_about(const Statement& statement, const Product& product) {
  const auto wanted = parse_purl(statement.product);
  if (!wanted) return false;
  const auto is_package = [&](const Purl& purl) {
    return std::any_of(product.purls.begin(), product.purls.end(),
                       [&](const std::string& own) { return is_covered(purl, own); });
  };
  if (wanted->type != "oci") return is_package(*wanted);
  if (!is_image(*wanted, product.images)) return false;
  if (statement.subcomponent.empty()) return true;
  const auto part = parse_purl(statement.subcomponent);
  return part && is_package(*part);
}

}  // namespace

std::optional<Purl> parse_purl(std::string_view text) {
  if (!text.starts_with("pkg:")) return std::nullopt;
  text.remove_prefix(4);
  while (text.starts_with('/')) text.remove_prefix(1);
  text = text.substr(0, text.find('#'));
  Purl purl;
  if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
    take_qualifiers(text.substr(mark + 1), purl);
    text = text.substr(0, mark);
  }
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  purl.type = text.substr(0, slash);
  text.remove_prefix(slash + 1);
  // A scope of npm may be written with its '@' as it is.
  const std::size_t at = text.rfind('@');
  const bool has_version =
      at != std::string_view::npos && at > 0 && text.find('/', at) == std::string_view::npos;
  if (has_version) purl.version = decoded(text.substr(at + 1));
  purl.path = decoded(has_version ? text.substr(0, at) : text);
  if (purl.path.empty()) return std::nullopt;
  return purl;
}

bool is_covered(const Purl& wanted, std::string_view purl) {
  const auto own = parse_purl(purl);
  return own && own->type == wanted.type && own->path == wanted.path &&
         (wanted.version.empty() || wanted.version == own->version);
}

const Statement* find_statement(const std::vector<Statement>& statements, const Product& product) {
  const auto found = std::find_if(statements.rbegin(), statements.rend(),
                                  [&](const auto& one) { return is_about(one, product); });
  return found == statements.rend() ? nullptr : &*found;
}

}  // namespace meridian::vulnerabilities
