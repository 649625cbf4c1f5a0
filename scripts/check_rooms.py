#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds src/ to the room table: who may include whom, which library stands where, file sizes.

  scripts/check_rooms.py [ROOT]       check a source tree (default: the one this script is in)
  scripts/check_rooms.py --self-test  show that every rule refuses what it is there for

Prints one line per offence, FILE:LINE: what is wrong, and exits 1 if there was any.
"""

import argparse
import pathlib
import re
import sys
import tempfile

# The room table. A room may include the rooms named here and itself; siblings never appear.
ROOMS = {
    'util': '',
    'crypto': 'util',
    'codec': 'util',
    'http': 'util',
    'oci': 'crypto util',
    'sigstore': 'crypto util',
    'tuf': 'crypto util',
    'archive': 'oci codec crypto util',
    'layout': 'oci crypto util',
    'registry': 'oci http crypto util',
    'services': 'sigstore tuf http crypto util',
    'signers': 'http crypto util',
    'transfer': 'archive oci codec crypto util',
    'cosign': 'sigstore oci crypto util',
    'release': 'transfer cosign oci crypto util',
    'gate': 'cosign sigstore oci http crypto util',
    'api': 'release gate transfer cosign archive layout registry services signers oci sigstore tuf '
           'crypto codec http util',
    'cli': 'api release gate transfer cosign archive layout registry services signers oci sigstore '
           'tuf crypto codec http util',
}

# Third-party headers: pattern, and where they may be included: a room, or one file of it. They are
# for .cc files. ROOM/* means: one .cc of that room, whichever it is.
LIBRARIES = [
    (r'nlohmann/', ['util/json.cc']),
    (r'toml\+\+/', ['util/toml.cc']),
    (r'yaml\.h$', ['util/yaml.cc']),
    (r'openssl/ssl\.h$', ['http']),
    (r'openssl/', ['crypto']),
    (r'sodium(\.h$|/)', ['crypto']),
    (r'(isa-l(\.h$|/)|igzip_lib\.h$|crc\.h$)', ['codec']),
    (r'(zstd|zstd_errors|zdict)\.h$', ['codec']),
    (r'lzma(\.h$|/)', ['codec']),
    (r'bzlib\.h$', ['codec']),
    (r'zlib\.h$', ['codec']),
    (r'curl/', ['http']),
    (r're2/', ['sigstore', 'tuf']),
    (r'archive(_entry)?\.h$', ['archive']),
    (r'p11-kit', ['signers']),
    (r'CLI/', ['cli/*']),
]

STANDARD = set('''
algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono
cinttypes climits clocale cmath compare complex concepts condition_variable coroutine csetjmp
csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception
execution filesystem format forward_list functional future initializer_list ios iosfwd istream
iterator latch limits list locale map memory memory_resource mutex new numbers numeric optional
ostream queue random ranges ratio scoped_allocator semaphore set shared_mutex source_location span
stack stdexcept stop_token streambuf string string_view syncstream system_error thread tuple
type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector version
'''.split())

# Standard headers that the style rules out, with the reason.
REFUSED = {
    'regex': 'std::regex overflows the stack on long input',
    **{name: 'iostreams are not used for formatting'
       for name in ('iostream', 'sstream', 'iomanip', 'fstream', 'strstream')},
}

SYSTEM = re.compile(
    r'^(sys/|netinet/|arpa/|linux/|net/)|^(dirent|dlfcn|errno|fcntl|fnmatch|grp|immintrin|inttypes|'
    r'langinfo|limits|locale|malloc|math|netdb|poll|pthread|pwd|sched|signal|spawn|stdarg|stddef|'
    r'stdint|stdio|stdlib|string|strings|termios|time|unistd)\.h$')

# Verification is pure: these rooms cannot open a file, a socket or a Store because they cannot name
# one.
PURE = {'sigstore', 'tuf'}
PURE_PUBLIC = {'core.h', 'digest.h'}
IMPURE_STANDARD = {'filesystem', 'cstdio', 'thread', 'future', 'random'}

# Reading the clock or the environment. util holds the two wrappers, cli calls them.
CLOCK_ROOMS = {'util', 'cli'}
CLOCK = re.compile(
    r'\b(?:(?:secure_)?getenv|(?:put|set|unset|clear)env|clock_gettime|gettimeofday|timespec_get|'
    r'localtime(?:_r)?|ftime)\s*\('
    r'|\b(?:system|steady|high_resolution|utc|file)_clock\s*::\s*now\b'
    r'|(?<![\w.>:])(?:std\s*::\s*|::\s*)?time\s*\(\s*(?:nullptr|NULL|0|&\s*\w+)\s*\)'
    r'|(?<![\w.>])environ\b(?!\s*[({])')

MAX_LINES = {'.cc': 500, '.h': 250}
MAX_ROOM_LINES = 10

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]*)"|<([^>\n]*)>|(\S.*))', re.MULTILINE)
# A comment, a raw string, a string or a character, in the order in which they can hide each other.
TOKENS = re.compile(
    r'//(?:\\\n|[^\n])*|/\*.*?\*/'
    r'|R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])*'", re.DOTALL)


def blank(text, strings):
    """`text` without comments, and without strings if asked; lines keep their numbers."""
    def replace(match):
        token = match.group(0)
        if not strings and not token.startswith('/'):
            return token
        return ' ' + '\n' * token.count('\n')
    return TOKENS.sub(replace, text)


def line_of(text, position):
    return text.count('\n', 0, position) + 1


class Checker:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.offences = []
        self.star_files = {}  # library pattern -> files that include it, for '*' rules

    def offend(self, path, line, message):
        self.offences.append(f'{path.relative_to(self.root)}:{line}: {message}')

    def run(self):
        src = self.root / 'src'
        rooms = sorted(p for p in src.iterdir() if p.is_dir()) if src.is_dir() else []
        if not rooms:
            self.offences.append('src: there is no room to check')
        for room in rooms:
            self.check_room(room)
        for pattern, files in self.star_files.items():
            for path, line in files[1:]:
                self.offend(path, line, f'{pattern} is included by one .cc only, '
                                        f'{files[0][0].name} does already')
        return self.offences

    def check_room(self, folder):
        room = folder.name
        if room not in ROOMS:
            self.offend(folder, 0, 'no such room in the room table')
            return
        about = folder / 'ROOM.md'
        if not about.is_file():
            self.offend(about, 0, 'each room has a ROOM.md')
        elif len(about.read_text().splitlines()) > MAX_ROOM_LINES:
            self.offend(about, 0, f'longer than {MAX_ROOM_LINES} lines')
        for path in sorted(folder.rglob('*')):
            if path.suffix in MAX_LINES:
                self.check_file(room, path)
            elif path.suffix in {'.cpp', '.cxx', '.hpp', '.hh', '.inc', '.ipp', '.c'}:
                self.offend(path, 0, 'source files end in .h and .cc')

    def check_file(self, room, path):
        text = path.read_text(encoding='utf-8')
        lines = text.splitlines()
        limit = MAX_LINES[path.suffix]
        if len(lines) > limit:
            self.offend(path, len(lines), f'longer than {limit} lines')
        if not lines or lines[0] != '// SPDX-License-Identifier: Apache-2.0':
            self.offend(path, 1, 'the first line is the SPDX line')
        without_comments = blank(text, strings=False)
        for match in INCLUDE.finditer(without_comments):
            line = line_of(without_comments, match.start())
            quoted, angled, computed = match.groups()
            if quoted is not None:
                self.check_own(room, path, line, quoted)
            elif angled is not None:
                self.check_foreign(room, path, line, angled)
            else:
                self.offend(path, line, f'computed include: {computed}')
        if room not in CLOCK_ROOMS:
            code = blank(text, strings=True)
            for match in CLOCK.finditer(code):
                self.offend(path, line_of(code, match.start()),
                            f'{match.group(0).strip()}: only cli reads clock and environment; take '
                            'it as an argument')

    def check_own(self, room, path, line, name):
        owner, _, rest = name.partition('/')
        if owner == 'ociship' and rest:
            if room in PURE and rest not in PURE_PUBLIC:
                self.offend(path, line, f'{room} is pure: it does not know ociship/{rest}')
        elif owner not in ROOMS or not rest or '..' in name.split('/'):
            self.offend(path, line, f'"{name}" is neither "ROOM/file.h" nor "ociship/file.h"')
        elif owner != room and owner not in ROOMS[room].split():
            self.offend(path, line, f'{room} may not include {owner}')

    def check_foreign(self, room, path, line, name):
        if name in REFUSED:
            self.offend(path, line, f'<{name}>: {REFUSED[name]}')
            return
        if name in STANDARD or SYSTEM.search(name):
            if room in PURE and (name in IMPURE_STANDARD or name not in STANDARD):
                self.offend(path, line, f'{room} is pure: <{name}> reaches outside')
            return
        for pattern, places in LIBRARIES:
            if re.match(pattern, name):
                self.check_library(room, path, line, name, pattern, places)
                return
        self.offend(path, line, f'<{name}> belongs to no library of the room table')

    def check_library(self, room, path, line, name, pattern, places):
        if path.suffix != '.cc':
            self.offend(path, line, f'<{name}>: third-party headers stand in .cc files only')
            return
        here = f'{room}/{path.name}'
        if f'{room}/*' in places:
            self.star_files.setdefault(pattern, []).append((path, line))
        elif room not in places and here not in places:
            self.offend(path, line, f'<{name}> may be included by {", ".join(places)}, not by '
                                    f'{here}')


# --- self-test -----------------------------------------------------------------------------------

SPDX = '// SPDX-License-Identifier: Apache-2.0\n'

GOOD = {
    'src/util/ROOM.md': 'util\n',
    'src/util/json.h': SPDX + '#include <string>\n#include "ociship/core.h"\n',
    'src/util/json.cc': SPDX + '#include "util/json.h"\n#include <nlohmann/json.hpp>\n',
    'src/util/clock.cc': SPDX + '#include <unistd.h>\nauto n = std::chrono::system_clock::now();\n',
    'src/sigstore/ROOM.md': 'x\n' * 10,
    'src/sigstore/verify.cc': SPDX + '#include "crypto/key.h"\n#include "ociship/digest.h"\n'
                              '// getenv("HOME") and time(0) in a comment\n'
                              'const char* k = "getenv(time(0))"; int n = 1\'000; '
                              'auto t = entry.time(0); auto u = util::time(0);\n',
    'src/cli/ROOM.md': 'cli\n',
    'src/cli/args.cc': SPDX + '#include <CLI/CLI.hpp>\n#include "registry/store.h"\n',
    'src/archive/ROOM.md': 'archive\n',
    'src/archive/tar.cc': SPDX + '#include <archive.h>\n#include <archive_entry.h>\n'
                          '#include "archive/tar.h"\n#include "ociship/store.h"\n',
}

# What is put on top of GOOD, and a part of the one message that it must bring.
BAD = [
    ({'src/util/up.cc': SPDX + '#include "crypto/key.h"\n'},
     'up.cc:2: util may not include crypto'),
    ({'src/sigstore/net.cc': SPDX + '#include "http/transport.h"\n'},
     'sigstore may not include http'),
    ({'src/sigstore/side.cc': SPDX + '  #  include "tuf/root.h"\n'},
     'sigstore may not include tuf'),
    ({'src/sigstore/img.cc': SPDX + '#include "ociship/store.h"\n'}, 'is pure: it does not know'),
    ({'src/sigstore/sock.cc': SPDX + '#include <sys/socket.h>\n'}, 'is pure: <sys/socket.h>'),
    ({'src/sigstore/fs.cc': SPDX + '#include <filesystem>\n'}, 'is pure: <filesystem>'),
    ({'src/archive/rel.cc': SPDX + '#include "tar.h"\n'}, 'is neither'),
    ({'src/archive/dots.cc': SPDX + '#include "archive/../http/x.h"\n'}, 'is neither'),
    ({'src/archive/quoted.cc': SPDX + '#include "curl/curl.h"\n'}, 'is neither'),
    ({'src/archive/net.cc': SPDX + '#include <curl/curl.h>\n'}, '<curl/curl.h> may be included by'),
    ({'src/archive/a.h': SPDX + '#include <archive.h>\n'}, 'a.h:2: <archive.h>: third-party'),
    ({'src/util/other.cc': SPDX + '#include <nlohmann/json.hpp>\n'}, 'not by util/other.cc'),
    ({'src/util/json.h': SPDX + '#include <nlohmann/json_fwd.hpp>\n'}, 'third-party'),
    ({'src/cli/b.cc': SPDX + '#include <CLI/App.hpp>\n'}, 'one .cc only'),
    ({'src/cli/boost.cc': SPDX + '#include <boost/any.hpp>\n'}, 'belongs to no library'),
    ({'src/cli/r.cc': SPDX + '#include <regex>\n'}, 'std::regex'),
    ({'src/cli/i.cc': SPDX + '#include <iostream>\n'}, 'iostreams'),
    ({'src/cli/m.cc': SPDX + '#include HEADER\n'}, 'computed include'),
    ({'src/sigstore/t.cc': SPDX + 'auto t = std::time(nullptr);\n'}, 't.cc:2: std::time(nullptr)'),
    ({'src/sigstore/t.cc': SPDX + 'auto t = ::time( &now );\n'}, 'only cli reads'),
    ({'src/sigstore/t.cc': SPDX + 'auto t = std::chrono::system_clock::now();\n'},
     'only cli reads'),
    ({'src/archive/e.cc': SPDX + 'auto t = R"(")"; auto h = std::getenv("HOME");\n'}, 'getenv('),
    ({'src/archive/e.cc': SPDX + "auto c = '\"'; auto h = secure_getenv(c);\n"}, 'secure_getenv('),
    ({'src/archive/e.cc': SPDX + 'for (char** e = environ; *e; ++e) {}\n'}, 'environ'),
    ({'src/archive/long.cc': SPDX + '\n' * 500}, 'longer than 500 lines'),
    ({'src/archive/long.h': SPDX + '\n' * 250}, 'longer than 250 lines'),
    ({'src/archive/l.cc': 'int x;\n'}, 'the first line is the SPDX line'),
    ({'src/archive/x.cpp': SPDX}, 'end in .h and .cc'),
    ({'src/archive/ROOM.md': 'x\n' * 11}, 'longer than 10 lines'),
    ({'src/codec/gzip.h': SPDX}, 'each room has a ROOM.md'),
    ({'src/attic/ROOM.md': 'x\n'}, 'no such room'),
]


def offences_of(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Checker(folder).run()


def self_test():
    wrong = []
    found = offences_of(GOOD)
    if found:
        wrong.append(f'a good tree was refused: {found}')
    if not offences_of({}):
        wrong.append('an empty tree was accepted')
    for files, expected in BAD:
        found = offences_of({**GOOD, **files})
        if len(found) != 1 or expected not in found[0]:
            wrong.append(f'{list(files)}: expected one "{expected}", got {found}')
    for room, below in ROOMS.items():
        for name in below.split():
            if room in ROOMS[name].split():
                wrong.append(f'the table has a cycle: {room} and {name}')
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('root', nargs='?', default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument('--self-test', action='store_true')
    arguments = parser.parse_args()
    offences = self_test() if arguments.self_test else Checker(arguments.root).run()
    for offence in offences:
        print(offence)
    return 1 if offences else 0


if __name__ == '__main__':
    sys.exit(main())
