# Licensed under the Apache License, Version 2.0; see LICENSE.

# Shared caches in front (C2): Varnish and nginx store by the Vary that they are given,
# and so each visitor gets the response of his own decision. Both are told to store
# what they usually would not, requests with cookies, so that Vary alone decides.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Connection;
use Privacy::Front;
use Privacy::Test;

my $TRACKER = '<script src="https://www.googletagmanager.com/gtag/js"></script>';
my $GRANT   = 'Cookie: ' . consent('analytics=1');

my $httpd = httpd(
    modules => [qw(cgi)],
    files   => { '/page.html' => "<!doctype html><title>t</title>$TRACKER<p>x" },
    cgi     => {
        '/ga.cgi'    => says("Content-Type: text/plain\nCache-Control: max-age=60\nSet-Cookie: _ga=1; Max-Age=600\n\nx\n"),
        '/plain.cgi' => says("Content-Type: text/plain\nCache-Control: max-age=60\n\nx\n"),
        '/link.cgi'  => says("Content-Type: text/plain\nCache-Control: max-age=60\nLink: <https://www.googletagmanager.com/x>; rel=preload\n\nx\n"),
    },
    conf => <<'CONF');
PrivacyCategory essential necessary "Essential" "The shop needs them."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyCookie _ga analytics 2y "Tells visitors apart"
PrivacyTracker www.googletagmanager.com analytics
PrivacySignal gpc analytics
PrivacyEngine on
PrivacyRewriteHTML on
CONF

my %FRONT = (
    varnish => sub { Privacy::Front->varnish($httpd->port, <<'VCL') },
sub vcl_recv { return (hash); }
sub vcl_backend_response { if (!beresp.http.Set-Cookie) { set beresp.ttl = 60s; } }
sub vcl_deliver { if (obj.hits > 0) { set resp.http.X-Cache = "HIT"; } else { set resp.http.X-Cache = "MISS"; } }
VCL
    nginx => sub { Privacy::Front->nginx(sprintf(<<'CONF', $httpd->port), http => 'proxy_cache_path DIR/cache keys_zone=front:1m;') },
location / {
    proxy_pass http://127.0.0.1:%d;
    proxy_set_header Host $http_host;
    proxy_cache front;
    proxy_cache_valid 200 60s;
    add_header X-Cache $upstream_cache_status;
}
CONF
);
my %PROGRAM = (varnish => 'varnishd', nginx => 'nginx');

for my $name (sort keys %FRONT) {
    SKIP: {
        skip "$name is not on this machine", 1 if !Privacy::Front::has($PROGRAM{$name});
        my $front = $FRONT{$name}->();
        ok $front, "$name listens" or next;
        my $get = sub {
            my ($path, @lines) = @_;
            my $socket = Privacy::Connection->new($front->port);
            $socket->send(join "\r\n", "GET $path HTTP/1.1", 'Host: www.example.org', 'Connection: close', @lines, '', '');
            return $socket->response;
        };
        my $cache = sub { scalar($_[0]->header('X-Cache')) };

        for my $round (qw(first second)) {
            my $denied  = $get->('/page.html');
            my $granted = $get->('/page.html', $GRANT);
            my $signal  = $get->('/page.html', $GRANT, 'Sec-GPC: 1');
            is_deeply [ map { $_->body =~ /data-privacy-src/ ? 1 : 0 } $denied, $granted, $signal ], [ 1, 0, 1 ],
                "C2: $name: each gets his own page, the $round time";
            is_deeply [ map { $cache->($_) } $denied, $granted, $signal ], [ ($round eq 'first' ? 'MISS' : 'HIT') x 3 ],
                "C2: $name: from the cache the second";
        }

        is_deeply [ $get->('/ga.cgi')->set_cookies ], [], "R1: $name: a denied cookie does not pass";
        is $cache->($get->('/ga.cgi')), 'HIT', "C2: $name: what is left is stored";
        is_deeply [ $get->('/ga.cgi', $GRANT)->set_cookies ], ['_ga=1; Max-Age=600'], "C2: $name: what was stored without it does not keep it from others";
        is_deeply [ $get->('/ga.cgi')->set_cookies ], [], "R1: $name: nor does the granted one come back";

        is scalar($get->('/link.cgi', $GRANT)->header('Link')), '<https://www.googletagmanager.com/x>; rel=preload', "C2: $name: a Link, granted";
        is scalar($get->('/link.cgi')->header('Link')), undef, "R6: $name: is not served to others";

        $get->('/plain.cgi');
        is $cache->($get->('/plain.cgi', $GRANT)), 'HIT', "C2: $name: what does not depend on the decision does not vary";
    }
}

done();
