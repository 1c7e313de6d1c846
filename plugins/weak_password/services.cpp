// SPDX-License-Identifier: Apache-2.0
//
// services.cpp: settings of servers: a password in clear text, or that none is asked for.
#include <algorithm>
#include <span>
#include <string>

#include "reading.hpp"
#include "text_lines.hpp"

namespace meridian::weak_password {
namespace {

bool is_loopback(std::string_view address) {
  if (!address.empty() && address.front() == '-')
    address.remove_prefix(1);  // redis: it may be absent
  return address.substr(0, 4) == "127." || address.substr(0, 3) == "::1" ||
         same_letters(address, "localhost");
}

/// One of an ACL's rules that say how `user` comes in. True: without any password.
bool acl_rule(std::string_view user, std::string_view rule, Reading& into) {
  if (rule == "nopass") return true;
  if (rule.size() > 1 && rule.front() == '>') into.add(user, plain(rule.substr(1)));
  if (rule.size() > 1 && rule.front() == '#') into.add(user, hex_digest("SHA256", rule.substr(1)));
  return false;
}

}  // namespace

// redis.conf of Redis 7 and
// https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
Reading read_redis(std::string_view text) {
  Reading reading;
  bool has_password = false, is_protected = true, is_local = true, is_configuration = false;
  while (!text.empty()) {
    // A comment is a whole line; in an ACL a word begins so.
    const auto words = words_of(next_line(text), '\0');
    if (!words.empty() && words[0].front() == '#') continue;
    if (words.size() < 2) continue;
    const std::string_view key = words[0], value = unquoted(words[1]);
    if (same_letters(key, "user")) {
      bool is_on = false, needs_none = false;
      for (const std::string_view rule : std::span(words).subspan(2)) {
        is_on = rule == "on" || (is_on && rule != "off");
        needs_none = acl_rule(value, rule, reading) || (needs_none && rule != "resetpass");
      }
      if (value == "default") has_password = has_password || !is_on || !needs_none;
      if (is_on && needs_none && value != "default")
        reading.add_open(std::string(value.substr(0, kMaxName)),
                         "the ACL lets user " + std::string(value.substr(0, kMaxName)) +
                             " in without a password");
    } else if (same_letters(key, "requirepass")) {
      has_password = !value.empty();
      if (has_password) reading.add("requirepass", plain(value));
    } else if (same_letters(key, "masterauth")) {
      if (!value.empty()) reading.add("masterauth", plain(value));
    } else if (same_letters(key, "protected-mode")) {
      is_protected = !same_letters(value, "no");
      is_configuration = true;
    } else if (same_letters(key, "bind")) {
      is_local = std::all_of(words.begin() + 1, words.end(), is_loopback);
      is_configuration = true;
    } else if (same_letters(key, "aclfile")) {
      has_password = true;  // what it says is read there
    } else if (same_letters(key, "port") || same_letters(key, "dir")) {
      is_configuration = true;
    }
  }
  if (is_configuration && !has_password && !is_protected && !is_local) {
    reading.add_open(
        "requirepass",
        "Redis asks for no password and listens on the network with protected-mode off");
  }
  return reading;
}

// https://www.mongodb.com/docs/manual/reference/configuration-options/: YAML, of which two settings
// are wanted.
Reading read_mongod(std::string_view text) {
  bool is_authorized = false, listens = false;
  std::string_view section;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    line = line.substr(0, line.find('#'));
    const std::size_t colon = line.find(':');
    const bool is_top = !line.empty() && line.front() != ' ' && line.front() != '\t';
    if (colon == std::string_view::npos) {
      // mongod.conf before 2.6: name = value
      const std::size_t equals = line.find('=');
      if (equals == std::string_view::npos) continue;
      const std::string_view key = trimmed(line.substr(0, equals)),
                             value = trimmed(line.substr(equals + 1));
      if (key == "auth" || key == "keyFile") is_authorized = value != "false";
      if (key == "bind_ip") listens = value.find("0.0.0.0") != std::string_view::npos;
      continue;
    }
    const std::string_view key = trimmed(line.substr(0, colon)),
                           value = unquoted(trimmed(line.substr(colon + 1)));
    if (is_top) section = key;
    if (section == "security" || key.substr(0, 9) == "security.") {
      if (key == "authorization" || key == "security.authorization")
        is_authorized = value == "enabled";
      if (key == "keyFile" || key == "clusterAuthMode") is_authorized = true;
    }
    if (section == "net" || key.substr(0, 4) == "net.") {
      if (key == "bindIp" || key == "net.bindIp") {
        const auto addresses = split(value, ',');
        listens = std::any_of(addresses.begin(), addresses.end(), [](std::string_view one) {
          one = trimmed(one);
          return !one.empty() && one.front() != '/' && !is_loopback(one);
        });
      }
      if (key == "bindIpAll" || key == "net.bindIpAll") listens = listens || value == "true";
    }
  }
  Reading reading;
  if (listens && !is_authorized) {
    reading.add_open("security.authorization",
                     "MongoDB listens on the network and asks nobody who they are");
  }
  return reading;
}

