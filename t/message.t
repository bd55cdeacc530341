# Licensed under the Apache License, Version 2.0; see LICENSE.

# M2 as far as no HTML is touched: a backend's Privacy-Message becomes the cookie
# of a message, and the header goes. And what Privacy-Messages tells a backend.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(proxy_http headers cache_socache socache_shmcb ssl));

my $origin = mirror();
my $httpd  = httpd(
    tls     => 1,
    modules => [qw(proxy_http headers cache_socache socache_shmcb cgi)],
    define  => { ORIGIN => $origin->address },
    files   => { '/page.html' => "hello\n", '/always/page.html' => "hello\n" },
    cgi     => {
        '/app.cgi'   => says("Content-Type: text/html\nPrivacy-Message: hello\nSet-Cookie: sid=1\n\nhello"),
        '/error.cgi' => says("Content-Type: text/html\nPrivacy-Message: hello\n\nnot here"),
    },
    conf => <<'CONF',
PrivacyCategory essential necessary "Essential" "What the site needs."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCategory comfort opt-out "Comfort" "What you chose last."
PrivacyCookie sid essential session "The login"
PrivacyCookie _ga analytics 2y "Google Analytics"
PrivacySignal gpc analytics comfort final
PrivacyMessage hello
PrivacyMessage named cookie=seen-it lifetime=2h
PrivacyMessage run lifetime=session
PrivacyMessage closing until=dismissed
PrivacyMessage cookies until=choice
PrivacyUndeclared strip
PrivacyEngine on
ErrorDocument 404 /error.cgi
ProxyPass /proxy http://${ORIGIN}/
<Location /always>
    Header always set Privacy-Message hello
</Location>
<Location /off>
    PrivacyEngine off
</Location>
<Location /report>
    PrivacyEngine report
</Location>
CacheEnable socache /proxy/cached
CacheSocache shmcb:${VAR}/cache(500000)
CacheHeader on
CacheIgnoreHeaders None
ProxyPass /off/proxy http://${ORIGIN}/
ProxyPass /report/proxy http://${ORIGIN}/
CONF
);

my $html = 'Accept: text/html';

sub url { my ($path, @say) = @_; return "$path?" . answering(map { "Privacy-Message: $_" } @say) }

my $year = 365 * 86_400;
my %cookie = (
    hello => "site_message_hello=seen; Max-Age=$year; Path=/; SameSite=Lax",
    named => 'seen-it=seen; Max-Age=7200; Path=/; SameSite=Lax',
    run   => 'site_message_run=seen; Path=/; SameSite=Lax',
);

for (
    [ 'one',                         ['hello'],            ['hello'] ],
    [ 'its own cookie and lifetime', ['named'],            ['named'] ],
    [ 'a session cookie',            ['run'],              ['run'] ],
    [ 'a list',                      ['hello, named ,run'], [qw(hello named run)] ],
    [ 'several lines',               [ 'hello', 'named' ], [qw(hello named)] ],
    [ 'an unknown name',             ['helo'],             [] ],
    [ 'unknown ones beside one',     ['x,hello,,y'],       ['hello'] ],
    [ 'another case',                ['Hello'],            [] ],
    [ 'until=dismissed',             ['closing'],          [] ],
    [ 'until=choice',                ['cookies'],          [] ],
    [ 'empty',                       [''],                 [] ],
    [ 'none',                        [],                   [] ],
    [ 'the same twice',              ['hello, hello'],     ['hello'] ],
    )
{
    my ($name, $say, $want) = @$_;
    my $answer = $httpd->get(url('/proxy/x', @$say), $html);
    is_deeply [ $answer->set_cookies ], [ @cookie{@$want} ], "M2 $name: the cookie";
    is_deeply [ $answer->header('Privacy-Message') ], [], "M2 $name: the header goes";
    is scalar($answer->header('Vary')), (@$want ? 'Cookie' : undef), "C2 $name: Vary";
}

