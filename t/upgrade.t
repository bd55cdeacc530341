# Licensed under the Apache License, Version 2.0; see LICENSE.

# R2: upgrades. The head of a 101 is edited, and all that follows is the
# WebSocket's.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;
use Privacy::WebSocket;

needs_module(qw(proxy_http proxy_wstunnel));

my @denied   = ();
my @granted  = ('Cookie: ' . consent('analytics=1'));
my @payloads = Privacy::WebSocket::payloads(10_000);

my $SWITCH = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    . "Sec-WebSocket-Accept: xxx\r\nLink: </a.css>; rel=preload\r\nSet-Cookie: _ga=1; Path=/\r\nSet-Cookie: sid=1\r\n\r\n";
my $NO = "HTTP/1.1 403 No\r\nSet-Cookie: _ga=no\r\nX-No: 1\r\nContent-Length: 20\r\nConnection: close\r\n\r\nSet-Cookie: _ga=body";

# The first frame comes together with the head.
my $HELLO = "Set-Cookie: _ga=1\r\n\r\nhello";
my $port  = Privacy::WebSocket::origin(sub {
    my ($path) = @_;
    my $hello = $SWITCH . Privacy::WebSocket::frame($HELLO);
    return $path =~ /no$/ ? $NO : $path =~ /slow$/ ? split(//, $hello) : $hello;
});

sub talk {
    my ($httpd, $path, $via, $count, @lines) = @_;
    return Privacy::WebSocket::talk($httpd, $path, $via, qr/hello/, [ @payloads[ 0 .. $count - 1 ] ], 100, @lines);
}

my $POLICY = <<'CONF';
PrivacyEngine on
PrivacyCategory essential necessary "Essential" "What the shop needs."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyCookie sid essential session "Keeps you logged in"
PrivacyCookie _ga analytics 2y "Tells visitors apart"
<Location /report>
    PrivacyEngine report
</Location>
CONF
my $PROXY = <<'CONF';
ProxyPass /upgrade http://127.0.0.1:${WS}/ upgrade=websocket
ProxyPass /report http://127.0.0.1:${WS}/
ProxyPass /ws ws://127.0.0.1:${WS}/
ProxyPass /raw ws://127.0.0.1:${WS}/
<Location /raw>
    ProxyWebsocketFallbackToProxyHttp off
</Location>
CONF

sub server {
    my ($mpm, $privacy) = @_;
    return httpd(
        mpm     => $mpm,
        privacy => $privacy,
        tls     => 1,
        modules => [qw(proxy_http proxy_wstunnel)],
        define  => { WS => $port },
        conf    => $PROXY . ($privacy ? $POLICY : ''),
    );
}

sub same {
    my ($got, $expected, $name) = @_;
    ok $got eq $expected, $name or diag 'got ', length $got, ' bytes, not ', length $expected, ': ', substr $got, 0, 500;
}

for my $mpm (qw(event worker prefork)) {
    my $without = server($mpm, 0);
    my $with    = server($mpm, 1);
    subtest $mpm => sub {
        for my $path (qw(/upgrade /ws /raw)) {
            for my $via (qw(http https)) {
                # All frames once for each way and MPM, a few with TLS, whose client is slow.
                my $count = $via eq 'http' ? @payloads : 1000;
                my $plain = talk($without, $path, $via, $count);
                my $frames = join '', map { Privacy::WebSocket::frame($_) } $HELLO, @payloads[ 0 .. $count - 1 ];
                like $plain, qr/^Set-Cookie: _ga=1; Path=\/\r$/m, "$path, $via: without the module the cookie comes";
                like $plain, qr/\r\n\r\n\Q$frames\E\z/, "$path, $via: without the module $count frames come back";
                same talk($with, $path, $via, $count, @granted), $plain, "R2: $path, $via, granted: every byte";
                same talk($with, $path, $via, $count, @denied), $plain =~ s/^Set-Cookie: _ga=1; Path=\/\r\n//mr,
                    "R2: $path, $via, denied: every byte but the cookie";
            }
            same talk($with, "$path/slow", 'http', 200), talk($without, "$path/slow", 'http', 200) =~ s/^Set-Cookie: _ga=1; Path=\/\r\n//mr,
                "R2: $path, a head that comes byte by byte";
        }
        same talk($with, '/report', 'http', 200), talk($without, '/report', 'http', 200), 'R8: report, every byte';
        my @upgrade = ('Upgrade: websocket', 'Connection: Upgrade');
        for my $path (qw(/upgrade/no /ws/no /raw/no)) {
            my $r = $with->get($path, @upgrade);
            is $r->status, 403, "R2: $path: what is no upgrade";
            is_deeply [ $r->set_cookies ], [], 'comes without the cookie';
            is $r->header('x-no'), 1, 'with the rest of the head';
            is $r->body, 'Set-Cookie: _ga=body', 'and its body';
            like $with->get($path, @upgrade, @granted)->head, qr/^Set-Cookie: _ga=no\r$/m, 'granted: with it';
        }
    };
    $_->stop for $without, $with;
}

# httpd's own upgrade, to HTTP/2.
SKIP: {
    skip 'mod_http2 is not on this machine', 1 if !Privacy::Httpd::has_module('http2');
    my $httpd = httpd(
        modules => [qw(http2 cgi)],
        conf    => $POLICY,
        cgi     => { '/set.cgi' => says("Content-Type: text/plain\nSet-Cookie: _ga=1\nSet-Cookie: sid=1\n\nset") },
    );
    my $url = 'http://127.0.0.1:' . $httpd->port . '/set.cgi';
    my $said = `curl -q -s -i --http2 $url`;
    like $said, qr{\AHTTP/1.1 101 .*\nHTTP/2 200.*\nset-cookie: sid=1\r\n.*\nset\n\z}s, 'R2: h2c by an upgrade';
    unlike $said, qr/_ga/, 'without the cookie';
}

# A tunnel of mod_proxy_connect begins with a head of its own.
SKIP: {
    skip 'mod_proxy_connect is not on this machine', 1 if !Privacy::Httpd::has_module('proxy_connect');
    my $httpd = httpd(modules => [qw(proxy proxy_connect)], define => { WS => $port },
        conf => "ProxyRequests on\nAllowCONNECT $port\n" . $POLICY);
    my $connection = $httpd->connect;
    $connection->send("CONNECT 127.0.0.1:$port HTTP/1.1\r\nHost: 127.0.0.1:$port\r\n\r\n");
    my $said = '';
    sysread $connection->socket, $said, 4096, length $said or last while $said !~ /\r\n\r\n/;
    like $said, qr{\AHTTP/1.\d 200 }, 'R2: CONNECT';
    $connection->send("GET /no HTTP/1.1\r\nHost: x\r\n\r\n");
    $said = '';
    1 while sysread $connection->socket, $said, 4096, length $said;
    is $said, $NO, 'what goes through the tunnel is not looked at';
}

done();