Reading read_sshd(std::string_view text) {
  Reading reading;
  while (!text.empty()) {
    auto words = words_of(next_line(text));
    if (words.size() < 2 || !same_letters(words[0], "PermitEmptyPasswords")) continue;
    // The first one counts (sshd_config(5)).
    if (same_letters(unquoted(words[1]), "yes"))
      reading.add_open("PermitEmptyPasswords", "sshd lets accounts in that have no password");
    break;
  }
  return reading;
}

Reading read_vsftpd(std::string_view text) {
  std::string_view anonymous = "NO", writes = "NO", uploads = "NO";
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || line.front() == '#') continue;
    const std::string_view key = line.substr(0, equals), value = trimmed(line.substr(equals + 1));
    if (key == "anonymous_enable") anonymous = value;
    if (key == "write_enable") writes = value;
    if (key == "anon_upload_enable") uploads = value;
  }
  Reading reading;
  if (same_letters(anonymous, "YES") && same_letters(writes, "YES") &&
      same_letters(uploads, "YES")) {
    reading.add_open("anonymous_enable", "vsftpd takes files from anybody, without a password");
  }
  return reading;
}

// https://www.postgresql.org/docs/15/auth-pg-hba-conf.html: type, database, user, address [mask],
// method.
Reading read_hba(std::string_view text) {
  Reading reading;
  while (!text.empty()) {
    const auto words = words_of(next_line(text));
    if (words.size() < 5 || words[0].substr(0, 4) != "host") continue;
    const std::string_view address = words[3];
    const bool has_mask =
        address.find('/') == std::string_view::npos && words[4].find('.') != std::string_view::npos;
    const std::size_t method = has_mask ? 5 : 4;
    if (method >= words.size() || words[method] != "trust" || is_loopback(address) ||
        same_letters(address, "samehost"))
      continue;
    reading.add_open(
        std::string(address.substr(0, kMaxName)),
        "PostgreSQL trusts whoever connects from " + std::string(address.substr(0, kMaxName)));
  }
  return reading;
}

namespace {

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return result;
}

bool is_yes(std::string_view value) {
  return same_letters(value, "yes") || same_letters(value, "true") || value == "1" ||
         same_letters(value, "on");
}

}  // namespace

void read_variable(std::string_view variable, Reading& into) {
  const std::size_t equals = variable.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = variable.substr(0, std::min(equals, kMaxName)),
                         value = variable.substr(equals + 1);
  const std::string key = upper(name);
  // What the official images of databases take.
  if (holds(key, "ALLOW_EMPTY_PASSWORD") || holds(key, "ALLOW_EMPTY_ROOT_PASSWORD")) {
    if (is_yes(value))
      into.add_open(std::string(name),
                    std::string(name) + " lets the server start without a password");
    return;
  }
  if (key == "POSTGRES_HOST_AUTH_METHOD" && value == "trust") {
    into.add_open(std::string(name),
                  "POSTGRES_HOST_AUTH_METHOD=trust: PostgreSQL trusts whoever connects");
    return;
  }
  // PASSWORD_FILE, PASSWORD_HASH, PASSWORD_MIN_LENGTH are none.
  const auto ends_with = [&](std::string_view tail) {
    return key.size() >= tail.size() &&
           std::string_view(key).substr(key.size() - tail.size()) == tail;
  };
  const bool is_password = ends_with("PASSWORD") || ends_with("PASSWD") || ends_with("PASS") ||
                           ends_with("PWD") || ends_with("PASSPHRASE");
  if (!is_password || key == "PWD" || key == "OLDPWD" || value.empty() || value.size() > kMaxWord ||
      value.front() == '$')
    return;
  into.add(name, plain(value));
}

Reading read_environment_file(std::string_view text) {
  Reading reading;
  while (!text.empty()) {
    std::string_view line = trimmed(next_line(text));
    constexpr std::string_view kExport = "export ";
    if (line.substr(0, kExport.size()) == kExport) line = trimmed(line.substr(kExport.size()));
    const std::size_t equals = line.find('=');
    if (line.empty() || line.front() == '#' || equals == std::string_view::npos) continue;
    std::string_view value = trimmed(line.substr(equals + 1));
    if (!value.empty() && value.front() != '"' && value.front() != '\'')
      value = trimmed(value.substr(0, value.find(" #")));
    read_variable(std::string(trimmed(line.substr(0, equals))) + "=" + std::string(unquoted(value)),
                  reading);
  }
  return reading;
}

}  // namespace meridian::weak_password
