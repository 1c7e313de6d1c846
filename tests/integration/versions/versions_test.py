# SPDX-License-Identifier: Apache-2.0
#
# versions_test.py: the version orders of plugin vulnerabilities against each ecosystem's own tool: 100,000 pairs a tool. Those of
# other languages are in tests/full: their tools are large.

import os
import random
import subprocess
import unittest

import version_pairs

COUNT = int(os.environ.get("MERIDIAN_PAIRS", "100000"))
PROGRAM = os.path.join(os.environ["MERIDIAN_FIXTURES"], "compare_versions")

RPM = """
local out = {}
for line in io.lines() do
  local a, b = line:match("^(.-)\\t(.*)$")
  out[#out + 1] = tostring(rpm.vercmp(a, b))
end
print(table.concat(out, "\\n"))
"""

def ours(kind, pairs):
    return version_pairs.asked([PROGRAM, kind], version_pairs.lines(pairs))


def dpkg(pairs):
    import apt_pkg
    apt_pkg.init_system()
    sign = lambda value: (value > 0) - (value < 0)
    return [str(sign(apt_pkg.version_compare(a, b))) for a, b in pairs]


def pep440(pairs):
    from packaging.version import InvalidVersion, Version

    def one(a, b):
        try:
            left, right = Version(a), Version(b)
        except InvalidVersion:
            return "?"
        return str((left > right) - (left < right))
    return [one(a, b) for a, b in pairs]


class Versions(unittest.TestCase):
    maxDiff = 4000

    def compare(self, kind, theirs, pairs=None, is_lenient=False, count=COUNT):
        pairs = pairs or version_pairs.pairs(kind, count)
        mine, real = ours(kind, pairs), theirs(pairs)
        self.assertEqual((len(mine), len(real)), (len(pairs), len(pairs)))
        wrong = [(pair, "ours", a, "theirs", b) for pair, a, b in zip(pairs, mine, real)
                 if a != b and not (is_lenient and "?" in (a, b))]
        self.assertEqual(wrong[:20], [], "%d of %d" % (len(wrong), len(pairs)))
        self.assertGreater(sum(one != "?" for one in mine), len(pairs) / 3)
        self.assertGreater(sum(one != "?" for one in real), len(pairs) / 3)

    def test_dpkg(self):
        # apt compares anything; what dpkg refuses is asked of dpkg itself below.
        self.compare("dpkg", dpkg, is_lenient=True)

    def test_dpkg_itself(self):
        def one(a, b):
            run = lambda relation: subprocess.run(["dpkg", "--compare-versions", a, relation, b], stderr=subprocess.PIPE, check=False)
            less = run("lt")
            if b"error" in less.stderr or less.returncode > 1:
                return "?"
            return "-1" if less.returncode == 0 else "1" if run("gt").returncode == 0 else "0"
        self.compare("dpkg", lambda pairs: [one(a, b) for a, b in pairs], version_pairs.pairs("dpkg", 500, seed=2), is_lenient=True)

    def test_rpm(self):
        script = os.path.join(os.environ.get("TMPDIR", "/tmp"), "meridian-vercmp-%d.lua" % os.getpid())
        with open(script, "w") as out:
            out.write(RPM)
        self.addCleanup(os.remove, script)
        self.compare("rpm", lambda pairs: version_pairs.asked(["rpm", "--eval", "%%{lua: dofile('%s') }" % script], version_pairs.lines(pairs))[:len(pairs)],
                     is_lenient=True)

    def test_pep440(self):
        self.compare("pep440", pep440)

    def test_apk_by_its_rules(self):
        """No apk-tools in Debian: what its documentation orders."""
        rising = ["1.0_alpha", "1.0_alpha2", "1.0_beta", "1.0_pre1", "1.0_rc", "1.0_rc1-r0", "1.0_rc2", "1.0", "1.0-r1", "1.0-r10", "1.0_git20200101", "1.0_p",
                  "1.0_p1", "1.0a", "1.0b", "1.0.1", "1.1", "1.9", "1.10", "1.10.0", "2", "2.0.0_git5", "10"]
        for i, one in enumerate(rising):
            for j, other in enumerate(rising):
                self.assertEqual(ours("apk", [(one, other)]), [str((i > j) - (i < j))], (one, other))
        self.assertEqual(ours("apk", [("1.01", "1.1"), ("1.2-r0", "1.2-r00"), ("1.0", "1.0-"), ("1.0_x1", "1"), ("1..2", "1"), ("", "1")]),
                         ["-1", "0", "?", "?", "?", "?"])

    def test_nuget_does_not_heed_case(self):
        pairs = [("1.0.0-Beta", "1.0.0-alpha"), ("1.0.0-RC1", "1.0.0-rc1"), ("1.0.0.1", "1.0.0"), ("1.0.0-A", "1.0.0-b")]
        self.assertEqual(ours("nuget", pairs), ["1", "0", "1", "-1"])

    def test_each_order_is_one(self):
        """Antisymmetric, and of three in a row none is out of place (Maven's own is no order in all cases)."""
        for kind in ("dpkg", "rpm", "apk", "semver", "nuget", "composer", "pep440", "gem", "go"):
            pairs = version_pairs.pairs(kind, 3000, seed=3)
            back = [(b, a) for a, b in pairs]
            minus = {"1": "-1", "-1": "1", "0": "0", "?": "?"}
            self.assertEqual([minus[one] for one in ours(kind, pairs)], ours(kind, back), kind)
            generator = random.Random(4)
            texts = [one for pair, order in zip(pairs, ours(kind, pairs)) if order != "?" for one in pair]
            triples = [generator.sample(texts, 3) for _ in range(3000)]
            first, second, third = (ours(kind, [(t[i], t[j]) for t in triples]) for i, j in ((0, 1), (1, 2), (0, 2)))
            for triple, a, b, c in zip(triples, first, second, third):
                if a in ("-1", "0") and b in ("-1", "0"):
                    self.assertEqual(c, "-1" if "-1" in (a, b) else "0", (kind, triple))


if __name__ == "__main__":
    unittest.main()
