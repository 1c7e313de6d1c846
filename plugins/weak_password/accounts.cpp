// SPDX-License-Identifier: Apache-2.0
//
// accounts.cpp: files with one account a line or element: shadow, passwd, htpasswd,
// tomcat-users.xml, FTP users.
#include <algorithm>
#include <cstdint>
#include <optional>

#include "reading.hpp"
#include "text_lines.hpp"

namespace meridian::weak_password {

bool Reading::has_room() {
  if (accounts.size() + open.size() + gaps.size() < kMaxAccounts) return true;
  if (!is_full) {
    gaps.emplace_back(ErrorCode::kLimit, "more than " + std::to_string(kMaxAccounts) +
                                             " accounts: the others were not tried");
  }
  is_full = true;
  return false;
}

void Reading::add(std::string_view user, Result<Hash> hash) {
  if (!has_room()) return;
  const std::string name(user.substr(0, kMaxName));
  if (hash) {
    accounts.push_back({name, *std::move(hash)});
  } else {
    gaps.emplace_back(hash.error().code(), "account " + name + ": " + hash.error().message());
  }
}

void Reading::add_open(std::string who, std::string message) {
  if (has_room()) open.push_back({std::move(who), std::move(message)});
}

namespace {

/// "!" before a hash, "*", "!!", "*NP*", "x": nobody comes in by password.
bool is_locked(std::string_view field) {
  return field.front() == '!' || field.front() == '*' || field == "x" || field == "NP";
}

void read_lines(std::string_view text, bool is_passwd, Reading& into) {
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (line.empty() || line.front() == '#' || line.front() == '+' || line.front() == '-') continue;
    const auto fields = split(line, ':');
    if (fields.size() < 2 || fields[0].empty()) continue;
    const std::string_view hash = fields[1];
    if (hash.empty()) {
      // Of accounts that nobody can log into it means nothing.
      const bool has_shell = !is_passwd || fields.size() < 7 ||
                             (fields[6].find("nologin") == std::string_view::npos &&
                              fields[6].find("/false") == std::string_view::npos);
      if (has_shell) {
        into.add_open(
            std::string(fields[0].substr(0, kMaxName)),
            "account " + std::string(fields[0].substr(0, kMaxName)) + " needs no password");
      }
      continue;
    }
    if (!is_locked(hash)) into.add(fields[0], crypt_hash(hash));
  }
}

}  // namespace

Reading read_shadow(std::string_view text) {
  Reading reading;
  read_lines(text, false, reading);
  return reading;
}

Reading read_passwd(std::string_view text) {
  Reading reading;
  read_lines(text, true, reading);
  return reading;
}

Reading read_htpasswd(std::string_view text) {
  Reading reading;
  while (!text.empty()) {
    const std::string_view line = trimmed(next_line(text));
    const std::size_t colon = line.find(':');
    if (line.empty() || line.front() == '#' || colon == std::string_view::npos || colon == 0)
      continue;
    const std::string_view user = line.substr(0, colon), field = line.substr(colon + 1);
    auto hash = crypt_hash(field);
    // nginx's {PLAIN}, and what `htpasswd -p` writes.
    constexpr std::string_view kPlain = "{PLAIN}";
    if (field.substr(0, kPlain.size()) == kPlain) {
      hash = plain(field.substr(kPlain.size()));
    } else if (!hash && !field.empty() && field.front() != '$' && field.front() != '{') {
      hash = plain(field);
    }
    reading.add(user, std::move(hash));
  }
  return reading;
}

