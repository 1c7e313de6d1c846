// SPDX-License-Identifier: Apache-2.0
#include "placeholder.hpp"

#include "secret_name.hpp"
#include "support/catch.hpp"

namespace meridian::secrets {

TEST_CASE("placeholder: templates, examples and references are none of our business") {
  for (const char* value : {"",
                            "${DB_PASSWORD}",
                            "$DB_PASSWORD",
                            "{{ .Values.password }}",
                            "<password>",
                            "%(pw)s",
                            "$(cat /run/x)",
                            "@PASSWORD@",
                            "__TOKEN__",
                            "changeme",
                            "ChangeMe123",
                            "your_api_key",
                            "my-secret-password",
                            "password",
                            "null",
                            "true",
                            "xxxxxxxx",
                            "12345678",
                            "aaaaaaaa",
                            "/run/secrets/db",
                            "vault:secret/data/x",
                            "op://a/b/c",
                            "https://x/y",
                            "os.environ['X1']",
                            "response.data.token2",
                            "get_password(",
                            "$self->{'PWD'}",
                            "$self-",
                            "$row['pw']",
                            "Add this password to the list of valid passwords.",
                            "as usually, or more explicitly with AUTH default <password>",
                            "EXAMPLEKEY",
                            "********"}) {
    INFO(value);
    CHECK(is_placeholder(value, PlaceholderTest::kPassword));
  }
}

TEST_CASE("placeholder: a weak password is one all the same") {
  for (const char* value :
       {"hunter2", "password1", "s3cr3t", "Tr0ub4dor&3", "$tr0ngPa$$", "$ecret-Pa55", "$3cret-",
        "$3cret{7}", "Correct horse battery staple", "Never tell the 7 dwarfs of it", "root123",
        "/Kx9+ab0/Qz7yLmW2pT4vN8rJ6hG3fD1sA5cE0uB=="}) {
    INFO(value);
    CHECK_FALSE(is_placeholder(value, PlaceholderTest::kPassword));
  }
}

TEST_CASE("placeholder: a machine-made token is judged by runs and words only") {
  CHECK(is_placeholder("AKIAIOSFODNN7EXAMPLE", PlaceholderTest::kToken));
  CHECK(is_placeholder("AAAAAAAAkD83hs92", PlaceholderTest::kToken));
  CHECK_FALSE(is_placeholder("kD83hs92LmQpZt71", PlaceholderTest::kToken));
  CHECK_FALSE(is_placeholder("changeme", PlaceholderTest::kOff));
}

TEST_CASE("placeholder: hashes of passwords are known as such") {
  CHECK(is_password_hash("$2y$10$abcdefghijklmnopqrstuv"));
  CHECK(is_password_hash("$6$salt$hashhash"));
  CHECK(is_password_hash("{SSHA}aGFzaGhhc2hoYXNo"));
  CHECK_FALSE(is_password_hash("$tr0ng"));
  CHECK_FALSE(is_password_hash("$tr0ngPa$$w0rd"));
}

TEST_CASE("name: what promises a secret") {
  for (const char* name :
       {"DB_PASSWORD", "dbPassword", "API_KEY", "apiKey", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN",
        "PGPASSWORD", "MYSQL_PWD", "redis.requirepass", "SECRET_KEY_BASE", "ADMIN_PASS",
        "jwt-signing-key", "API_TOKEN_2"}) {
    INFO(name);
    CHECK(promises_secret(name));
  }
  for (const char* name :
       {"GPG_KEY", "KEYBOARD", "DB_PASSWORD_FILE", "TOKEN_URL", "PUBLIC_KEY", "PASSWORD_MIN_LENGTH",
        "SECRET_NAME", "PATH", "TOKENIZERS_PARALLELISM", "PASS_THROUGH", "KEY", "", "SSH_AUTH_SOCK",
        "API_KEY_ID", "NODE_SHA256_TOKEN"}) {
    INFO(name);
    CHECK_FALSE(promises_secret(name));
  }
  CHECK(name_words("dbPassword").size() == 2);
  CHECK(name_words("HTTPServer") == std::vector<std::string>{"http", "server"});
  CHECK(name_words(std::string(5000, '_') + "a").size() == 1);
}

}  // namespace meridian::secrets
