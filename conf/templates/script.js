/* Optional: without it the banner's form is sent and the page loads again. With it the choice is recorded in the
 * background, what was held back is let go at once, and the page stays where it is. */
(function () {
    "use strict";

    var PREFIX = "data-privacy-";
    var banner = document.getElementById("privacy-banner");
    if (!banner || !window.fetch || !window.Promise) {
        return;
    }
    var form = banner.querySelector("form");
    var status = banner.querySelector(".privacy-status");
    var after = banner.querySelector(".privacy-after");
    var close = banner.querySelector(".privacy-close");

    /* A confirmation, whoever wrote it, goes without another request. */
    if (close) {
        close.addEventListener("click", function (event) {
            event.preventDefault();
            banner.remove();
        });
    }
    /* It is all that there is; or a site's own banner has no room for one, and the server writes it. */
    if (!form || !status || !after || !close) {
        return;
    }

    /* The element as its author wrote it. A script that was inert stays so: it takes a new one to run. */
    function restored(element, copy) {
        Array.prototype.slice.call(element.attributes).forEach(function (attribute) {
            var name = attribute.name;
            if (name === "data-privacy-category" || (name === "type" && copy !== element)) {
                return;
            }
            if (name.indexOf(PREFIX) === 0) {
                copy.setAttribute(name.slice(PREFIX.length), attribute.value);
                if (copy === element) {
                    element.removeAttribute(name);
                }
            } else if (copy !== element) {
                copy.setAttribute(name, attribute.value);
            }
        });
        return copy;
    }

    /* Puts a script into its place again, where it runs. The promise is of its end, for what has to wait for it. */
    function run(held, waits) {
        var script = restored(held, document.createElement("script"));
        var external = script.hasAttribute("src");
        script.async = script.hasAttribute("async");
        script.text = held.textContent;
        /* Browsers hide a nonce from attributes. */
        if (held.nonce) {
            script.nonce = held.nonce;
        }
        return new Promise(function (done) {
            if (external && waits) {
                script.addEventListener("load", done);
                script.addEventListener("error", done);
            }
            held.parentNode.replaceChild(script, held);
            if (!external || !waits) {
                done();
            }
        });
    }

    function isLate(held) {
        var type = held.getAttribute(PREFIX + "type");
        return type === "module" || (held.hasAttribute("defer") && held.hasAttribute(PREFIX + "src"));
    }

    function isAsync(held) {
        return held.hasAttribute("async") && (held.hasAttribute(PREFIX + "src") || held.getAttribute(PREFIX + "type") === "module");
    }

    /* Everything held for these categories: scripts in the order in which the page would have run them. */
    function letGo(granted) {
        var isGranted = function (element) {
            return granted.indexOf(element.getAttribute("data-privacy-category")) >= 0;
        };
        var held = Array.prototype.filter.call(document.querySelectorAll("[data-privacy-category]"), isGranted);
        var scripts = [];
        held.forEach(function (element) {
            if (element.localName === "script" && element.getAttribute("type") === "text/plain") {
                scripts.push(element);
            } else {
                restored(element, element).removeAttribute("data-privacy-category");
            }
        });
        document.querySelectorAll(".privacy-placeholder").forEach(function (placeholder) {
            if (granted.indexOf(placeholder.getAttribute("data-privacy-for")) >= 0) {
                placeholder.remove();
            }
        });
        scripts.filter(isAsync).forEach(function (script) { run(script, false); });
        scripts = scripts.filter(function (script) { return !isAsync(script); });
        return scripts.filter(function (script) { return !isLate(script); }).concat(scripts.filter(isLate))
            .reduce(function (before, script) {
                return before.then(function () { return run(script, true); });
            }, Promise.resolve());
    }

    /* What was written for the parser would now write over the whole page. */
    function writes(granted) {
        return Array.prototype.some.call(document.querySelectorAll("script[data-privacy-category]"), function (script) {
            return granted.indexOf(script.getAttribute("data-privacy-category")) >= 0
                && script.getAttribute("type") === "text/plain" && !script.hasAttribute(PREFIX + "src")
                && /\bdocument\s*\.\s*(write|open)/.test(script.textContent);
        });
    }

    function tellTags(mode) {
        if (mode) {
            window.dataLayer = window.dataLayer || [];
            (function () { window.dataLayer.push(arguments); })("consent", "update", mode);
        }
    }

    function confirmed() {
        form.remove();
        status.textContent = status.getAttribute("data-privacy-done");
        after.hidden = false;
        close.focus();
    }

    /* The server confirms what is sent as a form, on the next page that it sends. */
    function loadAgain(choice) {
        var body = new URLSearchParams(new FormData(form));
        var reload = function () { window.location.reload(); };
        body.set("choice", choice);
        fetch(form.action, { method: "POST", body: body, redirect: "manual", credentials: "same-origin" }).then(reload, reload);
    }

    function show(state, choice) {
        var withdrawn = state.categories.some(function (category) { return category.withdrawn; });
        var granted = state.categories.filter(function (category) { return category.granted; })
            .map(function (category) { return category.name; });
        /* What runs already cannot be stopped. */
        if (withdrawn || writes(granted)) {
            loadAgain(choice);
            return;
        }
        confirmed();
        tellTags(state.consent_mode);
        letGo(granted)
            .then(function () {
                document.dispatchEvent(new CustomEvent("privacy-choice", { detail: state }));
            });
    }

    form.addEventListener("submit", function (event) {
        var button = event.submitter;
        if (!button || button.name !== "choice") {
            return;
        }
        event.preventDefault();
        fetch(form.action, {
            method: "POST",
            headers: { "Content-Type": "application/json", "Accept": "application/json" },
            body: JSON.stringify({ choice: button.value }),
            credentials: "same-origin"
        }).then(function (response) {
            if (!response.ok) {
                throw new Error(String(response.status));
            }
            return response.json();
        }).then(function (state) {
            show(state, button.value);
        }).catch(function () {
            /* The way without script works still. */
            var choice = document.createElement("input");
            choice.type = "hidden";
            choice.name = "choice";
            choice.value = button.value;
            form.appendChild(choice);
            form.submit();
        });
    });
}());
