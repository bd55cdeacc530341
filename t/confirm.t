# Licensed under the Apache License, Version 2.0; see LICENSE.

# M3, M4: a choice that was sent as a form is confirmed on the document that follows it, once: not when that one is
# loaded again, not eaten by what nobody looks at, and by no cache given to somebody else.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(proxy_http headers alias ssl http2 cache_disk cache_socache socache_shmcb));

my $origin = mirror();
my $policy = <<'CONF';
PrivacyCategory essential necessary "Essential" "What the site needs."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCookie sid essential session "The login"
PrivacyCookie _ga analytics 2y "Counts visitors"
PrivacyTracker tracker.example analytics
PrivacyMessage hello until=seen
PrivacyMessage ask until=choice
PrivacyLanguage en fr
PrivacyEngine on
PrivacyRewriteHTML on
CONF
my $document = '<!DOCTYPE html><title>x</title><body><script src="https://tracker.example/t.js"></script><p>Text</p></body>';

my $httpd = httpd(
    tls     => 1,
    modules => [qw(proxy_http headers http2 alias)],
    define  => { ORIGIN => $origin->address },
    files   => { map { $_ => $document } qw(/from.html /plain/from.html /off/from.html /report/from.html /gone.html) },
    conf    => $policy . <<'CONF',
Protocols h2 h2c http/1.1
ProxyPass /app http://${ORIGIN}/
Redirect 302 /moved /from.html
<Location /plain>
    PrivacyRewriteHTML off
</Location>
<Location /off>
    PrivacyEngine off
</Location>
<Location /report>
    PrivacyEngine report
</Location>
CONF
);

my $page  = '/privacy-preferences';
my $own   = 'Sec-Fetch-Site: same-origin';
my $html  = 'Sec-Fetch-Dest: document';
my $saved = 'site_message_ask=saved; Max-Age=60; Path=/; SameSite=Lax';
my $over  = 'site_message_ask=; Max-Age=0; Path=/; SameSite=Lax';

# What a browser would have, and send: Set-Cookie lines go in, a Cookie line comes out.
sub keep {
    my ($jar, $answer) = @_;
    for my $line ($answer->set_cookies) {
        my ($name, $value, $rest) = $line =~ /^([^=]+)=([^;]*)(.*)/ or next;
        if ($rest =~ /Max-Age=0/) { delete $jar->{$name} }
        else                      { $jar->{$name} = $value }
    }
    return $answer;
}
sub jar { my ($jar) = @_; return %$jar ? 'Cookie: ' . join '; ', map { "$_=$jar->{$_}" } sort keys %$jar : () }
sub marks { return join ' | ', grep { /^site_message_ask/ } $_[0]->set_cookies }

# What stands in a page.
sub shows {
    my ($answer) = @_;
    my $body = $answer->body;
    return $body =~ /Your choice has been saved/ && $body !~ /data-privacy-done/ ? 'confirmation'
        : $body =~ /name="choice" value="accept"/                              ? 'banner'
        :                                                                        'nothing';
}

my $chosen  = consent('analytics=1');
my $waiting = "Cookie: $chosen; site_message_ask=saved";

# ---- a visitor without script, from the banner to the next page ----

for my $via (qw(http https h2c h2)) {
    my %jar = (sid => 1);
    my $secure = $via =~ /^(?:https|h2)$/ ? '; Secure' : '';
    my $go = sub { return keep(\%jar, $httpd->get($_[0], $html, jar(\%jar), { via => $via })) };
    is shows($go->('/from.html?a=b')), 'banner', "$via: the banner";
    for my $choice (qw(accept reject)) {
        my $sent = keep(\%jar, $httpd->post($page, "choice=$choice&return=/from.html?a=b", $own, jar(\%jar), { via => $via }));
        is_deeply [ $sent->status, scalar $sent->header('Location') ], [ 303, '/from.html?a=b' ], "$via, $choice: back to where it was made";
        is marks($sent), $saved . $secure, "$via, $choice: with a cookie of a minute";
        my $next = $go->('/from.html?a=b');
        is shows($next), 'confirmation', "M3 $via, $choice: the next page confirms";
        is marks($next), $over . $secure, "M3 $via, $choice: and the cookie goes";
        like scalar($next->header('Vary')), qr/\bCookie\b/, "C2 $via, $choice: it varies";
        is scalar(() = $next->body =~ /data-privacy-src/g), ($choice eq 'accept' ? 0 : 1), "$via, $choice: what was decided is done";
        my $again = $go->('/from.html?a=b');
        is shows($again), 'nothing', "M3 $via, $choice: loaded again, it does not";
        is marks($again), '', "R7 $via, $choice: and nothing is added";
        is_deeply [ sort keys %jar ], [qw(privacy_consent sid)],
            "$via, $choice: nothing else is left";
    }
}

