// SPDX-License-Identifier: Apache-2.0
#include "sudoers.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace meridian::privilege_escalation {
namespace {

constexpr std::string_view kBlank = " \t";

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t\r") - start + 1);
}

bool is_digit(char byte) { return std::isdigit(static_cast<unsigned char>(byte)) != 0; }

// Position of the first of `wanted` outside quotes and brackets, not escaped; npos: none.
std::size_t find_plain(std::string_view text, std::string_view wanted, std::size_t from = 0) {
  bool quoted = false;
  int depth = 0;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
      continue;
    }
    if (text[i] == '"') quoted = !quoted;
    if (quoted) continue;
    if (depth == 0 && wanted.find(text[i]) != std::string_view::npos) return i;
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && depth > 0) --depth;
  }
  return std::string_view::npos;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  const char wanted[] = {separator, '\0'};
  while (parts.size() < kMaxSudoItems) {
    const std::size_t at = find_plain(text, wanted);
    parts.push_back(trimmed(text.substr(0, at)));
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
  }
  return parts;
}

// Without quotes and the backslashes that escape.
std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') continue;
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

SudoItem item_of(std::string_view text) {
  SudoItem item;
  text = trimmed(text);
  while (!text.empty() && text[0] == '!') {
    item.negated = !item.negated;
    text = trimmed(text.substr(1));
  }
  item.text = plain(text);
  return item;
}

std::vector<SudoItem> items_of(std::string_view text) {
  std::vector<SudoItem> items;
  for (const std::string_view part : split(text, ',')) {
    SudoItem item = item_of(part);
    if (!item.text.empty()) items.push_back(std::move(item));
  }
  return items;
}

// A comment begins at "#", but for "#1000", a user or group by number, where one may stand.
std::string_view without_comment(std::string_view line) {
  for (std::size_t at = find_plain(line, "#"); at != std::string_view::npos;
       at = find_plain(line, "#", at + 1)) {
    const bool starts_word =
        at == 0 || std::string_view(" \t,:(!=>%").find(line[at - 1]) != std::string_view::npos;
    if (starts_word && at + 1 < line.size() && is_digit(line[at + 1])) continue;
    return line.substr(0, at);
  }
  return line;
}

bool is_alias_name(std::string_view text) {
  return !text.empty() && std::isupper(static_cast<unsigned char>(text[0])) != 0 &&
         std::all_of(text.begin(), text.end(), [](unsigned char byte) {
           return std::isupper(byte) != 0 || std::isdigit(byte) != 0 || byte == '_';
         });
}

// What holds for the commands that follow it in a list, until it is said again.
struct Tags {
  bool nopasswd = false;
  std::optional<bool> setenv = {};
  bool runas_given = false;
  std::vector<SudoItem> runas_users = {}, runas_groups = {};
};

