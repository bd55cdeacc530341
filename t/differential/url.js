/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 *
 * node url.js SEED COUNT: writes COUNT lines `HEX(base) HEX(reference) EXPECTED`,
 * references built to be read in more than one way, and what Node's own URL (WHATWG)
 * makes of each: `bad`, `other`, or `SCHEME HOST PATH`. The same seed gives the same
 * lines. Then, for every character above U+007F that leaves `a…b.example` an ASCII
 * host without a single A-label, that spelling: no other can hide an ASCII host.
 */
'use strict';

const { domainToASCII } = require('url');

let state = Number(process.argv[2]) >>> 0;
const count = Number(process.argv[3]);

function random(below) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}
const pick = (list) => list[random(list.length)];
const maybe = (percent, text) => (random(100) < percent ? text : '');

const percentEncode = (text) =>
  [...Buffer.from(text)].map((b) => '%' + b.toString(16).padStart(2, '0')).join('');
const shift = (base, low, high) => (c) =>
  c >= low && c <= high ? String.fromCodePoint(c.charCodeAt(0) - low.charCodeAt(0) + base) : c;
const disguises = [
  (c) => c.toUpperCase(), shift(0xff41, 'a', 'z'), shift(0xff21, 'a', 'z'), shift(0x24d0, 'a', 'z'),
  shift(0x1d41a, 'a', 'z'), shift(0x1d7ce, '0', '9'), shift(0xff10, '0', '9'), percentEncode,
  (c) => (c === '.' ? pick(['\u3002', '\uff0e', '\uff61', '%2e', '%2E', '%E3%80%82']) : c),
  (c) => c + pick(['\u00ad', '\u200b', '\u2060', '\ufe0f', '\t', '\n', '\r', '%C2%AD']),
  (c) => (c === 'k' ? '\u212a' : c === 's' ? '\u017f' : c),
];
const disguise = (text, percent) =>
  [...text].map((c) => (random(100) < percent ? pick(disguises)(c) : c)).join('');

const hosts = [
  'facebook.com', 'www.google-analytics.com', 'a.b.c.example', 'xn--bcher-kva.example', 'b\u00fccher.example',
  'B\u00dcCHER.example', '\u0444\u0435\u0439.\u0440\u0444', '\u65e5\u672c\u8a9e.jp', 'm\u00fcnchen-\u00e9t\u00e9.de', 'stra\u00dfe.de',
  'a_b.example', 'x--y.example', '-a.example', 'caf\u00e9', '\u2460.example', '\u33c7.example', '\u2100.example',
  '127.0.0.1', '0x7f.1', '017700000001', '3232235777', '1.2.3', '1.2.3.4.5', '256.1.1.1', '0x', '08', '1.0x.',
  'a.1', '1e3', '[::1]', '[::1', 'a b', 'a%00b', 'a%zz', '', '.', '..', 'a..b', 'a.', 'a..', 'localhost', 'a!$&()b',
  '4294967295', '4294967296', '0.0.0x100', '1.65536', '1.65535', 'ab^c', 'a|b', 'a<b', '\ufe63\uff21',
];
const schemes = ['https:', 'http:', 'HTTPS:', 'hTtp:', 'ws:', 'WSS:', 'h\tttp:', 'data:', 'javascript:', 'about:', 'blob:https:', 'ht+tp:',
  'https', '1http:', 'mailto:'];
const slashes = ['//', '//', '//', '//', '/', '\\\\', '/\\', '\\/', '///', '', '/\t/', '\n//', '\\'];
const users = ['user@', 'user:pass@', '@', 'a@b@', 'facebook.com@', 'u%40v@', ':@', 'a b@'];
const ports = [':', ':443', ':80', ':00080', ':65535', ':65536', ':8\t0', ':x', ':-1', ':%38'];
const segments = ['tr', 'TR', '.', '..', '%2e', '%2E%2e', '.%2e', '%2e.', '...', '', 'a b', '\u00fc', '%74r', 'x;y', 'a\tb', '.\n.',
  '%', '%2', '"<>`{}', "'", 'c|d', '~', 'a:b', '@', '%2f', '[x]', '\u{1f600}', '.%', 'a.', '%2e%2e%2e'];
const tails = ['?x', '?..', '#x', '?a#b', '?/../', '#/x', '?', '#', '?\\'];
const outer = [' ', '\t', '\n', '\u0000', '\u0001 ', '\u001f', '\r\n', '  '];
const bases = ['https://site.test/', 'http://site.test/a/b/c', 'https://u:p@Site.Test:8080/x/y/?q/z#f/g', 'ws://site.test/',
  'https://site.test/a/../b/./c', 'http://tracker.test', '-'];

function path() {
  let text = '';
  for (let n = random(5); n > 0; n--) {
    text += pick(['/', '/', '/', '\\', '//']) + pick(segments);
  }
  return text;
}

function reference() {
  const kind = random(10);
  let text;
  if (kind < 6) {
    text = pick(schemes) + pick(slashes) + maybe(20, pick(users)) + disguise(pick(hosts), pick([0, 0, 10, 40])) +
           maybe(20, pick(ports)) + path();
  } else if (kind < 8) {
    text = pick(slashes) + maybe(10, pick(users)) + disguise(pick(hosts), pick([0, 20])) + maybe(10, pick(ports)) + path();
  } else {
    text = maybe(60, pick(segments)) + path();
  }
  text = maybe(15, pick(outer)) + text + maybe(40, pick(tails)) + maybe(15, pick(outer));
  for (let n = random(12) === 0 ? 1 + random(3) : 0; n > 0; n--) {
    const at = random(text.length + 1);
    text = text.slice(0, at) + String.fromCharCode(random(128)) + text.slice(at);
  }
  return text.toWellFormed ? text.toWellFormed() : text;
}

function expected(ref, base) {
  let url;
  try {
    url = base === '-' ? new URL(ref) : new URL(ref, base);
  } catch {
    return 'bad';
  }
  if (!/^(https?|wss?):$/.test(url.protocol)) {
    return 'other';
  }
  const host = url.hostname.replace(/\.$/, '');
  if (host === '') {
    return 'bad'; // the root of all names: there is no server at `.`
  }
  return `${url.protocol.slice(0, -1)} ${host.startsWith('[') ? '[' : host} ${url.pathname}`;
}

const hex = (text) => Buffer.from(text).toString('hex');
for (let i = 0; i < count; i++) {
  const base = pick(bases);
  const ref = reference();
  console.log(`${base === '-' ? '-' : hex(base)} ${hex(ref)} ${expected(ref, base)}`);
}

for (let cp = 0x80; cp <= 0x10ffff; cp++) {
  if (cp >= 0xd800 && cp <= 0xdfff) {
    continue;
  }
  const host = `a${String.fromCodePoint(cp)}b.example`;
  const ascii = domainToASCII(host);
  if (ascii !== '' && !ascii.includes('xn--')) {
    console.log(`- ${hex('https://' + host)} ${expected('https://' + host, '-')}`);
  }
}
