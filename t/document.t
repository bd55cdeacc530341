# Licensed under the Apache License, Version 2.0; see LICENSE.

# Which pages get a message (M1), and what is remembered of it (M2); and that caches
# keep pages with it and without apart (C2, C3).

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(headers cache cache_socache socache_shmcb));

my $PAGE     = '<!doctype html><html><head><title>t</title></head><body class=a><p>x</p></body></html>';
my $FRAMESET = '<!doctype html><html><head><title>t</title></head><frameset><frame src=a></frameset></html>';

my $httpd = httpd(
    modules => [qw(cgi headers cache cache_socache socache_shmcb)],
    files   => {
        map({ ("/$_" => $PAGE) } qw(page.html fragment.txt cached.html off/page.html)),
        '/frameset.html' => $FRAMESET,
        '/hello.html'    => '<b>hello</b>',
    },
    cgi  => {
        '/error.cgi'    => says("Content-Type: text/html\n\n$PAGE"),
        '/attached.cgi' => says("Content-Type: text/html\nContent-Disposition: Attachment; filename=x.html\n\n$PAGE"),
        '/inline.cgi'   => says("Content-Type: text/html\nContent-Disposition: inline\n\n$PAGE"),
    },
    conf => <<'CONF');
PrivacyCategory essential necessary "Essential" "What the site needs."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyMessage hello template=${DOCROOT}/hello.html
PrivacyEngine on
PrivacyRewriteHTML on
<Location /off>
    PrivacyRewriteHTML off
</Location>
<Location /missing>
    ErrorDocument 404 /error.cgi
</Location>
CacheEnable socache /cached.html
CacheSocache shmcb:${VAR}/cache(500000)
CacheHeader on
CacheIgnoreHeaders None
Header set Cache-Control max-age=600 "expr=%{REQUEST_URI} == '/cached.html'"
CONF

my $html     = 'Accept: text/html,*/*;q=0.8';
my $document = 'Sec-Fetch-Dest: document';
my $seen     = 'Cookie: site_message_hello=seen';

# [name, path, lines, whether the message is in the page, whether it is remembered].
for (
    [ 'a document',                       '/page.html',     [$document],                              1, 1 ],
    [ 'one whose Accept does not say so', '/page.html',     [ $document, 'Accept: */*' ],             1, 1 ],
    [ 'a document that is prefetched',    '/page.html',     [ $document, 'Sec-Purpose: prefetch' ],   1, 0 ],
    [ 'a frame',                          '/page.html',     [ 'Sec-Fetch-Dest: iframe', $html ],      0, 0 ],
    [ 'what a script fetches',            '/page.html',     [ 'Sec-Fetch-Dest: empty', $html ],       0, 0 ],
    [ 'plain http',                       '/page.html',     [$html],                                  1, 1 ],
    [ 'plain http, anything',             '/page.html',     ['Accept: */*'],                          0, 0 ],
    [ 'plain http, no Accept',            '/page.html',     [],                                       0, 0 ],
    [ 'X-Requested-With',                 '/page.html',     [ $html, 'X-Requested-With: fetch' ],     0, 0 ],
    [ 'HX-Request',                       '/page.html',     [ $html, 'HX-Request: true' ],            0, 0 ],
    [ 'an attachment',                    '/attached.cgi',  [$document],                              0, 0 ],
    [ 'what is not one',                  '/inline.cgi',    [$document],                              1, 1 ],
    [ 'a frameset',                       '/frameset.html', [$document],                              0, 0 ],
    [ 'plain text',                       '/fragment.txt',  [$document],                              0, 0 ],
    [ 'a page that is not rewritten',     '/off/page.html', [$document],                              0, 0 ],
    [ 'an error document',                '/missing/x',     [$document],                              1, 1 ],
    [ 'httpd\'s canned error page',       '/nothing',       [$document],                              0, 0 ],
    [ 'the module\'s own page',           '/privacy-preferences', [$document],                        0, 0 ],
    [ 'one that has been seen',           '/page.html',     [ $document, $seen ],                     0, 0 ],
    )
{
    my ($name, $path, $lines, $shown, $remembered) = @$_;
    my $answer = $httpd->get($path, @$lines);
    is scalar(() = $answer->body =~ /<body class=a><b>hello<\/b>/g), $shown, "M1 $name: " . ($shown ? 'it is right behind body' : 'no message');
    is scalar(() = $answer->body =~ /<b>hello/g), $shown, "M1 $name: and nowhere else";
    is scalar(grep { /^site_message_hello=/ } $answer->set_cookies), $remembered, "M2 $name: " . ($remembered ? 'remembered' : 'not remembered');
    is scalar($answer->header('Privacy-Message')), undef, "M2 $name: the header goes";
}

unlike scalar($httpd->get('/privacy-preferences', $document)->header('Vary')), qr/Sec-Fetch-Dest/,
    'M1 the module\'s own page: it is no candidate';

# HEAD says nothing of what it has not sent, nor does a 304.
my $first = $httpd->get('/page.html', $document);
is_deeply [ $httpd->head('/page.html', $document)->set_cookies ], [], 'M2 HEAD: not remembered';
my $second = $httpd->get('/page.html', $document, $seen);
isnt scalar($first->header('ETag')), scalar($second->header('ETag')), 'C3: the tag tells a page with the message from one without';
my $again = $httpd->get('/page.html', $document, 'If-None-Match: ' . $first->header('ETag'));
is $again->status, 304, 'C3: the page with the message is confirmed';
is_deeply [ $again->set_cookies ], [], 'M2 304: not remembered';
is $httpd->get('/page.html', $document, $seen, 'If-None-Match: ' . $first->header('ETag'))->status, 200, 'C3: and not to who has seen it';

# mod_cache keeps one with it and one without.
for my $round (qw(MISS HIT)) {
    for ([ 'a first visit', [$document], 1 ], [ 'the next one', [ $document, $seen ], 0 ], [ 'no document', ['Accept: */*'], 0 ]) {
        my ($name, $lines, $shown) = @$_;
        my $answer = $httpd->get('/cached.html', @$lines);
        my $stored = $round eq 'MISS' && $name ne 'no document' ? 'MISS' : 'HIT';
        like scalar($answer->header('X-Cache')), qr/^$stored/, "C2: $name: a $stored";
        is scalar(() = $answer->body =~ /<b>hello<\/b>/g), $shown, "C2: $name: the right page";
        is scalar(() = $answer->set_cookies), $shown, "M2: $name: " . ($shown ? 'remembered' : 'not remembered');
    }
}

done();
