# Licensed under the Apache License, Version 2.0; see LICENSE.

# Query parameters that identify a visitor to a tracker (Q5): gone from every place
# where httpd, a handler, a backend, a log or a cache would find them.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(proxy_http rewrite headers http2 cache cache_socache socache_shmcb));

my $origin = backend(sub { my ($request, $client) = @_; $client->reply('200 OK', [ 'Content-Type: text/plain', 'Cache-Control: max-age=600' ], "proxied\n") });

my $policy = <<'CONF';
PrivacyCategory essential necessary "Essential" "The shop needs them."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyCategory remarketing opt-in "Remarketing" "Who comes back."
PrivacyParameter gclid remarketing
PrivacyParameter utm_* analytics
PrivacyParameter lang essential
CONF

my $httpd = httpd(
    modules => [qw(cgi proxy_http rewrite headers http2 cache cache_socache socache_shmcb)],
    cgi     => { map { ("/$_/env.cgi" => echo_env()) } qw(on off report) },
    define  => { ORIGIN => $origin->address },
    conf    => <<"CONF");
$policy
PrivacyEngine on
Protocols h2c http/1.1
<Location /off>
    PrivacyEngine off
</Location>
<Location /report>
    PrivacyEngine report
</Location>
ProxyPass /nocanon http://\${ORIGIN}/nocanon nocanon
ProxyPass /plain http://\${ORIGIN}/plain
ProxyPass /cached http://\${ORIGIN}/cached
CacheEnable socache /cached
CacheSocache shmcb:\${VAR}/cache(500000)
CacheHeader on
RewriteEngine on
RewriteRule ^/rewritten(.*) http://\${ORIGIN}/rewritten\$1 [P,NE]
RewriteCond %{QUERY_STRING} gclid
RewriteRule ^/cond - [R=410]
LogFormat "%r|%q|%{Referer}i" seen
CustomLog \${VAR}/access seen
CONF

# The query that a CGI sees, in each of the places.
sub seen {
    my ($path, @more) = @_;
    my $r = $httpd->get($path, @more);
    return [ map { $r->env($_) // '(none)' } qw(QUERY_STRING REQUEST_URI HTTP_REFERER) ];
}

my @case = (
    # what was sent, what is left without consent
    [ 'a=1',                        'a=1' ],
    [ 'gclid=XYZ&a=1',              'a=1' ],
    [ 'a=1&gclid=XYZ',              'a=1' ],
    [ 'a=1&gclid=XYZ&b=%20c&&d',    'a=1&b=%20c&&d' ],
    [ 'gclid=XYZ',                  '' ],
    [ 'gclid',                      '' ],
    [ 'g%63lid=XYZ&a=1',            'a=1' ],
    [ 'utm_source=x&utm_medium=y',  '' ],
    [ 'lang=en&gclidx=1&xgclid=2',  'lang=en&gclidx=1&xgclid=2' ],
    [ 'GCLID=1',                    'GCLID=1' ],
    [ 'q=a?gclid=1;gclid=2',        'q=a?gclid=1;gclid=2' ],
    [ '',                           '' ],
);
for (@case) {
    my ($sent, $left) = @$_;
    my $uri = '/on/env.cgi' . ($left eq '' && $sent ne '' ? '' : "?$left");
    for my $via (qw(http h2c)) {
        my $r = $httpd->get("/on/env.cgi?$sent", { via => $via });
        is_deeply [ map { $r->env($_) } qw(QUERY_STRING REQUEST_URI) ], [ $left, $uri ],
            "Q5: '$sent' is '$left' to a CGI, over $via";
    }
}
is_deeply seen('/on/env.cgi?gclid=XYZ&a=1', 'Cookie: ' . consent('remarketing=1')),
    [ 'gclid=XYZ&a=1', '/on/env.cgi?gclid=XYZ&a=1', '(none)' ], 'Q5: with consent nothing goes';
is_deeply seen('/on/env.cgi?gclid=XYZ&utm_id=2&a=1', 'Cookie: ' . consent('remarketing=1')),
    [ 'gclid=XYZ&a=1', '/on/env.cgi?gclid=XYZ&a=1', '(none)' ], 'Q5: consent counts by category';

# Referer
is seen('/on/env.cgi', 'Referer: http://www.example.org/x?gclid=1&a=2#f')->[2],
    'http://www.example.org/x?a=2#f', 'Q5: a Referer that names this site is cleaned';
is seen('/on/env.cgi', 'Referer: https://WWW.EXAMPLE.ORG:8443/x?gclid=1')->[2],
    'https://WWW.EXAMPLE.ORG:8443/x', 'Q5: by its host, whatever scheme, case and port';
is seen('/on/env.cgi', 'Referer: http://ads.example.net/x?gclid=1')->[2],
    'http://ads.example.net/x?gclid=1', 'Q5: another site\'s Referer is its own affair';

# Before translate_name
for (qw(nocanon plain rewritten)) {
    $httpd->get("/$_/p?gclid=XYZ&a=%2f1");
    my $line = $origin->last_request->start;
    is $line, "GET /$_/p?a=%2f1 HTTP/1.1", "Q5: a backend behind '$_' is not told";
}
is $httpd->get('/cond?gclid=1')->status, 404, 'Q5: a RewriteCond does not see it';
is $httpd->get('/cond?gclid=1', 'Cookie: ' . consent('remarketing=1'))->status, 410, 'Q5: with consent it does';

# A shared cache is asked for the same, whatever click led there.
is_deeply [ map { $httpd->get("/cached/p?gclid=$_&a=1")->header('X-Cache') =~ /^(\w+)/ } 1 .. 3 ], [qw(MISS HIT HIT)],
    'Q5: what mod_cache stores is not one for each click';

# Sections
is_deeply seen('/off/env.cgi?gclid=XYZ&a=1', 'Referer: http://www.example.org/x?gclid=1'),
    [ 'gclid=XYZ&a=1', '/off/env.cgi?gclid=XYZ&a=1', 'http://www.example.org/x?gclid=1' ],
    'Q5, Q3: a section with the engine off gets back what was sent';
is_deeply seen('/report/env.cgi?gclid=XYZ&a=1'), [ 'gclid=XYZ&a=1', '/report/env.cgi?gclid=XYZ&a=1', '(none)' ],
    'Q5, R8: and so does one that reports';

# The log
$httpd->get('/on/env.cgi?gclid=SECRET&a=1', 'Referer: http://www.example.org/?gclid=SECRET');
$httpd->stop;
open my $log, '<', $httpd->root . '/var/access' or die $!;
my @lines = <$log>;
cmp_ok scalar @lines, '>', 30, 'the access log was written';
ok !grep(/SECRET/, @lines), 'Q5: the click id is in no access log';

# Off in the virtual host, on in a section
my $other = httpd(
    modules => [qw(cgi)],
    cgi     => { '/on/env.cgi' => echo_env(), '/off/env.cgi' => echo_env() },
    conf    => "$policy\n<Location /on>\nPrivacyEngine on\n</Location>\n");
is $other->get('/on/env.cgi?gclid=1&a=1')->env('QUERY_STRING'), 'a=1', 'Q5, Q3: a stricter section cleans';
is $other->get('/off/env.cgi?gclid=1&a=1')->env('QUERY_STRING'), 'gclid=1&a=1', 'Q5, Q3: and nothing else';

done();
