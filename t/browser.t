# Licensed under the Apache License, Version 2.0; see LICENSE.

# The visitor decides, in a real browser: t/browser/visitor.mjs drives Debian's Chromium through what a visitor does,
# with and without script and by keyboard alone; looks.mjs asks axe-core about every state in every language; hostile.mjs
# is another site that tries to decide for the visitor. The trackers' real host names lead to a stand-in that sets their
# cookies.
#
# PRIVACY_SHOTS=docs/images prove t/browser.t also makes the documentation's screenshots.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Cwd qw(abs_path);
use Privacy::Browser;
use Privacy::Test;

my $top = abs_path("$FindBin::Bin/..");

needs_browser('axe-core');
needs_module(qw(ssl headers));

# A language that nobody ships, written from right to left: the English texts will do.
my $arabic = do {
    open my $fh, '<', "$top/conf/templates/words.en" or die $!;
    local $/;
    <$fh> =~ s/^dir = ltr$/dir = rtl/mr;
};

my $tracker = "window.ran = (window.ran || []).concat('%s'); document.cookie = '%s=1; max-age=63072000; path=/';";
my $httpd = httpd(
    tls     => 1,
    modules => ['headers'],
    files   => {
        '/templates/words.ar'       => $arabic,
        '/site/index.html'          => <<'HTML',
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Vacancies</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script nonce="n0nce" src="https://www.google-analytics.com/first.js"></script>
<script nonce="n0nce">ga('create'); window.ran.push('inline');</script>
<script nonce="n0nce" src="https://www.google-analytics.com/second.js"></script>
<script nonce="n0nce" defer src="https://www.google-analytics.com/deferred.js"></script>
<script nonce="n0nce" type="module" src="https://www.google-analytics.com/module.js"></script>
<script nonce="n0nce" src="https://www.google-analytics.com/third.js"></script>
<script nonce="n0nce" async src="https://www.google-analytics.com/async.js"></script>
<script nonce="n0nce" src="https://connect.facebook.net/pixel.js"></script>
</head><body><main><h1>Vacancies</h1><p>Nurse, teacher, gardener.</p>
<iframe title="A film" width="300" height="150" src="https://www.youtube.com/embed/1"></iframe></main>
<footer><a href="/privacy-preferences">Our cookies</a></footer></body></html>
HTML
        # It says no encoding, and so has windows-1252.
        '/site/plain.html' => <<'HTML',
<!DOCTYPE html><html lang=en><meta name=viewport content="width=device-width"><meta name=color-scheme content="light dark"><title>Vacancies</title>
<style>html { color: CanvasText; background: Canvas; } body { margin: 0; font-family: system-ui, sans-serif; } main { max-width: 60rem; margin: auto; padding: 1rem; }</style>
<body><main><h1>Vacancies</h1><p>We look for a nurse, a teacher and a gardener.</p><p>Tell us who you are, and what you would like to do.</p></main></body></html>
HTML
        '/site/loud.html'  => <<'HTML',
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Loud</title>
<style>
html { font-size: 62.5%; } body { margin: 0; text-transform: uppercase; letter-spacing: 3px; }
* { font-size: 30px; box-sizing: content-box; }
button, a, section, p, form, h2 { float: right; color: red; background: yellow; }
body section p { position: absolute; } h2 { font-size: 60px; margin: 3em; } form { padding: 2em; } section { width: 50%; }
button { border: 0; padding: 0; min-width: 90%; }
</style>
</head><body><main><h1>Loud</h1><p style="color: black">Text. <button style="background: white; color: rgb(255, 0, 0)">Apply</button></p></main></body></html>
HTML
        '/hostile/index.html' => "<!DOCTYPE html><html lang=en><title>Hostile</title><body><main><h1>Hostile</h1></main></body></html>",
        '/tracker/first.js'    => sprintf("window.ga = function () {}; $tracker", 'first', '_ga'),
        '/tracker/second.js'   => sprintf($tracker, 'second',   '_gid'),
        '/tracker/deferred.js' => sprintf($tracker, 'deferred', '_gat'),
        '/tracker/async.js'    => sprintf($tracker, 'async',    '_ga_A'),
        '/tracker/module.js'   => sprintf($tracker, 'module',   '_ga_M'),
        '/tracker/third.js'    => sprintf($tracker, 'third',    '_ga_T'),
        '/tracker/pixel.js'    => sprintf($tracker, 'pixel',    '_fbp'),
        '/tracker/embed/1'     => "<!DOCTYPE html><title>Film</title><p>Film",
    },
    conf => <<'CONF',
AddType text/javascript .js
Listen 127.0.0.1:${PORT_TLS}
<VirtualHost 127.0.0.1:${PORT_TLS}>
    ServerName www.careers.test
    SSLEngine on
    DocumentRoot ${DOCROOT}/site
    Header set Content-Security-Policy "default-src 'self'; script-src 'self' 'nonce-n0nce'; frame-src https:" "expr=%{REQUEST_URI} == '/index.html'"
    PrivacyCategory essential   necessary "Essential"   "The site does not work without them."
    PrivacyCategory analytics   opt-in    "Analytics"   "They tell us how many people visit and how they found us."
    PrivacyCategory remarketing opt-in    "Remarketing" "They recognise you on other sites when you come from our advertisements."
    PrivacyCategory media       opt-in    "Films"       "Films of other sites, which set cookies of their own."
    PrivacyProvider google   "Google"   notice=https://policies.google.com/privacy optout=https://tools.google.com/dlpage/gaoptout
    PrivacyProvider youtube  "YouTube"  notice=https://policies.google.com/privacy
    PrivacyCookie session essential   session "Keeps your application together while you fill it in"
    PrivacyCookie _ga     analytics   2y      "Tells visitors apart, so that they can be counted" provider=google
    PrivacyCookie _gid    analytics   1d      "Tells visitors apart" provider=google
    PrivacyCookie _gat    analytics   1min    "Slows requests down" provider=google
    PrivacyCookie _ga_*   analytics   2y      "Keeps the state of a session" provider=google
    PrivacyCookie _fbp    remarketing 3mon    "Recognises you on other sites"
    PrivacyTracker www.google-analytics.com analytics   provider=google
    PrivacyTracker connect.facebook.net     remarketing
    PrivacyTracker www.youtube.com          media       provider=youtube
    PrivacyInlineTracker "ga('" analytics provider=google
    PrivacyMessage cookies until=choice
    PrivacySignal gpc analytics remarketing
    PrivacyConsentMode analytics=analytics_storage remarketing=ad_storage
    PrivacyPolicyVersion 2
    PrivacyNotice /plain.html
    PrivacyTemplates ${DOCROOT}/templates
    PrivacyLanguage en cy fr de es pl ar
    PrivacyEngine on
    PrivacyRewriteHTML on
</VirtualHost>
# What else a page may have to say: opt-out, a final signal, a consent source; and nothing of it enforced.
<VirtualHost 127.0.0.1:${PORT_TLS}>
    ServerName www.other.test
    SSLEngine on
    DocumentRoot ${DOCROOT}/site
    PrivacyCategory essential necessary "Essential" "The site does not work without them."
    PrivacyCategory comfort   opt-out   "Comfort"   "They remember what you like."
    PrivacyCategory analytics opt-in    "Analytics" "They tell us how many people visit."
    PrivacyCategory media     opt-in    "Films"     "Films of other sites."
    PrivacyCookie last comfort any "What you looked at last"
    PrivacyTracker www.google-analytics.com comfort
    PrivacyInlineTracker "ga('" comfort
    PrivacySignal dnt analytics final
    PrivacySignal gpc comfort
    PrivacyConsentSource complianz media=marketing
    PrivacyPolicyVersion 3 2026-11-23
    PrivacyMessage cookies until=choice
    PrivacyLanguage en cy fr de es pl
    PrivacyEngine on
    PrivacyRewriteHTML on
</VirtualHost>
<VirtualHost 127.0.0.1:${PORT_TLS}>
    ServerName www.trial.test
    SSLEngine on
    DocumentRoot ${DOCROOT}/site
    PrivacyCategory essential necessary "Essential" "The site does not work without them."
    PrivacyCategory analytics opt-in    "Analytics" "They tell us how many people visit."
    PrivacyLanguage en cy fr de es pl
    PrivacyEngine report
</VirtualHost>
# Another site, and one that the same people run.
<VirtualHost 127.0.0.1:${PORT_TLS}>
    ServerName www.hostile.test
    ServerAlias forum.careers.test
    SSLEngine on
    DocumentRoot ${DOCROOT}/hostile
</VirtualHost>
<VirtualHost 127.0.0.1:${PORT_TLS}>
    ServerName www.google-analytics.com
    ServerAlias connect.facebook.net www.youtube.com
    SSLEngine on
    DocumentRoot ${DOCROOT}/tracker
    Header set Access-Control-Allow-Origin *
    <Files "1">
        ForceType text/html
    </Files>
</VirtualHost>
CONF
);

my %least = ('visitor.mjs' => 125, 'looks.mjs' => 200, 'hostile.mjs' => 45);
%least = map { $_ => $least{$_} } split /,/, $ENV{PRIVACY_ONLY} if $ENV{PRIVACY_ONLY};
cmp_ok in_browser($_, $httpd), '>=', $least{$_}, "$_: at least $least{$_} things were seen" for sort keys %least;
# The certificate names another host, which Chromium is told to overlook.
done(allow => [qr/AH01909/]);
