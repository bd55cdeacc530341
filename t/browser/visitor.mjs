// Licensed under the Apache License, Version 2.0; see LICENSE.
//
// What a visitor does, with and without script, and by keyboard alone. t/browser.t starts it, and has the server's
// configuration. Says TAP.

import { done, is, ok, play } from "./tap.mjs";
import {
    INDEX, PAGE, PLAIN, SITE, accessible, asks, banner, browser, button, confirmation, focused, jar, others, record, refusing, settled,
    visitor,
} from "./visit.mjs";

const ALL = ["async", "deferred", "first", "inline", "module", "pixel", "second", "third"];
const GOOGLE = ["_ga", "_ga_A", "_ga_M", "_ga_T", "_gat", "_gid"];
const NONE = { analytics: "0", remarketing: "0", media: "0" };
const EVERY = { analytics: "1", remarketing: "1", media: "1" };

const held = (page) => page.locator("script[type='text/plain']").count();
const checked = (page) => page.getByRole("checkbox", { checked: true }).count();

async function firstVisit() {
    const { context, page, asked } = await visitor();
    await page.goto(INDEX);
    ok(await banner(page).isVisible(), "first visit: the banner is there, as a labelled region");
    is(await page.evaluate(() => document.body.querySelector("section") === document.querySelector(".privacy-banner")), true,
        "first visit: first in body");
    is(await page.evaluate(() => document.activeElement === document.body), true, "first visit: it takes no focus");
    is(asked, [], "first visit: no tracker is asked");
    is(await jar(context), {}, "first visit: no cookie");
    is(await page.evaluate(() => window.dataLayer.map((entry) => [Object.prototype.toString.call(entry), entry[0], entry[1], entry[2].analytics_storage])),
        [["[object Arguments]", "consent", "default", "denied"]], "first visit: Google's tags are told the default");
    ok(await page.getByText("Content from YouTube is not shown").isVisible(), "first visit: what is held says so");
    const sizes = await page.evaluate(() => Array.from(document.querySelectorAll(".privacy-banner form .privacy-buttons > *"), (element) => {
        const style = getComputedStyle(element);
        return [element.offsetWidth, element.offsetHeight, style.color, style.backgroundColor, style.fontSize, style.fontWeight, style.borderColor];
    }));
    ok(sizes.length === 3 && sizes.every((size) => JSON.stringify(size.slice(1)) === JSON.stringify(sizes[0].slice(1))
        && Math.abs(size[0] - sizes[0][0]) <= 2), "M4: three choices of one look and size", sizes);
    await context.close();
}

