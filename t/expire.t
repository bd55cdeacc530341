# Licensed under the Apache License, Version 2.0; see LICENSE.

# A denied cookie that the browser still sends is expired: R5.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(headers ssl http2));

my $httpd = httpd(
    tls     => 1,
    modules => [qw(headers http2)],
    files   => { map { $_ => "hello\n" } qw(/page.html /kept/page.html /off/page.html /report/page.html /others/page.html) },
    conf    => <<'CONF',
PrivacyCategory essential necessary "Essential" "What the site needs to work."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCategory comfort opt-out "Comfort" "What you chose last." denied=session
PrivacyCookie sid            essential any "The login"
PrivacyCookie _ga            analytics any "Google Analytics"
PrivacyCookie _ga_*          analytics any "Google Analytics"
PrivacyCookie path           analytics any "Set by a script" path=/shop
PrivacyCookie root           analytics any "Set by a script" path=/
PrivacyCookie part           analytics any "Set by a script" partitioned path=/p
PrivacyCookie far            analytics any "Set by a script" domain=.Shop.Example.ORG
PrivacyCookie __Host-h       analytics any "Prefixed" path=/no
PrivacyCookie __secure-s     analytics any "Prefixed"
PrivacyCookie pref           comfort   any "The last choice"
PrivacyMessage hello
PrivacyEngine on
<Location /kept>
    PrivacyExpire off
</Location>
<Location /off>
    PrivacyEngine off
</Location>
<Location /report>
    PrivacyEngine report
</Location>
<Location /others>
    Header always add Set-Cookie "sid=1"
    Header add Set-Cookie "sid=2"
    Header set X-Last 1
</Location>
CONF
);

my $html = 'Accept: text/html,*/*;q=0.8';

