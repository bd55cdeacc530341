/*
 * Licensed under the Apache License, Version 2.0; see LICENSE.
 */

#include "page/pv_view.h"

#include <apr_sha1.h>
#include <apr_strings.h>
#include <apr_time.h>

#include "page/pv_own.h"

#define ON PV_SPAN("1")

static pv_span_t span_of(const char *text)
{
    return text ? pv_span(text, strlen(text)) : pv_span(NULL, 0);
}

static pv_span_t flag(int on)
{
    return on ? ON : pv_span(NULL, 0);
}

static pv_span_t asset_url(const pv_view_t *view, const pv_asset_t *asset, apr_pool_t *pool)
{
    return span_of(apr_pstrcat(pool, view->page->path, "/", asset->name, NULL));
}

static const pv_words_t *words_of(const pv_view_t *view)
{
    return view->page->editions[view->language].words;
}

/** Of a set of categories the titles, for a sentence. */
static pv_span_t titles(const pv_view_t *view, pv_set_t set, apr_pool_t *pool)
{
    pv_text_t text = { .pool = pool };

    for (int i = 0; i < view->policy->category_count; i++) {
        const char *title = view->policy->categories[i]->title;

        if (set & PV_BIT(i)) {
            pv_text_add(&text, ", ", text.len ? 2 : 0);
            pv_text_add(&text, title, strlen(title));
        }
    }
    return pv_text_done(&text);
}

/** The signals that are heard and that the policy listens to. */
static int fill_signals(const pv_view_t *view, pv_fill_t *rows, apr_pool_t *pool)
{
    int count = 0;

    for (int i = 0; i < PV_SIGNALS; i++) {
        const pv_signal_effect_t *effect = &view->policy->signals[i];
        pv_fill_t *row = rows + count * PV_SIGNAL_FILLS;

        if (!(view->consent->signals >> i & 1) || !(effect->denies | effect->denies_finally)) {
            continue;
        }
        row[PV_SIGNAL_FILL_GPC].text = flag(i == PV_SIGNAL_GPC);
        row[PV_SIGNAL_FILL_DNT].text = flag(i == PV_SIGNAL_DNT);
        row[PV_SIGNAL_FILL_CATEGORIES].text =
            titles(view, effect->denies | effect->denies_finally, pool);
        row[PV_SIGNAL_FILL_OUTWEIGHED].text = flag((effect->denies & ~effect->denies_finally) != 0);
        count++;
    }
    return count;
}

/** What the signals deny, finally or until the visitor decides otherwise. */
static pv_set_t signalled(const pv_view_t *view, int finally)
{
    pv_set_t set = 0;

    for (int i = 0; i < PV_SIGNALS; i++) {
        if (view->consent->signals >> i & 1) {
            set |=
                finally ? view->policy->signals[i].denies_finally : view->policy->signals[i].denies;
        }
    }
    return set;
}

static const pv_provider_t *find_provider(const pv_policy_t *policy, const char *name)
{
    for (int i = 0; name != NULL && i < policy->provider_count; i++) {
        if (strcmp(policy->providers[i]->decl.name, name) == 0) {
            return policy->providers[i];
        }
    }
    return NULL;
}

/** The names under which the browser holds a declared cookie, where a pattern does not
 *  tell them; *held says whether it holds any. */
static pv_span_t held_names(const pv_view_t *view, const pv_cookie_t *cookie, int *held,
                            apr_pool_t *pool)
{
    pv_text_t text = { .pool = pool };

    *held = 0;
    for (int i = 0; i < view->held_count; i++) {
        if (view->held[i].cookie == cookie) {
            *held = 1;
            pv_text_add(&text, ", ", text.len ? 2 : 0);
            pv_text_add(&text, view->held[i].name.ptr, view->held[i].name.len);
        }
    }
    return cookie->pattern == PV_PATTERN_EXACT ? pv_span(NULL, 0) : pv_text_done(&text);
}

