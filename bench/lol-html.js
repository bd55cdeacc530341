// Licensed under the Apache License, Version 2.0; see LICENSE.

// How fast a page passes lol-html, as WebAssembly (npm's html-rewriter-wasm), in chunks
// of 64 KiB: with a selector for the two scripts that a policy would hold, and with one for
// every element that loads something. Prints MB/s of CPU time and what it is of.
//
//   node lol-html.js FILE [ROUNDS]

'use strict';
const fs = require('fs');
const path = require('path');
const { HTMLRewriter } = require(path.join(__dirname, '../build/bench/node_modules/html-rewriter-wasm'));

const page = fs.readFileSync(process.argv[2]);
const rounds = Number(process.argv[3] || 30);
const CHUNK = 65536;
const SELECTORS = [
    ['two scripts', 'script[src^="https://www.googletagmanager.com/"], script[src^="https://connect.facebook.net/"]'],
    ['script, iframe, img, link', 'script, iframe, img, link'],
];

async function once(selector) {
    let found = 0;
    let length = 0;
    const rewriter = new HTMLRewriter((output) => { length += output.length; });
    rewriter.on(selector, { element() { found++; } });
    for (let at = 0; at < page.length; at += CHUNK) {
        await rewriter.write(page.subarray(at, at + CHUNK));
    }
    await rewriter.end();
    rewriter.free();
    if (found < 2 || length !== page.length) {
        throw new Error(`${selector}: ${found} found, ${length} bytes`);
    }
}

async function main() {
    for (const [name, selector] of SELECTORS) {
        let best = Infinity;
        for (let round = 0; round < rounds; round++) {
            const before = process.cpuUsage();
            await once(selector);
            const took = process.cpuUsage(before);
            best = Math.min(best, took.user + took.system);
        }
        console.log(`${(page.length / best).toFixed(1)} ${name}`);
    }
}

main().catch((error) => { console.error(String(error)); process.exit(1); });
