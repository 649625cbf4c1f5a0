# SPDX-License-Identifier: Apache-2.0
"""A token server (distribution, "Token Authentication" and "OAuth2") that signs RS256.

    token_server.py --key FILE --certificate FILE [--tls-cert FILE --tls-key FILE]

prints one line of JSON with its ports, `port` (GET and POST /token) and `control`, where a test
asks over HTTP: POST /set takes any of the settings below, GET /log gives the requests for tokens
with scopes, account, form and status. As long as `users` is empty anybody gets what he asks for.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import threading
import time
import urllib.parse

import fault_http
from fault_http import Answer

SETTINGS = {
    'users': {},  # name -> password
    'refresh_tokens': {},  # token -> name
    'issuer': 'ociship tests',
    'seconds': 300,  # how long tokens live
    'tell_seconds': True,  # whether expires_in is there
    'refuse_combined': False,  # several scopes at once: 400
    'refuse_post': False,  # 405, as servers without OAuth2
    'refuse_cross': [],  # repositories of which nothing is granted
    'delay': 0,  # seconds before an answer
    'member': 'token',  # or access_token
    'redirect': None,  # a URL to go to instead
}


def _base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


class TokenServer:
    """The settings and the log."""

    def __init__(self, key, certificate):
        self._key = key
        text = open(certificate, encoding='ascii').read()
        body = text.split('-----BEGIN CERTIFICATE-----')[1].split('-----END')[0]
        self._certificate = ''.join(body.split())
        self._lock = threading.Lock()
        self.settings = dict(SETTINGS)
        self.log = []

    def control(self, request):
        with self._lock:
            if request.method == 'POST':
                wanted = json.loads(request.body.all())
                if set(wanted) - set(SETTINGS):
                    raise ValueError(wanted)
                self.settings = {**SETTINGS, **wanted}
                self.log = []
            return Answer(200, body=json.dumps(self.log).encode())

    def answer(self, request):
        body = urllib.parse.parse_qs(request.body.all().decode())
        entry = {'method': request.method, 'path': request.path, 'headers': request.headers,
                 'query': request.query, 'form': body, 'status': 0}
        with self._lock:
            self.log.append(entry)
        time.sleep(self.settings['delay'])
        status, document = self._decide(request, body, entry)
        entry['status'] = status
        headers = {'Content-Type': 'application/json'}
        if status == 307:
            headers['Location'] = self.settings['redirect']
        return Answer(status, headers, json.dumps(document).encode())

    def _decide(self, request, form, entry):
        if self.settings['redirect']:
            return 307, {}
        if request.method == 'POST':
            if self.settings['refuse_post']:
                return 405, {'error': 'unsupported'}
            scopes = ' '.join(form.get('scope', [])).split()
            account, refresh = self._grant(form)
        else:
            scopes = request.query.get('scope', [])
            account, refresh = self._basic(request.headers.get('authorization', '')), None
        entry.update(scopes=scopes, account=account)
        if account is None:
            return 401, {'errors': [{'code': 'UNAUTHORIZED', 'message': 'incorrect login'}]}
        if self.settings['refuse_combined'] and len(scopes) > 1:
            return 400, {'errors': [{'code': 'UNSUPPORTED', 'message': 'one scope at a time'}]}
        service = request.value('service') or form.get('service', [''])[0]
        token = self._sign(account, service, scopes)
        document = {'access_token' if request.method == 'POST' else self.settings['member']: token}
        if self.settings['tell_seconds']:
            document['expires_in'] = self.settings['seconds']
        if refresh:
            document['refresh_token'] = refresh
        return 200, document

    def _basic(self, given):
        """The account of a Basic header, empty for nobody in particular, None for a wrong one."""
        users = self.settings['users']
        if not given:
            return None if users else ''
        kind, _, text = given.partition(' ')
        if kind != 'Basic':
            return None
        name, _, password = base64.b64decode(text).decode().partition(':')
        return name if users.get(name, '' if users else password) == password else None

    def _grant(self, form):
        def one(name):
            return form.get(name, [''])[0]
        if one('grant_type') == 'refresh_token':
            token = one('refresh_token')
            return self.settings['refresh_tokens'].get(token), token
        known = self.settings['users'].get(one('username'))
        if one('grant_type') == 'password' and known == one('password'):
            return one('username'), 'fresh-refresh-token'
        return None, None

    def _sign(self, account, service, scopes):
        access = []
        for scope in scopes:
            kind, _, rest = scope.partition(':')
            name, _, actions = rest.rpartition(':')
            if name not in self.settings['refuse_cross']:
                access.append({'type': kind, 'name': name, 'actions': actions.split(',')})
        now = time.time()
        header = {'typ': 'JWT', 'alg': 'RS256', 'x5c': [self._certificate]}
        end = now + self.settings['seconds']
        # Registries want whole seconds; for very short lives that would be too rough.
        claims = {'iss': self.settings['issuer'], 'sub': account, 'aud': service,
                  'exp': int(end) if self.settings['seconds'] >= 10 else end, 'nbf': int(now) - 10,
                  'iat': int(now), 'jti': hashlib.sha256(repr(now).encode()).hexdigest()[:16],
                  'access': access}
        text = '.'.join(_base64(json.dumps(part).encode()) for part in (header, claims))
        signature = subprocess.run(['openssl', 'dgst', '-sha256', '-sign', self._key],
                                   input=text.encode(), capture_output=True, check=True).stdout
        return f'{text}.{_base64(signature)}'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--key', required=True)
    parser.add_argument('--certificate', required=True)
    parser.add_argument('--tls-cert')
    parser.add_argument('--tls-key')
    options = parser.parse_args()
    server = TokenServer(options.key, options.certificate)
    context = None
    if options.tls_cert:
        context = fault_http.context_of(options.tls_cert, options.tls_key)
    print(json.dumps({'port': fault_http.listen(server.answer, 0, context),
                      'control': fault_http.listen(server.control)}), flush=True)
    threading.Event().wait()
    return 0


if __name__ == '__main__':
    sys.exit(main())
