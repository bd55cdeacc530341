// Licensed under the Apache License, Version 2.0; see LICENSE.
//
// The trackers that the shipped policy names, in Chromium. t/trackers.t starts it, and has the pages. Says TAP.

import { createRequire } from "node:module";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { done, is, ok, play } from "./tap.mjs";

const require = createRequire(process.env.PRIVACY_MODULES + "/");
const { chromium } = require("playwright-core");
const ROOT = process.env.PRIVACY_ROOT;

const SITE = "https://www.careers.test";
const UNRULED = "https://www.unruled.test";
const PREFERENCES = SITE + "/privacy-preferences";
// What Chromium may ask for itself is nobody's tracker.
const TRACKERS = /(^|\.)(google-analytics\.com|googletagmanager\.com|doubleclick\.net|googleadservices\.com|facebook\.(com|net))$/;

// For each page of t/trackers.t what its tags ask for when they run, what a browser without script asks for, and what is
// in the jar then. The names of doubleclick.net's and facebook.com's own cookies are those of third parties.
const GA = ["__utma", "__utmb", "__utmc", "__utmt", "__utmz"];
const UA = ["_ga", "_gat", "_gid"];
const PAGES = {
    "classic": { asks: ["ssl.google-analytics.com/ga.js", "ssl.google-analytics.com/__utm.gif"], sets: GA },
    "display": { asks: ["stats.g.doubleclick.net/dc.js", "ssl.google-analytics.com/__utm.gif"], sets: GA },
    "traditional": { asks: ["ssl.google-analytics.com/ga.js", "ssl.google-analytics.com/__utm.gif"], sets: GA },
    "universal": { asks: ["www.google-analytics.com/analytics.js", "www.google-analytics.com/j/collect"], sets: UA },
    "alternative": { asks: ["www.google-analytics.com/analytics.js", "www.google-analytics.com/j/collect"], sets: UA },
    "ga4": { asks: ["www.googletagmanager.com/gtag/js", "region1.google-analytics.com/g/collect"], sets: ["_ga", "_ga_TEST"] },
    "gtm": {
        asks: ["www.googletagmanager.com/gtm.js", "ssl.google-analytics.com/__utm.gif", "www.google-analytics.com/j/collect",
            "region1.google-analytics.com/g/collect"],
        sets: [...GA, ...UA, "_ga_TEST"], without: ["www.googletagmanager.com/ns.html"],
    },
    "dc-gtag": {
        asks: ["www.googletagmanager.com/gtag/js", "ad.doubleclick.net/ddm/activity"], sets: ["IDE", "_gcl_au"],
        without: ["ad.doubleclick.net/ddm/activity"],
    },
    "dc-iframe": {
        asks: ["1234567.fls.doubleclick.net/activityi"], sets: ["IDE"], without: ["1234567.fls.doubleclick.net/activityi"],
    },
    "dc-written": { asks: ["ad.doubleclick.net/ddm/activity"], sets: ["IDE"] },
    "dc-image": {
        asks: ["ad.doubleclick.net/ddm/activity", "www.googleadservices.com/pagead/conversion.js"], sets: ["IDE", "_gcl_au"],
        without: ["ad.doubleclick.net/ddm/activity", "googleads.g.doubleclick.net/pagead/viewthroughconversion"],
    },
    "facebook": {
        asks: ["connect.facebook.net/en_US/fbevents.js", "www.facebook.com/tr"], sets: ["_fbp", "fr"], without: ["www.facebook.com/tr"],
    },
    "deferred": {
        asks: ["www.google-analytics.com/analytics.js", "www.google-analytics.com/j/collect", "connect.facebook.net/en_US/fbevents.js",
            "www.facebook.com/tr"],
        sets: [...UA, "_fbp", "fr"], without: ["www.facebook.com/tr"],
    },
};
const THIRD = ["IDE", "fr"];

// ---- the stand-in ----

