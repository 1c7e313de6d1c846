// SPDX-License-Identifier: Apache-2.0
#include "kube_secret.hpp"

#include "support/catch.hpp"

namespace meridian::secrets {
namespace {

using Lines = std::vector<std::string>;

// "key=value line:column"
Lines values(std::string_view manifest) {
  Lines lines;
  for (const KubeValue& one : kube_secret_values(manifest)) {
    lines.push_back(one.key + '=' + one.value + ' ' + std::to_string(one.line) + ':' +
                    std::to_string(one.column));
  }
  return lines;
}

}  // namespace

TEST_CASE("kubernetes secret: YAML, its documents, scalars of one line and of more") {
  CHECK(
      values(
          "kind: ConfigMap\ndata:\n  a: Zm9vYg==\n---\nkind: Secret\nmetadata:\n  name: x\n"
          "data:\n  # note\n  pw: Zm9vYg==  # b\n  \"k.y\": \"YmFyYmF6\"\n\n  cert: |-\n    Zm9v\n"
          "    YmFy\n  none:\ntype: Opaque\n") ==
      Lines{"pw=foob 10:7", "k.y=barbaz 11:10", "cert=foobar 14:5"});
  CHECK(values("- kind: 'Secret'\n  data: {a: Zm9v, \"b\": 'YmFy'}\n") ==
        Lines{"a=foo 2:13", "b=bar 2:24"});
  CHECK(values("apiVersion: v1\r\ndata:\r\n  a: Zm9v\r\nkind: Secret\r\n") == Lines{"a=foo 3:6"});
}

TEST_CASE("kubernetes secret: JSON, a list of them") {
  CHECK(values("{\"items\": [{\"kind\":\"Secret\",\"data\":{\"a\":\"Zm9v\",\n\"b\":\"YmFy\"}}]}") ==
        Lines{"a=foo 1:41", "b=bar 2:5"});
}

TEST_CASE("kubernetes secret: what is none") {
  CHECK(values("kind: SecretList\ndata:\n  a: Zm9v\n").empty());
  CHECK(values("kind: ConfigMap\ndata:\n  a: Zm9v\n").empty());
  CHECK(values("kind: Secret\nstringData:\n  a: Zm9v\nmetadata:\n  b: Zm9v\n").empty());
  CHECK(values("kind: Secret\ndata:\n  a: no base64!\n  b: AAAA\n").empty());
  CHECK(values("kind: Secret\ndata").empty());
  CHECK(values("kind: Secret\ndata:").empty());
  CHECK(values("kind: Secret\ndata: {").empty());
  CHECK(values("kind: Secret\ndata: {\"a").empty());
  CHECK(values("kind").empty());
  CHECK(values("").empty());
}

}  // namespace meridian::secrets