static void fill_cookie(const pv_view_t *view, const pv_cookie_t *cookie, pv_fill_t *row,
                        apr_pool_t *pool)
{
    const pv_provider_t *provider = find_provider(view->policy, cookie->provider);
    int held;

    row[PV_COOKIE_NAME].text = span_of(cookie->decl.name);
    row[PV_COOKIE_LIFETIME].text =
        span_of(pv_words_lifetime(words_of(view), cookie->lifetime, pool));
    row[PV_COOKIE_PURPOSE].text = span_of(cookie->purpose);
    if (provider != NULL) {
        row[PV_COOKIE_PROVIDER].text = span_of(provider->title);
        row[PV_COOKIE_NOTICE].text = span_of(provider->notice);
        row[PV_COOKIE_OPTOUT].text = span_of(provider->optout);
    }
    row[PV_COOKIE_HELD_NAMES].text = held_names(view, cookie, &held, pool);
    row[PV_COOKIE_HELD].text = flag(held);
}

/** Where a row stands in its table. */
static void fill_place(pv_fill_t *row, int at, int count)
{
    row[PV_COOKIE_FIRST].text = flag(at == 0);
    row[PV_COOKIE_LAST].text = flag(at == count - 1);
}

static int fill_cookies(const pv_view_t *view, int category, const pv_fill_t **filled,
                        apr_pool_t *pool)
{
    const pv_policy_t *policy = view->policy;
    pv_fill_t *rows;
    int count = 0, at = 0;

    for (int i = 0; i < policy->cookie_count; i++) {
        count += policy->cookies[i]->category_index == category;
    }
    if (count == 0) {
        return 0;
    }
    rows = apr_pcalloc(pool, (apr_size_t)count * PV_COOKIE_FILLS * sizeof(*rows));
    for (int i = 0; i < policy->cookie_count; i++) {
        pv_fill_t *row = rows + (apr_size_t)at * PV_COOKIE_FILLS;

        if (policy->cookies[i]->category_index == category) {
            fill_cookie(view, policy->cookies[i], row, pool);
            fill_place(row, at++, count);
        }
    }
    *filled = rows;
    return count;
}

/** The cookies that are not the site's to declare. */
static int fill_own(const pv_view_t *view, const pv_fill_t **filled, apr_pool_t *pool)
{
    const pv_policy_t *policy = view->policy;
    int count = policy->own_count;
    pv_fill_t *rows = apr_pcalloc(pool, (apr_size_t)count * PV_COOKIE_FILLS * sizeof(*rows));

    for (int i = 0; i < count; i++) {
        pv_fill_t *row = rows + (apr_size_t)i * PV_COOKIE_FILLS;
        pv_own_t own = pv_own_describe(policy, words_of(view), policy->own[i], pool);
        int held;

        row[PV_COOKIE_NAME].text = span_of(own.cookie->decl.name);
        row[PV_COOKIE_LIFETIME].text = span_of(own.lifetime);
        row[PV_COOKIE_PURPOSE].text = span_of(own.purpose);
        row[PV_COOKIE_PROVIDER].text = span_of(own.provider);
        row[PV_COOKIE_HELD_NAMES].text = held_names(view, own.cookie, &held, pool);
        row[PV_COOKIE_HELD].text = flag(held);
        fill_place(row, i, count);
    }
    *filled = rows;
    return count;
}

