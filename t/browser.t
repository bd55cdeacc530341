# Licensed under the Apache License, Version 2.0; see LICENSE.

# The visitor decides, in a real browser: t/browser/visitor.mjs drives Debian's Chromium through what a visitor
# does, with and without script, and asks axe-core about every state. The trackers' real host names lead to a
# stand-in that sets their cookies.
#
# PRIVACY_SHOTS=docs/images prove t/browser.t also makes the documentation's screenshots.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Cwd qw(abs_path);
use Privacy::Test;

my $top     = abs_path("$FindBin::Bin/..");
my $modules = "$top/build/browser/node_modules";
my ($chromium) = grep { -x } map { my $dir = $_; map {"$dir/$_"} qw(chromium chromium-browser) } split /:/, $ENV{PATH};

plan(skip_all => 'Chromium is not on this machine, and could not be installed (build-aux/deps.sh browser)') if !$chromium;
plan(skip_all => 'Node.js is not on this machine') if system('node --version >/dev/null 2>&1') != 0;
plan(skip_all => 'playwright-core and axe-core are not in build/browser, and could not be installed (make browser)')
    if !-d "$modules/playwright-core" || !-d "$modules/axe-core";
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
<script nonce="n0nce" src="https://connect.facebook.net/pixel.js"></script>
</head><body><main><h1>Vacancies</h1><p>Nurse, teacher, gardener.</p>
<iframe title="A film" width="300" height="150" src="https://www.youtube.com/embed/1"></iframe></main>
<footer><a href="/privacy-preferences">Cookie preferences</a></footer></body></html>
HTML
        '/site/plain.html' => "<!DOCTYPE html><html lang=en><title>Plain</title><body><main><h1>Plain</h1><p>Text.</p></main></body></html>",
        '/tracker/first.js'    => sprintf("window.ga = function () {}; $tracker", 'first', '_ga'),
        '/tracker/second.js'   => sprintf($tracker, 'second',   '_gid'),
        '/tracker/deferred.js' => sprintf($tracker, 'deferred', '_gat'),
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

$ENV{PRIVACY_PORT}     = $httpd->port('TLS');
$ENV{PRIVACY_CHROMIUM} = $chromium;
$ENV{PRIVACY_MODULES}  = $modules;
my ($planned, $ran) = (0, 0);
open my $said, '-|:utf8', 'node', "$top/t/browser/visitor.mjs" or die "node: $!\n";
while (my $line = <$said>) {
    if ($line =~ /^(not )?ok \d+ - (.*)/) {
        ok !$1, $2;
        $ran++;
    }
    elsif ($line =~ /^1\.\.(\d+)/) {
        $planned = $1;
    }
    else {
        diag $line =~ s/^# ?//r =~ s/\n//r;
    }
}
close $said;
is $?, 0, 'the browser ended well';
is $ran, $planned, 'all that was planned has run';
cmp_ok $ran, '>=', 60, 'at least 60 things were seen';
# The certificate names another host, which Chromium is told to overlook.
done(allow => [qr/AH01909/]);