async function accept() {
    const { context, page, asked } = await visitor();
    await page.goto(INDEX);
    await page.evaluate(() => { window.stays = true; document.addEventListener("privacy-choice", () => { window.told = true; }); });
    await button(page, "Accept all").click();
    await confirmation(page).waitFor();
    const ran = await settled(page, ALL);
    is(ran.filter((name) => name !== "pixel" && name !== "async"), ["first", "inline", "second", "third", "deferred", "module"],
        "accept: what was held runs, in the order of the page, under its nonce");
    ok(ran.includes("pixel") && ran.includes("async"), "accept: of every category, async ones too");
    is(await page.evaluate(() => Array.from(document.querySelectorAll("script[src*='google-analytics']"), (script) =>
        [script.src.replace(/.*\//, ""), script.type, script.async, script.defer, script.nonce])), [
        ["first.js", "", false, false, "n0nce"], ["second.js", "", false, false, "n0nce"], ["deferred.js", "", false, true, "n0nce"],
        ["module.js", "module", false, false, "n0nce"], ["third.js", "", false, false, "n0nce"], ["async.js", "", true, false, "n0nce"],
    ], "accept: each as its author wrote it: async, defer, module, nonce");
    is(await page.evaluate(() => window.stays), true, "accept: without loading the page again");
    is(await others(context), ["_fbp", ...GOOGLE], "accept: their cookies are there");
    is(await record(context), EVERY, "accept: recorded");
    await page.waitForFunction(() => window.told);
    ok(true, "accept: the document is told");
    is(await page.evaluate(() => { const e = window.dataLayer[window.dataLayer.length - 1]; return [e[0], e[1], e[2].analytics_storage]; }),
        ["consent", "update", "granted"], "accept: Google's tags are told");
    is(await page.getByText("Content from YouTube").count(), 0, "accept: the placeholder goes");
    ok(asked.some((url) => url.startsWith("www.youtube.com/embed")), "accept: and the film comes");
    is(await focused(page), "Close", "accept: the focus is on Close");
    await accessible(page, "confirmation by script");
    await page.keyboard.press("Enter");
    is(await page.locator(".privacy-banner").count(), 0, "accept: the confirmation is closed by keyboard");
    await page.reload();
    is(await page.locator(".privacy-banner").count(), 0, "accept, next page: no banner");
    is((await settled(page, ALL)).sort(), ALL, "accept, next page: everything runs");
    await withdraw(context, page, asked);
    await context.close();
}

// Through the link in the foot, on the page.
async function withdraw(context, page, asked) {
    await page.getByRole("link", { name: "Our cookies" }).click();
    is(await checked(page), 3, "withdraw: the page shows what is granted");
    ok(await page.getByRole("row", { name: /_ga_\*.*Yes: _ga_[AMT], _ga_[AMT], _ga_[AMT]/ }).isVisible(), "withdraw: and what the browser holds");
    await page.getByLabel("Allow: Analytics").uncheck();
    await button(page, "Save my choices").click();
    await page.waitForURL(PAGE + "?saved");
    ok(await confirmation(page).isVisible(), "withdraw: confirmed");
    is(await others(context), ["_fbp"], "withdraw: the cookies of the category are gone");
    is(await record(context), { analytics: "0", remarketing: "1", media: "1" }, "withdraw: recorded");
    asked.length = 0;
    await page.goto(INDEX);
    is(await settled(page, ["pixel"]), ["pixel"], "withdraw, next page: only what is granted runs");
    ok(!asked.some((url) => url.startsWith("www.google-analytics.com")), "withdraw, next page: the tracker is not asked", asked);
    await page.goBack();
    await page.goForward();
    ok(!asked.some((url) => url.startsWith("www.google-analytics.com")), "withdraw, back and forward: nor now", asked);
    is(await others(context), ["_fbp"], "withdraw, back and forward: and no cookie comes back");
}

async function reject() {
    const { context, page, asked } = await visitor();
    await page.goto(INDEX);
    await button(page, "Reject all").click();
    await confirmation(page).waitFor();
    is(await record(context), NONE, "reject: recorded");
    await page.getByRole("link", { name: "Change it" }).click();
    await page.waitForURL(/privacy-preferences/);
    await page.goto(INDEX);
    is(await page.locator(".privacy-banner").count(), 0, "reject: not asked again");
    is(asked, [], "reject: no tracker is asked");
    is(await others(context), [], "reject: no cookie of a script's");
    await context.close();
}

// From the first visit to a new policy, by the page alone: what a browser has that runs no script.
async function journey(javaScriptEnabled) {
    const how = javaScriptEnabled ? "with script" : "without script";
    const { context, page, asked } = await visitor({ javaScriptEnabled });
    const films = async () => (await page.goto(INDEX), asked.some((url) => url.startsWith("www.youtube.com")));
    await page.goto(INDEX);
    await page.getByRole("link", { name: "Choose", exact: true }).click();
    is(page.url(), PAGE + "?return=/index.html", `choose, ${how}: the page`);
    is(await checked(page), 0, `choose, ${how}: nothing is ticked before`);
    await page.getByLabel("Allow: Remarketing").check();
    await button(page, "Save my choices").click();
    await page.waitForURL(INDEX);
    is(await record(context), { analytics: "0", remarketing: "1", media: "0" }, `choose, ${how}: recorded, and back`);
    ok(await confirmation(page).isVisible() && !await asks(page), `choose, ${how}: confirmed there, and not asked again`);
    is(await held(page), 7, `choose, ${how}: what was not granted is held`);
    await page.reload();
    is(await page.locator(".privacy-banner").count(), 0, `choose, ${how}: confirmed once`);

    await page.getByRole("link", { name: "Our cookies" }).click();
    await button(page, "Accept all").click();
    await page.waitForURL(PAGE + "?saved");
    is(await record(context), EVERY, `change, ${how}: recorded`);
    is(await films(), true, `change, ${how}: the film comes`);
    is(await held(page), 0, `change, ${how}: nothing is held`);
    if (javaScriptEnabled) {
        await settled(page, ALL);
    } else {
        await context.addCookies(["_fbp", ...GOOGLE].map((name) => ({ name, value: "1", url: SITE })));
    }
    is(await others(context), ["_fbp", ...GOOGLE], `change, ${how}: with cookies`);

    await page.goto(PAGE);
    await button(page, "Reject all").click();
    await page.waitForURL(PAGE + "?saved");
    is(await record(context), NONE, `withdraw, ${how}: recorded`);
    is(await others(context), [], `withdraw, ${how}: their cookies are gone`);
    asked.length = 0;
    is(await films(), false, `withdraw, ${how}: the film does not come`);
    is(asked, [], `withdraw, ${how}: nor anything else`);

    // Of the old version a grant lapses, and what was refused stays so.
    const old = (await jar(context)).privacy_consent.replace("p=2", "p=1").replace("remarketing=0", "remarketing=1");
    await context.addCookies([{ name: "privacy_consent", value: old, url: SITE }]);
    await page.goto(INDEX);
    ok(await asks(page), `a new policy version, ${how}: asked again`);
    is([asked, await others(context)], [[], []], `a new policy version, ${how}: a grant of the old one has lapsed`);
    await button(page, "Accept all").click();
    await confirmation(page).waitFor();
    is(await record(context), EVERY, `a new policy version, ${how}: decided anew`);
    await context.close();
}

async function withoutScript() {
    for (const [name, want] of [["Accept all", EVERY], ["Reject all", NONE]]) {
        const { context, page, asked } = await visitor({ javaScriptEnabled: false });
        await page.goto(INDEX + "?a=b&c=d");
        await button(page, name).click();
        await page.waitForURL(INDEX + "?a=b&c=d");
        is(await record(context), want, `without script, ${name}: recorded`);
        ok(!await asks(page) && await confirmation(page).isVisible(), `without script, ${name}: the page comes again, and confirms it`);
        is(await focused(page), "Close", `without script, ${name}: the focus is on Close, as it is with script`);
        is([await held(page), asked.length > 0], want === EVERY ? [0, true] : [8, false], `without script, ${name}: with what was granted`);
        is(await others(context), [], `without script, ${name}: no other cookie is left`);
        await page.keyboard.press("Enter");
        await page.locator(".privacy-banner").waitFor({ state: "detached" });
        is(page.url(), INDEX + "?a=b&c=d", `without script, ${name}: the confirmation is closed, on the same page`);
        is(await record(context), want, `without script, ${name}: and the choice stays`);
        await context.close();
    }
}

// A choice that stops what runs already, or lets go what writes into the page: it is loaded again, and confirms.
async function loadsAgain() {
    const OTHER = "https://www.other.test";
    const { context, page } = await visitor();
    await page.goto(OTHER + "/plain.html");
    await page.evaluate(() => { window.stays = true; });
    await button(page, "Reject all").click();
    await page.waitForFunction(() => !window.stays && document.querySelector(".privacy-banner"));
    ok(await confirmation(page).isVisible() && !await asks(page), "an opt-out by the banner: loaded again, and confirmed");
    is(page.url(), OTHER + "/plain.html", "an opt-out by the banner: the same page");
    await page.evaluate(() => { window.stays = true; });
    await button(page, "Close").click();
    is(await page.locator(".privacy-banner").count(), 0, "an opt-out by the banner: the confirmation is closed");
    is(await page.evaluate(() => window.stays), true, "an opt-out by the banner: without a request, where there is script");
    await context.close();
}

// Goes on by Tab until something has the focus, which can be seen.
async function tabTo(page, name, key = "Tab") {
    const passed = [];
    for (let i = 0; i < 40; i++) {
        await page.keyboard.press(key);
        const at = await page.evaluate(() => {
            const e = document.activeElement, style = getComputedStyle(e);
            return { name: (e.labels && e.labels[0] ? e.labels[0] : e).textContent.trim(), seen: style.outlineStyle !== "none" && parseInt(style.outlineWidth) > 0 };
        });
        passed.push(at.name);
        if (at.name === name) {
            ok(at.seen, `keyboard: ${name} is seen to have the focus`);
            return passed;
        }
    }
    ok(false, `keyboard: ${name} is reached`, passed);
    return passed;
}

async function keyboard(javaScriptEnabled) {
    const how = javaScriptEnabled ? "with script" : "without script";
    const { context, page } = await visitor({ javaScriptEnabled });
    await page.goto(INDEX);
    is(await tabTo(page, "Choose"), ["Privacy notice", "Accept all", "Reject all", "Choose"], `keyboard, ${how}: the order of focus`);
    await page.keyboard.press("Tab");
    is(await page.evaluate(() => document.activeElement.closest(".privacy-banner") === null), true, `keyboard, ${how}: no trap`);
    await tabTo(page, "Reject all", "Shift+Tab");
    await page.keyboard.press("Enter");
    await confirmation(page).waitFor();
    is(await record(context), NONE, `keyboard, ${how}: a choice`);
    await page.keyboard.press("Shift+Tab");
    is(await focused(page), "Change it", `keyboard, ${how}: beside Close stands the way to change it`);
    await tabTo(page, "Close");
    await page.keyboard.press("Enter");
    await page.locator(".privacy-banner").waitFor({ state: "detached" });
    await tabTo(page, "Our cookies");
    await page.keyboard.press("Enter");
    await page.waitForURL(PAGE);
    const passed = await tabTo(page, "Allow: Films");
    is(passed.filter((name) => /^Allow/.test(name)), ["Allow: Analytics", "Allow: Remarketing", "Allow: Films"], `keyboard, ${how}: the categories in their order`);
    await page.keyboard.press("Space");
    is((await tabTo(page, "Reject all")).slice(-3), ["Save my choices", "Accept all", "Reject all"], `keyboard, ${how}: then what is done with them`);
    await tabTo(page, "Save my choices", "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(PAGE + "?saved");
    is(await record(context), { analytics: "0", remarketing: "0", media: "1" }, `keyboard, ${how}: another, on the page`);
    is(await focused(page), "Your choice has been saved.", `keyboard, ${how}: the focus is where that is said`);
    await context.close();
}

async function signal(javaScriptEnabled) {
    const how = javaScriptEnabled ? "with script" : "without script";
    const { context, page, asked } = await visitor({ javaScriptEnabled, extraHTTPHeaders: { "Sec-GPC": "1" } });
    await context.addCookies([{ name: "privacy_consent", value: `v=1&p=2&t=${Math.floor(Date.now() / 1000)}&analytics=1&remarketing=1&media=0`, url: SITE }]);
    await page.goto(PAGE);
    ok(await page.getByText("Global Privacy Control").isVisible(), `GPC, ${how}: the page says what it does`);
    is(await checked(page), 0, `GPC, ${how}: it outweighs a grant that was given without it`);
    await page.goto(INDEX);
    is([asked, await others(context)], [[], []], `GPC, ${how}: no tracker is asked`);
    await context.clearCookies();
    await page.goto(INDEX);
    await button(page, "Accept all").click();
    await confirmation(page).waitFor();
    is(await record(context), { ...EVERY, g: "1" }, `GPC, ${how}: a grant in its presence says so`);
    await page.goto(INDEX);
    is(await held(page), 0, `GPC, ${how}: and counts`);
    await context.close();
}

// A browser that refuses cookies keeps no choice, and nobody is told that it did.
async function refused() {
    const { page, close } = await refusing();
    await page.goto(PLAIN);
    await button(page, "Reject all").click();
    await confirmation(page).waitFor();
    await page.goto(PAGE);
    await button(page, "Reject all").click();
    await page.waitForURL(PAGE + "?saved");
    ok(await page.getByRole("status").getByText("seems to refuse cookies").isVisible(), "cookies refused: the page says so");
    await close();
}

async function fails() {
    // The request in the background fails: the form is sent instead.
    const { context, page } = await visitor();
    await page.goto(INDEX);
    await page.route(PAGE, (route) => route.request().headers()["content-type"] === "application/json" ? route.abort() : route.continue());
    await button(page, "Reject all").click();
    await page.waitForFunction(() => !document.querySelector(".privacy-banner [name=choice]"));
    is(await record(context), NONE, "the background request fails: the form is sent");
    ok(await confirmation(page).isVisible(), "the background request fails: and the next page confirms");
    await context.close();
}

await play({
    firstVisit, accept, reject,
    "journey with script": () => journey(true), "journey without script": () => journey(false),
    withoutScript, loadsAgain,
    "keyboard with script": () => keyboard(true), "keyboard without script": () => keyboard(false),
    "signal with script": () => signal(true), "signal without script": () => signal(false),
    refused, fails,
});
await browser.close();
done();
