#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What scripts/test does once the packages are there: build, run, count. See scripts/test --help.

  scripts/run_tests.py [--fast]
  scripts/run_tests.py --self-test   show that failures are counted
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'tests' / 'support'))

import servers  # noqa: E402

SANITIZERS = {
    'ASAN_OPTIONS': 'detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1',
    'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1',
}
# Files of end-to-end tests that run at the same time: they wait for servers more than they compute.
WORKERS = '3'
DOCTEST = re.compile(r'^\[doctest\] test cases: +(\d+) \| +(\d+) passed \| +(\d+) failed'
                     r'(?: \| +(\d+) skipped)?', re.MULTILINE)
SKIPPED = re.compile(r'^SKIPPED: *(.+)$', re.MULTILINE)
COLOURS = re.compile(r'\x1b\[[0-9;]*m')


@dataclasses.dataclass
class Count:
    """Passed and failed test cases, and the names of those that were skipped and that failed."""
    passed: int = 0
    failed: int = 0
    skipped: list = dataclasses.field(default_factory=list)
    failures: list = dataclasses.field(default_factory=list)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures

    def last_line(self):
        skipped = f', {len(self.skipped)} skipped' if self.skipped else ''
        return f'{self.passed} passed, {self.failed} failed{skipped}'


def failure(name, cases=1):
    return Count(failed=cases, failures=[name])


def count_meson_test(record, build):
    """One line of meson's testlog.json: a doctest program has many cases, another test is one."""
    name = f'{build}: {record["name"]}'
    output = COLOURS.sub('', f'{record.get("stdout") or ""}\n{record.get("stderr") or ""}')
    result = record['result']
    summary = DOCTEST.findall(output)
    if not summary:
        reasons = SKIPPED.findall(output)
        if result == 'OK':
            return Count(passed=1)
        if result == 'SKIP':
            return Count(skipped=[f'{name}: {reasons[-1] if reasons else "no reason given"}'])
        return failure(f'{name}: {result}')
    total, passed, failed, _ = (int(number or 0) for number in summary[-1])
    if total == 0:
        return failure(f'{name}: it has no test case')
    count = Count(passed=passed, failed=failed, failures=[f'{name}: {failed} cases'] * bool(failed))
    # A case that says SKIPPED and returns has not passed.
    count.skipped = [f'{name}: {reason}' for reason in SKIPPED.findall(output)]
    count.passed -= min(count.passed, len(count.skipped))
    if result != 'OK' and not failed:  # a crash, a leak or a time-out behind the last case
        count.add(failure(f'{name}: {result}'))
    return count


def count_meson_log(path, build):
    count = Count()
    text = path.read_text(encoding='utf-8', errors='replace') if path.is_file() else ''
    lines = text.splitlines()
    for line in lines:
        count.add(count_meson_test(json.loads(line), build))
    if not lines:
        count.add(failure(f'{build}: no test ran'))
    return count


def count_fuzzers(code):
    """scripts/fuzz is one test; it says itself what it found."""
    if code == 77:
        return Count(skipped=['fuzz: clang++-14 is not installed'])
    return failure('fuzz: see above, or run scripts/fuzz') if code else Count(passed=1)


def count_junit(path, label):
    """The result file of pytest."""
    count = Count()
    try:
        cases = list(ElementTree.parse(path).iter('testcase'))
    except (OSError, ElementTree.ParseError) as error:
        return failure(f'{label}: pytest left no result: {error}')
    if not cases:
        return failure(f'{label}: no test ran')
    for case in cases:
        name = f'{label}: {case.get("classname", "").rpartition(".")[2]}.{case.get("name")}'
        skipped = case.find('skipped')
        if case.find('failure') is not None or case.find('error') is not None:
            count.add(failure(name))
        elif skipped is not None:
            count.skipped.append(f'{name}: {skipped.get("message", "")}')
        else:
            count.passed += 1
    return count


class Run:
    def __init__(self):
        self.count = Count()
        self.begun = time.monotonic()

    def say(self, text):
        print(f'== {time.monotonic() - self.begun:5.0f} s  {text}', flush=True)

    def command(self, *arguments, environment=None):
        """The exit code of a command; its output goes where ours goes."""
        return subprocess.run(arguments, cwd=ROOT, stdin=subprocess.DEVNULL, check=False,
                              env={**os.environ, **(environment or {})}).returncode

    def build(self, folder, *options):
        """Configures and builds everything; a failure is counted."""
        self.say(f'building {folder}')
        configured = (ROOT / folder / 'build.ninja').is_file() or self.command(
            'meson', 'setup', folder, *options) == 0
        if configured and self.command('ninja', '--quiet', '-C', folder) == 0:
            return True
        self.count.add(failure(f'{folder} does not build'))
        return False

    def meson(self, folder, *options, environment=None):
        self.say(f'meson test in {folder} {" ".join(options)}')
        log = ROOT / folder / 'meson-logs' / 'testlog.json'
        log.unlink(missing_ok=True)
        code = self.command('meson', 'test', '-C', folder, '--no-rebuild', '--print-errorlogs',
                            '--timeout-multiplier', '10', *options, environment=environment)
        count = count_meson_log(log, folder)
        if code != 0 and not count.failed:
            count.add(failure(f'{folder}: meson test ended with {code}'))
        self.count.add(count)

    def fuzz(self):
        self.say('scripts/fuzz')
        self.count.add(count_fuzzers(self.command('scripts/fuzz', '--seconds', '3')))

    def peers(self):
        self.say('scripts/peers')
        code = self.command('scripts/peers')
        if code == 3:
            self.count.skipped.append('peers: Go 1.26 or newer is not installed')
        elif code != 0:
            self.count.add(failure('peers: they could not be built'))
        if self.command('scripts/python-peers') != 0:
            self.count.skipped.append('python-peers: suites in Python could not be installed')

    def pytest(self, label, folder, *options, environment=None):
        self.say(f'pytest against {folder}')
        with tempfile.TemporaryDirectory() as work:
            results = pathlib.Path(work, 'results.xml')
            code = self.command(
                '/usr/bin/python3', '-B', '-m', 'pytest', '-q', '-p', 'no:cacheprovider',
                '-n', WORKERS, '--dist', 'loadscope',
                '--basetemp', str(pathlib.Path(work, 'tmp')), f'--junit-xml={results}', *options,
                'tests/e2e',
                environment={'OCISHIP': str(ROOT / folder / 'ociship'), **(environment or {})})
            count = count_junit(results, label)
        if code != 0 and not count.failed:
            count.add(failure(f'{label}: pytest ended with {code}'))
        self.count.add(count)