my $seen = url('/proxy/x', 'hello');
for (
    [ 'a fetch counts as well',   [ GET => $seen ], 1 ],
    [ 'POST',                     [ POST => $seen, $html, 'Content-Length: 0' ], 1 ],
    [ 'HEAD',                     [ HEAD => $seen, $html ], 0 ],
    [ 'a prefetch',               [ GET => $seen, 'Sec-Fetch-Dest: document', 'Sec-Purpose: prefetch' ], 0 ],
    [ 'a prerender',              [ GET => $seen, 'Sec-Fetch-Dest: document', 'Sec-Purpose: prefetch;prerender' ], 0 ],
    [ 'a prefetch of old',        [ GET => $seen, $html, 'Purpose: prefetch' ], 0 ],
    [ 'a CGI',                    [ GET => '/app.cgi', $html ], 1 ],
    [ 'an error document',        [ GET => '/missing', $html ], 1 ],
    [ 'Header always',            [ GET => '/always/page.html', $html ], 1 ],
    [ 'Header always, 304',       [ GET => '/always/page.html', $html, 'If-None-Match: *' ], 0 ],
    )
{
    my ($name, $request, $want) = @$_;
    my $answer = $httpd->request(@$request);
    is scalar(grep { $_ eq $cookie{hello} } $answer->set_cookies), $want, "M2 $name: " . ($want ? 'remembered' : 'not remembered');
    is_deeply [ $answer->header('Privacy-Message') ], [], "M2 $name: the header goes";
}
is_deeply [ $httpd->get(url('/proxy/x', 'hello'), $html, { via => 'https' })->set_cookies ], ["$cookie{hello}; Secure"], 'M2 https: Secure';
is_deeply [ $httpd->get('/proxy/x?' . answering('Privacy-Message: hello', 'Set-Cookie: sid=1'), $html)->set_cookies ], [ 'sid=1', $cookie{hello} ],
    'R9 the cookie stands behind those of others';
for my $section (qw(off report)) {
    my $answer = $httpd->get(url("/$section/proxy/x", 'hello'), $html);
    is_deeply [ $answer->header('Privacy-Message') ], ['hello'], "R8 $section: the header passes";
    is_deeply [ $answer->set_cookies ], [], "R8 $section: and sets nothing";
}

# mod_cache stores the header with the page, and each visitor gets the cookie.
{
    my $path = '/proxy/cached?' . answering('Privacy-Message: hello', 'Cache-Control: max-age=600');
    for my $want (qw(MISS HIT HIT)) {
        my $answer = $httpd->get($path, $html);
        like scalar($answer->header('X-Cache')), qr/^$want/, "a $want";
        is_deeply [ $answer->set_cookies ], [ $cookie{hello} ], "M2 remembered, $want";
        is_deeply [ $answer->header('Privacy-Message') ], [], "M2 the header goes, $want";
    }
}

# ---- Privacy-Messages: what is due ----

sub due {
    my (@lines) = @_;
    my @due = $httpd->get('/proxy/x', @lines)->body =~ /^Privacy-Messages: (.*?)\r?$/mgi;
    return join '|', @due;
}
my @names = qw(hello named run closing cookies);
sub all_but { my %not = map { $_ => 1 } @_; return join ', ', map { "$_;l=en" } grep { !$not{$_} } @names }

for (
    [ 'a first visit',                [$html], all_but() ],
    [ 'one seen',                     [ $html, 'Cookie: site_message_hello=seen' ], all_but('hello') ],
    [ 'whatever its value',           [ $html, 'Cookie: seen-it=' ], all_but('named') ],
    [ 'one closed',                   [ $html, 'Cookie: site_message_closing=x; x=1' ], all_but('closing') ],
    [ 'another name in other case',   [ $html, 'Cookie: Site_Message_hello=seen' ], all_but() ],
    [ 'everything decided',           [ $html, 'Cookie: ' . consent('analytics=0', 'comfort=1') ], all_but('cookies') ],
    [ 'not everything decided',       [ $html, 'Cookie: ' . consent('analytics=0') ], all_but() ],
    [ 'decided for another version',  [ $html, 'Cookie: ' . consent('analytics=0', 'comfort=1', 'p=0') ], all_but() ],
    [ 'a final signal decides',       [ $html, 'Sec-GPC: 1' ], all_but('cookies') ],
    [ 'nothing is left',
      [ $html, 'Sec-GPC: 1', 'Cookie: seen-it=1; site_message_hello=1; site_message_run=1; site_message_closing=1' ], '' ],
    [ 'a document',                   ['Sec-Fetch-Dest: document'], all_but() ],
    [ 'a prefetched document',        [ 'Sec-Fetch-Dest: document', 'Sec-Purpose: prefetch' ], all_but() ],
    [ 'no document',                  [], '' ],
    [ 'an image',                     [ 'Sec-Fetch-Dest: image', $html ], '' ],
    [ 'a fragment',                   [ $html, 'HX-Request: true' ], '' ],
    [ 'a forged one is replaced',     [ $html, 'Privacy-Messages: x', 'privacy_messages: y' ], all_but() ],
    [ 'and kept from no backend',     [ $html, 'Connection: Privacy-Messages' ], all_but() ],
    )
{
    my ($name, $lines, $want) = @$_;
    is due(@$lines), $want, "M1 M3 due: $name";
}

done();
