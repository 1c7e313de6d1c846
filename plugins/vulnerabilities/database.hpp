// SPDX-License-Identifier: Apache-2.0
//
// database.hpp: the imported database, read where it lies (README.md has its tables). One of these
// belongs to one unit of work; the bytes belong to the host. What is in it is not trusted: rows,
// texts and steps are bounded.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <meridian/finding.hpp>
#include <meridian/result.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace meridian::vulnerabilities {

struct EcosystemRow {
  std::int64_t id = 0;
  std::string order;  // of versions
};

/// What one advisory of one source says of one package.
struct Candidate {
  std::string id;                    // the CVE where there is one
  std::vector<std::string> aliases;  // further names
  std::string summary, published, vector;
  std::string kind, source;                    // of the feed: "debian", "debian-tracker"
  std::string ranges;                          // a line each, as match.hpp reads them
  std::string state;                           // no-dsa, wont-fix, ...
  Severity severity = Severity::kUnknown;      // of the advisory
  Severity own_severity = Severity::kUnknown;  // of the distribution, for this package
  double score = -1;                           // CVSS; negative: none
};

/// How bad any source says that it is.
struct Rating {
  Severity severity = Severity::kUnknown;
  double score = -1;
  std::string vector;
};

struct Statement {
  std::string product, subcomponent, status, justification, note, author;
};

class Database {
 public:
  /// kCorrupt unless it is one of schema "meridian.vulnerabilities/1".
  static Result<Database> open(std::string_view bytes);

  /// Nothing: the database knows nothing of it.
  Result<std::optional<EcosystemRow>> ecosystem(const std::string& name);
  Result<std::vector<Candidate>> candidates(std::int64_t ecosystem, std::string_view package);
  /// The worst of all that is said of a name.
  Result<Rating> rating(std::string_view id);
  Result<std::vector<Statement>> statements(std::string_view id);
  bool has_statements() const { return has_statements_; }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
    void operator()(sqlite3_stmt* statement) const;
  };
  using Prepared = std::unique_ptr<sqlite3_stmt, Close>;

  Result<Prepared> prepare(const char* sql) const;
  Result<bool> step(sqlite3_stmt* statement);
  Error error() const;

  std::unique_ptr<sqlite3, Close> database_;
  std::unique_ptr<int> looks_;  // of count_looks, at one address
  Prepared ecosystem_, candidates_, rating_, statements_;
  std::map<std::string, std::optional<EcosystemRow>> ecosystems_;
  bool has_statements_ = false;
};

}  // namespace meridian::vulnerabilities
