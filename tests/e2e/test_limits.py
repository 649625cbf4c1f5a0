# SPDX-License-Identifier: Apache-2.0
"""push: what is too large, cut off, or met in a machine that is short of something."""

import bz2
import gzip
import lzma
import os
import random
import subprocess
import tarfile

import pytest

import corpus
import make_image
import program
import truth

EXPECTED = truth.load()['good']
MIB = 1 << 20
BOMB_BYTES = 96 * MIB  # the ratio is judged from 64 MiB on
MEMORY_KIB = 64 * 1024


def measured(ociship, *arguments, writer=('true',)):
    """Runs it like ociship(), without a check, with what the program `writer` prints as its
    standard input, a pipe; gives exit code, error text and peak memory in KiB."""
    # A process counts what its parent had when it was forked: the parent has to be a small one.
    run = ('import resource, subprocess, sys\n'
           'code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode\n'
           'print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)')
    with subprocess.Popen(writer, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as writing:
        done = subprocess.run(['/usr/bin/python3', '-c', run, program.PROGRAM,
                               *map(str, arguments)], cwd=ociship.folder, stdin=writing.stdout,
                              text=True, capture_output=True, env=ociship.environment(),
                              timeout=60, check=True)
    code, memory = map(int, done.stdout.split())
    return code, done.stderr, memory


# --- bombs ---------------------------------------------------------------------------------------


BOMBS = {'gzip': gzip.compress, 'zstd': corpus.zstd, 'xz': lzma.compress, 'bzip2': bz2.compress}


@pytest.fixture(scope='module')
def bombs(tmp_path_factory):
    """kind -> an archive with a layer of zeros that has a thousandth of its size; its truth."""
    folder = tmp_path_factory.mktemp('bombs')
    made = {}

    def get(kind):
        if kind not in made:
            try:
                image = make_image.docker_archive(folder / kind, [bytes(BOMB_BYTES)],
                                                  store=BOMBS[kind])
            except LookupError as error:
                pytest.skip(str(error))
            made[kind] = folder / kind, {image['config_digest']: image['diff_ids']}
        return made[kind]

    return get


@pytest.mark.parametrize('way', ['file', 'pipe'])
@pytest.mark.parametrize('kind', BOMBS)
def test_a_layer_that_expands_too_much_is_refused_in_little_memory(ociship, layout, kind, way,
                                                                   bombs):
    path, _ = bombs(kind)
    code, err, memory = measured(ociship, 'push', path if way == 'file' else '-',
                                 f'{layout.repository("a")}:1', writer=['cat', path])
    assert code == program.BAD_INPUT
    assert 'layer.tar' in err and '--max-layer-size' in err
    assert memory < MEMORY_KIB
    assert layout.tags('a') == []


@pytest.mark.parametrize('kind', BOMBS)
def test_it_is_taken_when_its_size_is_allowed_and_not_one_byte_above(ociship, layout, kind, bombs):
    path, known = bombs(kind)
    for source, stdin in ((path, None), ('-', path.read_bytes())):
        ociship('push', source, f'{layout.repository("a")}:1', '--max-layer-size',
                f'{BOMB_BYTES - 1}', code=program.BAD_INPUT, stdin=stdin)
        assert not layout.path('a').exists() or layout.tags('a') == []
        ociship('push', source, f'{layout.repository("b")}:1', '--max-layer-size',
                f'{BOMB_BYTES // MIB}MiB', stdin=stdin)
        truth.check_image(layout, 'b', '1', known)


@pytest.mark.parametrize('store', [bytes, gzip.compress], ids=['plain', 'gzip'])
def test_the_size_that_is_allowed_holds_for_every_layer(ociship, layout, store, tmp_path):
    layer = make_image.layer_of({'noise': random.Random(1).randbytes(300_000)})
    make_image.docker_archive(tmp_path / 'archive', [layer], store=store)
    for source, stdin in ((tmp_path / 'archive', None), ('-', (tmp_path / 'archive').read_bytes())):
        for size, code in ((len(layer) - 1, program.BAD_INPUT), (len(layer), program.DONE)):
            ociship('push', source, f'{layout.repository("a")}:{code}', '--no-cache',
                    '--max-layer-size', str(size), code=code, stdin=stdin)
            assert (str(code) in layout.tags('a')) == (code == program.DONE)


@pytest.mark.parametrize('kind', ['gzip', 'zstd', 'gzip-of-gzip', 'xz', 'bzip2'])
def test_an_archive_that_is_a_bomb_is_refused_in_little_memory(ociship, layout, kind, tmp_path):
    try:
        zeros = tmp_path / 'bomb'
        data = bytes(256 * MIB)
        if kind == 'gzip-of-gzip':
            zeros.write_bytes(gzip.compress(gzip.compress(data)))
        else:
            zeros.write_bytes(BOMBS[kind](data[:BOMB_BYTES] if kind == 'xz' else data))
    except LookupError as error:
        pytest.skip(str(error))
    for source in (zeros, '-'):
        code, _, memory = measured(ociship, 'push', source, f'{layout.repository("a")}:1',
                                   writer=['cat', zeros])
        assert code == program.BAD_INPUT
        assert memory < MEMORY_KIB


def test_a_large_archive_takes_little_memory(ociship, layout, tmp_path):
    rng = random.Random(1)
    layers = [make_image.layer_of({'noise': rng.randbytes(40 * MIB)}) for _ in range(3)]
    make_image.docker_archive(tmp_path / 'archive', layers)
    for source in (tmp_path / 'archive', '-'):
        code, err, memory = measured(ociship, 'push', source, '--no-cache',
                                     f'{layout.repository("a")}:1',
                                     writer=['cat', tmp_path / 'archive'])
        assert code == program.DONE, err
        assert memory < MEMORY_KIB


@pytest.mark.parametrize('document', [
    b'[' * 100_000, b'{"a":' * 100_000, b'[' + b'0,' * 3_000_000 + b'0]',
    b'"' + b'x' * 30_000_000 + b'"',
], ids=['deep-arrays', 'deep-objects', 'many-values', 'long-text'])
@pytest.mark.parametrize('member', ['manifest.json', 'index.json', 'config.json'])
def test_gigantic_or_deep_json_is_refused_in_bounded_memory(ociship, layout, document, member,
                                                           tmp_path):
    layer = make_image.layer_of({'a': b'a'})
    members = {'config.json': make_image.config_of([truth.sha256(layer)]), 'layer.tar': layer,
               'manifest.json': b'[{"Config":"config.json","RepoTags":[],"Layers":["layer.tar"]}]'}
    if member == 'index.json':
        members = {'oci-layout': b'{"imageLayoutVersion":"1.0.0"}'}
    members[member] = document
    (tmp_path / 'archive').write_bytes(corpus.tar_of(members.items()))
    for source in (tmp_path / 'archive', '-'):
        code, err, memory = measured(ociship, 'push', source, f'{layout.repository("a")}:1',
                                     writer=['cat', tmp_path / 'archive'])
        assert code == program.BAD_INPUT, err
        assert member in err
        assert memory < 4 * MEMORY_KIB  # the document itself has up to 30 MB
        assert not layout.path('a').exists() or layout.tags('a') == []


# --- cut off -------------------------------------------------------------------------------------


def end_of_members(path):
    with tarfile.open(path) as tar:
        return max(member.offset_data + member.size for member in tar.getmembers())


@pytest.mark.parametrize('file', ['docker20-one.tar', 'docker28-one.tar', 'nix-stream.tar',
                                  'crane-tarball.tar', 'buildx-oci-attest.tar'])
def test_an_archive_that_is_cut_off_never_counts_as_whole(ociship, layout, file, tmp_path):
    data = (truth.FIXTURES / file).read_bytes()
    whole = ociship('push', truth.FIXTURES / file, f'{layout.repository("whole")}:1').digest
    end = end_of_members(truth.FIXTURES / file)
    rng = random.Random(file)
    offsets = sorted({rng.randrange(end) for _ in range(24)} |
                     {512, end - 1, end - 512, end, len(data) - 1, len(data) - 512})
    for offset in offsets:
        (tmp_path / 'cut').write_bytes(data[:offset])
        # What is cut off behind the last member is nothing of the image.
        codes = {program.BAD_INPUT} if offset < end else {program.BAD_INPUT, program.DONE}
        for way, source, stdin in (('file', tmp_path / 'cut', None), ('pipe', '-', data[:offset])):
            name = f'{offset}-{way}'
            said = ociship('push', source, f'{layout.repository(name)}:1', '--no-cache', code=codes,
                           stdin=stdin)
            if said.code == program.DONE:
                assert said.digest == whole
                truth.check_image(layout, name, '1', truth.configs(EXPECTED[file]))
            else:
                assert layout.tags(name) == []


@pytest.mark.parametrize('kind', BOMBS)
def test_a_compressed_archive_that_is_cut_off_is_refused_at_every_place(ociship, layout, kind,
                                                                        tmp_path):
    try:
        data = BOMBS[kind]((truth.FIXTURES / 'docker20-one.tar').read_bytes())
    except LookupError as error:
        pytest.skip(str(error))
    rng = random.Random(kind)
    for offset in sorted({rng.randrange(len(data)) for _ in range(20)} | {len(data) - 1, 10}):
        (tmp_path / 'cut').write_bytes(data[:offset])
        for source, stdin in ((tmp_path / 'cut', None), ('-', data[:offset])):
            ociship('push', source, f'{layout.repository("a")}:1', '--no-cache', stdin=stdin,
                    code=program.BAD_INPUT)
            assert layout.tags('a') == []


@pytest.mark.parametrize('count', ['70000', '1', '512', '33000'])
def test_a_pipe_whose_writer_ends_early_is_refused(ociship, layout, count):
    code, err, _ = measured(ociship, 'push', '-', f'{layout.repository("a")}:1',
                            writer=['head', '-c', count, truth.FIXTURES / 'nix-stream.tar'])
    assert code == program.BAD_INPUT and 'ociship: ' in err
    assert layout.tags('a') == []


def test_what_is_no_regular_file_is_refused(ociship, layout):
    for source in ('/dev/null', '/proc/self/environ', '/'):
        ociship('push', source, f'{layout.repository("a")}:1', code=program.BAD_INPUT)
        assert layout.tags('a') == []


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize('locale', [{'LC_ALL': 'C'}, {'LC_ALL': 'POSIX', 'LANG': 'xx_YY'}, {}],
                         ids=['C', 'POSIX', 'none'])
@pytest.mark.parametrize('form', [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT], ids=['pax', 'gnu'])
def test_names_are_bytes_in_every_locale(ociship, layout, locale, form, tmp_path):
    layer = make_image.layer_of({'ünï': b'in the layer'})
    config = make_image.config_of([truth.sha256(layer)])
    long = 'ü' * 120 + '/日本語.tar'
    manifest = f'[{{"Config":"ünï.json","RepoTags":["ü:1"],"Layers":["{long}"]}}]'.encode()
    path = tmp_path / 'archive'
    with tarfile.open(path, 'w', format=form, encoding='utf-8') as tar:
        for name, data in ((long, layer), ('ünï.json', config), ('manifest.json', manifest)):
            make_image.add(tar, name, data)
    for source, stdin in ((path, None), ('-', path.read_bytes())):
        ociship('push', source, f'{layout.repository("a")}:1', env=locale, stdin=stdin)
        truth.check_image(layout, 'a', '1', {truth.sha256(config): [truth.sha256(layer)]})


def test_a_name_that_is_no_utf_8_does_no_harm(ociship, layout, tmp_path):
    data = (truth.FIXTURES / 'nix-stream.tar').read_bytes()
    stray = tarfile.TarInfo('x\udcff\udcfe').tobuf(tarfile.GNU_FORMAT, 'utf-8', 'surrogateescape')
    (tmp_path / 'archive').write_bytes(stray + data)
    for source, stdin in ((tmp_path / 'archive', None), ('-', stray + data)):
        ociship('push', source, f'{layout.repository("a")}:1', env={'LC_ALL': 'C'}, stdin=stdin)
    truth.check_image(layout, 'a', '1', truth.configs(EXPECTED['nix-stream.tar']))


# --- temporary files -----------------------------------------------------------------------------


@pytest.fixture
def spooled(ociship, distribution, name, tmp_path):
    """An archive and a destination for which more is kept than memory has room for: a repository
    that has tags already, and layers of which nothing is known."""
    ociship('push', truth.FIXTURES / 'docker20-one.tar', f'{distribution.repository(name)}:old')
    rng = random.Random(1)
    layers = [make_image.layer_of({'noise': rng.randbytes(12 * MIB)}) for _ in range(2)]
    image = make_image.docker_archive(tmp_path / 'large.tar', layers)
    return tmp_path / 'large.tar', {image['config_digest']: image['diff_ids']}


@pytest.fixture
def small_disk(tmp_path):
    """small_disk('1m') is a folder on a file system of its own, which has that size."""
    if os.geteuid() != 0:
        pytest.skip('only root can mount a file system')
    folder = tmp_path / 'small disk'
    folder.mkdir()

    def mount(size):
        mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size}', 'tmpfs', folder],
                                 check=False, capture_output=True)
        if mounted.returncode != 0:
            pytest.skip(f'mount: {mounted.stderr.decode().strip()}')
        return folder

    yield mount
    if folder.is_mount():
        subprocess.run(['umount', folder], check=True)