// These run in the browser. Like the providers' scripts they write for the whole domain, and Google's newer ones ask the
// data layer for consent first.
const RUNTIME = {
    keep(...names) {
        const domain = location.hostname.replace(/^www/, "");
        names.forEach((name) => { document.cookie = `${name}=1.2.3; domain=${domain}; path=/; max-age=63072000; secure`; });
    },
    load(url) {
        const tag = document.createElement("script");
        tag.src = url;
        document.head.appendChild(tag);
    },
    see(url) {
        new Image().src = url;
    },
    may(storage) {
        let state;
        (window.dataLayer || []).forEach((entry) => {
            if (entry[0] === "consent" && entry[2][storage]) {
                state = entry[2][storage];
            }
        });
        return state !== "denied";
    },
    asked(command) {
        return (window.dataLayer || []).filter((entry) => entry[0] === command).map((entry) => entry[1]);
    },
};
const SCRIPTS = {
    "ga.js": () => {
        const hit = () => {
            keep("__utma", "__utmb", "__utmc", "__utmz", "__utmt");
            see("https://ssl.google-analytics.com/__utm.gif?utmwv=5");
        };
        window._gat = { _getTracker: () => ({ _trackPageview: hit }) };
        (window._gaq || []).forEach((call) => call[0] === "_trackPageview" && hit());
    },
    "analytics.js": () => {
        const queue = window[window.GoogleAnalyticsObject || "ga"].q || [];
        if (Array.from(queue).some((call) => call[0] === "send")) {
            keep("_ga", "_gid", "_gat");
            fetch("https://www.google-analytics.com/j/collect?v=1", { method: "POST", mode: "no-cors", keepalive: true });
        }
    },
    "js": () => {
        const id = new URL(document.currentScript.src).searchParams.get("id");
        if (id.startsWith("G-") && may("analytics_storage") && asked("config").includes(id)) {
            keep("_ga", "_ga_" + id.slice(2));
            navigator.sendBeacon("https://region1.google-analytics.com/g/collect?v=2");
        }
        if (id.startsWith("DC-") && may("ad_storage") && asked("event").includes("conversion")) {
            keep("_gcl_au");
            see("https://ad.doubleclick.net/ddm/activity/src=" + id.slice(3));
        }
    },
    "gtm.js": () => {
        window._gaq = window._gaq || [["_setAccount", "UA-0000000-5"], ["_trackPageview"]];
        window.ga = window.ga || Object.assign(() => {}, { q: [["create"], ["send"]] });
        (function () { window.dataLayer.push(arguments); })("config", "G-TEST");
        load("https://ssl.google-analytics.com/ga.js");
        load("https://www.google-analytics.com/analytics.js");
        load("https://www.googletagmanager.com/gtag/js?id=G-TEST&l=dataLayer");
    },
    "conversion.js": () => {
        keep("_gcl_au");
        see("https://googleads.g.doubleclick.net/pagead/viewthroughconversion/1234567/");
    },
    "fbevents.js": () => {
        if (window.fbq.queue.some((call) => call[0] === "track")) {
            keep("_fbp");
            see("https://www.facebook.com/tr/?id=1234567&ev=PageView");
        }
    },
};
SCRIPTS["dc.js"] = SCRIPTS["ga.js"];

