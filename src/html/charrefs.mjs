/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

// Writes pv_charref_names.c from the maps of the npm package `entities` (major version 3):
//
//   npm install --prefix build/charrefs entities@3
//   node src/html/charrefs.mjs build/charrefs/node_modules/entities/lib/maps > src/html/pv_charref_names.c

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const maps = process.argv[2];
const load = (name) => JSON.parse(readFileSync(join(maps, name), 'utf8'));
const all = load('entities.json');
const legacy = load('legacy.json');

const octal = (text) =>
    [...Buffer.from(text, 'utf8')].map((byte) => '\\' + byte.toString(8).padStart(3, '0')).join('');

const names = Object.keys(all).sort((a, b) => (a < b ? -1 : 1));
const lists = new Map();
for (const name of names) {
    const entry = `${name.slice(1)}\\${name in legacy ? 2 : 1}${octal(all[name])}\\0`;
    lists.set(name[0], (lists.get(name[0]) ?? '') + entry);
}

// A literal is cut between two escapes, never inside one.
function lines(text, width) {
    const out = [''];
    for (const piece of text.match(/\\\d{1,3}|[A-Za-z0-9]/g)) {
        const last = out[out.length - 1];
        const digitAfterEscape = /\\\d{1,2}$/.test(last) && /\d/.test(piece[0]);
        if (last.length + piece.length > width || digitAfterEscape) {
            out.push(piece);
        } else {
            out[out.length - 1] += piece;
        }
    }
    return out.map((line) => `    "${line}"`).join('\n');
}

console.log(`/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

/* Written by charrefs.mjs: the ${names.length} named character references of WHATWG HTML,
 * section 13.5. A list for each first letter; an entry is the rest of the
 * name, \\2 if it may go without \`;\` or \\1 if not, its characters in UTF-8,
 * and a NUL. The last entry of a list is followed by the literal's own NUL. */

#include "html/pv_charref.h"

/* clang-format off */`);
const letters = [...Array(26).keys()].flatMap((n) => ['A', 'a'].map((c) => String.fromCharCode(c.charCodeAt(0) + n)));
letters.sort();
for (const letter of letters) {
    if (lists.has(letter)) {
        console.log(`static const char list_${letter}[] =\n${lines(lists.get(letter), 92)};\n`);
    }
}
console.log(`const char *const pv_charref_names[52] = {`);
for (let n = 0; n < letters.length; n += 6) {
    const row = letters.slice(n, n + 6).map((letter) => (lists.has(letter) ? `list_${letter}` : '""'));
    console.log(`    ${row.join(', ')},`);
}
console.log(`};\n/* clang-format on */`);
