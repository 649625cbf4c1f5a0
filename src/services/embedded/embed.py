#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes C++ of the files in this folder: embed.py OUTPUT.cc FILE...

Each FILE becomes one string of ociship::services::embedded, named after it: production.root.json is
kProductionRoot.
"""

import pathlib
import sys

LIMIT = 4000  # a literal that every compiler takes


def name_of(path):
    words = path.name.removesuffix('.json').replace('.', '_').split('_')
    return 'k' + ''.join(word.capitalize() for word in words)


def literals(text):
    pieces = [text[at:at + LIMIT] for at in range(0, len(text), LIMIT)]
    return '\n'.join(f'R"embedded({piece})embedded"' for piece in pieces)


def main():
    output, *files = map(pathlib.Path, sys.argv[1:])
    lines = ['// SPDX-License-Identifier: Apache-2.0',
             '// Made by embed.py of the files in src/services/embedded.',
             '#include "services/embedded.h"', '', 'namespace ociship::services::embedded {', '']
    for path in files:
        text = path.read_text(encoding='utf-8')
        assert ')embedded"' not in text, path
        lines += [f'const std::string_view {name_of(path)} = {literals(text)};', '']
    output.write_text('\n'.join([*lines, '}  // namespace ociship::services::embedded', '']),
                      encoding='utf-8')


main()
