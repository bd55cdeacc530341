// Licensed under the Apache License, Version 2.0; see LICENSE.
//
// Banner, confirmation and page as they are seen and heard: axe-core in every state and language, names and roles, narrow
// and enlarged, dark, forced colours, right to left. t/browser.t starts it. With PRIVACY_SHOTS it takes the
// documentation's pictures. Says TAP.

import { readFileSync } from "node:fs";
import { done, is, ok, play } from "./tap.mjs";
import { INDEX, PAGE, PLAIN, SITE, accessible, banner, browser, focused, visitor } from "./visit.mjs";

const TITLES = {
    en: "Cookie preferences", cy: "Gosodiadau cwcis", fr: "Gestion des cookies", de: "Cookie-Einstellungen",
    es: "Configuración de cookies", pl: "Ustawienia plików cookies", ar: "Cookie preferences",
};
// The shipped texts, as whoever translated them wrote them.
const words = (locale) => Object.fromEntries(readFileSync(new URL(`../../conf/templates/words.${locale === "ar" ? "en" : locale}`, import.meta.url), "utf8")
    .replace(/\\\n\s*/g, "").split("\n").filter((line) => /^[a-z]/.test(line)).map((line) => line.split(/ = (.*)/)));
const SAVED = { name: "privacy_consent", value: `v=1&p=2&t=${Math.floor(Date.now() / 1000)}&analytics=1&remarketing=0&media=0` };
const HELD = { name: "_ga", value: "1" };
const CONFIRM = { name: "site_message_cookies", value: "saved" };
const OTHER = "https://www.other.test/privacy-preferences?return=/plain.html";
const TRIAL = "https://www.trial.test/privacy-preferences";

// State by state: where it is seen, with which cookies and headers, and what has to be there.
const STATES = [
    ["banner and placeholder", INDEX, [], {}, ".privacy-banner [name=choice], .privacy-placeholder", 3],
    ["confirmation", PLAIN, [SAVED, CONFIRM], {}, ".privacy-banner .privacy-close[name=message]", 1],
    ["page, undecided, GPC", PAGE, [], { "Sec-GPC": "1" }, ".privacy-note, .privacy-choice", 4],
    ["page, saved", PAGE + "?saved", [SAVED, HELD], {}, "[role=status], .privacy-choice input:checked", 2],
    ["page, not saved", PAGE + "?saved", [], {}, "[role=status]", 1],
    ["page, final signal, source, opt-out, date, way back", OTHER, [], { "DNT": "1", "Sec-GPC": "1", "Cookie": "cmplz_marketing=deny" },
        ".privacy-note, .privacy-why, main > p > a[href='/plain.html']", 7],
    ["page, report", TRIAL, [], {}, ".privacy-note", 1],
];

async function state(locale, [name, url, cookies, extraHTTPHeaders, wanted, count]) {
    const { context, page } = await visitor({ locale, extraHTTPHeaders });
    await context.addCookies(cookies.map((cookie) => ({ ...cookie, url: SITE })));
    await page.goto(url);
    const found = await page.locator(wanted).count();
    ok(found >= count, `${locale}: ${name}: it is there`, String(found));
    const own = page.locator("html > body > main.privacy-page, .privacy-banner").first();
    const where = await own.evaluate((element) => [element.closest("[lang]").lang, element.closest("[dir]").dir]);
    is(where, [locale, locale === "ar" ? "rtl" : "ltr"], `${locale}: ${name}: its language and direction`);
    if (url === PAGE + "?saved") {
        is(await page.locator("h1").textContent(), TITLES[locale], `${locale}: ${name}: its title`);
    }
    if (locale === "en" || name !== "page, not saved") {
        await accessible(page, `${locale}: ${name}`);
    }
    await context.close();
}

async function states() {
    const all = Object.keys(TITLES).flatMap((locale) => STATES.map((one) => [locale, one]))
        .filter(([locale, one]) => locale !== "ar" || one[1].startsWith(SITE));
    while (all.length > 0) {
        await Promise.all(all.splice(0, 4).map(([locale, one]) => state(locale, one)));
    }
}