namespace {

std::optional<std::string> attribute(std::string_view element, std::string_view name) {
  for (std::size_t at = element.find(name); at != std::string_view::npos;
       at = element.find(name, at + 1)) {
    std::string_view rest = element.substr(at + name.size());
    if (at == 0 || std::string_view(" \t\r\n").find(element[at - 1]) == std::string_view::npos)
      continue;
    rest = rest.substr(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    if (rest.empty() || rest.front() != '=') continue;
    rest.remove_prefix(1);
    rest = rest.substr(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    if (rest.empty() || (rest.front() != '"' && rest.front() != '\'')) continue;
    const std::size_t end = rest.find(rest.front(), 1);
    if (end == std::string_view::npos) continue;
    std::string value;
    for (std::size_t i = 1; i < end; ++i) {
      bool replaced = false;
      for (const auto& [entity, c] : {std::pair{"&amp;", '&'},
                                      {"&lt;", '<'},
                                      {"&gt;", '>'},
                                      {"&quot;", '"'},
                                      {"&apos;", '\''}}) {
        const std::string_view text(entity);
        if (rest.substr(i, text.size()) != text) continue;
        value += c;
        i += text.size() - 1;
        replaced = true;
        break;
      }
      if (!replaced) value += rest[i];
    }
    return value;
  }
  return std::nullopt;
}

/// Tomcat's digests in hex stand where the password would: which it is only the length says.
Result<Hash> tomcat_hash(const std::string& password) {
  for (const char* const algorithm : {"MD5", "SHA1", "SHA256", "SHA512"}) {
    if (auto hash = hex_digest(algorithm, password)) return hash;
  }
  return plain(password);
}

}  // namespace

Reading read_tomcat(std::string_view text) {
  Reading reading;
  while (!text.empty()) {
    const std::size_t begin = text.find('<');
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    if (text.substr(0, 4) == "<!--") {
      const std::size_t end = text.find("-->");
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 3);
      continue;
    }
    const std::size_t end = text.find('>');
    const std::string_view element = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (element.substr(0, 5) != "<user" || element.size() < 6 ||
        std::string_view(" \t\r\n").find(element[5]) == std::string_view::npos)
      continue;
    auto user = attribute(element, "username");
    if (!user) user = attribute(element, "name");
    const auto password = attribute(element, "password");
    if (user && password) reading.add(*user, tomcat_hash(*password));
  }
  return reading;
}

namespace {

std::uint32_t little(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

}  // namespace

// Berkeley DB (db_page.h): at 12 the magic, at 20 the size of a page; of a page the number of its
// items at 20, its type at 25, then 16 bits an item: where it begins. It ends where the item before
// it begins; keys and values alternate.
Reading read_ftp_users(std::string_view text) {
  constexpr std::uint32_t kHashMagic = 0x061561;
  constexpr std::size_t kHeader = 26, kMinPage = 512, kMaxPage = 64 << 10;
  Reading reading;
  const std::size_t size = text.size() >= kMinPage ? little(text, 20, 4) : 0;
  if (size < kMinPage || size > kMaxPage || little(text, 12, 4) != kHashMagic) {
    reading.gaps.emplace_back(ErrorCode::kUnsupported,
                              "no hash database of Berkeley DB in this machine's byte order");
    return reading;
  }
  for (std::size_t begin = size; begin + size <= text.size(); begin += size) {
    const std::string_view page = text.substr(begin, size);
    constexpr unsigned kUnsorted = 2, kHash = 13, kKeyOrData = 1;
    const std::uint32_t type = little(page, 25, 1);
    if (type != kUnsorted && type != kHash) continue;
    const std::size_t count = std::min<std::size_t>(little(page, 20, 2), (size - kHeader) / 2);
    std::string_view key;
    std::size_t end = size;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = little(page, kHeader + 2 * i, 2);
      if (at >= end || at < kHeader) break;
      const bool is_inline = little(page, at, 1) == kKeyOrData;
      const std::string_view item =
          is_inline ? page.substr(at + 1, end - at - 1) : std::string_view();
      end = at;
      if (i % 2 == 0) {
        key = item;
      } else if (!key.empty()) {
        auto hash = crypt_hash(item);
        reading.add(key, hash ? std::move(hash) : Result<Hash>(plain(item)));
      }
    }
  }
  return reading;
}

}  // namespace meridian::weak_password