let asked = [];
const PIXEL = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
const stand = createServer({ cert: readFileSync(ROOT + "/cert.pem"), key: readFileSync(ROOT + "/key.pem") }, (request, response) => {
    const host = request.headers.host;
    const path = request.url.replace(/[?;].*/, "");
    const script = SCRIPTS[path.replace(/.*\//, "")];
    if (TRACKERS.test(host)) {
        asked.push(host + request.url);
    }
    if (/doubleclick\.net$/.test(host) && !script) {
        response.setHeader("Set-Cookie", "IDE=1; Domain=.doubleclick.net; Path=/; Max-Age=34128000; Secure; HttpOnly; SameSite=None");
    } else if (/facebook\.com$/.test(host)) {
        response.setHeader("Set-Cookie", "fr=1; Domain=.facebook.com; Path=/; Max-Age=7776000; Secure; HttpOnly; SameSite=None");
    }
    if (script) {
        const shared = Object.entries(RUNTIME).map(([name, body]) => `const ${name} = ({ ${body} }).${name};`).join("\n");
        response.setHeader("Content-Type", "text/javascript");
        response.end(`(function () { ${shared}\n(${script})(); })();`);
    } else if (/collect$/.test(path)) {
        response.writeHead(204).end();
    } else if (/activityi$|ns\.html$/.test(path)) {
        response.setHeader("Content-Type", "text/html");
        response.end("<!DOCTYPE html><title>Frame</title>");
    } else {
        response.setHeader("Content-Type", "image/gif");
        response.setHeader("Cache-Control", "no-store");
        response.end(PIXEL);
    }
});
stand.on("secureConnection", (socket) => {
    if (TRACKERS.test(socket.servername || "")) {
        asked.push("connect " + socket.servername);
    }
});
await new Promise((done) => stand.listen(0, "127.0.0.1", done));

const launch = {
    executablePath: process.env.PRIVACY_CHROMIUM,
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
    args: ["--no-sandbox", "--disable-gpu", `--host-resolver-rules=MAP www.careers.test:443 127.0.0.1:${process.env.PRIVACY_PORT},`
        + `MAP www.unruled.test:443 127.0.0.1:${process.env.PRIVACY_PORT},MAP * 127.0.0.1:${stand.address().port}`],
};
// A profile as most browsers have it: private windows, and Debian's own choice, refuse the cookies of third parties.
async function launched(name, options) {
    const directory = `${ROOT}/profile-${name}`;
    mkdirSync(directory + "/Default", { recursive: true });
    writeFileSync(directory + "/Default/Preferences", JSON.stringify({
        profile: { cookie_controls_mode: 0, block_third_party_cookies: false },
    }));
    return chromium.launchPersistentContext(directory, { ...launch, ...options, ignoreHTTPSErrors: true });
}
const profile = await launched("scripts", {});
const scriptless = await launched("no-scripts", { javaScriptEnabled: false });

// ---- what is looked at ----

// A visitor who comes for the first time.
async function visitor(context = profile) {
    await Promise.all(context.pages().slice(1).map((page) => page.close()));
    const page = await context.newPage();
    await context.clearCookies();
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.clearBrowserCache");
    await devtools.detach();
    return { context, page };
}

const jar = async (context) => (await context.cookies()).map((cookie) => cookie.name).sort();
const trackers = async (context) => (await jar(context)).filter((name) => !/^(privacy_consent|site_message_)/.test(name));
const requests = () => asked.filter((url) => !url.startsWith("connect "));
const missing = (want) => want.filter((start) => !requests().some((url) => url.startsWith(start)));
const banner = (page) => page.locator(".privacy-banner");
// Many times what the control needs.
const quiet = (page) => page.waitForTimeout(200);

// Up to half a minute: what is waited for takes tenths of a second, but not on every machine.
async function until(condition) {
    for (const end = Date.now() + 30000; Date.now() < end && !await condition();) {
        await new Promise((done) => setTimeout(done, 30));
    }
}

// All that the page's tags do when they run: waits for it.
async function works(context, name, when) {
    const { asks, sets } = PAGES[name];
    const lacks = async () => { const has = await jar(context); return sets.filter((cookie) => !has.includes(cookie)); };
    await until(async () => missing(asks).length === 0 && (await lacks()).length === 0);
    is([missing(asks), await lacks()], [[], []], `${name}, ${when}: its requests arrive, its cookies are there`);
}

async function held(page, context, name, when) {
    await quiet(page);
    is([asked, await trackers(context)], [[], []], `${name}, ${when}: no request, no connection, no cookie`);
}

async function go(page, url) {
    asked = [];
    await page.goto(url);
}

async function accept(page) {
    await page.getByRole("button", { name: "Accept all", exact: true }).click();
}

async function withdraw(page) {
    await page.goto(PREFERENCES);
    for (const ticked = page.getByRole("checkbox", { checked: true }); await ticked.count() > 0;) {
        await ticked.first().uncheck();
    }
    await page.getByRole("button", { name: "Save my choices", exact: true }).click();
    await page.waitForURL(PREFERENCES + "?saved");
}

// ---- scenarios ----

// Without the module everything runs: what the others find absent could have been there.
async function control() {
    for (const name of Object.keys(PAGES)) {
        const { context, page } = await visitor();
        await go(page, `${UNRULED}/${name}.html`);
        await works(context, name, "without a policy");
    }
    const { context, page } = await visitor(scriptless);
    for (const name of Object.keys(PAGES).filter((key) => PAGES[key].without)) {
        await go(page, `${UNRULED}/${name}.html`);
        await until(async () => missing(PAGES[name].without).length === 0);
        is(missing(PAGES[name].without), [], `${name}, without a policy and script: its requests arrive`);
    }
}

async function undecided() {
    for (const [how, one] of [["with", profile], ["without", scriptless]]) {
        const { context, page } = await visitor(one);
        for (const name of [...Object.keys(PAGES), "every"]) {
            await go(page, `${SITE}/${name}.html`);
            await held(page, context, name, `undecided, ${how} script`);
        }
    }
}

// Each page has its own visitor, who decides in place.
async function accepted() {
    for (const name of Object.keys(PAGES)) {
        const { context, page } = await visitor();
        await go(page, `${SITE}/${name}.html`);
        await accept(page);
        await works(context, name, "accepted on the page");
        is(await page.locator("h1").count(), 1, `${name}, accepted on the page: the page is still there`);
    }
}

async function withdrawn() {
    const { context, page } = await visitor();
    const firstParty = async () => (await trackers(context)).filter((cookie) => !THIRD.includes(cookie));
    await go(page, `${SITE}/plain.html`);
    await accept(page);
    await page.getByRole("status").getByText("Your choice has been saved.").waitFor();
    for (const name of Object.keys(PAGES)) {
        await go(page, `${SITE}/${name}.html`);
        await works(context, name, "accepted before");
    }
    await withdraw(page);
    is(await firstParty(), [], "withdrawn: the site's own cookies are gone, all of them");
    for (const name of [...Object.keys(PAGES), "every"]) {
        await go(page, `${SITE}/${name}.html`);
        await quiet(page);
        is([requests(), await firstParty()], [[], []], `${name}, withdrawn: no request, and no cookie comes back`);
    }
}

async function withoutScript() {
    const { context, page } = await visitor(scriptless);
    await go(page, `${SITE}/plain.html`);
    await accept(page);
    await page.waitForURL(`${SITE}/plain.html`);
    for (const name of Object.keys(PAGES).filter((key) => PAGES[key].without)) {
        await go(page, `${SITE}/${name}.html`);
        await until(async () => missing(PAGES[name].without).length === 0);
        is(missing(PAGES[name].without), [], `${name}, accepted, without script: its requests arrive`);
    }
}

// What httpd was asked, as t/trackers.t has it logged: host, path, Sec-Purpose.
const served = () => readFileSync(ROOT + "/logs/asked", "utf8");

// The next page is fetched before it is looked at, and decided upon in between.
async function ahead() {
    for (const decides of [false, true]) {
        const when = decides ? "decided before it is shown" : "undecided";
        const { context, page } = await visitor();
        const before = served().length;
        const fetched = () => /www\.careers\.test \/next\.cgi prefetch/.test(served().slice(before));
        // Whether it does is Chromium's to say: on a machine that is busy it takes more than one invitation.
        for (let i = 0; i < 5 && !fetched(); i++) {
            await go(page, `${SITE}/ahead.html`);
            await until(async () => fetched());
        }
        ok(fetched(), `prefetch, ${when}: the next page was fetched ahead`);
        is([asked, await jar(context)], [[], []], `prefetch, ${when}: no tracker is asked, and no message taken for seen`);
        if (decides) {
            await accept(page);
            await page.getByRole("status").getByText("Your choice has been saved.").waitFor();
        }
        await page.locator("#next").click();
        await page.waitForURL(SITE + "/next.cgi");
        if (decides) {
            await works(context, "universal", `prefetch, ${when}`);
            await works(context, "facebook", `prefetch, ${when}`);
        } else {
            await held(page, context, "next", `prefetch, ${when}`);
        }
        is(await banner(page).getByRole("button", { name: "Accept all" }).count(), decides ? 0 : 1, `prefetch, ${when}: it asks who has not decided`);
    }
}

// A page that was kept alive never says again that it has loaded.
async function travel(page, steps) {
    const from = page.url();
    await page.evaluate((n) => { setTimeout(() => window.history.go(n)); }, steps);
    await until(() => page.url() !== from);
    await page.waitForFunction(() => document.readyState === "complete");
}

// Pages that the visitor has seen before a choice, and comes back to after it: kept alive by the browser, or from its cache.
async function comesBack() {
    for (const alive of [true, false]) {
        const how = alive ? "kept alive" : "from the cache";
        const { context, page } = await visitor();
        // A page that somebody else may reach is not kept alive.
        const open = async (url) => {
            await go(page, url);
            if (!alive) {
                await page.evaluate(() => { window.addEventListener("unload", () => {}); });
            }
        };
        await open(`${SITE}/universal.html`);
        await held(page, context, "universal", `undecided, ${how}`);
        await open(`${SITE}/plain.html`);
        await accept(page);
        await page.getByRole("status").getByText("Your choice has been saved.").waitFor();
        asked = [];
        await travel(page, -1);
        await works(context, "universal", `back, after a grant, ${how}`);
        is(await banner(page).getByRole("button", { name: "Accept all" }).count(), 0, `back, after a grant, ${how}: not asked again`);
        await travel(page, 1);
        is(await banner(page).getByRole("button", { name: "Accept all" }).count(), 0, `forward, after a grant, ${how}: nor there`);

        await open(`${SITE}/universal.html`);
        await works(context, "universal", `granted, ${how}`);
        await withdraw(page);
        asked = [];
        await travel(page, -2);
        is(page.url(), `${SITE}/universal.html`, `back, after a withdrawal, ${how}: the page it is about`);
        await quiet(page);
        is([requests(), await trackers(context)], [[], []], `back, after a withdrawal, ${how}: no request, and no cookie comes back`);
        await page.reload();
        await quiet(page);
        is([requests(), await trackers(context)], [[], []], `reload, after a withdrawal, ${how}: nor then`);
        is(await page.locator("script[type='text/plain']").count(), 1, `reload, after a withdrawal, ${how}: the tag is held`);
    }
}

await play({ control, undecided, accepted, withdrawn, withoutScript, ahead, comesBack });
await profile.close();
await scriptless.close();
stand.close();
stand.closeAllConnections();
done();