async function names() {
    const { context, page } = await visitor();
    await page.goto(PLAIN);
    is((await banner(page).ariaSnapshot()).split("\n").filter((line) => /region|heading|button|link/.test(line)).map((line) => line.trim()), [
        '- region "Cookies on this site":', '- heading "Cookies on this site" [level=2]', '- link "Privacy notice":',
        '- button "Accept all"', '- button "Reject all"', '- link "Choose":',
    ], "names: the banner's, in their order");
    await context.addCookies([SAVED, CONFIRM].map((cookie) => ({ ...cookie, url: SITE })));
    await page.goto(PLAIN);
    is((await banner(page).ariaSnapshot()).split("\n").filter((line) => /region|heading|button|link|status/.test(line)).map((line) => line.trim()), [
        '- region "Cookies on this site":', '- heading "Cookies on this site" [level=2]', "- status: Your choice has been saved.",
        '- link "Change it":', '- button "Close"',
    ], "names: the confirmation's, in their order");
    ok(await page.getByRole("button", { name: "Close", description: "Your choice has been saved." }).count() === 1, "names: Close is described by what it closes");
    await page.goto(PAGE);
    const snapshot = await page.locator("main").ariaSnapshot();
    is(snapshot.split("\n").map((line) => line.trim().replace(/^- '(.*)'/, "- $1")).filter((line) => /^- (heading|region|checkbox|button|columnheader)/.test(line))
        .map((line) => line.replace(/:$/, "")).filter((line, i, all) => all.indexOf(line) === i), [
        '- heading "Cookie preferences" [level=1]', '- heading "What may be used" [level=2]',
        '- region "Essential"', '- heading "Essential" [level=3]', '- region "Cookies: Essential"',
        '- columnheader "Name"', '- columnheader "Kept for"', '- columnheader "Purpose"', '- columnheader "Provider"', '- columnheader "In your browser now"',
        '- region "Analytics"', '- heading "Analytics" [level=3]', '- checkbox "Allow: Analytics" [checked]', '- region "Cookies: Analytics"',
        '- region "Remarketing"', '- heading "Remarketing" [level=3]', '- checkbox "Allow: Remarketing"',
        '- region "Cookies: Remarketing"', '- region "Films"', '- heading "Films" [level=3]', '- checkbox "Allow: Films"',
        '- heading "Cookies that keep your choices" [level=3]', '- region "Cookies that keep your choices"',
        '- button "Save my choices"', '- button "Accept all"', '- button "Reject all"',
    ], "names: the page's, in their order");
    await context.close();
}

// Nothing to scroll sideways, and no text that is cut off.
async function fits(page, name) {
    const bad = await page.evaluate(() => {
        const root = document.documentElement;
        const cut = Array.from(document.querySelectorAll(".privacy-banner *, .privacy-body *"))
            .filter((element) => element.clientWidth > 1 && getComputedStyle(element).overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1)
            .map((element) => element.className || element.localName);
        return [...cut, ...(root.scrollWidth > root.clientWidth ? ["the page: " + root.scrollWidth] : [])];
    });
    is(bad, [], `${name}: nothing is cut off, or to be scrolled sideways`);
}

async function sizes() {
    for (const locale of Object.keys(TITLES)) {
        const { context, page } = await visitor({ locale, viewport: { width: 320, height: 256 } });
        await page.goto(PLAIN);
        is(await page.evaluate(() => document.characterSet), "windows-1252", `${locale}: in a page that is not UTF-8`);
        is([await page.locator(".privacy-banner p").first().evaluate((p) => p.firstChild.textContent.trim()), await page.locator(".privacy-banner [value=reject]").textContent()],
            [words(locale)["banner.text"], words(locale).reject], `${locale}: banner: its texts are read as they were written`);
        await fits(page, `${locale}: banner, 320 pixels, which is 400 %`);
        const height = await page.evaluate(() => document.querySelector(".privacy-banner").offsetHeight);
        ok(height < 640, `${locale}: banner, 320 pixels: a phone shows it whole`, String(height));
        await page.addStyleTag({ content: "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }" });
        await fits(page, `${locale}: banner, text spaced as WCAG 1.4.12 has it`);
        await context.addCookies([SAVED, CONFIRM].map((cookie) => ({ ...cookie, url: SITE })));
        await page.goto(PLAIN);
        await fits(page, `${locale}: confirmation, 320 pixels`);
        await page.goto(PAGE + "?return=/plain.html");
        await fits(page, `${locale}: page, 320 pixels`);
        await context.close();
    }
}

const LIGHT = (colour) => colour.match(/\d+/g).slice(0, 3).map(Number).reduce((sum, part) => sum + part, 0) > 382;

