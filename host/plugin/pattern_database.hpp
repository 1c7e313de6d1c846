// SPDX-License-Identifier: Apache-2.0
//
// pattern_database.hpp: compiled expressions of Hyperscan and the memory a scan needs, owned.
#pragma once

#include <hs/hs.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "meridian/result.hpp"

namespace meridian::plugin {

struct FreeDatabase {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
using Database = std::unique_ptr<hs_database_t, FreeDatabase>;

/// What a database reports as `id`, and its text: bytes, never UTF-8.
struct DatabaseEntry {
  std::uint32_t id = 0;
  const char* expression = nullptr;
  bool caseless = false;
};

/// Why matches may be lost with libhs of this version ("5.4.9 2023-..."), "" if nothing is known:
/// whatever the program was built with, the system may bring another.
std::string library_flaw(std::string_view version = hs_version());

/// HS_MODE_BLOCK or HS_MODE_STREAM. kInvalid names the expression and has the compiler's words.
Result<Database> compile_database(const std::vector<DatabaseEntry>& entries, unsigned mode);

struct Width {
  std::uint64_t min = 0, max = 0;
  bool unbounded = false;
};
Result<Width> expression_width(const char* expression, bool caseless);

/// "expression 'a(': words"; the expression escaped and cut.
Error bad_expression(std::string_view expression, std::string_view words);

/// Scratch memory of one thread; grows to fit every database it meets.
class Scratch {
 public:
  Scratch() = default;
  ~Scratch() { hs_free_scratch(scratch_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  Result<void> fit(const hs_database_t* database);
  hs_scratch_t* get() const { return scratch_; }

 private:
  hs_scratch_t* scratch_ = nullptr;
};

/// HS_SUCCESS and HS_SCAN_TERMINATED are fine.
Result<void> check_scan(hs_error_t error);

/// `on_end(std::uint64_t end)` for each end of a match of the one expression in `database`.
template <typename F>
Result<void> scan_ends(const hs_database_t* database, Scratch& scratch, std::string_view text,
                       F on_end) {
  const auto call = [](unsigned, unsigned long long, unsigned long long to, unsigned,
                       void* context) -> int {
    (*static_cast<F*>(context))(std::uint64_t{to});
    return 0;
  };
  return check_scan(hs_scan(database, text.data(), static_cast<unsigned>(text.size()), 0,
                            scratch.get(), call, &on_end));
}

}  // namespace meridian::plugin
