// SPDX-License-Identifier: Apache-2.0
// What @sigstore/verify says of bundles: a JSON document in each line of standard input, an answer
// to each in a line of standard output. The folder with node_modules, which scripts/peers makes, is
// its argument.
//
// Asked:    {"bundle": TEXT, "trusted_root": PATH, "artifact": PATH, "identity": S, "issuer": S}
//           or with "key": PATH of a PEM file instead of identity and issuer
// Answered: {"verdict": "accepted" | "refused", "why": TEXT}
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const readline = require('readline');

const modules = path.join(path.resolve(process.argv[2]), 'node_modules');
const { bundleFromJSON } = require(path.join(modules, '@sigstore/bundle'));
const { TrustedRoot } = require(path.join(modules, '@sigstore/protobuf-specs'));
const { toSignedEntity, toTrustMaterial, Verifier } =
  require(path.join(modules, '@sigstore/verify'));

const IN_TOTO = 'application/vnd.in-toto+json';
const ALWAYS = { start: new Date(0), end: new Date(8640000000000000) };
const known = new Map();

// What is trusted with one trusted root and, if there is one, one key.
function material(rootFile, keyFile) {
  const name = `${rootFile}\n${keyFile || ''}`;
  if (!known.has(name)) {
    const root = TrustedRoot.fromJSON(JSON.parse(fs.readFileSync(rootFile)));
    known.set(name, toTrustMaterial(root, () => {
      if (!keyFile) throw new Error('no key was named');
      return {
        publicKey: crypto.createPublicKey(fs.readFileSync(keyFile)),
        validFor: (date) => ALWAYS.start <= date && date <= ALWAYS.end,
      };
    }));
  }
  return known.get(name);
}

function quoted(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

// The library leaves the subject to its caller.
function isAbout(envelope, artifact) {
  if (envelope.payloadType !== IN_TOTO) return false;
  const digest = crypto.createHash('sha256').update(artifact).digest('hex');
  const statement = JSON.parse(envelope.payload.toString('utf8'));
  return statement.subject.some((subject) => subject.digest.sha256 === digest);
}

function judge(asked) {
  const bundle = bundleFromJSON(JSON.parse(asked.bundle));
  const artifact = fs.readFileSync(asked.artifact);
  // A key needs no certificate, and so no time at which one was valid.
  const verifier = new Verifier(material(asked.trusted_root, asked.key),
    asked.key ? { timestampThreshold: 0 } : {});
  const isKey = bundle.verificationMaterial.content.$case === 'publicKey';
  if (isKey !== Boolean(asked.key)) throw new Error('another kind of signer');
  const policy = asked.key ? undefined : {
    subjectAlternativeName: `^${quoted(asked.identity)}$`,
    extensions: { issuer: asked.issuer },
  };
  verifier.verify(toSignedEntity(bundle, artifact), policy);
  if (bundle.content.$case === 'dsseEnvelope' &&
      !isAbout(bundle.content.dsseEnvelope, artifact)) {
    throw new Error('a statement about something else');
  }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  let answer = { verdict: 'accepted', why: '' };
  try {
    judge(JSON.parse(line));
  } catch (error) {
    answer = { verdict: 'refused', why: `${error.name}: ${error.message}`.slice(0, 300) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