@pytest.mark.parametrize('way', ['file', 'pipe'])
def test_a_full_disk_is_one_line_that_names_the_folder(ociship, distribution, name, small_disk,
                                                      spooled, way):
    path, _ = spooled
    folder = small_disk('1m')
    source, stdin = (path, None) if way == 'file' else ('-', path.read_bytes())
    said = ociship('push', source, f'{distribution.repository(name)}:new', code=program.FAILURE,
                   stdin=stdin, env={'TMPDIR': str(folder)})
    line, = [line for line in said.err.splitlines() if line.startswith('ociship: ')]
    assert str(folder) in line and 'space' in line
    assert distribution.tags(name) == ['old']
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize('way', ['file', 'pipe'])
def test_nothing_stays_in_the_temporary_folder(ociship, distribution, name, spooled, way, tmp_path):
    path, known = spooled
    folder = tmp_path / 'temporary'
    folder.mkdir()
    source, stdin = (path, None) if way == 'file' else ('-', path.read_bytes())
    ociship('push', source, f'{distribution.repository(name)}:new', env={'TMPDIR': str(folder)},
            stdin=stdin)
    truth.check_image(distribution, name, 'new', known)
    assert list(folder.iterdir()) == []


def test_a_temporary_folder_that_is_not_there_is_named(ociship, distribution, name, spooled,
                                                      tmp_path):
    path, _ = spooled
    missing = str(tmp_path / 'missing')
    said = ociship('push', path, f'{distribution.repository(name)}:new', code={
        program.FAILURE, program.BAD_INPUT}, env={'TMPDIR': missing})
    assert missing in said.err
    assert distribution.tags(name) == ['old']


def test_a_small_image_needs_no_temporary_folder(ociship, distribution, name, tmp_path):
    ociship('push', truth.FIXTURES / 'docker20-one.tar', f'{distribution.repository(name)}:1')
    ociship('push', truth.FIXTURES / 'nix-stream.tar', f'{distribution.repository(name)}:2',
            env={'TMPDIR': str(tmp_path / 'missing')})
    truth.check_image(distribution, name, '2', truth.configs(EXPECTED['nix-stream.tar']))


def test_a_layout_on_a_full_disk_has_no_tag(ociship, small_disk, spooled):
    path, _ = spooled
    folder = small_disk('3m')
    said = ociship('push', path, f'oci:{folder}/layout:1', code=program.FAILURE)
    assert str(folder) in said.err
    layout = truth.LayoutPlace(folder)
    assert layout.tags('layout') == []
