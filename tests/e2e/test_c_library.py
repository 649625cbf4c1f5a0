# SPDX-License-Identifier: Apache-2.0
"""libociship as other programs get it: installed, found by pkg-config, linked by a C compiler."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

import program
import truth

BUILD = program.PROGRAM.parent
EXAMPLE = program.ROOT / 'examples' / 'verify.c'
SAMPLES = truth.FIXTURES / 'library'
WHO = ('https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/'
       'workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main')
ISSUER = 'https://token.actions.githubusercontent.com'
# What whoever verifies gets with it: neither libcurl nor libarchive nor a compression library.
LIBRARIES = {'libc', 'libcrypto', 'libgcc_s', 'libm', 'libre2', 'libsodium', 'libstdc++',
             'ld-linux-x86-64'}
STRICT = ('-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Werror')


def output_of(*command, **environment):
    return subprocess.run(command, env={**os.environ, **environment}, text=True, timeout=120,
                          capture_output=True, check=True).stdout


class Installed:
    """What `meson install` puts below a folder."""

    def __init__(self, folder):
        output_of('meson', 'install', '-C', str(BUILD), '--no-rebuild', '--destdir', str(folder))
        self.header, = folder.rglob('ociship.h')
        self.library, = folder.rglob('libociship.so')
        pc, = folder.rglob('ociship.pc')
        self.flags = output_of('pkg-config', '--cflags', '--libs', 'ociship',
                               PKG_CONFIG_LIBDIR=str(pc.parent),
                               PKG_CONFIG_SYSROOT_DIR=str(folder)).split()

    def compile(self, source, target, *command):
        output_of(*command, *STRICT, str(source), '-o', str(target), *self.flags)
        return target

    def run(self, *command):
        return subprocess.run([str(part) for part in command], text=True, timeout=60,
                              capture_output=True, check=False, cwd=SAMPLES,
                              env={'LD_LIBRARY_PATH': str(self.library.parent)})


@pytest.fixture(scope='module')
def installed(tmp_path_factory):
    if not (BUILD / 'build.ninja').is_file():
        pytest.skip('the program is not in its build folder')
    for tool in ('meson', 'pkg-config', 'cc', 'c++', 'nm', 'readelf'):
        if shutil.which(tool) is None:
            pytest.skip(f'{tool} is not installed')
    return Installed(tmp_path_factory.mktemp('installed'))


@pytest.fixture(scope='module')
def example(installed, tmp_path_factory):
    return installed.compile(EXAMPLE, tmp_path_factory.mktemp('example') / 'verify', 'cc',
                             '-std=c99')


def test_library_shows_the_functions_of_the_header_and_nothing_else(installed):
    declared = set(re.findall(r'\b(ociship_\w+)\(', installed.header.read_text()))
    shown = {line.split()[-1] for line in
             output_of('nm', '-D', '--defined-only', str(installed.library)).splitlines()}
    assert shown == {f'{name}@@OCISHIP_0.1' for name in declared} | {'OCISHIP_0.1'}


def test_library_has_a_soname_and_needs_only_what_verification_needs(installed):
    dynamic = output_of('readelf', '-d', str(installed.library))
    assert re.findall(r'\(SONAME\).*\[(.+)\]', dynamic) == ['libociship.so.0']
    needed = {name.partition('.so')[0] for name in re.findall(r'\(NEEDED\).*\[(.+)\]', dynamic)}
    assert 'libcrypto' in needed
    assert needed <= LIBRARIES


def test_example_says_who_signed_as_the_manual_shows(installed, example):
    answer = installed.run(example, 'a.txt', 'a.txt.sigstore.json', 'trusted_root.json', WHO,
                           ISSUER)
    assert (answer.returncode, answer.stderr) == (program.DONE, '')
    assert f'signed by {WHO}\n' in answer.stdout
    manual = (program.ROOT / 'docs' / 'library.md').read_text()
    assert ''.join(f'    {line}\n' for line in answer.stdout.splitlines()) in manual


@pytest.mark.parametrize('file, bundle, root, who, code', [
    ('a.txt', 'a.txt.sigstore.json', 'trusted_root.json', 'me@example.com', program.NO_MATCH),
    ('README.md', 'a.txt.sigstore.json', 'trusted_root.json', WHO, program.NO_MATCH),
    ('a.txt', 'a.txt', 'trusted_root.json', WHO, program.BAD_INPUT),
    ('a.txt', 'a.txt.sigstore.json', 'a.txt', WHO, 31),
    ('a.txt', 'a.txt.sigstore.json', 'trusted_root.json', '', program.USAGE),
])
def test_example_refuses_with_the_codes_of_the_program(installed, example, file, bundle, root, who,
                                                       code):
    answer = installed.run(example, file, bundle, root, who, ISSUER)
    assert answer.returncode == code
    assert answer.stdout == ''
    assert answer.stderr.startswith(f'{file}: ')


def test_header_serves_old_cxx_too(installed, tmp_path):
    source = tmp_path / 'version.cc'
    source.write_text('#include <ociship/ociship.h>\n'
                      'int main() { return ociship_abi_version() != OCISHIP_ABI_VERSION; }\n')
    built = installed.compile(source, tmp_path / 'version', 'c++', '-std=c++11', '-fno-exceptions')
    assert installed.run(built).returncode == 0