# ---- its markup ----

{
    my $body = $httpd->get('/from.html?a="><script>x', $html, $waiting)->body;
    like $body, qr{<body><link rel="stylesheet" href="$page/style-[^"]+"/><section class="privacy-banner"}, 'M1 first in body';
    like $body, qr{<p class="privacy-status"[^>]* role="status">Your choice has been saved\.</p>}, 'M4 it is a status';
    like $body, qr{<button type="submit"[^>]* name="message" value="ask"[^>]* autofocus="">Close</button>}, 'M4 it is closed by a button, which has the focus';
    like $body, qr{<a class="privacy-button" href="$page\?return=[^"<>]*">Change it</a>}, 'M5 and the choice can be changed';
    unlike $body, qr/<script>x|style=|\son\w+=/i, 'M4 nothing that default-src \'self\' would forbid, nothing unescaped';
    like $httpd->get('/from.html', $html, $waiting, 'Accept-Language: fr')->body, qr/<section [^>]*lang="fr"/, 'in the visitor\'s language';
    (my $without = $body) =~ s{<link rel="stylesheet" href="$page.*</section>\n}{};
    is $without, $document, 'H1 without it, the page is what it was';
}

# In XHTML one tag that is not closed is the end of the page: what is wrong with it, or nothing.
sub ill_formed {
    my ($rest) = @_;
    my @open;
    while ($rest =~ s/\A(?:[^<&]|&(?:amp|lt|gt|quot|#[0-9]+|#x[0-9A-F]+);)*<(\/?)([a-z][a-z0-9:]*)((?:\s+[a-z:-]+="(?:[^<&"]|&(?:amp|lt|gt|quot|#[0-9]+|#x[0-9A-F]+);)*")*)\s*(\/?)>//) {
        my ($end, $name, $attributes, $empty) = ($1, $2, $3, $4);
        my %seen;
        $seen{$_}++ && return "$name has $_ twice" for $attributes =~ /([a-z:-]+)=/g;
        if (!$end) { push @open, $name if !$empty }
        elsif (!@open || pop @open ne $name) { return "</$name> ends what is not open" }
    }
    return $rest =~ /\S/ ? 'no markup: ' . substr $rest, 0, 80 : @open ? "open: @open" : '';
}
is ill_formed('<a><b c="d&amp;"/>x</a>'), '', 'what is well-formed';
isnt ill_formed($_), '', "what is not: $_" for '<a><b></a>', '<a b></a>', '<a b=c/>', '<a>&nbsp;</a>', '<a b="1" b="2"/>', '<a>';
{
    my $page = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>'
        . '<iframe src="https://tracker.example/f"></iframe><script src="https://tracker.example/t.js"/></body></html>';
    my $server = httpd(
        files => { '/a.xhtml' => $page },
        conf  => $policy =~ s/^PrivacyLanguage .*/PrivacyLanguage en cy fr de es pl/mr . <<'CONF',
AddType application/xhtml+xml .xhtml
PrivacyNotice "/notice?a=1&b=2"
PrivacyConsentMode analytics=analytics_storage
CONF
    );
    for my $language (qw(en cy fr de es pl)) {
        for (
            [ 'the banner',       qr/name="choice" value="accept"/ ],
            [ 'the confirmation', qr/name="message" value="ask"/, 'Cookie: ' . consent('analytics=0') . '; site_message_ask=saved' ],
            )
        {
            my ($name, $shown, @lines) = @$_;
            my $answer = $server->get('/a.xhtml?x=1&y="', $html, "Accept-Language: $language", @lines);
            like $answer->body, $shown, "M1 M3 XHTML, $language: $name is there";
            like $answer->body, qr/<head><script src=.*<section [^>]*lang="$language".*<span class="privacy-placeholder"/s, 'and a script and a placeholder';
            is ill_formed($answer->body), '', 'H3 and all of it is well-formed';
        }
    }
}
is_deeply [ $httpd->get('/app/x?' . answering('Set-Cookie: sid=1'), $html, $waiting)->set_cookies ], [ 'sid=1', $over ],
    'R9 the cookie goes behind those of others';

# ---- closing it ----

for (
    [ 'a form', 303, 'message=ask&return=/from.html', [] ],
    [ 'JSON',   200, '{"message":"ask"}',             ['Content-Type: application/json'] ],
    )
{
    my ($name, $status, $body, $lines) = @$_;
    my $answer = $httpd->post($page, $body, $own, @$lines, $waiting);
    is $answer->status, $status, "closed by $name: $status";
    is_deeply [ $answer->set_cookies ], [$over], "closed by $name: the cookie goes, the choice stays";
    is scalar($answer->header('Location')), ($status == 303 ? '/from.html' : undef), "closed by $name: back";
}

# ---- when there is one ----

for (
    [ 'a form with a return',        'choice=accept&return=/x', [],                                         $saved ],
    [ 'a form with a Referer',       'choice=reject',           ['Referer: http://www.example.org/from'],   $saved ],
    [ 'the page\'s own form',        'choice=save&return=/x',   [],                                         $saved ],
    [ 'a form that leads nowhere',   'choice=accept',           [],                                         '' ],
    [ 'JSON, which a script shows',  '{"choice":"accept"}',     ['Content-Type: application/json'],         '' ],
    [ 'a form that asks for JSON',   'choice=accept&return=/x', ['Accept: application/json'],               '' ],
    )
{
    my ($name, $body, $lines, $want) = @$_;
    is marks($httpd->post($page, $body, $own, @$lines)), $want, "M3 $name: " . ($want ? 'a confirmation' : 'none');
}
for (
    [ 'all decided',                 $chosen,                             'saved', 'confirmation' ],
    [ 'nothing decided',             'sid=1',                             'saved', 'banner' ],
    [ 'decided for another version', consent('analytics=1', 'p=0'),       'saved', 'banner' ],
    [ 'another value',               $chosen,                             'seen',  'nothing' ],
    [ 'a longer value',              $chosen,                             'saved2', 'nothing' ],
    [ 'no value',                    $chosen,                             '',      'nothing' ],
    )
{
    my ($name, $record, $value, $want) = @$_;
    my $answer = $httpd->get('/from.html', $html, "Cookie: $record; site_message_ask=$value");
    is shows($answer), $want, "M3 $name: $want";
    is marks($answer), ($want eq 'confirmation' ? $over : ''), "M3 $name: the cookie";
}

# ---- what a backend is told ----

sub told {
    my @told = $httpd->get('/app/x', @_)->body =~ /^Privacy-Messages: (.*?)\r?$/mg;
    return join '|', @told;
}
is told($html, $waiting), 'hello;l=en, ask:saved;l=en', 'Privacy-Messages: the confirmation has a name of its own';
is told($html, "Cookie: $chosen"), 'hello;l=en', 'Privacy-Messages: and is not due after it';

# ---- who takes the cookie away ----

for (
    [ 'a document',           [ GET  => '/from.html', $html ],                                          1 ],
    [ 'of a backend',         [ GET  => '/app/x', $html ],                                              1 ],
    [ 'that is not there',    [ GET  => '/none.html', $html ],                                          1 ],
    [ 'where HTML is left alone', [ GET => '/plain/from.html', $html ],                                 1 ],
    [ 'on plain http',        [ GET  => '/from.html', 'Accept: text/html' ],                            1 ],
    [ 'HEAD',                 [ HEAD => '/from.html', $html ],                                          0 ],
    [ 'a prefetch',           [ GET  => '/from.html', $html, 'Sec-Purpose: prefetch' ],                 0 ],
    [ 'a prerender',          [ GET  => '/from.html', $html, 'Sec-Purpose: prefetch;prerender' ],       0 ],
    [ 'a redirect',           [ GET  => '/moved', $html ],                                              0 ],
    [ 'an image',             [ GET  => '/from.html', 'Sec-Fetch-Dest: image' ],                        0 ],
    [ 'a fetch',              [ GET  => '/from.html', 'Sec-Fetch-Dest: empty' ],                        0 ],
    [ 'where it is off',      [ GET  => '/off/from.html', $html ],                                      0 ],
    [ 'where it is report',   [ GET  => '/report/from.html', $html ],                                   0 ],
    )
{
    my ($name, $request, $want) = @$_;
    my $answer = $httpd->request(@$request, $waiting);
    is marks($answer), ($want ? $over : ''), "M3 $name: " . ($want ? 'the cookie goes' : 'it waits');
}

# ---- the module's own page ----

{
    my $answer = $httpd->get($page, $html, $waiting);
    like $answer->body, qr/<p class="privacy-note" role="status"[^>]*>Your choice has been saved/, 'back on the page itself: it says so';
    is marks($answer), $over, 'once';
    unlike $httpd->get($page, $html, "Cookie: $chosen")->body, qr/Your choice has been saved/, 'and not again';
}

# ---- browsers' caches: its validator is its own, and a 304 shows it as well ----

{
    my $confirmed = $httpd->get('/from.html', $html, $waiting);
    my $tag       = scalar $confirmed->header('ETag');
    is $httpd->get('/from.html', $html, "Cookie: $chosen", "If-None-Match: $tag")->status, 200, 'C3 loaded again: not by the confirmation\'s validator';
    my $plain = scalar $httpd->get('/from.html', $html, "Cookie: $chosen")->header('ETag');
    isnt scalar($httpd->get('/from.html', $html, $waiting, 'Accept-Language: fr')->header('ETag')), $tag, 'C3 it has another tag in another language';
    is $httpd->get('/from.html', $html, $waiting, "If-None-Match: $plain")->status, 200, 'C3 and the other way round';
    my $again = $httpd->get('/from.html', $html, $waiting, "If-None-Match: $tag");
    is $again->status, 304, 'C3 chosen a second time: what the browser has is shown';
    is marks($again), $over, 'M3 and the cookie goes';
}

# ---- mod_cache: who asks gets what is due to him ----

my (@hosts, $hosts);
for my $store (qw(disk socache)) { for my $quick (qw(on off)) {
    my $port = uc "${store}_$quick";
    push @hosts, [ $port, "$store, quick handler $quick" ];
    $hosts .= <<"CONF";
Listen 127.0.0.1:\${PORT_$port}
<VirtualHost 127.0.0.1:\${PORT_$port}>
    CacheQuickHandler $quick
    CacheEnable $store /
    CacheHeader on
    ProxyPass $page !
    ProxyPass / http://\${ORIGIN}/
</VirtualHost>
CONF
} }
my $store = backend(sub {
    my ($request, $client) = @_;
    return $client->reply('200 OK', [ 'Content-Type: text/html', 'Cache-Control: max-age=600', 'ETag: "1"' ], $document);
});
my $cache = httpd(
    modules => [qw(proxy_http cache_disk cache_socache socache_shmcb)],
    define  => { ORIGIN => $store->address },
    conf    => "$policy\nCacheRoot \${VAR}\nCacheSocache shmcb:\${VAR}/cache(1000000)\n$hosts",
);
for (@hosts) {
    my ($port, $where) = @$_;
    my $ask = sub { $cache->get('/x', $html, @_, { port => $port }) };
    for my $round (qw(MISS HIT)) {
        for my $case ([ 'Cookie: sid=1', 'banner' ], [ $waiting, 'confirmation' ], [ "Cookie: $chosen", 'nothing' ]) {
            my ($cookie, $want) = @$case;
            my $answer = $ask->($cookie);
            like scalar($answer->header('X-Cache')), qr/^$round/, "$where: $want, $round";
            is shows($answer), $want, "C2 $where: $want, $round";
            is marks($answer), ($want eq 'confirmation' ? $over : ''), "M3 $where: $want, the cookie, $round";
        }
    }
    my $tag   = scalar $ask->($waiting)->header('ETag');
    my $again = $ask->($waiting, "If-None-Match: $tag");
    is $again->status, 304, "C3 $where: confirmed by the cache";
    is marks($again), $over, "M3 $where: and the cookie goes";
    is $ask->("Cookie: $chosen", "If-None-Match: $tag")->status, 200, "C3 $where: loaded again, the page without it";
    is marks($cache->post($page, 'choice=reject&return=/x', $own, { port => $port })), $saved, "$where: a choice is not cached";
}

# ---- in report, and with an expression ----

{
    (my $reporting = $policy) =~ s/^PrivacyEngine on$/PrivacyEngine report/m;
    my $server = httpd(conf => $reporting);
    is marks($server->post($page, 'choice=reject&return=/x', $own)), '', 'R8 report: nothing is placed, nothing confirmed';
    $server->stop;
    (my $regional = $policy) =~ s/^PrivacyMessage ask until=choice$/PrivacyMessage ask until=choice "expr=%{HTTP:X-Region} == 'north'" cookie=asked/m;
    $server = httpd(files => { '/from.html' => $document }, conf => $regional);
    my @set = grep { /^asked/ } $server->post($page, 'choice=reject&return=/x', $own)->set_cookies;
    is_deeply \@set, [ $saved =~ s/^[^=]+/asked/r ], 'a cookie of another name';
    is shows($server->get('/from.html', $html, "Cookie: $chosen; asked=saved")), 'nothing', 'an expression that does not hold';
    is shows($server->get('/from.html', $html, "Cookie: $chosen; asked=saved", 'X-Region: north')), 'confirmation', 'and one that does';
    $server->stop;
}

done();
