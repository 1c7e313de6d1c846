// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace meridian::privilege_escalation {
namespace {

constexpr std::size_t kMaxWords = 4096;
constexpr int kMaxNested = 3;  // sh -c 'sh -c ...'

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

constexpr auto kKeywords =
    std::to_array<std::string_view>({"if", "then", "else", "elif", "do", "while", "until", "!", "{",
                                     "(", "exec", "command", "nohup", "time", "setsid", "builtin"});
// Those that start what follows their options.
constexpr auto kWrappers =
    std::to_array<std::string_view>({"env", "nice", "ionice", "chrt", "stdbuf", "timeout", "flock",
                                     "chronic", "tini", "dumb-init", "catchsegv", "eatmydata"});
constexpr auto kInterpreters = std::to_array<std::string_view>(
    {"sh", "bash", "dash", "ash", "zsh", "ksh", "python", "python2", "python3", "perl", "ruby",
     "php", "node", "lua", ".", "source"});
constexpr auto kTests = std::to_array<std::string_view>(
    {"[", "[[", "test", "cd", "echo", "true", "false", "for", "case", "export", "set", "umask",
     "exit", "fi", "done", "esac", "}", ")"});

struct Word {
  std::string text;
  bool is_operator = false;  // ; | & newline and brackets: a command may follow
  bool is_redirection = false;
};

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  std::size_t i = 0;
  while (i < text.size() && words.size() < kMaxWords) {
    const char start = text[i];
    if (start == ' ' || start == '\t' || start == '\r') {
      ++i;
      continue;
    }
    if (std::string_view(";|&()\n`").find(start) != std::string_view::npos) {
      words.push_back({std::string(1, start), true});
      ++i;
      continue;
    }
    if (start == '#') break;
    if (start == '>' || start == '<') {
      while (i < text.size() && std::string_view("<>&").find(text[i]) != std::string_view::npos)
        ++i;
      words.push_back({"", false, true});
      continue;
    }
    std::string word;
    char quote = '\0';
    for (; i < text.size(); ++i) {
      const char letter = text[i];
      if (quote == '\0' &&
          std::string_view(" \t\r\n;|&()<>`").find(letter) != std::string_view::npos) {
        break;
      }
      if (letter == quote) {
        quote = '\0';
      } else if (quote == '\0' && (letter == '"' || letter == '\'')) {
        quote = letter;
      } else if (letter == '\\' && quote != '\'' && i + 1 < text.size()) {
        word += text[++i];
      } else {
        word += letter;
      }
    }
    // "2>": the number belongs to the redirection.
    const bool is_number =
        std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    const bool redirects = i < text.size() && (text[i] == '>' || text[i] == '<');
    if (!(is_number && redirects)) words.push_back({std::move(word)});
  }
  return words;
}

bool is_assignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == 0 || equals == std::string_view::npos) return false;
  return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_number(std::string_view word) {
  return !word.empty() && std::isdigit(static_cast<unsigned char>(word[0])) != 0;
}

void add(std::vector<std::string>& out, const std::string& word) {
  if (word.empty() || word.find('$') != std::string::npos) return;
  if (std::find(out.begin(), out.end(), word) == out.end()) out.push_back(word);
}

