// SPDX-License-Identifier: Apache-2.0
#include "weak_password_plugin.hpp"

#include <cstdint>
#include <set>
#include <utility>

namespace meridian::weak_password {
namespace {

constexpr std::string_view kList = "words.txt";
constexpr std::int64_t kDefaultSeconds = 8;  // plugin.json says the same

/// What a guess was, in words that do not give it away.
std::string how(const Guessed& guessed) {
  switch (guessed.source) {
    case Source::kNothing:
      return "empty";
    case Source::kName:
      return "made of the account's name";
    case Source::kOwnWord:
      return "one of the operator's own words";
    case Source::kList:
      break;
  }
  return "number " + std::to_string(guessed.rank) + " of the list of common ones";
}

Error ran_out(const Unfinished& one, const std::string& user) {
  return Error(ErrorCode::kLimit, "account " + user + ": " + std::to_string(one.tried) + " of " +
                                      std::to_string(one.total) +
                                      " words were tried before the time was up (option seconds)");
}

Error too_large(const File& file, std::uint64_t limit) {
  return Error(ErrorCode::kLimit, std::to_string(file.size()) + " bytes, at most " +
                                      std::to_string(limit) + " are read");
}

}  // namespace

Result<void> WeakPasswordPlugin::configure(const Config& config, const RuleData& data) {
  const auto list = data.file(kList);
  if (!list) return Error(ErrorCode::kMissingData, "rules/" + std::string(kList) + " is not there");
  words_.emplace(*list, config.texts("words").value_or(std::vector<std::string>()));
  budget_ = std::chrono::seconds(config.integer("seconds").value_or(kDefaultSeconds));
  return {};
}

void WeakPasswordPlugin::subscribe(Subscriptions& on) const {
  struct FileKind {
    Files which;
    Reader reader;
    Rules rules;
  };
  constexpr std::uint64_t kText = 4 << 20, kTable = 64 << 20;
  constexpr Rules kLogin{"weak-login-password", "login-without-password"};
  constexpr Rules kDatabase{"weak-database-password", "database-without-password"};
  constexpr Rules kService{"weak-service-password", "service-without-password"};
  constexpr Rules kSetting{"weak-password-setting", "service-without-password"};
  const std::vector<FileKind> kinds = {
      {{.paths = {"etc/shadow", "etc/shadow-"}}, read_shadow, kLogin},
      {{.paths = {"etc/passwd", "etc/passwd-"}}, read_passwd, kLogin},
      {{.paths = {"etc/ssh/sshd_config", "etc/ssh/sshd_config.d/*.conf"}}, read_sshd, kLogin},
      {{.names = {".htpasswd", "htpasswd", "*.htpasswd", ".htpasswd.*", "htpasswd.*"}},
       read_htpasswd,
       kService},
      {{.names = {"redis.conf", "redis-*.conf", "users.acl", "sentinel.conf"}},
       read_redis,
       kDatabase},
      {{.names = {"mongod.conf", "mongodb.conf", "mongod.conf.orig"}}, read_mongod, kDatabase},
      {{.names = {"tomcat-users.xml"}}, read_tomcat, kService},
      {{.names = {"vsftpd.conf"}}, read_vsftpd, kService},
      {{.names = {"ftpd.passwd", "proftpd.passwd", "pureftpd.passwd"}}, read_passwd, kService},
      {{.paths = {"etc/vsftpd/*.db", "etc/vsftpd*.db"}}, read_ftp_users, kService},
      {{.names = {"pg_hba.conf"}}, read_hba, kDatabase},
      {{.paths = {"**/global/1260"}}, read_postgres, kDatabase},
      {{.paths = {"**/mysql/user.MYD", "**/mysql/user.MAD", "**/mysql/global_priv.MAD",
                  "**/mysql.ibd"}},
       read_mysql,
       kDatabase},
      {{.names = {".env", ".env.*", "*.env"},
        .exclude = {"**/*.example", "**/*.sample", "**/*.template", "**/*.dist"}},
       read_environment_file,
       kSetting},
  };
  for (const FileKind& kind : kinds) {
    Files which = kind.which;
    which.max_size = kind.reader == read_mysql || kind.reader == read_postgres ? kTable : kText;
    on.layer_files(which, [this, kind](const File& file, Unit& unit, LayerSink& out) {
      this->file(file, kind.reader, kind.rules, unit, out);
    });
    on.layer_files({.paths = which.paths,
                    .names = which.names,
                    .exclude = which.exclude,
                    .min_size = which.max_size + 1},
                   [limit = which.max_size](const File& file, LayerSink& out) {
                     out.gap(file.path(), too_large(file, limit));
                   });
  }
  const std::vector<std::string> keys{"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519",
                                      "*.pem",  "*.key",  "*.p12",    "*.pfx"};
  on.layer_files({.names = keys, .max_size = kText}, &WeakPasswordPlugin::key);
  on.layer_files({.names = keys, .min_size = kText + 1}, [](const File& file, LayerSink& out) {
    out.gap(file.path(), too_large(file, kText));
  });
  on.image(&WeakPasswordPlugin::image);
  on.container(&WeakPasswordPlugin::container);

  on.rule({.id = "weak-login-password",
           .severity = Severity::kHigh,
           .title = "Account of the system with a password that would be guessed",
           .help = "https://cwe.mitre.org/data/definitions/521.html"});
  on.rule({.id = "login-without-password",
           .severity = Severity::kHigh,
           .title = "Account of the system without a password",
           .help = "https://cwe.mitre.org/data/definitions/258.html"});
  on.rule({.id = "weak-database-password",
           .severity = Severity::kHigh,
           .title = "Account of a database with a password that would be guessed",
           .help = "https://cwe.mitre.org/data/definitions/521.html"});
  on.rule({.id = "database-without-password",
           .severity = Severity::kHigh,
           .title = "Database that asks for no password",
           .help = "https://cwe.mitre.org/data/definitions/306.html"});
  on.rule({.id = "weak-service-password",
           .severity = Severity::kHigh,
           .title = "Account of a service with a password that would be guessed",
           .help = "https://cwe.mitre.org/data/definitions/521.html"});
  on.rule({.id = "service-without-password",
           .severity = Severity::kHigh,
           .title = "Service that asks for no password",
           .help = "https://cwe.mitre.org/data/definitions/306.html"});
  on.rule({.id = "weak-key-passphrase",
           .severity = Severity::kMedium,
           .title = "Private key with a passphrase that would be guessed",
           .help = "https://cwe.mitre.org/data/definitions/521.html"});
  on.rule({.id = "weak-password-setting",
           .severity = Severity::kMedium,
           .title = "Setting with a password that would be guessed",
           .help = "https://cwe.mitre.org/data/definitions/1393.html"});
}

void WeakPasswordPlugin::file(const File& file, Reader reader, Rules rules, Unit& unit,
                              LayerSink& out) const {
  const auto content = file.content(file.size());
  if (!content) return out.gap(file.path(), content.error());
  const Reading reading = reader(*content);
  for (const Open& one : reading.open) {
    out.report({.rule = rules.open,
                .message = one.message,
                .file = file,
                .field = "account:" + one.who,
                .confidence = Confidence::kHigh});
  }
  for (const Error& gap : reading.gaps) out.gap(file.path(), gap);
  const SearchResult result = search(
      reading.accounts, *words_, budget_, [this] { return host().cancelled(); }, unit.guesser);
  for (const Guessed& one : result.guessed) {
    const std::string& user = reading.accounts[one.account].user;
    out.report({.rule = rules.weak,
                .message = "the password of " + user + " is " + how(one),
                .file = file,
                .field = "account:" + user,
                .secret = one.password,
                .confidence = Confidence::kHigh});
  }
  for (const Unfinished& one : result.unfinished)
    out.gap(file.path(), ran_out(one, reading.accounts[one.account].user));
}

void WeakPasswordPlugin::key(const File& file, LayerSink& out) const {
  const auto content = file.content(file.size());
  if (!content) return out.gap(file.path(), content.error());
  const auto keys = split_keys(*content);
  const auto deadline = std::chrono::steady_clock::now() + budget_;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i == kMaxKeys) {
      return out.gap(file.path(),
                     Error(ErrorCode::kLimit, std::to_string(keys.size()) + " keys, of which " +
                                                  std::to_string(i) + " were tried"));
    }
    try_key(file, keys[i], deadline, out);
  }
}

