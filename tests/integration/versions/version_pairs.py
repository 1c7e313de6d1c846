# SPDX-License-Identifier: Apache-2.0
#
# version_pairs.py: seeded pairs of versions that are nearly equal, by ecosystem; and what their own tools say of them. Each
# tool is asked once for all pairs.

import random
import subprocess

NUMBERS = ["0", "1", "2", "9", "10", "11", "00", "01", "007", "20231017", "99999999999999999999", "18446744073709551617"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def one(self, *choices):
        return self.random.choice(choices)

    def maybe(self, text, share=0.3):
        return text if self.random.random() < share else ""

    def number(self):
        return self.random.choice(NUMBERS) if self.random.random() < 0.5 else str(self.random.randrange(30))

    def dotted(self, least=1, most=4):
        return ".".join(self.number() for _ in range(self.random.randint(least, most)))

    def word(self):
        return self.one("a", "b", "rc", "alpha", "beta", "dev", "z", "A", "git", "x1")

    def dpkg(self):
        pieces = [self.number()]
        for _ in range(self.random.randint(0, 5)):
            pieces.append(self.one(".", "+", "~", "~~", "", "-", "+deb12u", "~bpo12+", "dfsg", "ubuntu", "a", "Z", ".0."))
            pieces.append(self.one(self.number(), self.word()))
        return self.maybe(self.one("0:", "1:", "2:", "01:")) + "".join(pieces) + self.maybe("-" + self.number() + self.maybe(self.one("~", "+b1", ".1", "a")), 0.6)

    def rpm(self):
        def part():
            out = self.one(self.number(), self.word())
            for _ in range(self.random.randint(0, 4)):
                out += self.one(".", "_", "+", "~", "^", "", "..", "~~", "^^", "~^") + self.one(self.number(), self.word(), "")
            return out
        return self.maybe(self.one("0:", "1:", "10:")) + part() + self.maybe("-" + part() + self.maybe(".el9"), 0.6)

    def semver(self):
        def identifiers():
            small = str(self.random.randrange(10 ** self.random.randint(1, 9)))  # JavaScript has no larger ones
            return ".".join(self.one(small, self.word(), self.word() + "-1", "-", "0a") for _ in range(self.random.randint(1, 3)))
        return "%s%s%s" % (".".join(str(self.random.randrange(12)) for _ in range(3)), self.maybe("-" + identifiers(), 0.6),
                           self.maybe("+" + identifiers(), 0.2))

    def go(self):
        usual = "v" + self.semver()
        stamp = "2023%02d%02d%06d-%012x" % (self.random.randint(1, 12), self.random.randint(1, 28), self.random.randrange(240000), self.random.randrange(1 << 48))
        return self.one(usual, usual, "v0.0.0-" + stamp, "v1.2.4-0." + stamp, "v1.2.3-pre.0." + stamp, "v2.0.0+incompatible",
                        "v1", "v1.2", "v01.2.3", "v1.2.3-01", "v1.2.3.4", "v1.2-a")

    def pep440(self):
        def separator():
            return self.one("", ".", "-", "_")
        out = self.maybe("v", 0.1) + self.maybe(self.one("0!", "1!", "2!"), 0.15) + self.dotted(1, 4)
        out += self.maybe(separator() + self.one("a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "RC", "Alpha") + self.maybe(separator(), 0.3)
                          + self.maybe(self.number(), 0.8), 0.4)
        out += self.maybe(self.one("-" + self.number(), separator() + self.one("post", "rev", "r") + self.maybe(separator() + self.number(), 0.7)), 0.3)
        out += self.maybe(separator() + "dev" + self.maybe(separator() + self.number(), 0.7), 0.3)
        return out + self.maybe("+" + ".".join(self.one(self.number(), "ubuntu", "abc", "1a", "A") for _ in range(self.random.randint(1, 3))), 0.2)

    def maven(self):
        out = self.one(self.number(), self.number(), self.word())
        for _ in range(self.random.randint(0, 5)):
            out += self.one(".", "-", "", ".", "-") + self.one(self.number(), self.word(), "final", "ga", "RELEASE", "sp", "SNAPSHOT", "cr1", "m2", "jre", "")
        return out

    def composer(self):
        out = self.maybe("v", 0.1) + ".".join(str(self.random.randrange(12)) for _ in range(self.random.randint(1, 4)))
        out += self.maybe(self.one("", ".", "-", "_") + self.one("alpha", "a", "beta", "b", "RC", "rc", "patch", "pl", "p", "stable")
                          + self.maybe(self.one("", ".", "-") + str(self.random.randrange(12)), 0.7), 0.5)
        return out + self.maybe(self.one("-dev", ".dev", "dev"), 0.2) + self.maybe("+build.1", 0.1)

    def nuget(self):
        return self.semver()

    def gem(self):
        out = self.number()
        for _ in range(self.random.randint(0, 4)):
            out += "." + self.one(self.number(), self.number(), self.word(), "0", "pre1", "rc1a")
        return out + self.maybe("-" + self.one("1", "x86", "a-b", "java.2"), 0.1)

    def apk(self):
        out = self.dotted(1, 4) + self.maybe(self.one("a", "b", "z"))
        for _ in range(self.random.randint(0, 2)):
            out += "_" + self.one("alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p") + self.maybe(self.number(), 0.6)
        return out + self.maybe("-r" + self.one("0", "1", "10"), 0.6)

    def near(self, kind, version):
        """Another one that differs in one place, mostly."""
        if self.random.random() < 0.4:
            return getattr(self, kind)()
        at = self.random.randrange(len(version) + 1)
        change = self.random.random()
        if change < 0.4:
            return version[:at] + self.one("0", "1", "a", ".", "~", "-", "+", "rc", ".0", "-1") + version[at:]
        if change < 0.7:
            return version[:at] + version[at + 1:] or version
        return version[:at] + self.one("0", "1", "2", "9", "a", "b", ".") + version[at + 1:]


def pairs(kind, count, seed=1):
    generator = Generator(seed)
    out = []
    for _ in range(count):
        one = getattr(generator, kind)()
        out.append((one, generator.near(kind, one)) if generator.random.random() < 0.5 else (generator.near(kind, one), one))
    return out


def asked(command, text):
    """What a program prints for it, a line each."""
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise AssertionError("%s: %d: %s" % (command[0], done.returncode, done.stderr.decode()[-2000:]))
    return done.stdout.decode().split("\n")[:-1]


def lines(list_of_pairs):
    return "".join("%s\t%s\n" % pair for pair in list_of_pairs)
