// SPDX-License-Identifier: Apache-2.0
//
// fuzz_weak_password.cpp: any bytes before each reader of files with passwords, and before the
// readers of hashes and keys.
//
// Properties: reading twice says the same; no more accounts than the limit; what is to be tried is
// within its limits.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "key_files.hpp"
#include "reading.hpp"

namespace {

using namespace meridian::weak_password;

constexpr std::array<Reader, 13> kReaders{
    read_shadow, read_passwd,   read_htpasswd,        read_redis, read_tomcat,
    read_mongod, read_sshd,     read_vsftpd,          read_hba,   read_ftp_users,
    read_mysql,  read_postgres, read_environment_file};

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t which = data[0] % (kReaders.size() + 1);
  if (which == kReaders.size()) {
    const auto key = LockedKey::read(text);
    require(!key || !*key || (*key)->cost() <= kMaxGuess);
    return 0;
  }
  const Reading first = kReaders[which](text), second = kReaders[which](text);
  require(first.accounts.size() <= kMaxAccounts && first.open.size() <= kMaxAccounts);
  require(first.accounts.size() == second.accounts.size() &&
          first.open.size() == second.open.size());
  for (std::size_t i = 0; i < first.accounts.size(); ++i) {
    require(first.accounts[i].user == second.accounts[i].user &&
            first.accounts[i].user.size() <= kMaxName + 16);
    require(guess_cost(first.accounts[i].hash) <= kMaxGuess);
  }
  return 0;
}
