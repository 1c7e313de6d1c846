# SPDX-License-Identifier: Apache-2.0
#
# versions_test.py: the version orders of Maven, Go, npm, Composer and RubyGems against their own code: 100,000 pairs each. Needs
# libmaven3-core-java, default-jdk-headless, golang-go, golang-golang-x-mod-dev, node-semver, php-cli, php-composer-semver, ruby.

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ["MERIDIAN_SOURCE"], "tests/integration/versions"))
import version_pairs  # noqa: E402

COUNT = int(os.environ.get("MERIDIAN_PAIRS", "100000"))
PROGRAM = os.path.join(os.environ["MERIDIAN_FIXTURES"], "compare_versions")
JAR = "/usr/share/java/maven3-artifact.jar"

JAVA = """
import java.io.*;
import org.apache.maven.artifact.versioning.ComparableVersion;
public class Compare {
  public static void main(String[] args) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    StringBuilder out = new StringBuilder();
    for (String line; (line = in.readLine()) != null; ) {
      String[] pair = line.split("\\t", -1);
      out.append(Integer.signum(new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1])))).append("\\n");
    }
    System.out.print(out);
  }
}
"""
GO = """
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		pair := strings.SplitN(in.Text(), "\\t", 2)
		if semver.IsValid(pair[0]) && semver.IsValid(pair[1]) {
			fmt.Fprintln(out, semver.Compare(pair[0], pair[1]))
		} else {
			fmt.Fprintln(out, "?")
		}
	}
}
"""

PHP = """
require '/usr/share/php/Composer/Semver/autoload.php';
while (($line = fgets(STDIN)) !== false) {
  list($a, $b) = explode("\\t", rtrim($line, "\\n"));
  try {
    $parser = new Composer\\Semver\\VersionParser();
    $one = $parser->normalize($a);
    $other = $parser->normalize($b);
    $is_branch = strpos($one, 'dev-') === 0 || strpos($other, 'dev-') === 0;
    echo $is_branch ? '?' : version_compare($one, $other), "\\n";
  } catch (UnexpectedValueException $no) {
    echo "?\\n";
  }
}
"""
RUBY = """
STDIN.each_line(chomp: true) do |line|
  a, b = line.split("\\t", -1)
  if Gem::Version.correct?(a) && Gem::Version.correct?(b)
    puts(Gem::Version.new(a) <=> Gem::Version.new(b))
  else
    puts "?"
  end
end
"""
NODE = """
const valid = require('/usr/share/nodejs/semver/functions/valid');
const compare = require('/usr/share/nodejs/semver/functions/compare');
for (const line of require('fs').readFileSync(0, 'utf8').split('\\n').slice(0, -1)) {
  const [a, b] = line.split('\\t');
  console.log(valid(a) && valid(b) ? compare(a, b) : '?');
}
"""


def ours(kind, pairs):
    return version_pairs.asked([PROGRAM, kind], version_pairs.lines(pairs))


class Versions(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as out:
            out.write(text)
        return path

    def compare(self, kind, real, pairs, is_lenient=False):
        mine = ours(kind, pairs)
        self.assertEqual((len(mine), len(real)), (len(pairs), len(pairs)))
        wrong = [(pair, "ours", a, "theirs", b) for pair, a, b in zip(pairs, mine, real)
                 if a != b and not (is_lenient and b == "?")]
        self.assertEqual(wrong[:20], [], "%d of %d" % (len(wrong), len(pairs)))

    def test_maven(self):
        pairs = version_pairs.pairs("maven", COUNT)
        source = self.write("Compare.java", JAVA)
        libraries = ":".join([JAR, "/usr/share/java/commons-lang3.jar"])
        self.compare("maven", version_pairs.asked(["java", "-cp", libraries, source], version_pairs.lines(pairs)), pairs)

    def test_go(self):
        pairs = version_pairs.pairs("go", COUNT)
        source = os.path.join(self.folder, "src/compare")
        os.makedirs(source)
        self.write("src/compare/main.go", GO)
        environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": self.folder + "/cache"}
        program = self.folder + "/compare"
        subprocess.run(["go", "build", "-o", program, "main.go"], cwd=source, env=environment, check=True)
        # "1.2.3" is a version for ours, "v" or not.
        self.compare("go", version_pairs.asked([program], version_pairs.lines(pairs)), pairs, is_lenient=True)

    def test_composer(self):
        pairs = version_pairs.pairs("composer", COUNT)
        self.compare("composer", version_pairs.asked(["php", "-r", PHP], version_pairs.lines(pairs)), pairs, is_lenient=True)

    def test_ruby_gems(self):
        pairs = version_pairs.pairs("gem", COUNT)
        self.compare("gem", version_pairs.asked(["ruby", "-e", RUBY], version_pairs.lines(pairs)), pairs)

    def test_semver(self):
        pairs = version_pairs.pairs("semver", COUNT)
        # "1.2" and "v1.2.3.4" are versions for ours (NuGet).
        self.compare("semver", version_pairs.asked(["node", "-e", NODE], version_pairs.lines(pairs)), pairs, is_lenient=True)


if __name__ == "__main__":
    unittest.main()
