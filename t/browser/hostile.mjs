// Licensed under the Apache License, Version 2.0; see LICENSE.
//
// Another site, and another host of the same one, that try to decide for the visitor, or to learn what was decided; and
// values that would like to be markup. t/browser.t starts it. Says TAP.

import { done, is, ok, play } from "./tap.mjs";
import { INDEX, PAGE, PLAIN, SITE, banner, browser, button, jar, record, visitor } from "./visit.mjs";

const EVERY = { analytics: "1", remarketing: "1", media: "1" };

// Sends a form as a page would, and says what the browser shows then.
async function sends(page, enctype, fields) {
    const [response] = await Promise.all([
        page.waitForResponse((answer) => answer.request().method() === "POST"),
        page.waitForNavigation(),
        page.evaluate(([action, type, names]) => {
            const form = document.createElement("form");
            Object.assign(form, { method: "post", action, enctype: type });
            Object.entries(names).forEach(([name, value]) => {
                const input = document.createElement("input");
                Object.assign(input, { type: "hidden", name, value });
                form.appendChild(input);
            });
            document.body.appendChild(form);
            form.submit();
        }, [PAGE, enctype, fields]),
    ]);
    return response.status();
}

const FORM = "application/x-www-form-urlencoded";

async function decides() {
    const { context, page } = await visitor({ hostile: true });
    await page.goto(PLAIN);
    is(await sends(page, FORM, { choice: "accept", return: "/plain.html" }), 303, "the site's own form is taken, or the rest says nothing");
    is(await record(context), EVERY, "and recorded");
    await context.clearCookies();

    for (const host of ["https://www.hostile.test", "https://forum.careers.test"]) {
        for (const [enctype, fields, status] of [
            [FORM, { choice: "accept" }, 403], [FORM, { choice: "accept", return: "/plain.html" }, 403],
            ["text/plain", { '{"choice":"accept","x":"': '"}' }, 403], ["multipart/form-data", { choice: "accept" }, 403],
            [FORM, { message: "cookies" }, 403],
        ]) {
            await page.goto(host);
            is(await sends(page, enctype, fields), status, `${host}: a form as ${enctype}, ${Object.keys(fields)}: ${status}`);
            is(await jar(context), {}, `${host}: a form as ${enctype}: nothing changed`);
        }
        await page.goto(host);
        const sent = await page.evaluate(async (url) => {
            const tries = [
                { mode: "no-cors", body: new URLSearchParams({ choice: "accept" }) },
                { mode: "no-cors", headers: { "Content-Type": "text/plain" }, body: '{"choice":"accept"}' },
                { headers: { "Content-Type": "application/json" }, body: '{"choice":"accept"}' },
                { body: new URLSearchParams({ choice: "accept" }) },
            ];
            const said = [];
            for (const one of tries) {
                said.push(await fetch(url, { method: "POST", credentials: "include", ...one }).then((response) => response.type, () => "refused"));
            }
            said.push(navigator.sendBeacon(url, new URLSearchParams({ choice: "accept" })) ? "beacon" : "no");
            return said;
        }, PAGE);
        ok(!sent.includes("cors") && !sent.includes("basic"), `${host}: no script of its learns an answer`, sent);
        await page.goto(`${PAGE}?choice=accept`);
        is(await jar(context), {}, `${host}: neither fetch, beacon nor a link changes anything`);
    }
    await context.close();
}

async function looks() {
    const { context, page } = await visitor({ hostile: true });
    for (const host of ["https://www.hostile.test", "https://forum.careers.test", SITE]) {
        await page.goto(host + (host === SITE ? "/plain.html" : "/index.html"));
        const framed = page.waitForEvent("framenavigated", { predicate: (frame) => frame.parentFrame() !== null });
        await page.evaluate((url) => {
            const frame = document.createElement("iframe");
            frame.src = url;
            document.body.appendChild(frame);
        }, PAGE);
        await framed;
        const frame = page.frames().find((one) => one.parentFrame() !== null);
        ok(!(await frame.content().catch(() => "")).includes("privacy-page"), `${host}: the page is not shown in a frame`, frame.url());
    }
    for (const host of ["https://www.hostile.test", "https://forum.careers.test"]) {
        await page.goto(host);
        const read = await page.evaluate(async (url) => {
            const said = [];
            for (const one of [{}, { mode: "no-cors" }, { headers: { Accept: "application/json" } }]) {
                said.push(await fetch(url, { credentials: "include", ...one }).then((response) => response.type, () => "refused"));
            }
            said.push(await new Promise((done) => {
                const script = document.createElement("script");
                script.addEventListener("load", () => done("loaded"));
                script.addEventListener("error", () => done("refused"));
                script.src = url;
                document.body.appendChild(script);
            }));
            return said;
        }, PAGE);
        is(read, ["refused", "refused", "refused", "refused"], `${host}: what was decided is not read, nor loaded as something else`);
    }
    await context.close();
}

// Whatever comes from outside stands in the page as text.
async function markup() {
    const { context, page } = await visitor({ hostile: true });
    let alarms = 0;
    page.on("dialog", (dialog) => { alarms++; dialog.dismiss(); });
    await page.goto(PLAIN);
    await page.evaluate(() => { document.cookie = "_ga_<svg><script>alert(1)</script>=<svg onload=alert(1)>; path=/; secure"; });
    await page.goto(PAGE);
    ok(await page.getByText("_ga_<svg><script>alert(1)</script>").isVisible(), "a cookie's name is shown as it is");
    is(await page.locator("main svg, main script").count(), 0, "and makes no element");
    for (const back of ["javascript:alert(1)", "//www.hostile.test/", "/\\www.hostile.test", "https://www.hostile.test/", "data:text/html,x", "/\r\nX: y"]) {
        await page.goto(`${PAGE}?return=${encodeURIComponent(back)}`);
        is(await page.locator("main > p > a:not([href='/plain.html']), [name=return]").count(), 0, `return=${JSON.stringify(back)}: leads nowhere`);
        const status = await sends(page, FORM, { choice: "reject", return: back });
        is([status, await record(context)], [400, undefined], `return=${JSON.stringify(back)}: in a form it is refused, and nothing changed`);
    }
    await page.goto(`${PAGE}?return=/%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E`);
    is(await page.locator("main img").count(), 0, "a way back with markup makes no element");
    await page.goto(INDEX + "?\"><img src=x onerror=alert(1)>'&choice=accept");
    is(await banner(page).locator("img").count(), 0, "nor does a page's own address in the banner");
    await button(page, "Reject all").click();
    await page.waitForFunction(() => !document.querySelector("[name=choice]"));
    is(alarms, 0, "no script of these has run");
    await context.close();
}

await play({ decides, looks, markup });
await browser.close();
done();
