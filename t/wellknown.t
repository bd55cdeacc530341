# Licensed under the Apache License, Version 2.0; see LICENSE.

# /.well-known/gpc.json: what it says and to whom, wherever else its path might lead.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;
use JSON::PP qw(decode_json);

needs_module(qw(proxy_http rewrite cache cache_disk));

my $PATH   = '/.well-known/gpc.json';
my $origin = mirror();

my %host = (
    PROXY    => 'ProxyPass / http://${ORIGIN}/',
    ENCODED  => 'ProxyPass / http://${ORIGIN}/ mapping=encoded',
    HANDLER  => "<Location />\nSetHandler \"proxy:http://\${ORIGIN}/\"\n</Location>",
    REWRITE  => "RewriteEngine on\nRewriteRule ^(.*)\$ http://\${ORIGIN}\$1 [P]",
    FALLBACK => 'FallbackResource /index.html',
    DENIED   => "<Directory />\nRequire all denied\n</Directory>",
    CACHED   => "CacheRoot \${VAR}\nCacheEnable disk /\nProxyPass / http://\${ORIGIN}/",
    SECTION  => "<Location /shop>\nPrivacyEngine off\n</Location>",
    OTHER    => 'PrivacyGPCStatement 2025-04-15T12:00:00Z',
    REPORT   => "PrivacyEngine report\nProxyPass / http://\${ORIGIN}/",
    OFF      => "PrivacyEngine off\nProxyPass / http://\${ORIGIN}/",
);
my $hosts = join '', map { "Listen 127.0.0.1:\${PORT_$_}\n<VirtualHost 127.0.0.1:\${PORT_$_}>\nServerName www.example.org\n$host{$_}\n</VirtualHost>\n" } sort keys %host;
my $policy = <<'CONF';
PrivacyCategory ads opt-in "Ads" "x"
PrivacySignal gpc ads
PrivacyEngine on
CONF
my $httpd = httpd(
    modules => [qw(proxy_http rewrite cache cache_disk)],
    define  => { ORIGIN => $origin->address },
    files   => { '/index.html' => "index\n", '/.well-known/other.json' => "{}\n" },
    conf    => "${policy}PrivacyGPCStatement 2026-11-23\n$hosts",
);

my $body = qq({"gpc": true, "lastUpdate": "2026-11-23"}\n);
for my $name ('main server', sort keys %host) {
    my %where = $name eq 'main server' ? () : (port => $name);
    my $want  = $name eq 'OTHER' ? $body =~ s/2026-11-23/2025-04-15T12:00:00Z/r : $body;
    for my $round (1, 2) {
        my $r = $httpd->get($PATH, \%where);
        is $r->status, 200,   "$name: it is there";
        is $r->body,   $want, 'and says what is configured';
    }
    my $r = $httpd->get($PATH, 'Sec-Fetch-Dest: document', \%where);
    is scalar($r->header('Content-Type')),   'application/json', "$name: as JSON";
    is scalar($r->header('Content-Length')), length $want,       'of a length';
    is scalar($r->header('Cache-Control')),  'max-age=86400',    'that caches may keep for a day';
    is scalar($r->header('Vary')),           undef,              'the same for everybody';
    is_deeply [ $r->set_cookies ], [], 'and sets nothing';
    ok decode_json($r->body)->{gpc}, 'gpc is true';

    my $head = $httpd->head($PATH, \%where);
    is $head->status, 200, "$name: HEAD";
    is $head->body,   '',  'without a body';
    is scalar($head->header('Content-Length')), length $want, 'and its length';

    my ($etag) = $r->header('ETag');
    like $etag, qr/^"[^"]+"$/, "$name: it has a validator";
    is $httpd->get($PATH, "If-None-Match: $etag", \%where)->status, 304, 'that is compared';
    is $httpd->get($PATH, 'If-None-Match: "x"', \%where)->status, 200, 'and nothing else';
    is $httpd->get("$PATH?a=1", \%where)->body, $want, "$name: a query is no matter";
    next if $name eq 'OFF';
    is $httpd->post($PATH, 'a=1', \%where)->status, 405, "$name: it takes no POST";
}
like scalar($httpd->post($PATH, 'a=1')->header('Allow')), qr/GET/, 'and says what it takes';
is $httpd->request('OPTIONS', $PATH)->status, 200, 'as it does for OPTIONS';

# What is another path stays so.
like $httpd->get($_, { port => 'PROXY' })->body, qr/^GET \Q$_\E /, "not the module's: $_"
    for '/.well-known/gpc.json/', '/.well-known/gpc.jsonx', '/x/.well-known/gpc.json', '/.well-known/GPC.json', '/.well-known/security.txt';
is $httpd->get('/.well-known/other.json')->body, "{}\n", 'nor is the directory';
is $httpd->get('/.well-known/x/../gpc%2ejson')->body, $body, 'the path is what httpd makes of it';
like $httpd->raw("GET http://elsewhere.example$PATH HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n")->raw, qr{^HTTP/1.1 404 }, 'an absolute form for another host is not ours';
my $port = $httpd->port('PROXY');
like $httpd->connect('PROXY')->send("GET http://www.example.org:$port$PATH HTTP/1.1\r\nHost: www.example.org:$port\r\n\r\n")->response('GET')->raw,
    qr/"gpc": true/, 'one for this host is';

# Without the directive the path is not the module's.
my $without = httpd(
    modules => [qw(proxy_http)],
    define  => { ORIGIN => $origin->address },
    conf    => "${policy}ProxyPass / http://\${ORIGIN}/\n",
);
like $without->get($PATH)->body, qr/^GET \Q$PATH\E /, 'without the directive it is the backend\'s';

done();
