/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

// Generated documents, read by parse5 and by the scanner: every start tag that parse5 finds, with
// scripting or without, must be among those that the scanner tells; of tidy documents, no others.
//
//   node tags.mjs DRIVER PARSE5_DIRECTORY SEED COUNT

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [driver, directory, seedText, countText] = process.argv.slice(2);
const { Parser } = await import(pathToFileURL(join(directory, 'dist', 'index.js')));
const count = Number(countText);

let state = Number(seedText) >>> 0;
function random(n) {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];
const chance = (percent) => random(100) < percent;

const raw = ['script', 'style', 'title', 'textarea', 'xmp', 'iframe', 'noembed', 'noframes'];
const head = ['base', 'link', 'meta', 'title', 'style', 'script', 'template', 'noscript', 'noframes'];
const flow = ['p', 'div', 'span', 'b', 'a', 'i', 'ul', 'li', 'dd', 'dt', 'h1', 'form', 'button', 'nobr',
    'font', 'section', 'em', 'object', 'marquee', 'option', 'optgroup', 'ruby', 'rt', 'label', 'pre'];
const table = ['table', 'tbody', 'tr', 'td', 'th', 'caption', 'colgroup', 'col', 'thead', 'tfoot'];
const voids = ['img', 'br', 'hr', 'input', 'embed', 'link', 'meta', 'source', 'track', 'wbr', 'image', 'keygen'];
const svg = ['svg', 'g', 'path', 'foreignObject', 'desc', 'title', 'style', 'script', 'use', 'font', 'a', 'image'];
const math = ['math', 'mi', 'mo', 'mtext', 'annotation-xml', 'mglyph', 'malignmark', 'mrow'];
const frames = ['frameset', 'frame', 'noframes'];
const odd = ['select', 'template', 'plaintext', 'noscript', 'html', 'head', 'body'];
const everything = [raw, raw, flow, flow, table, voids, svg, svg, svg, math, math, odd, odd, head, frames];

const values = ['x', 'https://t.example/a?b&amp;c', '', 'a>b', "it's", '<img src=y>', '-->', '</script>',
    '&lt;', 'text/html', 'a=b', '&notit;', '&#x68;ttp', '/'];

function attribute() {
    const name = pick(['src', 'href', 'id', 'class', 'encoding', 'color', 'face', 'type', 'a"b', 'x<y', '=z', 'SRC']);
    const value = pick(values);
    switch (random(6)) {
    case 0:
        return name;
    case 1:
        return `${name}="${value.replaceAll('"', '')}"`;
    case 2:
        return `${name} = '${value.replaceAll("'", '')}'`;
    case 3:
        return `${name}=${value.replace(/[\s>]/g, '') || 'q'}`;
    case 4:
        return `${name}="${value.replaceAll('"', '')}"${chance(50) ? '' : '/'}`;
    default:
        return `${name}=`;
    }
}

function attributes(tidy) {
    let text = '';
    while (chance(30)) {
        text += tidy ? ` ${pick(['src', 'href', 'id'])}="${pick(values).replaceAll('"', '')}"`
            : pick([' ', '\n', '/', ' \t']) + attribute();
    }
    return text;
}

const cases = (name) => (chance(10) ? name.toUpperCase() : name);

function comment() {
    return pick(['<!-- <img src=c> -->', '<!-->', '<!--->', '<!-- a --!>', '<!-- -- > -->', '<?php <img src=p> ?>',
        '</ bogus <b>', '<!bogus>', '<!DOCTYPE html>', '<!doctype x "a>', '<![CDATA[ <img src=d> ]]>', '<![CDATA[',
        ']]>', '<!--', '-->', '<!-- </script> -->', '--', '<!', '</', '<', '<3', '</>']);
}

