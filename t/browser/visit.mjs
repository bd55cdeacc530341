// Licensed under the Apache License, Version 2.0; see LICENSE.
//
// A visitor of the sites of t/browser.t in Chromium, and what can be seen of one.

import { createRequire } from "node:module";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ok } from "./tap.mjs";

const require = createRequire(process.env.PRIVACY_MODULES + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const SITE = "https://www.careers.test";
export const INDEX = SITE + "/index.html";
export const PLAIN = SITE + "/plain.html";
export const PAGE = SITE + "/privacy-preferences";
export const TRACKERS = /^https:\/\/(www\.google-analytics\.com|connect\.facebook\.net|www\.youtube\.com)\//;

const how = {
    executablePath: process.env.PRIVACY_CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", `--host-resolver-rules=MAP *:443 127.0.0.1:${process.env.PRIVACY_PORT}`],
};
export const browser = await chromium.launch(how);

// Somebody whose browser is set to refuse all cookies.
export async function refusing() {
    const profile = mkdtempSync(join(tmpdir(), "privacy-profile-"));
    mkdirSync(join(profile, "Default"));
    writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }));
    const context = await chromium.launchPersistentContext(profile, { ...how, ignoreHTTPSErrors: true });
    const close = async () => {
        await context.close();
        rmSync(profile, { recursive: true, force: true });
    };
    return { context, page: await context.newPage(), close };
}

// Somebody who comes for the first time. Whatever else is tried, no script fails, and no policy of a page is broken.
export async function visitor(options = {}) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
    const asked = [];
    context.on("request", (request) => {
        if (TRACKERS.test(request.url())) {
            asked.push(request.url().replace(/^https:\/\//, ""));
        }
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => ok(false, "no script fails", String(error)));
    page.on("console", (message) => {
        if (/Content Security Policy|Refused to/.test(message.text()) && !options.hostile) {
            ok(false, "no Content-Security-Policy is violated", message.text());
        }
    });
    return { context, page, asked };
}

export async function jar(context) {
    const cookies = await context.cookies(SITE);
    return Object.fromEntries(cookies.map((cookie) => [cookie.name, cookie.value]));
}

// The record, as the categories that it grants and denies.
export async function record(context) {
    const value = (await jar(context)).privacy_consent;
    if (value === undefined) {
        return undefined;
    }
    const keys = new URLSearchParams(value);
    return Object.fromEntries(["analytics", "remarketing", "media", "g"].filter((key) => keys.has(key)).map((key) => [key, keys.get(key)]));
}

// The names of all cookies but the record's.
export const others = async (context) => Object.keys(await jar(context)).filter((name) => name !== "privacy_consent").sort();

export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const banner = (page) => page.getByRole("region", { name: "Cookies on this site" });
export const asks = async (page) => await page.locator(".privacy-banner [name=choice]").count() > 0;
export const confirmation = (page) => page.getByRole("status").getByText("Your choice has been saved.");
export const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim());

// What has run of the stand-ins' scripts, once it is what is wanted.
export async function settled(page, names) {
    await page.waitForFunction((want) => (window.ran || []).slice().sort().join() === want, names.slice().sort().join(), { timeout: 30000 })
        .catch(() => {});
    return page.evaluate(() => (window.ran || []).slice());
}

// axe-core finds nothing: neither what is wrong, nor a contrast that it cannot tell. It cannot where something stays in
// view over what scrolls, so that the window is made as tall as the page; one that is narrow stays as it is.
export async function accessible(page, name) {
    const size = page.viewportSize();
    if (size.width >= 640) {
        await page.setViewportSize({ width: size.width, height: 4000 });
    }
    await page.evaluate(axe);
    const result = await page.evaluate(() => window.axe.run(document, { iframes: false, rules: { "target-size": { enabled: true } } }));
    const unsure = result.incomplete.filter((rule) => rule.id === "color-contrast");
    const found = [...result.violations, ...unsure];
    await page.setViewportSize(size);
    ok(found.length === 0 && result.passes.length >= 10, `axe: ${name}`,
        found.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.target + " " + node.failureSummary).join("; ")}`).join(" | "));
}