void collect(std::string_view command, int depth, std::vector<std::string>& out) {
  enum class Expect { kCommand, kNothing, kScript, kAfterWrapper, kShellText };
  Expect expect = Expect::kCommand;
  bool skip = false;
  bool is_shell = false;
  bool flock = false;
  for (const Word& word : words_of(command)) {
    if (word.is_operator) {
      expect = Expect::kCommand;
      continue;
    }
    if (word.is_redirection) {
      skip = true;
      continue;
    }
    if (skip) {
      skip = false;
      continue;
    }
    const std::string& text = word.text;
    switch (expect) {
      case Expect::kNothing:
        break;
      case Expect::kShellText:
        if (depth < kMaxNested) collect(text, depth + 1, out);
        expect = Expect::kNothing;
        break;
      case Expect::kScript:
        if (text.size() >= 2 && text[0] == '-') {
          // -c of a shell has a command, -c, -e and -m of the others something else.
          if (text.back() == 'c' || text.back() == 'e' || text.back() == 'm') {
            expect = is_shell && text.back() == 'c' ? Expect::kShellText : Expect::kNothing;
            if (is_shell && text.back() == 'e') expect = Expect::kScript;
          }
          break;
        }
        add(out, text);
        expect = Expect::kNothing;
        break;
      case Expect::kAfterWrapper:
        if (text.empty() || text[0] == '-' || is_number(text) || is_assignment(text)) break;
        if (flock) {  // its first word is the lock
          flock = false;
          break;
        }
        [[fallthrough]];
      case Expect::kCommand: {
        if (is_assignment(text) || is_one_of(text, kKeywords)) break;
        const std::string_view name = base_name(text);
        if (is_one_of(name, kTests)) {
          expect = Expect::kNothing;
          break;
        }
        add(out, text == "." ? "" : text);
        is_shell = is_one_of(
            name, std::to_array<std::string_view>({"sh", "bash", "dash", "ash", "zsh", "ksh"}));
        flock = name == "flock";
        expect = is_one_of(name, kWrappers)       ? Expect::kAfterWrapper
                 : is_one_of(name, kInterpreters) ? Expect::kScript
                                                  : Expect::kNothing;
        break;
      }
    }
  }
}

std::string_view next_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t\r") - start + 1);
}

std::string_view next_field(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const std::string_view field = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(field.size());
  return field;
}

}  // namespace

std::vector<std::string> programs_of(std::string_view command) {
  std::vector<std::string> out;
  collect(command, 0, out);
  return out;
}

std::vector<CronJob> parse_crontab(std::string_view text, bool with_user) {
  std::vector<CronJob> jobs;
  while (!text.empty() && jobs.size() < kMaxJobs) {
    std::string_view line = trimmed(next_line(text));
    if (line.empty() || line[0] == '#') continue;
    const std::size_t equals = line.find('=');
    const std::size_t blank = line.find_first_of(" \t");
    if (equals != std::string_view::npos &&
        (equals < blank || line[line.find_first_not_of(" \t", blank)] == '=')) {
      continue;
    }
    for (int i = line[0] == '@' ? 4 : 0; i < 5; ++i) next_field(line);
    CronJob job;
    if (with_user) job.user = next_field(line);
    line = trimmed(line);
    // What follows an unescaped % is the job's input.
    std::size_t end = line.find('%');
    while (end != std::string_view::npos && end > 0 && line[end - 1] == '\\') {
      end = line.find('%', end + 1);
    }
    job.command = line.substr(0, end);
    if (!job.command.empty()) jobs.push_back(std::move(job));
  }
  return jobs;
}

std::vector<UnitCommand> parse_unit(std::string_view text) {
  std::vector<UnitCommand> commands;
  bool in_service = false;
  bool as_root = true;
  while (!text.empty() && commands.size() < kMaxJobs) {
    std::string line(trimmed(next_line(text)));
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    while (!line.empty() && line.back() == '\\' && !text.empty()) {
      line.back() = ' ';
      line.append(trimmed(next_line(text)));
    }
    if (line[0] == '[') {
      in_service = line == "[Service]";
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!in_service || equals == std::string::npos) continue;
    const std::string_view key = trimmed(std::string_view(line).substr(0, equals));
    std::string_view value = trimmed(std::string_view(line).substr(equals + 1));
    if (key == "User") as_root = value.empty() || value == "root" || value == "0";
    if (key == "DynamicUser" && (value == "yes" || value == "true" || value == "1")) {
      as_root = false;
    }
    if (key.substr(0, 4) != "Exec") continue;
    UnitCommand command{false, {}};
    while (!value.empty() && std::string_view("@-:+!|").find(value[0]) != std::string_view::npos) {
      command.as_root = command.as_root || value[0] == '+' || value[0] == '!';
      value.remove_prefix(1);
    }
    command.line = value;
    if (!command.line.empty()) commands.push_back(std::move(command));
  }
  // User= counts for the whole unit, wherever it stands.
  for (UnitCommand& command : commands) command.as_root = command.as_root || as_root;
  return commands;
}

}  // namespace meridian::privilege_escalation