function soup() {
    let text = '';
    const pieces = 3 + random(25);
    const lists = chance(50) ? [pick(everything), pick(everything), odd] : everything;
    for (let n = 0; n < pieces; n++) {
        const name = pick(pick(lists));
        const kind = random(20);
        if (kind < 9) {
            text += `<${cases(name)}${attributes(false)}${chance(8) ? '/' : ''}>`;
        } else if (kind < 15) {
            text += `</${cases(name)}${chance(10) ? attributes(false) : ''}>`;
        } else if (kind < 16) {
            text += comment();
        } else if (kind < 18) {
            text += pick(['text', ' ', '\n', '"', "'", '&amp;', '>', '=', 'a<b']);
        } else {
            text += `<${pick(raw)}>${pick(['x', '<img src=r>', '<!--<script>', '</p>', '-->'])}</${pick(raw)}>`;
        }
    }
    return text;
}

function tidyContent(depth) {
    let text = '';
    for (let n = random(5); n > 0; n--) {
        text += tidyElement(depth + 1);
    }
    return text;
}

function tidySvg(depth) {
    const shape = () => `<path d="M0"${attributes(true)}/>`;
    const inner = pick([
        () => '<title>Icon <b>one</b></title>',
        () => '<style>.a > .b { fill: red }</style>',
        () => `<g>${shape()}${shape()}</g>`,
        () => `<foreignObject><div><span>text</span>${depth < 3 ? tidySvg(depth + 1) : ''}</div></foreignObject>`,
        () => '<script>if (1) { x() }</script>',
        () => '<desc>about</desc><a href="x"><use href="#y"/></a>',
        () => '<![CDATA[ <img src=c> ]]>',
        () => '<image xlink:href="z"/>',
    ]);
    return `<svg viewBox="0 0 1 1">${inner()}${shape()}${inner()}</svg>`;
}

// What no two browsers read differently but for noscript.
function tidyElement(depth) {
    switch (random(depth > 5 ? 6 : 14)) {
    case 0:
        return 'some text, a &lt; b ';
    case 1:
        return `<img src="${pick(['a', 'b'])}"${attributes(true)}>`;
    case 2:
        return `<script${attributes(true)}>var s = '<img src="s">' + "</b>"; <!-- if (a<b) --></script>`;
    case 3:
        return `<style>p::before { content: "<img src=q>" }</style>`;
    case 4:
        return `<!-- <img src="c"> -->`;
    case 5:
        return `<textarea><img src="t"></textarea>`;
    case 6:
        return tidySvg(0);
    case 7:
        return '<math><mrow><mi>x</mi><mo>=</mo><mtext><b>y</b></mtext></mrow></math>';
    case 8:
        return `<noscript><img src="n"${attributes(true)}></noscript>`;
    case 9:
        return `<table><tbody><tr><td>${tidyContent(depth)}</td></tr></tbody></table>`;
    case 10:
        return '<select><option>a</option><option>b</option></select>';
    case 11:
        return `<iframe src="f">${chance(50) ? '<img src="in">' : ''}</iframe>`;
    case 12:
        return `<template>${tidyContent(depth)}</template>`;
    default:
        return `<div${attributes(true)}>${tidyContent(depth)}</div>`;
    }
}

function tidy() {
    return `<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>A <b> title</title>${chance(50)
        ? '<noscript><style>a { }</style></noscript>' : ''}</head>\n<body>${tidyContent(0)}${tidyContent(0)}</body></html>\n`;
}

const HTML = 'http://www.w3.org/1999/xhtml';

class Listening extends Parser {
    // parse5 8 allows CDATA sections in svg and math, but not directly in their integration points;
    // the standard (13.2.5.42) and browsers ask for the namespace of the current node alone.
    constructor(...args) {
        super(...args);
        const parser = this;
        const { tokenizer } = this;
        const open = tokenizer._stateMarkupDeclarationOpen;
        tokenizer._stateMarkupDeclarationOpen = function stateMarkupDeclarationOpen(cp) {
            const { inForeignNode } = this;
            this.inForeignNode = parser.currentNotInHTML;
            open.call(this, cp);
            this.inForeignNode = inForeignNode;
        };
    }

    open() {
        return this.openElements.items.slice(0, this.openElements.stackTop + 1);
    }

