# SPDX-License-Identifier: Apache-2.0
"""Bundles with one thing wrong, made of good ones by chance with a seed."""

import base64
import copy
import json

# Members whose base64 holds JSON, which is changed within too.
NESTED = ('canonicalizedBody', 'payload')
TEXTS = ('', 'x', 'intoto', 'dsse', 'hashedrekord', '0.0.1', '0.0.2', '0.0.3', 'rekord', 'sha256',
         'SHA2_256', 'SHA2_512', 'SHA1', 'application/vnd.in-toto+json', 'text/plain',
         'application/vnd.dev.sigstore.bundle+json;version=0.1',
         'application/vnd.dev.sigstore.bundle+json;version=0.2',
         'application/vnd.dev.sigstore.bundle+json;version=0.3',
         'application/vnd.dev.sigstore.bundle.v0.3+json',
         'application/vnd.dev.sigstore.bundle.v0.4+json')
NUMBERS = (-1, 0, 1, 2, 7, 1 << 31, 1 << 32, (1 << 53) + 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1,
           1 << 64)


def places(node, path=()):
    """The path of every value below a node."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from places(value, (*path, key))


def at(node, path):
    for key in path:
        node = node[key]
    return node


def has(node, path):
    try:
        at(node, path)
        return True
    except (KeyError, IndexError, TypeError):
        return False


def unbase64(text):
    """The bytes, if there are any that text stands for."""
    if not isinstance(text, str) or not text or len(text) % 4:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def changed_bytes(rng, data):
    data = bytearray(data)
    kind = rng.choice(('bit', 'bit', 'bit', 'cut', 'more', 'none'))
    if kind == 'bit':
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif kind == 'cut':
        del data[rng.randrange(len(data)):]
    elif kind == 'more':
        data += rng.randbytes(rng.choice((1, 4)))
    else:
        data = bytearray(rng.randbytes(len(data)))
    return bytes(data)


def changed_text(rng, text):
    """A line left out, twice or in another place; or one character changed."""
    lines = text.split('\n')
    kind = rng.choice(('drop', 'double', 'swap', 'character', 'character'))
    here, there = rng.randrange(len(lines)), rng.randrange(len(lines))
    if kind == 'drop':
        del lines[here]
    elif kind == 'double':
        lines.insert(there, lines[here])
    elif kind == 'swap':
        lines[here], lines[there] = lines[there], lines[here]
    elif text:
        place = rng.randrange(len(text))
        return text[:place] + rng.choice('aA0 \n+=') + text[place + 1:]
    return '\n'.join(lines)


def changed_value(rng, value):
    data = unbase64(value)
    if isinstance(value, str) and value.lstrip('-').isdigit():
        number = int(value)
        return rng.choice((*(str(n) for n in NUMBERS), str(number + 1), str(number - 1), number,
                           float(number), f'{value}.0', f'0{value}', f'+{value}', ''))
    if isinstance(value, bool) or value is None or isinstance(value, (int, float)):
        return rng.choice((*NUMBERS, None, True, '1'))
    if isinstance(value, str) and '\n' in value:
        return changed_text(rng, value)
    if data and len(data) >= 8:
        return base64.b64encode(changed_bytes(rng, data)).decode()
    return rng.choice(TEXTS)


def change(rng, node, donors):
    """One change somewhere below `node`. Says what it did."""
    path = rng.choice(list(places(node)))
    parent, key = at(node, path[:-1]), path[-1]
    name = '.'.join(map(str, path))
    ways = ['value', 'value', 'drop', 'donor', 'donor', 'empty', 'null']
    if isinstance(parent, list):
        ways += ['double', 'double']
    if key in NESTED and isinstance(parent[key], str):
        ways += ['nested'] * 12
    way = rng.choice(ways)
    if way == 'drop':
        del parent[key]
    elif way == 'double':
        parent.append(copy.deepcopy(parent[key]))
    elif way == 'empty':
        parent[key] = type(parent[key])() if parent[key] is not None else ''
    elif way == 'null':
        parent[key] = None
    elif way == 'donor':
        donor = rng.choice([donor for donor in donors if has(donor, path)] or [node])
        parent[key] = copy.deepcopy(at(donor, path)) if has(donor, path) else None
    elif way == 'nested':
        within = json.loads(base64.b64decode(parent[key]))
        others = [json.loads(base64.b64decode(at(donor, path))) for donor in donors
                  if has(donor, path)]
        name += ' ' + change(rng, within, others)
        parent[key] = base64.b64encode(json.dumps(within, separators=(',', ':')).encode()).decode()
    elif not isinstance(parent[key], (dict, list)):
        parent[key] = changed_value(rng, parent[key])
    else:
        add = copy.deepcopy(parent[key])
        if isinstance(add, dict):
            add['unknown'] = 1
        else:
            add.reverse()
        parent[key] = add
    return f'{way} {name}'


def mutated(rng, text, donors):
    """(what was done, the text of a bundle). Twice in a while two things are wrong."""
    bundle = json.loads(text)
    said = [change(rng, bundle, donors) for _ in range(rng.choice((1, 1, 1, 2)))]
    return ', '.join(said), json.dumps(bundle)
