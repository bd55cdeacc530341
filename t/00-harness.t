# Licensed under the Apache License, Version 2.0; see LICENSE.

# The harness itself, on an httpd without the module: what the other tests rely
# on, with every MPM, over every protocol, as root and as an ordinary user.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

my $backend = backend(sub {
    my ($request, $client) = @_;
    if ($request->target eq '/b/hinted') {
        $client->send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");
    }
    return $client->reply('200 OK', [ 'Set-Cookie: sid=1', 'X-Seen: yes' ], 'from ' . $request->target);
});

sub server {
    return httpd(
        privacy => 0,
        tls     => 1,
        modules => [qw(alias cgi headers http2 proxy_http)],
        define  => { BACKEND => $backend->address },
        files   => { 'index.html' => "<p>Hello\n" },
        cgi     => {
            '/env.cgi'  => echo_env('Set-Cookie: a=1; Path=/', 'Set-Cookie: b=x,y'),
            '/says.cgi' => says("Status: 500 No\nContent-Type: text/plain\n\nno\n"),
            '/perl.cgi' => 'print "Content-Type: text/plain\n\n", scalar getpwuid $<;',
        },
        conf => <<'CONF',
ProxyPass /b http://${BACKEND}/b
H2EarlyHints on
Header always add X-Twice one
Header always add X-Twice two
Listen 127.0.0.1:${PORT_OTHER}
CONF
        @_,
    );
}

sub answers {
    my ($httpd, $via, $user) = @_;
    my $page = $httpd->get('/', { via => $via });
    is $page->status, 200, 'a page';
    is $page->body, "<p>Hello\n", 'its body';
    is_deeply [ $page->header('x-twice') ], [qw(one two)], 'a header that stands twice';
    is $httpd->head('/', { via => $via })->body, '', 'HEAD has no body';

    my $env = $httpd->get('/env.cgi?q=[1]', 'Cookie: x=1; y="2"', 'X-Empty:', { via => $via, host => 'a.example.org' });
    is_deeply [ $env->set_cookies ], [ 'a=1; Path=/', 'b=x,y' ], 'Set-Cookie, each and in order';
    is $env->env('HTTP_COOKIE'), 'x=1; y="2"', 'a cookie reaches the script';
    is $env->env('HTTP_X_EMPTY'), '', 'so does an empty header';
    is $env->env('HTTP_HOST'), 'a.example.org', 'and the host';
    is $env->env('QUERY_STRING'), 'q=[1]', 'and the query, as it was';

    is $httpd->post('/env.cgi', 'a=b', { via => $via })->env('CONTENT_LENGTH'), 3, 'POST';
    is $httpd->get('/says.cgi', { via => $via })->status, 500, 'a status of a script';
    is $httpd->get('/perl.cgi', { via => $via })->body, $user, "scripts run as $user";

    my $hinted = $httpd->get('/b/hinted', { via => $via });
    is $hinted->body, 'from /b/hinted', 'through the proxy';
    is_deeply [ map { $_->status . ' ' . $_->header('Link') } $hinted->interim ], ['103 </a.css>; rel=preload'],
        'the interim response before it';
}

my $me   = getpwuid $>;
my $root = $> == 0;
for my $mpm (grep { Privacy::Httpd::has_module("mpm_$_") } qw(event worker prefork)) {
    for my $user ($root ? (undef, 'nobody') : undef) {
        my $httpd = server(mpm => $mpm, user => $user);
        my $child = $user || ($root ? $httpd->{as}[0] : $me);
        for my $via ($mpm eq 'prefork' ? qw(http https) : qw(http https h2c h2)) {
            subtest "$mpm, $via, as $child" => sub { answers($httpd, $via, $child) };
        }
    }
}

my $httpd = server();
is $httpd->get('/', { port => 'OTHER' })->status, 200, 'a second port, by its name';
is $httpd->get('/', 'Host: h')->timeless, $httpd->raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n")->timeless,
    'the same request has the same bytes for an answer';
is $backend->last_request->target, '/b/hinted', 'what a backend was asked';
is_deeply [ $backend->last_request->header('Host') ], [ $backend->address ], 'and with which headers';