static void fill_category(const pv_view_t *view, int index, pv_fill_t *row, apr_pool_t *pool)
{
    const pv_category_t *category = view->policy->categories[index];
    const pv_consent_t *consent = view->consent;
    pv_set_t bit = PV_BIT(index);
    int necessary = category->basis == PV_BASIS_NECESSARY;
    int settled = (consent->settled & bit) != 0;
    int final = (signalled(view, 1) & bit) != 0;

    row[PV_CATEGORY_NAME].text = span_of(category->decl.name);
    row[PV_CATEGORY_TITLE].text = span_of(category->title);
    row[PV_CATEGORY_DESCRIPTION].text = span_of(category->description);
    row[PV_CATEGORY_CHOICE].text = flag(!necessary && !settled);
    row[PV_CATEGORY_GRANTED].text = flag((consent->granted & bit) != 0);
    row[PV_CATEGORY_NECESSARY].text = flag(necessary);
    row[PV_CATEGORY_FINAL].text = flag(final);
    row[PV_CATEGORY_SOURCE].text = flag(settled && !final);
    row[PV_CATEGORY_SIGNAL].text = flag(!settled && !(consent->granted & bit) &&
                                        !(consent->chosen & bit) && (signalled(view, 0) & bit));
    row[PV_CATEGORY_OPTOUT].text = flag(category->basis == PV_BASIS_OPT_OUT && !settled);
    row[PV_CATEGORY_COOKIES].rows = fill_cookies(view, index, &row[PV_CATEGORY_COOKIES].row, pool);
}

