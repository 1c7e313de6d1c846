// SPDX-License-Identifier: Apache-2.0
#include "program_data.hpp"

#include "example_image.hpp"

namespace meridian::privilege_escalation {
namespace {

ProgramData shipped_programs() {
  auto data =
      ProgramData::parse(bundle_file("rules/programs.json"), bundle_file("rules/expected.json"));
  if (!data) FAIL(data.error().message());
  return *std::move(data);
}

}  // namespace

TEST_CASE("programs: at least 370, each with a function") {
  const auto data = shipped_programs();
  CHECK(data.size() >= 370);
  std::size_t of_setuid = 0;
  for (const auto& [name, program] : data.programs()) {
    INFO(name);
    CHECK_FALSE((program.sudo.empty() && program.setuid.empty()));
    if (!program.setuid.empty()) ++of_setuid;
  }
  CHECK(of_setuid >= 206);
}

TEST_CASE("programs: a version or an edition is the program") {
  const auto data = shipped_programs();
  for (const auto& [name, same] : std::initializer_list<std::pair<const char*, const char*>>{
           {"python3", "python"},
           {"python3.11", "python"},
           {"perl5.36.0", "perl"},
           {"ruby3.1", "ruby"},
           {"lua5.4", "lua"},
           {"gcc-12", "gcc"},
           {"vim.basic", "vim"},
           {"vim.tiny", "vim"},
           {"php8.2", "php"},
           {"tclsh8.6", "tclsh"},
           {"x86_64-linux-gnu-gcc-12", "gcc"},
           {"ld-linux-x86-64.so.2", "ld.so"},
           {"busybox", "busybox"}}) {
    INFO(name);
    REQUIRE(data.find(same) != nullptr);
    CHECK(data.find(name) != nullptr);
  }
  CHECK(data.find("python3") == data.find("python"));
  for (const char* name : {"", "3", "pythonic", "findfs", "passwd", "my-bash-wrapper"}) {
    INFO(name);
    CHECK(data.find(name) == nullptr);
  }
}

TEST_CASE("programs: well-known ones have the function that matters") {
  const auto data = shipped_programs();
  const auto has = [&](const char* name, const char* function, bool setuid) {
    const Program* program = data.find(name);
    REQUIRE(program != nullptr);
    const auto& list = setuid ? program->setuid : program->sudo;
    return std::find(list.begin(), list.end(), function) != list.end();
  };
  for (const char* name :
       {"bash", "find", "env", "python", "tar", "vim", "gdb", "nmap", "busybox"}) {
    CHECK(has(name, "shell", true));
    CHECK(has(name, "shell", false));
  }
  CHECK(has("base64", "file-read", true));
  CHECK_FALSE(has("base64", "shell", false));
  CHECK(has("cp", "file-write", true));
  CHECK(has("chmod", "privilege", true));
  CHECK(has("gcc", "shell", false));
  CHECK_FALSE(has("gcc", "shell", true));
  CHECK(has("openssl", "file-read", true));
  CHECK(data.find("python")->sets_uid);
  CHECK_FALSE(data.find("cp")->sets_uid);
}

TEST_CASE("programs: a user adds, changes and removes") {
  auto data = shipped_programs();
  REQUIRE(data.add_program("backup-tool=sudo:shell,file-read;setuid:file-read"));
  CHECK(data.find("backup-tool")->sudo == std::vector<std::string>{"shell", "file-read"});
  CHECK(data.find("backup-tool")->setuid == std::vector<std::string>{"file-read"});
  REQUIRE(data.add_program("find=none"));
  CHECK(data.find("find") == nullptr);
  for (const char* text : {"", "x", "=sudo:shell", "x=sudo:fly", "x=root:shell"}) {
    INFO(text);
    const auto added = data.add_program(text);
    REQUIRE_FALSE(added);
    CHECK(added.error().code() == ErrorCode::kInvalid);
  }
}

TEST_CASE("programs: a file of another form is refused") {
  const char* const none = R"({"expected": {}})";
  for (const char* text :
       {"", "[]", R"({"programs": []})", R"({"programs": {"a": 1}})",
        R"({"programs": {"a": {"sudo": ["fly"]}}})", R"({"programs": {"a": {"sodu": []}}})"}) {
    INFO(text);
    CHECK_FALSE(ProgramData::parse(text, none));
  }
  CHECK_FALSE(ProgramData::parse(R"({"programs": {}})", R"({"expected": {"a": 1}})"));
}

}  // namespace meridian::privilege_escalation