my $pid = $httpd->pid;
is $httpd->graceful('Redirect 404 /')->pid, $pid,
    'a graceful restart is the same process';
is $httpd->get('/')->status, 404, 'under another configuration';
ok scalar $httpd->children, 'it has children';

my ($code, $said) = configtest("\nNoSuchDirective 1\n", privacy => 0);
is $code, 1, 'configtest fails';
like $said, qr/line 2 of .*test\.conf:\n.*NoSuchDirective/, 'and names the line of the test';
is((configtest('', privacy => 0))[0], 0, 'configtest passes');

ok !eval { httpd(privacy => 0, conf => 'NoSuchDirective'); 1 }, 'a server that does not start ends the test';

# What the log check is for: something httpd itself complains about.
my $loud = httpd(privacy => 0, modules => ['cgi'], cgi => { '/bad.cgi' => says('no header') });
is $loud->get('/bad.cgi')->status, 500, 'a script that breaks';
is scalar(() = $loud->complaints), 1, 'is a complaint in the log';
expect_log($loud, qr/malformed header from script 'bad\.cgi'/);

# What the log may not repeat, and what it may.
{
    my $record = consent('analytics=1');
    Privacy::Sent::message(join "\r\n", "Cookie: sid=Secret7; _ga=1; odd=a%22b%20c; a-lone-token; named=_ga; $record", 'X-Forwarded-For: 192.0.2.7, 2001:db8::7', '');
    Privacy::Sent::message("Set-Cookie: kept=Value8\tof it; Path=/public/\r\nX-Other: Public9\r\n");
    Privacy::Sent::text(qq{Header add Set-Cookie "made=ByConf10; Path=/"\n});
    Privacy::Sent::message('Cookie: long=' . 'x1' x 3000);
    my ($told_at) = $record =~ /t=(\d+)/;
    my @cases = (
        [ 'a value', 'the cookie "sid" has Secret7' ],
        [ 'a whole header', 'Cookie: x; sid=Secret7; y' ],
        [ 'a pair of a short value', 'denied _ga=1' ],
        [ 'a value in quotes', '_ga="1"' ],
        [ 'a decoded value', 'it says a"b c' ],
        [ 'a token without a name', 'denied (a-lone-token)' ],
        [ 'a record', "the record is $record" ],
        [ 'a part of a record', "chosen at $told_at" ],
        [ 'an address', 'a request of 192.0.2.7' ], [ 'an address of IPv6', 'a request of 2001:db8::7.' ], [ 'the client', 'for 127.0.0.1' ],
        [ 'a cookie that is set, as httpd escapes it', 'took Value8\tof it' ],
        [ 'one that the configuration sets', 'took ByConf10' ],
        [ 'a long value, as far as it goes', 'long=' . 'x1' x 100 ],
    );
    my @fine = (
        'the cookie "sid" is denied, "_ga" and (nameless) too', 'named was _ga', 'analytics=1', 'Public9 of /public/', 'Secret77', 'line 1 of a.conf', '1', '192.0.2.70',
    );
    my $line = sub { "[Thu Nov 26 14:26:53.1 2026] [privacy:debug] [pid 1:tid 2] a.c(1): [client 127.0.0.1:80] PRIV0099: $_[0], referer: http://127.0.0.1/" };
    is scalar(Privacy::Sent::repeated($line->($_->[1]), '')), 1, "F2: $_->[0] in a log line is seen" for @cases;
    is_deeply [ Privacy::Sent::repeated(join("\n", map { $line->($_) } @fine), '') ], [], 'F2: names, and what surrounds a message, are not';
    is_deeply [ Privacy::Sent::repeated($line->('Secret7'), 'PrivacyMessage Secret7 until=seen') ], [], 'F2: nor is what the configuration says';
    is_deeply [ Privacy::Sent::repeated($line->('Secret7') =~ s/privacy:/core:/r, '') ], [], 'F2: nor other modules\' lines';
}

is_deeply [ consent('analytics=1', 'p=2') =~ /^(privacy_consent=v=1&p=2&t=)\d+(&analytics=1)$/ ],
    [ 'privacy_consent=v=1&p=2&t=', '&analytics=1' ], 'a visitor\'s record';

done();
