// Licensed under the Apache License, Version 2.0; see LICENSE.
//
// A visitor in Chromium. t/browser.t starts it, and has the server's configuration. Says TAP.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const modules = process.env.PRIVACY_MODULES;
const require = createRequire(modules + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const SITE = "https://www.careers.test";
const INDEX = SITE + "/index.html";
const PAGE = SITE + "/privacy-preferences";
const TRACKERS = /^https:\/\/(www\.google-analytics\.com|connect\.facebook\.net|www\.youtube\.com)\//;
const ALL = ["deferred", "first", "inline", "module", "pixel", "second", "third"];

let count = 0;
function ok(good, name, why) {
    console.log(`${good ? "" : "not "}ok ${++count} - ${name}`);
    if (!good && why !== undefined) {
        console.log("# " + (typeof why === "string" ? why : JSON.stringify(why)));
    }
}
function is(got, want, name) {
    const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
    ok(a === b, name, `got ${a}, want ${b}`);
}

const browser = await chromium.launch({
    executablePath: process.env.PRIVACY_CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", `--host-resolver-rules=MAP *:443 127.0.0.1:${process.env.PRIVACY_PORT}`],
});

// A visitor who comes for the first time.
async function visitor(options = {}) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
    const asked = [];
    context.on("request", (request) => {
        if (TRACKERS.test(request.url())) {
            asked.push(request.url().replace(/^https:\/\//, ""));
        }
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => ok(false, "no script fails", String(error)));
    return { context, page, asked };
}

async function jar(context) {
    const cookies = await context.cookies(SITE);
    return Object.fromEntries(cookies.map((cookie) => [cookie.name, cookie.value]));
}

// The record, as the categories that it grants and denies.
async function record(context) {
    const value = (await jar(context)).privacy_consent;
    if (value === undefined) {
        return undefined;
    }
    const keys = new URLSearchParams(value);
    return Object.fromEntries(["analytics", "remarketing", "media", "g"].filter((key) => keys.has(key)).map((key) => [key, keys.get(key)]));
}

const setByScripts = async (context) => Object.keys(await jar(context)).filter((name) => /^_/.test(name)).sort();

async function accessible(page, name) {
    await page.evaluate(axe);
    const result = await page.evaluate(() => window.axe.run(document, { iframes: false }));
    ok(result.violations.length === 0, `axe: ${name}`,
        result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target + " " + n.failureSummary).join("; ")}`).join(" | "));
    return result;
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const banner = (page) => page.getByRole("region", { name: "Cookies on this site" });

async function settled(page, names) {
    await page.waitForFunction((want) => (window.ran || []).slice().sort().join() === want, names.slice().sort().join(), { timeout: 10000 })
        .catch(() => {});
    return page.evaluate(() => (window.ran || []).slice());
}

async function firstVisit() {
    const { context, page, asked } = await visitor();
    await page.goto(INDEX);
    ok(await banner(page).isVisible(), "first visit: the banner is there, as a labelled region");
    is(await page.evaluate(() => document.body.querySelector("section") === document.querySelector(".privacy-banner")), true,
        "first visit: first in body");
    is(await page.evaluate(() => document.activeElement === document.body), true, "first visit: it takes no focus");
    is(asked, [], "first visit: no tracker is asked");
    is(await setByScripts(context), [], "first visit: no cookie of a script's");
    is(await page.evaluate(() => window.dataLayer.map((entry) => [Object.prototype.toString.call(entry), entry[0], entry[1], entry[2].analytics_storage])),
        [["[object Arguments]", "consent", "default", "denied"]], "first visit: Google's tags are told the default");
    ok(await page.getByText("Content from YouTube is not shown").isVisible(), "first visit: what is held says so");
    const sizes = await page.evaluate(() => Array.from(document.querySelectorAll(".privacy-banner form .privacy-buttons > *"), (element) => {
        const style = getComputedStyle(element);
        return [element.offsetWidth, element.offsetHeight, style.color, style.backgroundColor, style.fontSize, style.fontWeight, style.borderColor];
    }));
    ok(sizes.length === 3 && sizes.every((size) => JSON.stringify(size.slice(1)) === JSON.stringify(sizes[0].slice(1))
        && Math.abs(size[0] - sizes[0][0]) <= 2), "M4: three choices of one look and size", sizes);
    await accessible(page, "banner");
    await context.close();
}

async function accept() {
    const { context, page, asked } = await visitor();
    await page.goto(INDEX);
    await page.evaluate(() => { window.stays = true; document.addEventListener("privacy-choice", () => { window.told = true; }); });
    await button(page, "Accept all").click();
    await page.getByRole("status").getByText("Your choice has been saved.").waitFor();
    const ran = await settled(page, ALL);
    is(ran.filter((name) => name !== "pixel"), ["first", "inline", "second", "third", "deferred", "module"],
        "accept: what was held runs, in the order of the page, under its nonce");
    ok(ran.includes("pixel"), "accept: of every category");
    is(await page.evaluate(() => window.stays), true, "accept: without loading the page again");
    is(await setByScripts(context), ["_fbp", "_ga", "_ga_M", "_ga_T", "_gat", "_gid"], "accept: their cookies are there");
    is(await record(context), { analytics: "1", remarketing: "1", media: "1" }, "accept: recorded");
    await page.waitForFunction(() => window.told);
    ok(true, "accept: the document is told");
    is(await page.evaluate(() => { const e = window.dataLayer[window.dataLayer.length - 1]; return [e[0], e[1], e[2].analytics_storage]; }),
        ["consent", "update", "granted"], "accept: Google's tags are told");
    is(await page.getByText("Content from YouTube").count(), 0, "accept: the placeholder goes");
    ok(asked.some((url) => url.startsWith("www.youtube.com/embed")), "accept: and the film comes");
    is(await page.evaluate(() => document.activeElement.textContent), "Close", "accept: the focus is on Close");
    await accessible(page, "confirmation");
    await page.keyboard.press("Enter");
    is(await page.locator(".privacy-banner").count(), 0, "accept: the confirmation is closed by keyboard");
    await page.reload();
    is(await page.locator(".privacy-banner").count(), 0, "accept, next page: no banner");
    is((await settled(page, ALL)).sort(), ALL, "accept, next page: everything runs");

    // Withdrawal, through the link in the foot.
    await page.getByRole("link", { name: "Cookie preferences" }).click();
    is(await page.getByRole("checkbox", { checked: true }).count(), 3, "withdraw: the page shows what is granted");
    ok(await page.getByRole("row", { name: /_ga_\*.*Yes: _ga_[MT], _ga_[MT]/ }).isVisible(), "withdraw: and what the browser holds");
    await page.getByLabel("Allow: Analytics").uncheck();
    await button(page, "Save my choices").click();
    await page.waitForURL(PAGE + "?saved");
    ok(await page.getByRole("status").getByText("Your choice has been saved.").isVisible(), "withdraw: confirmed");
    is(await setByScripts(context), ["_fbp"], "withdraw: the cookies of the category are gone");
    is(await record(context), { analytics: "0", remarketing: "1", media: "1" }, "withdraw: recorded");
    asked.length = 0;
    await page.goto(INDEX);
    is(await settled(page, ["pixel"]), ["pixel"], "withdraw, next page: only what is granted runs");
    ok(!asked.some((url) => url.startsWith("www.google-analytics.com")), "withdraw, next page: the tracker is not asked", asked);
    await page.goBack();
    await page.goForward();
    ok(!asked.some((url) => url.startsWith("www.google-analytics.com")), "withdraw, back and forward: nor now", asked);
    await context.close();
}

async function reject() {
    const { context, page, asked } = await visitor();
    await page.goto(INDEX);
    await button(page, "Reject all").click();
    await page.getByRole("status").getByText("Your choice has been saved.").waitFor();
    is(await record(context), { analytics: "0", remarketing: "0", media: "0" }, "reject: recorded");
    await page.getByRole("link", { name: "Change it" }).click();
    await page.waitForURL(/privacy-preferences/);
    await page.goto(INDEX);
    is(await page.locator(".privacy-banner").count(), 0, "reject: not asked again");
    is(asked, [], "reject: no tracker is asked");
    is(await setByScripts(context), [], "reject: no cookie of a script's");

    // A new version of the policy: asked again, what was refused stays so.
    const old = (await jar(context)).privacy_consent.replace("p=2", "p=1").replace("remarketing=0", "remarketing=1");
    await context.addCookies([{ name: "privacy_consent", value: old, url: SITE }]);
    await page.goto(INDEX);
    ok(await banner(page).isVisible(), "a new policy version: asked again");
    is(asked, [], "a new policy version: a grant of the old one has lapsed");
    await context.close();
}

async function choose(javaScriptEnabled) {
    const name = javaScriptEnabled ? "choose" : "choose without script";
    const { context, page } = await visitor({ javaScriptEnabled });
    await page.goto(INDEX);
    await page.getByRole("link", { name: "Choose", exact: true }).click();
    is(page.url(), PAGE + "?return=/index.html", `${name}: the page`);
    is(await page.getByRole("checkbox", { checked: true }).count(), 0, `${name}: nothing is ticked before`);
    await page.getByLabel("Allow: Remarketing").check();
    await button(page, "Save my choices").click();
    await page.waitForURL(INDEX);
    is(await record(context), { analytics: "0", remarketing: "1", media: "0" }, `${name}: recorded, and back`);
    is(await page.locator(".privacy-banner").count(), 0, `${name}: no banner`);
    is(await page.locator("script[type='text/plain']").count(), 6, `${name}: what was not granted is held`);
    await context.close();
}

async function withoutScript() {
    for (const [name, want] of [["Accept all", "1"], ["Reject all", "0"]]) {
        const { context, page } = await visitor({ javaScriptEnabled: false });
        await page.goto(INDEX);
        await button(page, name).click();
        await page.waitForURL(INDEX);
        is(await record(context), { analytics: want, remarketing: want, media: want }, `without script, ${name}: recorded`);
        is(await page.locator(".privacy-banner").count(), 0, `without script, ${name}: the page comes again, without banner`);
        is(await page.locator("script[type='text/plain']").count(), want === "1" ? 0 : 7, `without script, ${name}: with what was granted`);
        await context.close();
    }
}

async function keyboard() {
    const { context, page } = await visitor();
    await page.goto(INDEX);
    const order = [];
    for (let i = 0; i < 4; i++) {
        await page.keyboard.press("Tab");
        order.push(await page.evaluate(() => document.activeElement.textContent));
    }
    is(order, ["Privacy notice", "Accept all", "Reject all", "Choose"], "keyboard: the order of focus");
    await page.keyboard.press("Tab");
    is(await page.evaluate(() => document.activeElement.closest(".privacy-banner") === null), true, "keyboard: no trap");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("Your choice has been saved.").waitFor();
    is(await record(context), { analytics: "0", remarketing: "0", media: "0" }, "keyboard: a choice");
    await page.goto(PAGE);
    await page.getByLabel("Allow: Films").focus();
    await page.keyboard.press("Space");
    await button(page, "Save my choices").focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(PAGE + "?saved");
    is(await record(context), { analytics: "0", remarketing: "0", media: "1" }, "keyboard: another, on the page");
    await context.close();
}

async function signal() {
    const { context, page, asked } = await visitor({ extraHTTPHeaders: { "Sec-GPC": "1" } });
    await page.goto(PAGE);
    ok(await page.getByText("Global Privacy Control").isVisible(), "GPC: the page says what it does");
    await accessible(page, "page, with GPC");
    await page.goto(INDEX);
    is(asked, [], "GPC: no tracker is asked");
    await button(page, "Accept all").click();
    await page.getByRole("status").getByText("Your choice has been saved.").waitFor();
    is(await record(context), { analytics: "1", remarketing: "1", media: "1", g: "1" }, "GPC: a grant in its presence says so");
    await context.close();
}

async function closed() {
    // A script-less error of the server: the form is sent instead.
    const { context, page } = await visitor();
    await page.goto(INDEX);
    await page.route(PAGE, (route) => route.request().headers()["content-type"] === "application/json" ? route.abort() : route.continue());
    await button(page, "Reject all").click();
    await page.waitForFunction(() => !document.querySelector(".privacy-banner"));
    is(await record(context), { analytics: "0", remarketing: "0", media: "0" }, "the background request fails: the form is sent");
    await context.close();
}

async function looks() {
    const titles = { en: "Cookie preferences", cy: "Gosodiadau cwcis", fr: "Gestion des cookies", de: "Cookie-Einstellungen",
        es: "Configuración de cookies", pl: "Ustawienia plików cookies", ar: "Cookie preferences" };
    for (const locale of Object.keys(titles)) {
        const { context, page } = await visitor({ locale, colorScheme: locale === "de" ? "dark" : "light" });
        await page.goto(SITE + "/plain.html");
        await accessible(page, `banner, ${locale}`);
        await page.goto(PAGE);
        is(await page.locator("h1").textContent(), titles[locale], `${locale}: the page`);
        is(await page.evaluate(() => document.documentElement.dir), locale === "ar" ? "rtl" : "ltr", `${locale}: its direction`);
        await accessible(page, `page, ${locale}`);
        await context.close();
    }
    const narrow = { viewport: { width: 320, height: 256 } };
    for (const [name, options] of [
        ["320 pixels, which is 400 %", narrow],
        ["320 pixels, right to left", { ...narrow, locale: "ar" }],
        ["dark", { colorScheme: "dark" }],
        ["forced colours", { forcedColors: "active" }],
    ]) {
        const { context, page } = await visitor(options);
        for (const [what, url] of [["banner", SITE + "/plain.html"], ["page", PAGE]]) {
            await page.goto(url);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            ok(wide <= 0, `${what}, ${name}: nothing to scroll sideways`, String(wide));
            await accessible(page, `${what}, ${name}`);
        }
        await context.close();
    }
}

async function shots(directory) {
    const look = { light: { colorScheme: "light" }, dark: { colorScheme: "dark" }, phone: { viewport: { width: 360, height: 640 } } };
    for (const [name, options] of Object.entries(look)) {
        const { context, page } = await visitor({ viewport: { width: 1000, height: 640 }, ...options });
        await page.goto(SITE + "/plain.html");
        await page.screenshot({ path: `${directory}/banner-${name}.png` });
        await page.goto(PAGE + "?return=/plain.html");
        await page.screenshot({ path: `${directory}/page-${name}.png` });
        await context.close();
    }
}

for (const scenario of [firstVisit, accept, reject, () => choose(true), () => choose(false), withoutScript, keyboard, signal, closed, looks]) {
    await scenario().catch((error) => ok(false, `${scenario.name || "choose"} goes to its end`, String(error)));
}
if (process.env.PRIVACY_SHOTS) {
    await shots(process.env.PRIVACY_SHOTS);
}
await browser.close();
console.log(`1..${count}`);
