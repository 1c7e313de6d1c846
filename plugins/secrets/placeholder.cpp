// SPDX-License-Identifier: Apache-2.0
#include "placeholder.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdlib>
#include <string>

#include "byte_set.hpp"

namespace meridian::secrets {

namespace {

// Long enough that a random token of forty letters holds one by chance once in 50,000.
constexpr auto kExampleWords = std::to_array<std::string_view>(
    {"example",    "sample",     "placeholder", "changeme",  "change_me", "change-me",
     "changeit",   "replace",    "redacted",    "dummy",     "your_",     "your-",
     "yourtoken",  "yoursecret", "yourpass",    "yourkey",   "yourapi",   "insert",
     "abcdef",     "qwerty",     "foobar",      "deadbeef",  "notreal",   "not_real",
     "not-real",   "fake_",      "fake-",       "fakekey",   "test_test", "loremipsum",
     "0123456789", "1234567890", "open sesame", "gx1fbat3bv"});

// Words of which a man-made placeholder is put together: "my-secret-password-here".
constexpr auto kFillerWords = std::to_array<std::string_view>(
    {"a",          "access",      "account",  "admin",     "an",         "any",      "api",
     "app",        "auth",        "bar",      "baz",       "blank",      "client",   "code",
     "credential", "credentials", "db",       "database",  "default",    "disabled", "empty",
     "enabled",    "enter",       "false",    "field",     "file",       "foo",      "from",
     "git",        "goes",        "here",     "hidden",    "host",       "id",       "in",
     "is",         "key",         "login",    "masked",    "me",         "my",       "mypass",
     "mypassword", "mysecret",    "name",     "new",       "nil",        "no",       "none",
     "null",       "of",          "optional", "pass",      "passphrase", "passwd",   "password",
     "private",    "prompt",      "pw",       "pwd",       "required",   "root",     "secret",
     "secretkey",  "set",         "some",     "something", "string",     "test",     "testing",
     "the",        "this",        "to",       "todo",      "token",      "true",     "undefined",
     "unset",      "user",        "username", "value",     "yes"});

// What joins the words of a sentence, and no list of words for passphrases holds.
constexpr auto kSentenceWords = std::to_array<std::string_view>(
    {"a",    "an", "and", "are",  "as",   "be",    "by",   "for",  "from", "if",
     "in",   "is", "it",  "of",   "on",   "or",    "so",   "that", "this", "the",
     "then", "to", "use", "used", "when", "which", "will", "with", "you"});

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// "aaaaaa" and "12345678": `same` equal letters or `steps` neighbours of the alphabet in a row.
bool has_run(std::string_view value, std::size_t same, std::size_t steps) {
  std::size_t equal = 1;
  std::size_t up = 1;
  std::size_t down = 1;
  for (std::size_t i = 1; i < value.size(); ++i) {
    const int step =
        static_cast<unsigned char>(value[i]) - static_cast<unsigned char>(value[i - 1]);
    equal = step == 0 ? equal + 1 : 1;
    up = step == 1 ? up + 1 : 1;
    down = step == -1 ? down + 1 : 1;
    if (equal >= same || up >= steps || down >= steps) return true;
  }
  return false;
}

std::size_t different_bytes(std::string_view value) {
  std::bitset<256> seen;
  for (const char byte : value) seen.set(static_cast<unsigned char>(byte));
  return seen.count();
}

bool is_filler(std::string_view word) {
  return std::find(kFillerWords.begin(), kFillerWords.end(), word) != kFillerWords.end();
}

// Nothing but filler words and what joins them. Digits are no filler: "password1" is a password.
bool is_all_filler(std::string_view lowered) {
  std::size_t i = 0;
  while (i < lowered.size()) {
    std::size_t end = i;
    while (end < lowered.size() && lowered[end] >= 'a' && lowered[end] <= 'z') ++end;
    if (end == i) {
      if (!contains("_-. *:/!?()[]<>'\"", lowered.substr(i, 1))) return false;
      ++i;
      continue;
    }
    if (!is_filler(lowered.substr(i, end - i))) return false;
    i = end;
  }
  return true;
}

// "response.data.token2", "getpass.getpass(", "cfg->secret": a member or a call. In a name digits
// come last; in a random value they come anywhere.
bool is_code(std::string_view value) {
  std::size_t parts = 0;
  std::size_t i = 0;
  while (i < value.size()) {
    const std::size_t start = i;
    while (i < value.size() && (is_letter(value[i]) || value[i] == '_')) ++i;
    if (i == start) return false;
    while (i < value.size() && is_digit(value[i])) ++i;
    ++parts;
    if (i == value.size()) break;
    if (value[i] == '(' || value[i] == '[') return true;
    if (value.substr(i, 2) == "->" || value.substr(i, 2) == "::") {
      i += 2;
    } else if (value[i] == '.') {
      ++i;
    } else {
      return false;
    }
  }
  return parts >= 2;
}

// "Add this password to the list of valid passwords.": five words or more, two of them such as join
// a sentence, and none that looks like a secret. A passphrase has neither "the" nor "of".
bool is_sentence(std::string_view lowered) {
  std::size_t words = 0;
  std::size_t joining = 0;
  std::size_t i = 0;
  while (i < lowered.size()) {
    const std::size_t end = std::min(lowered.find(' ', i), lowered.size());
    std::string_view word = lowered.substr(i, end - i);
    i = end + 1;
    if (word.empty()) continue;
    if (std::any_of(word.begin(), word.end(), is_digit)) return false;
    while (!word.empty() && contains(".,;:!?", word.substr(word.size() - 1))) word.remove_suffix(1);
    ++words;
    joining += std::find(kSentenceWords.begin(), kSentenceWords.end(), word) != kSentenceWords.end()
                   ? 1
                   : 0;
  }
  return words >= 5 && joining >= 2;
}

// Perl and PHP, "$self->{'PWD'}", "$row['pw']": a variable and the way into it. The value may have
// been cut at ">" or a quote.
bool is_member_of_variable(std::string_view value) {
  if (value.size() < 3 || value[0] != '$' || is_digit(value[1])) return false;
  std::size_t i = 1;
  while (i < value.size() && (is_letter(value[i]) || value[i] == '_')) ++i;
  if (i == 1 || i == value.size()) return false;
  const std::string_view rest = value.substr(i);
  return rest == "-" || rest.substr(0, 2) == "->" || rest.substr(0, 2) == "::" || rest[0] == '{' ||
         rest[0] == '[';
}

bool is_wrapped(std::string_view value, std::string_view open, std::string_view close) {
  return value.size() >= open.size() + close.size() && value.substr(0, open.size()) == open &&
         value.substr(value.size() - close.size()) == close;
}

}  // namespace

bool is_template(std::string_view value) {
  for (const std::string_view sign :
       {"${", "$(", "$[", "{{", "}}", "<%", "%>", "#{", "@@", "${{"}) {
    if (contains(value, sign)) return true;
  }
  if (is_wrapped(value, "<", ">") || is_wrapped(value, "__", "__") || is_wrapped(value, "%", "%") ||
      is_wrapped(value, "[", "]") || is_wrapped(value, "{", "}") || is_wrapped(value, "@", "@")) {
    return true;
  }
  // "$NAME" to its end; a password may well begin with '$' and go on otherwise.
  const ByteSet word = *ByteSet::named("word");
  if (value.size() > 1 && value[0] == '$' && (value[1] < '0' || value[1] > '9') &&
      word.covers(value.substr(1)) && lower(value) != value) {
    return true;
  }
  if (value.size() > 1 && value[0] == '$' && word.covers(value.substr(1)) &&
      std::none_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return true;
  }
  if (is_member_of_variable(value)) return true;
  // printf and Python: "%s", "%d", "%(name)s".
  return value == "%s" || value == "%d" || value == "%v" || value == "%q" ||
         contains(value, "%(") || contains(value, "%s") || contains(value, "...");
}

bool is_reference(std::string_view value) {
  const std::string text = lower(value);
  for (const std::string_view start :
       {"/",         "./",       "../",     "~/",       "file:",       "http://",
        "https://",  "vault:",   "vault/",  "ref+",     "op://",       "sm://",
        "arn:aws",   "awssm",    "ssm:",    "gcp:",     "projects/",   "@microsoft.keyvault",
        "secret://", "keyring:", "env:",    "env.",     "process.env", "os.environ",
        "os.getenv", "getenv",   "config.", "self.",    "this.",       "args.",
        "options.",  "opts.",    "params.", "request.", "settings.",   "unix:",
        "tcp://",    "c:\\"}) {
    if (text.compare(0, start.size(), start) != 0) continue;
    // Base64 may begin with '/': a path has a second one soon, or an end of letters only.
    if (start != "/") return true;
    const ByteSet plain = *ByteSet::named("base64url");
    const std::size_t next = text.find('/', 1);
    return text.size() < 40 || (next != std::string::npos && next < 24 &&
                                plain.covers(std::string_view(text).substr(1, next - 1)) &&
                                !contains(text, "+") && !contains(text, "="));
  }
  return contains(text, "secretkeyref") || contains(text, "valuefrom");
}

bool is_password_hash(std::string_view value) {
  // crypt(5) and passlib: "$6$salt$hash"; a password may well begin with another "$...$".
  for (const std::string_view scheme : {"1",
                                        "2a",
                                        "2b",
                                        "2x",
                                        "2y",
                                        "5",
                                        "6",
                                        "7",
                                        "y",
                                        "gy",
                                        "md5",
                                        "sha1",
                                        "apr1",
                                        "argon2i",
                                        "argon2d",
                                        "argon2id",
                                        "scrypt",
                                        "pbkdf2",
                                        "pbkdf2-sha256",
                                        "pbkdf2-sha512",
                                        "P",
                                        "H"}) {
    const std::size_t end = scheme.size() + 1;
    if (value.size() > end + 8 && value[0] == '$' && value[end] == '$' &&
        value.substr(1, scheme.size()) == scheme) {
      return true;
    }
  }
  // RFC 3112: "{SSHA}..."; Django: "pbkdf2_sha256$...".
  const std::size_t close = value.find('}');
  if (value.substr(0, 1) == "{" && close <= 12 && close + 8 < value.size()) {
    return ByteSet::named("word")->covers(value.substr(1, close - 1));
  }
  return value.substr(0, 14) == "pbkdf2_sha256$";
}

bool is_placeholder(std::string_view value, PlaceholderTest test) {
  if (test == PlaceholderTest::kOff) return false;
  if (value.empty() || is_template(value)) return true;
  const std::string text = lower(value);
  for (const std::string_view word : kExampleWords) {
    if (contains(text, word)) return true;
  }
  if (has_run(text, test == PlaceholderTest::kToken ? 6 : 4, 8)) return true;
  if (value.size() >= 8 && different_bytes(value) <= 3) return true;
  if (value.size() >= 24 && different_bytes(value) <= 6) return true;
  if (test == PlaceholderTest::kToken) return false;
  return is_reference(value) || is_password_hash(value) || is_code(value) || is_all_filler(text) ||
         is_sentence(text) || contains(text, "xxx") || contains(text, "***");
}

}  // namespace meridian::secrets