# What is set, each as "NAME PATH DOMAIN FLAGS", where it is an expiry.
sub expiries {
    my ($answer) = @_;
    return map {
        my ($pair, @attributes) = split /; /;
        my %has = map { /^([^=]*)(?:=(.*))?\z/s; (lc $1 => $2 // '') } @attributes;
        my ($name, $value) = $pair =~ /^([^=]*)=(.*)\z/s;
        my $is_expiry = ($value eq '' || $name eq '') && ($has{'max-age'} // '') eq '0';
        join ' ', $is_expiry ? $name eq '' ? "=$value" : $name : "NOT AN EXPIRY: $_", $has{path} // '?', $has{domain} // '-',
            grep { exists $has{$_} } qw(secure partitioned);
    } $answer->set_cookies;
}

sub asked { my ($cookies, @rest) = @_; return [ sort(expiries($httpd->get('/page.html', $html, "Cookie: $cookies", @rest))) ] }

my @ga = ('_ga / -', '_ga / example.org', '_ga / www.example.org');
my @deep = map { "_ga / $_" } '-', 'a.b.example.org', 'b.example.org', 'example.org';

for (
    [ 'one cookie: host-only, host and parent', '_ga=1',            \@ga ],
    [ 'twice the same',                         '_ga=1; _ga=2',     \@ga ],
    [ 'essential and undeclared ones stay',     'sid=1; what=2',    [] ],
    [ 'the module\'s own stay',                 consent('analytics=0') . '; site_message_hello=1', [] ],
    [ 'denied=session stays',                   consent('comfort=0') . '; pref=1', [] ],
    [ 'no cookie at all',                       '',                 [] ],
    [ 'with consent nothing is expired',        consent('analytics=1') . '; _ga=1', [] ],
    [ 'the declared path as well',              'path=1', [ sort map { ("path / $_", "path /shop $_") } qw(- example.org www.example.org) ] ],
    [ 'which may be /',                         'root=1', [ sort map { "root / $_" } qw(- example.org www.example.org) ] ],
    [ 'partitioned needs https',                'part=1', [ sort map { ("part / $_", "part /p $_") } qw(- example.org www.example.org) ] ],
    [ 'a domain that is not the host\'s',       'far=1',  [ sort map { "far / $_" } qw(- example.org www.example.org) ] ],
    [ '__Host-: no Domain, Path=/, Secure',     '__Host-h=1',       ['__Host-h / - secure'] ],
    [ '__Secure-: Secure, whatever the case',   '__secure-s=1',     [ sort map { "__secure-s / $_ secure" } qw(- example.org www.example.org) ] ],
    [ 'a nameless one',                         '_ga',              [ sort map { "=_ga / $_" } qw(- example.org www.example.org) ] ],
    )
{
    my ($name, $cookies, $want) = @$_;
    is_deeply asked($cookies), $want, "R5 $name";
}

for (
    [ 'a deep host',       'a.b.example.org',      \@deep ],
    [ 'with a port',       'a.b.example.org:8080', \@deep ],
    [ 'in capitals',       'A.b.EXAMPLE.org',      \@deep ],
    [ 'two labels',        'example.org',          [ '_ga / -', '_ga / example.org' ] ],
    [ 'a single label',    'localhost',            ['_ga / -'] ],
    [ 'an address',        '127.0.0.1',            ['_ga / -'] ],
    [ 'address and port',  '127.0.0.1:80',         ['_ga / -'] ],
    [ 'an IPv6 address',   '[::1]',                ['_ga / -'] ],
    [ 'IPv6 and port',     '[2001:db8::1]:8080',   ['_ga / -'] ],
    [ 'an underscore',     'my_host.example.org',  [ '_ga / -', '_ga / example.org', '_ga / my_host.example.org' ] ],
    )
{
    my ($name, $host, $want) = @$_;
    is_deeply asked('_ga=1', "Host: $host"), $want, "R5 host: $name";
}
is_deeply [ grep { !/ (?:-|www\.example\.org\.?|example\.org\.?)\z/ } @{ asked('_ga=1', 'Host: www.example.org.') } ], [],
    'R5 host: a trailing dot';
is_deeply [ sort map { s/^far \/ //r } @{ asked('far=1', 'Host: shop.example.org') } ], [ qw(- example.org shop.example.org) ],
    'R5 a declared domain that the host is in comes once';

is_deeply [ expiries($httpd->raw("GET /page.html HTTP/1.0\r\n$html\r\nCookie: _ga=1\r\n\r\n")) ], ['_ga / -'], 'R5 no host at all: host-only';

# https
for my $via (qw(https h2)) {
    my @want = sort map { ("part / $_ secure partitioned", "part /p $_ secure partitioned", "_ga / $_ secure") } qw(- example.org www.example.org);
    is_deeply [ sort(expiries($httpd->get('/page.html', $html, 'Cookie: _ga=1; part=2', { via => $via }))) ], \@want,
        "R5 Secure, and Partitioned where declared: $via";
}

# Which responses.
my %navigation = (
    'Accept with html'                    => [ 1, $html ],
    'Sec-Fetch-Dest: document'            => [ 1, 'Sec-Fetch-Dest: document' ],
    'document, prefetched'                => [ 1, 'Sec-Fetch-Dest: document', 'Sec-Purpose: prefetch' ],
    'no such header'                      => [ 0 ],
    'Accept without html'                 => [ 0, 'Accept: application/json' ],
    '*/*'                                 => [ 0, 'Accept: */*' ],
    'Sec-Fetch-Dest: empty, though html'  => [ 0, 'Sec-Fetch-Dest: empty', $html ],
    'Sec-Fetch-Dest: image'               => [ 0, 'Sec-Fetch-Dest: image', $html ],
    'Sec-Fetch-Dest: iframe'              => [ 0, 'Sec-Fetch-Dest: iframe', $html ],
    'X-Requested-With'                    => [ 0, 'X-Requested-With: XMLHttpRequest', $html ],
    'HX-Request'                          => [ 0, 'HX-Request: true', $html ],
);
for my $name (sort keys %navigation) {
    my ($is, @lines) = @{ $navigation{$name} };
    my $answer = $httpd->get('/page.html', 'Cookie: _ga=1', @lines);
    is scalar($answer->set_cookies), $is ? 3 : 0, "R5 M1 $name: " . ($is ? 'a navigation' : 'none');
    is + (grep { /\bCookie\b/ } $answer->header('Vary')) ? 1 : 0, $is, "C2 $name: varies by Cookie if something was added";
}
for (
    [ 'HEAD', HEAD => '/page.html', 3 ], [ '404', GET => '/missing', 3 ], [ '304', GET => '/page.html', 3, 'If-None-Match: *' ],
    [ '206', GET => '/page.html', 3, 'Range: bytes=0-1' ],
    [ 'PrivacyExpire off', GET => '/kept/page.html', 0 ], [ 'PrivacyEngine off', GET => '/off/page.html', 0 ],
    [ 'PrivacyEngine report', GET => '/report/page.html', 0 ],
    )
{
    my ($name, $method, $path, $want, @lines) = @$_;
    is scalar($httpd->request($method, $path, $html, 'Cookie: _ga=1', @lines)->set_cookies), $want, "R5 $name: $want expiries";
}

# What is added stands in headers_out alone: httpd puts that table behind err_headers_out, and so additions behind
# everything that others say. In no other way can the table be told: httpd lays both together before it looks at an
# error bucket, and forgets both where it finds a head that it does not send.
{
    my @head = map { /^(Set-Cookie: [^;]*|Vary: .*|X-Last)/ ? $1 : () } $httpd->get('/others/page.html', $html, 'Cookie: _ga=1')->lines;
    is_deeply \@head, [ map({ "Set-Cookie: $_" } 'sid=1', 'sid=2'), 'X-Last', ('Set-Cookie: _ga=') x 3, 'Vary: Cookie' ],
        'R9 R3 expiries, and Vary, stand behind what others have set, wherever they did';
}

# 4 KiB, and nobody starves.
{
    my @names = map { sprintf '_ga_%032d', $_ } 1 .. 60;
    my $cookie = 'Cookie: sid=1; ' . join '; ', map { "$_=1" } @names;
    my (%seen, %first, $most, $least);
    for (1 .. 400) {
        my @sets = $httpd->get('/page.html', $html, $cookie)->set_cookies;
        my $bytes = 0;
        $bytes += length "Set-Cookie: $_\r\n" for @sets;
        $most  = $bytes if !defined $most  || $bytes > $most;
        $least = $bytes if !defined $least || $bytes < $least;
        my @expired = map { /^([^=]+)/ } @sets;
        $seen{$_}++ for @expired;
        $first{ $expired[0] }++;
        last if keys %seen == @names && keys %first > 10;
    }
    cmp_ok $most,  '<=', 4096, "R5 at most 4 KiB of header lines ($most)";
    cmp_ok $least, '>',  3500, "R5 which are used ($least)";
    is keys %seen, @names, 'R5 none is starved';
    cmp_ok keys %first, '>', 10, 'R5 it starts at another cookie each time';
    # Even where one of them cannot be expired within the limit at all.
    my $huge = '_ga_' . 'x' x 3000;
    my %with_huge;
    for (1 .. 60) {
        $with_huge{ (/^([^=]+)/)[0] }++ for $httpd->get('/page.html', $html, "Cookie: _ga=1; $huge=1; root=1")->set_cookies;
    }
    is_deeply [ grep { !$with_huge{$_} } '_ga', 'root' ], [], 'R5 one that takes all the room does not starve the others';
}

# What an expiry cannot say is not said: no header is torn.
{
    my $answer = $httpd->get('/page.html', $html, "Cookie: _ga_a\tb=1; _ga_\xe9=1; _ga_\"=1; _ga_\\=2; sid=1");
    is scalar(grep { /[\x00-\x08\x0a-\x1f\x7f]/ } $answer->lines), 0, 'R5 F1 no control character but a tab, which names may hold, in a header';
    is $answer->status, 200, 'R5 F1 and an answer all the same';
}

done();