    // It takes elements of svg and math for HTML's of the same name where the standard asks for HTML's:
    // for a select when it resets its insertion mode (13.2.4.1), and in `any other end tag` in a body
    // (13.2.6.4.7). What follows is not compared.
    misreadsStart() {
        const inSelect = this.insertionMode === 15 || this.insertionMode === 16;
        return inSelect && !this.open().some((node) => node.nodeName === 'select' && node.namespaceURI === HTML);
    }

    misreadsEnd(token) {
        const open = this.open().reverse();
        const foreign = open.find((node) => node.namespaceURI !== HTML);
        return foreign !== undefined && foreign !== open[0] && foreign.nodeName.toLowerCase() === token.tagName;
    }

    onEndTag(token) {
        this.misread ||= this.misreadsEnd(token);
        super.onEndTag(token);
    }

    onStartTag(token) {
        this.misread ||= this.misreadsStart();
        if (this.misread) {
            super.onStartTag(token);
            return;
        }
        const attrs = {};
        for (const { name, value } of token.attrs) {
            attrs[name] = value;
        }
        this.options.tags.push([token.location.startOffset, token.location.endOffset, token.tagName, attrs]);
        super.onStartTag(token);
    }
}

function tagsByParse5(html, scriptingEnabled) {
    const tags = [];
    Listening.parse(html, { scriptingEnabled, sourceCodeLocationInfo: true, tags });
    // parse5 renames what the tree calls otherwise only after the token is told.
    return tags;
}

const key = ([begin, end, name, attrs]) => JSON.stringify([begin, end, name, Object.entries(attrs).sort()]);

const documents = [];
for (let n = 0; n < count; n++) {
    documents.push({ html: n % 4 === 0 ? tidy() : soup(), tidy: n % 4 === 0 });
}
const run = spawnSync(driver, ['tags'], {
    input: documents.map(({ html }) => `${JSON.stringify({ html })}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
});
const answers = run.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
const totals = { documents: 0, tags: 0, missed: 0, extra: 0, limited: 0, tidyExtra: 0 };
if (answers.length !== documents.length) {
    console.log(`Bail out! ${answers.length} answers to ${documents.length} documents: ${run.stderr}`);
    process.exit(1);
}
documents.forEach(({ html, tidy: isTidy }, n) => {
    const seen = new Set(answers[n].tags.map(key));
    const wanted = new Set();
    for (const scripting of [true, false]) {
        for (const tag of tagsByParse5(html, scripting)) {
            wanted.add(key(tag));
        }
    }
    totals.documents++;
    totals.tags += wanted.size;
    totals.limited += answers[n].limited ? 1 : 0;
    const missed = [...wanted].filter((tag) => !seen.has(tag));
    const extra = [...seen].filter((tag) => !wanted.has(tag));
    totals.extra += extra.length;
    if (missed.length > 0 && !answers[n].limited) {
        totals.missed++;
        if (totals.missed <= 5) {
            console.log(`# document ${n}: ${JSON.stringify(html)}\n# missed ${missed.join('\n#        ')}`);
        }
    }
    if (isTidy && extra.length > 0) {
        totals.tidyExtra++;
        if (totals.tidyExtra <= 5) {
            console.log(`# tidy document ${n}: ${JSON.stringify(html)}\n# also told ${extra.join('\n#        ')}`);
        }
    }
});
console.log(`# ${JSON.stringify(totals)}`);
const floor = totals.tags > totals.documents * 3 && totals.limited < totals.documents / 100;
console.log('1..3');
console.log(`${totals.missed === 0 ? 'ok' : 'not ok'} 1 - H4 no start tag of parse5's is missed in ${totals.documents} documents`);
console.log(`${totals.tidyExtra === 0 ? 'ok' : 'not ok'} 2 - H4 of tidy documents no other tags are told`);
console.log(`${floor ? 'ok' : 'not ok'} 3 - ${totals.tags} tags were compared, and few documents need too many readings`);
process.exit(totals.missed + totals.tidyExtra > 0 || !floor ? 1 : 0);