void WeakPasswordPlugin::try_key(const File& file, std::string_view bytes,
                                 std::chrono::steady_clock::time_point deadline,
                                 LayerSink& out) const {
  const auto key = LockedKey::read(bytes);
  if (!key) return out.gap(file.path(), key.error());
  if (!key->has_value()) return;
  for (std::size_t i = 0; i < words_->size(); ++i) {
    if (std::chrono::steady_clock::now() >= deadline || host().cancelled()) {
      return out.gap(file.path(), ran_out({0, i, words_->size()}, "of the key"));
    }
    if (!(*key)->opens_with((*words_)[i])) continue;
    const Guessed found{0, words_->is_own(i) ? Source::kOwnWord : Source::kList, i + 1, {}};
    return out.report({.rule = "weak-key-passphrase",
                       .message = "the passphrase is " + how(found),
                       .file = file,
                       .secret = (*words_)[i],
                       .confidence = Confidence::kHigh});
  }
}

void WeakPasswordPlugin::image(const Target& target, Unit& unit, TargetSink& out) const {
  Reading reading;
  for (const std::string_view variable : target.env()) read_variable(variable, reading);
  report(reading, unit, out);
}

void WeakPasswordPlugin::container(const Target& target, Unit& unit, TargetSink& out) const {
  Reading reading;
  std::set<std::string_view> images;  // reported with the image
  for (const std::string_view variable : target.image_env()) images.insert(variable);
  for (const std::string_view variable : target.env()) {
    if (!images.contains(variable)) read_variable(variable, reading);
  }
  report(reading, unit, out);
}

void WeakPasswordPlugin::report(const Reading& reading, Unit& unit, TargetSink& out) const {
  for (const Open& one : reading.open) {
    out.report({.rule = "service-without-password",
                .message = one.message,
                .field = "env:" + one.who,
                .confidence = Confidence::kMedium});
  }
  const SearchResult result = search(
      reading.accounts, *words_, budget_, [this] { return host().cancelled(); }, unit.guesser);
  for (const Guessed& one : result.guessed) {
    const std::string& name = reading.accounts[one.account].user;
    out.report({.rule = "weak-password-setting",
                .message = "the value of " + name + " is " + how(one),
                .field = "env:" + name,
                .secret = one.password,
                .confidence = Confidence::kHigh});
  }
  for (const Error& gap : reading.gaps) out.gap("", gap);
  for (const Unfinished& one : result.unfinished) {
    out.gap("", ran_out(one, reading.accounts[one.account].user));
  }
}

}  // namespace meridian::weak_password
