#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that each public header compiles alone and brings nothing but the standard library.

  scripts/check_headers.py [ROOT]       check ROOT/include/ociship (default: this source tree)
  scripts/check_headers.py --self-test  show that it can fail

Compiles with g++ and, where it is installed, clang++-14; a header that has extern "C" also as C99
with gcc and clang-14. Prints one line per offence and exits 1 if there was any.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FLAGS = ['-std=c++20', '-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Werror',
         '-Wno-missing-field-initializers']
C_FLAGS = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Werror']
# The compiler for C that belongs to one for C++.
C_COMPILERS = {'g++': 'gcc', 'clang++-14': 'clang-14'}
MAX_HEADERS = 8

# Parts of the path of a header that is not the standard library's.
FOREIGN = re.compile(
    r'/(openssl|curl|nlohmann|toml\+\+|CLI|doctest|isa-l|sodium|re2|absl|p11-kit-1|lzma)/'
    r'|/(archive|archive_entry|isa-l|igzip_lib|zstd|zstd_errors|zdict|sodium|lzma|bzlib|zlib|yaml)'
    r'\.h$')


def compilers():
    found = [name for name in ('g++', 'clang++-14') if shutil.which(name)]
    if not found:
        sys.exit('check_headers: no compiler is installed')
    return found


def run(compiler, arguments, code):
    language = ['-x', 'c++', *FLAGS] if compiler in C_COMPILERS else ['-x', 'c', *C_FLAGS]
    return subprocess.run([compiler, *language, *arguments, '-'], input=code, text=True,
                          capture_output=True, env={**os.environ, 'LC_ALL': 'C'}, check=False)


def compilers_of(header):
    """Those for C++, and those for C if the header is for both."""
    both = 'extern "C"' in header.read_text(encoding='utf-8')
    return compilers() + [C_COMPILERS[name] for name in compilers() if both]


def check_header(include, name, compiler):
    # Twice: the second time must be empty. The function makes it more than an empty unit.
    code = f'#include "{name}"\n#include "{name}"\nint main(void) {{ return 0; }}\n'
    path = f'include/{name}'
    compiled = run(compiler, ['-I', str(include), '-fsyntax-only'], code)
    if compiled.returncode != 0:
        return [f'{path}: does not compile alone with {compiler}: {compiled.stderr.strip()}']
    offences = []
    listed = run(compiler, ['-I', str(include), '-M'], code)
    for used in listed.stdout.replace('\\\n', ' ').split():
        if FOREIGN.search(used):
            offences.append(f'{path}: brings {used} with it')
    text = (include / name).read_text(encoding='utf-8')
    for own in re.findall(r'^\s*#\s*include\s*"([^"]*)"', text, re.MULTILINE):
        if not own.startswith('ociship/'):
            offences.append(f'{path}: "{own}" is no public header')
    return offences


def check(root):
    include = pathlib.Path(root) / 'include'
    names = sorted(str(p.relative_to(include)) for p in (include / 'ociship').rglob('*.h'))
    if not names:
        return ['include/ociship: there is no header to check']
    offences = []
    if len(names) > MAX_HEADERS:
        offences.append(f'include/ociship: {len(names)} headers, at most {MAX_HEADERS}')
    jobs = [(include, name, compiler)
            for name in names for compiler in compilers_of(include / name)]
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for found in pool.map(lambda job: check_header(*job), jobs):
            offences += [offence for offence in found if offence not in offences]
    return offences


# --- self-test -----------------------------------------------------------------------------------

GOOD = {'include/ociship/a.h': '#pragma once\n#include <string>\n'
                               'inline std::string A() { return {}; }\n',
        'include/ociship/b.h': '#pragma once\n#include "ociship/a.h"\n'
                               'inline auto B() { return A(); }\n',
        'include/ociship/both.h': '#pragma once\n#include <stddef.h>\n#ifdef __cplusplus\n'
                                  'extern "C" {\n#endif\nsize_t both(void);\n'
                                  '#ifdef __cplusplus\n}\n#endif\n'}

# The stand-in for a library is a folder of that name, so that the self-test needs none installed.
BAD = [
    ({'include/ociship/c.h': '#pragma once\ninline std::string C() { return {}; }\n'},
     'not compile alone'),
    ({'include/ociship/c.h': 'struct Unguarded {};\n'}, 'not compile alone'),
    ({'include/ociship/c.h': '#pragma once\ninline int C(long x) { return x; }\n'},
     'not compile alone'),
    ({'include/ociship/c.h': '#pragma once\n#include <openssl/evp.h>\n',
      'include/openssl/evp.h': '#pragma once\n'}, 'brings'),
    ({'include/ociship/c.h': '#pragma once\n#include <zstd.h>\n', 'include/zstd.h': ''}, 'brings'),
    ({'include/ociship/c.h': '#pragma once\n#include "util/x.h"\n', 'include/util/x.h': ''},
     'is no public header'),
    ({'include/ociship/c.h': '#pragma once\nextern "C" int c(int x = 1);\n'}, 'alone with'),
    ({f'include/ociship/c{i}.h': '#pragma once\n' for i in range(6)}, 'at most 8'),
]


def offences_of(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return check(folder)


def self_test():
    wrong = []
    if offences_of(GOOD):
        wrong.append(f'good headers were refused: {offences_of(GOOD)}')
    if not offences_of({}):
        wrong.append('no header at all was accepted')
    for files, expected in BAD:
        found = offences_of({**GOOD, **files})
        if not found or not all(expected in offence for offence in found):
            wrong.append(f'{files}: expected "{expected}", got {found}')
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('root', nargs='?', default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument('--self-test', action='store_true')
    arguments = parser.parse_args()
    offences = self_test() if arguments.self_test else check(arguments.root)
    for offence in offences:
        print(offence)
    return 1 if offences else 0


if __name__ == '__main__':
    sys.exit(main())