async function modes() {
    const narrow = { viewport: { width: 320, height: 256 } };
    for (const [name, options] of [
        ["narrow", narrow], ["narrow, right to left", { ...narrow, locale: "ar" }], ["dark", { colorScheme: "dark" }],
        ["dark, narrow", { ...narrow, colorScheme: "dark" }], ["forced colours", { forcedColors: "active" }],
        ["forced colours, dark", { forcedColors: "active", colorScheme: "dark" }],
    ]) {
        const { context, page } = await visitor(options);
        for (const [what, url, cookies] of [["banner", PLAIN, []], ["confirmation", PLAIN, [SAVED, CONFIRM]], ["page", PAGE + "?return=/plain.html", [SAVED, HELD]]]) {
            await context.addCookies(cookies.map((cookie) => ({ ...cookie, url: SITE })));
            await page.goto(url);
            await fits(page, `${name}: ${what}`);
            await accessible(page, `${name}: ${what}`);
        }
        const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        if (!/forced/.test(name)) {
            is(LIGHT(back), !/dark/.test(name), `${name}: the page's ground is what was asked for`);
        }
        const edges = await page.evaluate(() => Array.from(document.querySelectorAll(".privacy-buttons button"), (element) => {
            const style = getComputedStyle(element);
            return style.borderTopStyle === "solid" && parseFloat(style.borderTopWidth) >= 1 && style.borderTopColor !== getComputedStyle(document.body).backgroundColor;
        }));
        ok(edges.length === 3 && edges.every(Boolean), `${name}: buttons have an edge that is seen`, edges);
        await context.close();
    }
    // None of the three is set off, where the visitor's colours are.
    const forced = await visitor({ forcedColors: "active", colorScheme: "dark" });
    await forced.page.goto(PLAIN);
    const alike = await forced.page.evaluate(() => Array.from(document.querySelectorAll(".privacy-banner form .privacy-buttons > *"), (element) => {
        const style = getComputedStyle(element);
        return [style.color, style.backgroundColor, style.borderTopColor].join(" / ");
    }));
    ok(alike.length === 3 && new Set(alike).size === 1, "M4: forced colours: three choices of one look", alike);
    await forced.context.close();
    // Right to left is more than an attribute: what stands first stands at the right.
    const { context, page } = await visitor({ locale: "ar" });
    await page.goto(PLAIN);
    const [accept, choose] = await page.evaluate(() => Array.from(document.querySelectorAll(".privacy-banner .privacy-buttons > *"), (element) => element.getBoundingClientRect().left)
        .filter((left, i) => i !== 1));
    ok(accept > choose, "right to left: the first choice stands at the right", [accept, choose]);
    // And a cookie's name is read from the left all the same.
    await page.goto(PAGE);
    const [first, last] = await page.evaluate(() => {
        const text = Array.from(document.querySelectorAll("tbody th")).find((th) => th.textContent === "_ga").firstChild.firstChild;
        return [0, 2].map((at) => {
            const range = document.createRange();
            range.setStart(text, at);
            range.setEnd(text, at + 1);
            return range.getBoundingClientRect().left;
        });
    });
    ok(first < last, "right to left: a cookie's name is not turned round", [first, last]);
    is(await page.evaluate(() => getComputedStyle(document.querySelector("h3 span")).direction), "ltr", "right to left: nor are the policy's own texts");
    await context.close();
}

// What is done with a long list stays in view, and hides nothing that has the focus.
async function long() {
    const { context, page } = await visitor({ viewport: { width: 1000, height: 500 } });
    await page.goto(PAGE);
    const seen = () => page.evaluate(() => {
        const at = document.activeElement.getClientRects()[0];
        const top = document.elementFromPoint(at.left + at.width / 2, at.top + Math.min(at.height, 40) / 2);
        return top !== null && document.activeElement.contains(top);
    });
    ok(await page.getByRole("button", { name: "Reject all" }).evaluate((button) => button.getBoundingClientRect().bottom <= window.innerHeight),
        "a long page: its buttons are in view from the beginning");
    const hidden = [];
    let last = "";
    while (last !== "Reject all") {
        await page.keyboard.press("Tab");
        last = await focused(page);
        if (!await seen()) {
            hidden.push(await page.evaluate(() => document.activeElement.outerHTML.slice(0, 80)));
        }
    }
    is(hidden, [], "a long page: nothing that has the focus is behind them");
    await context.close();
}

// In somebody else's page the banner keeps its look, and the page its own.
async function guest() {
    const { context, page } = await visitor();
    await page.goto(SITE + "/loud.html");
    await fits(page, "in a page with a style of its own: banner");
    await accessible(page, "in a page with a style of its own: banner");
    const look = await page.evaluate(() => {
        const style = (selector) => getComputedStyle(document.querySelector(selector));
        const [banner, title, accept] = [".privacy-banner", ".privacy-banner h2", ".privacy-banner button"].map(style);
        return [accept.fontSize, title.fontSize, accept.textTransform, banner.float, title.letterSpacing, banner.width, style("main button").color];
    });
    const width = await page.evaluate(() => document.documentElement.clientWidth);
    is(look, ["16px", "20px", "none", "none", "normal", `${width}px`, "rgb(255, 0, 0)"], "in a page with a style of its own: neither changes the other's");
    await context.close();
}

async function shots(directory) {
    const look = { light: { colorScheme: "light" }, dark: { colorScheme: "dark" }, phone: { viewport: { width: 360, height: 640 } } };
    for (const [name, options] of Object.entries(look)) {
        const { context, page } = await visitor({ viewport: { width: 1000, height: 640 }, ...options });
        await page.goto(PLAIN);
        await page.screenshot({ path: `${directory}/banner-${name}.png` });
        await page.goto(PAGE + "?return=/plain.html");
        await page.screenshot({ path: `${directory}/page-${name}.png` });
        await context.addCookies([SAVED, CONFIRM].map((cookie) => ({ ...cookie, url: SITE })));
        await page.goto(PLAIN);
        await page.screenshot({ path: `${directory}/confirm-${name}.png` });
        await context.close();
    }
}

await play({ states, names, sizes, modes, long, guest });
if (process.env.PRIVACY_SHOTS) {
    await shots(process.env.PRIVACY_SHOTS);
}
await browser.close();
done();