// "(runas) TAG: KEY=value" in front of a command.
std::string_view take_tags(std::string_view text, Tags& tags) {
  while (true) {
    text = trimmed(text);
    if (!text.empty() && text[0] == '(') {
      const std::size_t end = text.find(')');
      if (end == std::string_view::npos) return {};
      const std::string_view inside = text.substr(1, end - 1);
      const std::size_t colon = find_plain(inside, ":");
      tags.runas_given = true;
      tags.runas_users = items_of(inside.substr(0, colon));
      tags.runas_groups = colon == std::string_view::npos ? std::vector<SudoItem>()
                                                          : items_of(inside.substr(colon + 1));
      text.remove_prefix(end + 1);
      continue;
    }
    std::size_t end = 0;
    while (end < text.size() &&
           (std::isupper(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) {
      ++end;
    }
    const std::string_view word = text.substr(0, end);
    const std::string_view rest = trimmed(text.substr(end));
    if (!word.empty() && !rest.empty() && rest[0] == ':') {
      if (word == "NOPASSWD") tags.nopasswd = true;
      if (word == "PASSWD") tags.nopasswd = false;
      if (word == "SETENV") tags.setenv = true;
      if (word == "NOSETENV") tags.setenv = false;
      text = rest.substr(1);
      continue;
    }
    if (!word.empty() && !rest.empty() && rest[0] == '=' && rest.data() == text.data() + end) {
      // ROLE=, TYPE=, CWD=, CHROOT=, TIMEOUT=...: a value without blanks, or quoted.
      const std::size_t blank = find_plain(rest, kBlank);
      if (blank == std::string_view::npos) return {};
      text = rest.substr(blank);
      continue;
    }
    // A digest of the command: sha256:...
    if (text.substr(0, 3) == "sha" && find_plain(text, ":") < find_plain(text, kBlank)) {
      const std::size_t blank = find_plain(text, kBlank);
      if (blank == std::string_view::npos) return {};
      text.remove_prefix(blank);
      continue;
    }
    return text;
  }
}

SudoCommand command_of(std::string_view text, const Tags& tags) {
  SudoCommand command;
  while (!text.empty() && text[0] == '!') {
    command.negated = !command.negated;
    text = trimmed(text.substr(1));
  }
  // A blank after a backslash belongs to the path.
  const std::size_t blank =
      text.empty() || text[0] != '^' ? find_plain(text, kBlank) : text.find_first_of(kBlank);
  command.path = plain(text.substr(0, blank));
  if (blank != std::string_view::npos) command.args = trimmed(text.substr(blank));
  command.nopasswd = tags.nopasswd;
  command.setenv = tags.setenv.value_or(command.path == "ALL");
  command.runas_given = tags.runas_given;
  command.runas_users = tags.runas_users;
  command.runas_groups = tags.runas_groups;
  return command;
}

std::vector<SudoCommand> commands_of(std::string_view text) {
  std::vector<SudoCommand> commands;
  Tags tags;
  for (const std::string_view part : split(text, ',')) {
    const std::string_view rest = take_tags(part, tags);
    if (rest.empty()) continue;
    SudoCommand command = command_of(rest, tags);
    if (!command.path.empty()) commands.push_back(std::move(command));
  }
  return commands;
}

// Where ":" ends the commands and further hosts begin: one outside brackets, behind it a "=", and
// not the colon of a tag or digest.
std::size_t end_of_commands(std::string_view text) {
  for (std::size_t at = find_plain(text, ":"); at != std::string_view::npos;
       at = find_plain(text, ":", at + 1)) {
    const std::string_view before = trimmed(text.substr(0, at));
    const std::size_t start = before.find_last_of(" \t,)=");
    const std::string_view word =
        start == std::string_view::npos ? before : before.substr(start + 1);
    if (word.substr(0, 3) == "sha") continue;
    const bool is_tag = is_alias_name(word) && word != "ALL" &&
                        (word.substr(0, 2) == "NO" || word == "PASSWD" || word == "EXEC" ||
                         word == "SETENV" || word == "MAIL" || word == "FOLLOW" ||
                         word == "INTERCEPT" || word == "LOG_INPUT" || word == "LOG_OUTPUT");
    if (!is_tag && find_plain(text, "=", at) != std::string_view::npos) return at;
  }
  return std::string_view::npos;
}

// "a, b , c host1,host2": the list of users ends at the first blank that no comma stands beside.
std::size_t end_of_users(std::string_view text) {
  for (std::size_t at = find_plain(text, kBlank); at != std::string_view::npos;
       at = find_plain(text, kBlank, at + 1)) {
    const std::string_view before = trimmed(text.substr(0, at));
    const std::string_view after = trimmed(text.substr(at));
    if (before.empty() || after.empty()) continue;
    if (before.back() == ',' || after[0] == ',' || before.back() == '!') continue;
    return at;
  }
  return std::string_view::npos;
}

bool parse_grant(std::string_view line, std::size_t number, SudoersText& out) {
  const std::size_t users_end = end_of_users(line.substr(0, find_plain(line, "=")));
  if (users_end == std::string_view::npos) return false;
  const std::vector<SudoItem> users = items_of(line.substr(0, users_end));
  line.remove_prefix(users_end);
  bool found = false;
  while (true) {
    const std::size_t equals = find_plain(line, "=");
    if (equals == std::string_view::npos) return found;
    const std::string_view rest = line.substr(equals + 1);
    const std::size_t end = end_of_commands(rest);
    SudoGrant grant{number, users, items_of(line.substr(0, equals)),
                    commands_of(rest.substr(0, end))};
    if (!grant.commands.empty() && out.grants.size() < kMaxSudoersLines) {
      out.grants.push_back(std::move(grant));
      found = true;
    }
    if (end == std::string_view::npos) return found;
    line = rest.substr(end + 1);
  }
}

void parse_defaults(std::string_view line, std::size_t number, SudoersText& out) {
  std::string scope;
  if (!line.empty() && kBlank.find(line[0]) == std::string_view::npos) {
    const std::size_t end = find_plain(line, kBlank);
    scope = line.substr(0, end);
    line.remove_prefix(std::min(end, line.size()));
  }
  for (std::string_view part : split(line, ',')) {
    SudoDefault one{number, scope, {}, false, '\0', {}};
    while (!part.empty() && part[0] == '!') {
      one.negated = !one.negated;
      part = trimmed(part.substr(1));
    }
    const std::size_t equals = find_plain(part, "=");
    std::string_view name = trimmed(part.substr(0, equals));
    if (equals != std::string_view::npos) {
      one.sign = '=';
      if (!name.empty() && (name.back() == '+' || name.back() == '-')) {
        one.sign = name.back();
        name = trimmed(name.substr(0, name.size() - 1));
      }
      one.value = plain(trimmed(part.substr(equals + 1)));
    }
    one.name = name;
    if (!one.name.empty()) out.defaults.push_back(std::move(one));
  }
}

// "NAME = a, b : NAME2 = c"
template <typename List, typename Parse>
bool parse_aliases(std::string_view line, std::map<std::string, List>& out, Parse parse) {
  bool found = false;
  while (true) {
    const std::size_t equals = find_plain(line, "=");
    if (equals == std::string_view::npos) return found;
    const std::string name(trimmed(line.substr(0, equals)));
    std::string_view rest = line.substr(equals + 1);
    const std::size_t end = end_of_commands(rest);
    if (is_alias_name(name)) {
      out[name] = parse(rest.substr(0, end));
      found = true;
    }
    if (end == std::string_view::npos) return found;
    line = rest.substr(end + 1);
  }
}

bool take_word(std::string_view& line, std::string_view word) {
  if (line.substr(0, word.size()) != word) return false;
  if (line.size() > word.size() && kBlank.find(line[word.size()]) == std::string_view::npos) {
    return false;
  }
  line = trimmed(line.substr(word.size()));
  return true;
}

bool parse_include(std::string_view line, SudoersText& out) {
  for (const std::string_view word : {"#includedir", "@includedir", "#include", "@include"}) {
    std::string_view rest = line;
    if (!take_word(rest, word)) continue;
    out.includes.push_back({plain(rest), word.back() == 'r'});
    return true;
  }
  return false;
}

void parse_line(std::string_view line, std::size_t number, SudoersText& out) {
  line = trimmed(line);
  if (parse_include(line, out)) return;
  line = trimmed(without_comment(line));
  if (line.empty()) return;
  bool read = false;
  if (take_word(line, "User_Alias")) {
    read = parse_aliases(line, out.user_aliases, items_of);
  } else if (take_word(line, "Runas_Alias")) {
    read = parse_aliases(line, out.runas_aliases, items_of);
  } else if (take_word(line, "Host_Alias")) {
    read = parse_aliases(line, out.host_aliases, items_of);
  } else if (take_word(line, "Cmnd_Alias") || take_word(line, "Cmd_Alias")) {
    read = parse_aliases(line, out.command_aliases, commands_of);
  } else if (line.substr(0, 8) == "Defaults" &&
             (line.size() == 8 || std::string_view(" \t:@>!").find(line[8]) != line.npos)) {
    parse_defaults(line.substr(8), number, out);
    read = true;
  } else {
    read = parse_grant(line, number, out);
  }
  if (!read) ++out.unread_lines;
}

}  // namespace

SudoersText parse_sudoers(std::string_view text) {
  SudoersText out;
  std::size_t number = 0;
  while (!text.empty() && number < kMaxSudoersLines) {
    const std::size_t first = ++number;
    std::string line(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.pop_back();
    while (!line.empty() && line.back() == '\\' && !text.empty()) {
      line.pop_back();
      const std::string_view more = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(more.size() + 1, text.size()));
      line.append(more);
      ++number;
    }
    parse_line(line, first, out);
  }
  return out;
}

bool is_included_name(std::string_view name) {
  return !name.empty() && name.find('.') == std::string_view::npos && name.back() != '~';
}

}  // namespace meridian::privilege_escalation