@contextlib.contextmanager
def registry_for_unit_tests():
    """Names a running registry in the environment, for the unit tests that want a real one; where
    it is not installed they are skipped by name."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            registry = servers.start('docker-registry', folder)
        except (LookupError, RuntimeError) as error:
            print(f'run_tests: {error}', file=sys.stderr)
            yield {}
            return
        try:
            yield {'OCISHIP_TEST_REGISTRY': registry.host}
        finally:
            registry.stop()


def build_and_test(run, fast, environment):
    built = run.build('build', '--buildtype=release')
    if built:
        run.meson('build', environment=environment)
    if fast:
        return
    # Without optimisation: what the sanitizers add is then five times faster to compile.
    sanitized = run.build('build-asan', '--buildtype=plain', '-Dcpp_args=-g1',
                          '-Db_sanitize=address,undefined', '-Db_lundef=false')
    if sanitized:
        run.meson('build-asan', '--no-suite', 'lint', environment={**environment, **SANITIZERS})
    run.fuzz()
    run.peers()
    if built:
        run.pytest('e2e', 'build')
    if sanitized:
        run.pytest('e2e sanitized', 'build-asan', '-m', 'smoke', environment=SANITIZERS)


def run_all(fast):
    run = Run()
    with registry_for_unit_tests() as environment:
        build_and_test(run, fast, environment)
    run.say('done')
    for name in run.count.skipped:
        print(f'SKIPPED: {name}')
    for name in run.count.failures:
        print(f'FAILED: {name}')
    print(run.count.last_line(), flush=True)
    return 1 if run.count.failed or not run.count.passed else 0


# --- self-test -----------------------------------------------------------------------------------


def self_test():
    def doctest(total, passed, failed, before='', result='OK'):
        line = (f'[doctest] test cases: {total:3} | {passed:3} passed | {failed:3} failed '
                '| 0 skipped')
        return {'name': 't', 'result': result, 'stdout': f'{before}\x1b[0m{line}\n'
                                                        '[doctest] assertions: 9 | 9 passed\n'}
    cases = [
        (doctest(7, 7, 0), '7 passed, 0 failed'),
        (doctest(7, 5, 2, result='FAIL'), '5 passed, 2 failed'),
        (doctest(7, 7, 0, result='FAIL'), '7 passed, 1 failed'),
        (doctest(7, 7, 0, 'SKIPPED: samples\n'), '6 passed, 0 failed, 1 skipped'),
        (doctest(0, 0, 0), '0 passed, 1 failed'),
        ({'name': 't', 'result': 'FAIL', 'stdout': 'Segmentation fault'}, '0 passed, 1 failed'),
        ({'name': 't', 'result': 'TIMEOUT'}, '0 passed, 1 failed'),
        ({'name': 't', 'result': 'ERROR', 'stdout': ''}, '0 passed, 1 failed'),
        ({'name': 't', 'result': 'OK', 'stdout': ''}, '1 passed, 0 failed'),
        ({'name': 't', 'result': 'SKIP', 'stdout': 'SKIPPED: no tool'},
         '0 passed, 0 failed, 1 skipped'),
    ]
    wrong = [f'{record}: {got}, expected {expected}' for record, expected in cases
             if (got := count_meson_test(record, 'build').last_line()) != expected]
    for code, expected in ((0, '1 passed, 0 failed'), (1, '0 passed, 1 failed'),
                           (77, '0 passed, 0 failed, 1 skipped'), (-6, '0 passed, 1 failed')):
        if (got := count_fuzzers(code).last_line()) != expected:
            wrong.append(f'scripts/fuzz ended with {code}: {got}, expected {expected}')
    with tempfile.TemporaryDirectory() as work:
        path = pathlib.Path(work, 'x')
        if count_meson_log(path, 'build').failed != 1:
            wrong.append('a missing log of meson is no failure')
        if count_junit(path, 'e2e').failed != 1:
            wrong.append('a missing result of pytest is no failure')
        path.write_text('<testsuites><testsuite>'
                        '<testcase classname="a.b" name="one"/>'
                        '<testcase classname="a.b" name="two"><failure message="x"/></testcase>'
                        '<testcase classname="a.b" name="three"><error message="x"/></testcase>'
                        '<testcase classname="a.b" name="four"><skipped message="no"/></testcase>'
                        '</testsuite></testsuites>')
        counted = count_junit(path, 'e2e')
        if counted.last_line() != '1 passed, 2 failed, 1 skipped':
            wrong.append(f'pytest: {counted.last_line()}')
        if counted.skipped != ['e2e: b.four: no']:
            wrong.append(f'pytest: {counted.skipped}')
    return wrong


def main():
    if sys.argv[1:] == ['--self-test']:
        wrong = self_test()
        print('\n'.join(wrong))
        return 1 if wrong else 0
    return run_all('--fast' in sys.argv[1:])


if __name__ == '__main__':
    sys.exit(main())