/** A day as ISO 8601 writes it, which no language misreads. */
static pv_span_t day(apr_int64_t seconds, apr_pool_t *pool)
{
    apr_time_exp_t t;

    apr_time_exp_gmt(&t, apr_time_from_sec(seconds));
    return span_of(apr_psprintf(pool, "%04d-%02d-%02d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday));
}

pv_span_t pv_view_page(const pv_view_t *view, apr_pool_t *pool)
{
    const pv_policy_t *policy = view->policy;
    pv_fill_t fill[PV_PAGE_FILLS] = { { .rows = 0 } };
    pv_fill_t *signals = apr_pcalloc(pool, PV_SIGNALS * PV_SIGNAL_FILLS * sizeof(*signals));
    pv_fill_t *rows = apr_pcalloc(pool, ((apr_size_t)policy->category_count + 1) *
                                            PV_CATEGORY_FILLS * sizeof(*rows));
    pv_text_t out = { .pool = pool };
    int current = view->record != NULL && view->record->current;

    fill[PV_PAGE_LANG].text = span_of(view->page->languages[view->language]);
    fill[PV_PAGE_DIR].text = span_of(pv_words_get(words_of(view), "dir"));
    fill[PV_PAGE_POLICY_LANG].text = span_of(view->page->languages[0]);
    fill[PV_PAGE_STYLE].text = asset_url(view, &view->page->style, pool);
    fill[PV_PAGE_ACTION].text = span_of(view->page->path);
    fill[PV_PAGE_RETURN].text = view->back;
    fill[PV_PAGE_NOTICE].text = span_of(policy->notice);
    fill[PV_PAGE_VERSION].text = span_of(policy->version);
    if (policy->version_date != NULL && strcmp(policy->version_date, policy->version) != 0) {
        fill[PV_PAGE_DATE].text = span_of(policy->version_date);
    }
    if (current) {
        fill[PV_PAGE_DECIDED].text = day(view->record->time, pool);
    }
    fill[PV_PAGE_SAVED].text = flag(view->saved && current);
    fill[PV_PAGE_UNSAVED].text = flag(view->saved && !current);
    fill[PV_PAGE_REPORT].text = flag(view->report);
    fill[PV_PAGE_SIGNALS].row = signals;
    fill[PV_PAGE_SIGNALS].rows = fill_signals(view, signals, pool);
    for (int i = 0; i < policy->category_count; i++) {
        fill_category(view, i, rows + (apr_size_t)i * PV_CATEGORY_FILLS, pool);
    }
    fill[PV_PAGE_CATEGORIES].row = rows;
    fill[PV_PAGE_CATEGORIES].rows = policy->category_count;
    fill[PV_PAGE_OWN].rows = fill_own(view, &fill[PV_PAGE_OWN].row, pool);
    pv_template_write(view->page->editions[view->language].page, fill, &out);
    return pv_text_done(&out);
}

/** The slots that messages and placeholders have in common. */
static void fill_common(const pv_view_t *view, pv_fill_t *fill, apr_pool_t *pool)
{
    memset(fill, 0, PV_FILLS * sizeof(*fill));
    fill[PV_FILL_LANG].text = span_of(view->page->languages[view->language]);
    fill[PV_FILL_DIR].text = span_of(pv_words_get(words_of(view), "dir"));
    fill[PV_FILL_STYLE].text = asset_url(view, &view->page->style, pool);
    fill[PV_FILL_SCRIPT].text = asset_url(view, &view->page->script, pool);
    fill[PV_FILL_ACTION].text = span_of(view->page->path);
    fill[PV_FILL_RETURN].text = view->back.len ? view->back : PV_SPAN("/");
    fill[PV_FILL_NOTICE].text = span_of(view->policy->notice);
}

static void write_message(const pv_view_t *view, const pv_message_t *message,
                          const pv_template_t *template, pv_text_t *out)
{
    pv_fill_t fill[PV_FILLS];

    fill_common(view, fill, out->pool);
    fill[PV_FILL_NAME].text = span_of(message->decl.name);
    pv_template_write(template, fill, out);
}

void pv_view_message(const pv_view_t *view, const pv_message_t *message, pv_text_t *out)
{
    write_message(view, message, view->page->editions[view->language].messages[message->index],
                  out);
}

void pv_view_confirmation(const pv_view_t *view, const pv_message_t *message, pv_text_t *out)
{
    write_message(view, message, view->page->editions[view->language].confirmation, out);
}

pv_span_t pv_view_placeholder(const pv_view_t *view, const pv_category_t *category,
                              const pv_provider_t *provider, apr_pool_t *pool)
{
    pv_fill_t fill[PV_FILLS];
    pv_text_t out = { .pool = pool };

    fill_common(view, fill, pool);
    fill[PV_FILL_NAME].text = span_of(category->decl.name);
    fill[PV_FILL_CATEGORY].text = span_of(category->title);
    fill[PV_FILL_PROVIDER].text = span_of(provider ? provider->title : NULL);
    pv_template_write(view->page->editions[view->language].placeholder, fill, &out);
    return pv_text_done(&out);
}

void pv_view_mode_script(unsigned keys, pv_asset_t *asset, apr_pool_t *pool)
{
    /* The queue takes the arguments object of a call, and no array. */
    static const char head[] = "window.dataLayer=window.dataLayer||[];"
                               "(function(){window.dataLayer.push(arguments)})"
                               "(\"consent\",\"default\",{";
    unsigned char sum[APR_SHA1_DIGESTSIZE];
    pv_text_t text = { .pool = pool };
    char digest[17];
    apr_sha1_ctx_t sha;
    pv_span_t done;

    pv_text_add(&text, head, sizeof(head) - 1);
    for (int key = 0; key < PV_MODE_KEYS; key++) {
        const char *member = apr_pstrcat(pool, key ? ",\"" : "\"", pv_mode_key_names[key], "\":\"",
                                         (keys >> key & 1) ? "granted" : "denied", "\"", NULL);

        pv_text_add(&text, member, strlen(member));
    }
    pv_text_add(&text, "});\n", 4);
    done = pv_text_done(&text);
    apr_sha1_init(&sha);
    apr_sha1_update_binary(&sha, (const unsigned char *)done.ptr, (unsigned)done.len);
    apr_sha1_final(sum, &sha);
    for (int i = 0; i < 8; i++) {
        apr_snprintf(digest + 2 * i, 3, "%02x", sum[i]);
    }
    asset->name = apr_psprintf(pool, "consent-%02x-%s.js", keys, digest);
    asset->type = "text/javascript; charset=utf-8";
    asset->text = done.ptr;
    asset->len = done.len;
}
