// Licensed under the Apache License, Version 2.0; see LICENSE.
//
// What scripts of this folder say to t/lib/Privacy/Browser.pm.

let count = 0;

export function ok(good, name, why) {
    console.log(`${good ? "" : "not "}ok ${++count} - ${name}`);
    if (!good && why !== undefined) {
        console.log("# " + (typeof why === "string" ? why : JSON.stringify(why)));
    }
}

export function is(got, want, name) {
    const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
    ok(a === b, name, `got ${a}, want ${b}`);
}

// One after the other; one that does not come to its end fails, and the others go on.
export async function play(scenarios) {
    for (const [name, scenario] of Object.entries(scenarios)) {
        const began = Date.now();
        await scenario().catch((error) => ok(false, `${name} goes to its end`, String(error)));
        if (process.env.PRIVACY_TIMES) {
            console.log(`# ${name}: ${Date.now() - began} ms`);
        }
    }
}

export function done() {
    console.log(`1..${count}`);
}
