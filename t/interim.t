# Licensed under the Apache License, Version 2.0; see LICENSE.

# R2: interim responses. They go past every filter of a request, and more than one
# may come before the response.
use strict;
use warnings;

use FindBin;
use IO::Socket::INET;
use POSIX ();
use lib "$FindBin::Bin/lib";
use Privacy::Test;

my $FINAL = [ 'Set-Cookie: _ga=final; Path=/', 'Set-Cookie: sid=final' ];

# What the backend says before it answers, by path.
my %INTERIM = (
    '/one' => "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n"
        . "Set-Cookie: _ga=hint; Path=/\r\nSet-Cookie: sid=hint; HttpOnly\r\n\r\n",
    '/only' => "HTTP/1.1 103 Early Hints\r\nSet-Cookie: _ga=hint\r\nSet-Cookie: _gid=hint\r\n\r\n",
    '/two'  => "HTTP/1.1 103 Early Hints\r\nSet-Cookie: _ga=1\r\nX-Hint: 1\r\n\r\n"
        . "HTTP/1.1 103 Early Hints\r\nX-Hint: 2\r\nSet-Cookie: _ga=2\r\n\r\n",
    '/other' => "HTTP/1.1 102 Processing\r\nSet-Cookie: _ga=102\r\nX-Hint: 102\r\n\r\n",
    '/long'  => "HTTP/1.1 103 Early Hints\r\n" . many(20) . "Set-Cookie: _ga=long\r\nX-Last: 1\r\n\r\n",
    '/huge'  => "HTTP/1.1 103 Early Hints\r\n" . many(40) . "Set-Cookie: _ga=huge\r\n\r\n",
    '/link'  => "HTTP/1.1 103 Early Hints\r\nLink: <https://t.example/x.js>; rel=preload, </a.css>; rel=preload\r\n"
        . "Link: <//T.EXAMPLE/y>; rel=prefetch\r\n\r\n",
    '/plain' => '',
);

sub many {
    my ($n) = @_;
    return join '', map { "X-Line-$_: " . 'x' x 2000 . "\r\n" } 1 .. $n;
}

my $backend = backend(sub {
    my ($request, $client) = @_;
    my ($path) = $request->target =~ m{(/[^/]*)\z};
    $client->send($INTERIM{$path} // '');
    return $client->reply('200 OK', $FINAL, "body of $path");
});

# One that says 100 Continue before it reads a body.
my $patient = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16) or die $!;
my $patient_port = $patient->sockport;
my $patience = fork // die $!;
if (!$patience) {
    while (my $socket = $patient->accept) {
        my $request = '';
        sysread $socket, $request, 4096, length $request or last while $request !~ /\r\n\r\n/;
        syswrite $socket, "HTTP/1.1 100 Continue\r\n\r\n";
        sysread $socket, $request, 4096, length $request or last while $request !~ /body\z/;
        syswrite $socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    }
    POSIX::_exit(0);
}
close $patient;
END { kill TERM => $patience if $patience }

my %CONF = (
    modules => [qw(cgi proxy_http)],
    tls     => 1,
    define  => { BACKEND => $backend->address, PATIENT => $patient_port },
    cgi     => { '/in.cgi' => "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\ncat\n" },
    conf    => <<'CONF',
PrivacyEngine on
PrivacyCategory essential necessary "Essential" "What the shop needs."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyCookie sid essential session "Keeps you logged in"
PrivacyCookie _ga analytics 2y "Tells visitors apart"
PrivacyCookie _gid analytics 1d "Tells visitors apart"
PrivacyTracker t.example analytics
ProxyPass /b http://${BACKEND}/b
ProxyPass /patient http://127.0.0.1:${PATIENT}
ProxyPass /off http://${BACKEND}/off
ProxyPass /report http://${BACKEND}/report
<Location /off>
    PrivacyEngine off
</Location>
<Location /report>
    PrivacyEngine report
</Location>
LogFormat "%U stripped=%{privacy-stripped}n" notes
CustomLog logs/notes notes
CONF
);
# One allowed cookie: of several mod_http2 makes one line, with or without us.
my $H2 = <<'CONF';
H2EarlyHints on
H2EarlyHint Link "</h2.css>; rel=preload"
H2EarlyHint Set-Cookie "_ga=early"
CONF

my @denied  = ();
my @granted = ('Cookie: ' . consent('analytics=1'));

sub lines { join "\n", map { $_->lines } $_[0]->interim }

sub interim_bytes { join '', map { $_->head } $_[0]->interim }

my $without = httpd(%CONF, privacy => 0, conf => join '', grep { /^ProxyPass/ } map { "$_\n" } split /\n/, $CONF{conf});
my %plain;

sub plain { $plain{ $_[0] } //= interim_bytes($without->get("/b$_[0]")) }

sub without { my ($bytes, $re) = @_; $bytes =~ s/^Set-Cookie: $re[^\r]*\r\n//mg; return $bytes }

# Byte for byte what httpd makes of it without the module, over HTTP/1.1 in the
# clear: mod_proxy puts Set-Cookie last.
sub bytes_are_kept {
    my ($httpd, $path) = @_;
    my $sent = plain($path);
    is interim_bytes($httpd->get("/b$path", @granted)), $sent, "R2: $path, granted: every byte";
    is interim_bytes($httpd->get("/b$path", @denied)), without($sent, qr/_g/), "R2: $path, denied: without its cookies";
    is interim_bytes($httpd->get("/off$path", @denied)), $sent, "R2: $path, engine off: every byte";
    is interim_bytes($httpd->get("/report$path", @denied)), $sent, "R8: $path, report: every byte";
}

# Over any protocol.
sub matrix {
    my ($httpd, $via) = @_;
    my %option = (via => $via);
    my $h2 = $via =~ /^h2/;
    for my $path ('/one', '/two', '/other') {
        my $count = () = $INTERIM{$path} =~ /^HTTP/mg;
        my $r = $httpd->get("/b$path", @denied, \%option);
        is scalar($r->interim), $count + $h2, "R2: $path, denied: all interim responses are there";
        unlike lines($r), qr/_ga/, 'without the cookie';
        is_deeply [ map { $_->status } ($r->interim)[ -$count .. -1 ] ], [ $INTERIM{$path} =~ m{^HTTP/1.1 (\d+)}mg ], 'their status';
        is_deeply [ $r->set_cookies ], ['sid=final'], 'nor is it in the response';
        is $r->body, "body of $path", 'its body';
        like lines($r), qr{^link: </a.css>; rel=preload$}im, 'the link is kept' if $path eq '/one';
        like lines($r), qr{^set-cookie: sid=hint; HttpOnly$}im, 'the other cookie is kept' if $path eq '/one';
        $r = $httpd->get("/b$path", @granted, \%option);
        is scalar($r->interim), $count + $h2, "R2: $path, granted: all interim responses";
        my $cookies = () = lines($r) =~ /_ga=/g;
        is $cookies, $count + $h2, 'with the cookie';
        is scalar($r->set_cookies), 2, 'and the response with both';
    }
    my $r = $httpd->get('/b/link', @denied, \%option);
    is_deeply [ map { $_->header('Link') } ($r->interim)[-1] ], ['</a.css>; rel=preload'], 'R6: Link members that load a tracker go';
    like lines($httpd->get('/b/link', @granted, \%option)), qr{t\.example/x\.js.*T\.EXAMPLE/y}s, 'R6: and stay with consent';
    $r = $httpd->get('/b/only', @denied, \%option);
    is scalar($r->interim), 1 + $h2, 'R2: one of which nothing is left is still one';
    is lines($r), $h2 ? 'link: </h2.css>; rel=preload' : '', 'without headers';
}

sub early_hint {
    my ($httpd, $via) = @_;
    my $r = $httpd->get('/page.txt', @denied, { via => $via });
    is lines($r), 'link: </h2.css>; rel=preload', "R2: H2EarlyHint ($via), denied: the link";
    is $r->body, 'page', 'the page';
    $r = $httpd->get('/page.txt', @granted, { via => $via });
    like lines($r), qr/^set-cookie: _ga=early$/m, "R2: H2EarlyHint ($via), granted: the cookie";
}

sub pipelining {
    my ($httpd) = @_;
    my $connection = $httpd->connect;
    my $request = sub { Privacy::Client::request_bytes('www.example.org', GET => "/b$_[0]", undef, @_[ 1 .. $#_ ]) };
    $connection->send(join '', $request->('/one', @denied), $request->('/one', @granted),
        $request->('/plain', @denied), $request->('/two', @denied), $request->('/two', @granted));
    my @expected = (
        [ without(plain('/one'), qr/_ga/), 'sid=final' ],
        [ plain('/one'), '_ga=final; Path=/', 'sid=final' ],
        [ '', 'sid=final' ],
        [ without(plain('/two'), qr/_ga/), 'sid=final' ],
        [ plain('/two'), '_ga=final; Path=/', 'sid=final' ],
    );
    for my $i (0 .. $#expected) {
        my $r = $connection->response;
        is_deeply [ interim_bytes($r), $r->set_cookies ], $expected[$i], "R2: pipelined request $i: by its own consent";
    }
    $connection->send($request->('/one', @denied));
    unlike $connection->response->raw, qr/_ga/, 'R2: and the next one on that connection';
    $connection->close;
}

sub continue_100 {
    my ($httpd, $path) = @_;
    my $connection = $httpd->connect;
    $connection->send("POST $path HTTP/1.1\r\nHost: www.example.org\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    my $said = '';
    sysread $connection->socket, $said, 25 - length $said, length $said or last while length $said < 25;
    is $said, "HTTP/1.1 100 Continue\r\n\r\n", "R2: 100 Continue comes before the body is sent ($path)";
    $connection->send('body');
    is $connection->response->status, 200, 'and then the response';
    $connection->close;
}

for my $mpm (qw(event worker prefork)) {
    my $threads = $mpm ne 'prefork';    # with prefork mod_http2 does not work
    my %conf = %CONF;
    $conf{modules} = [ @{ $CONF{modules} }, $threads ? 'http2' : () ];
    $conf{conf} .= $H2 if $threads;
    my $httpd = httpd(%conf, mpm => $mpm, files => { 'page.txt' => 'page' });
    for my $via (qw(http https), $threads ? qw(h2c h2) : ()) {
        subtest "$mpm, $via" => sub {
            matrix($httpd, $via);
            early_hint($httpd, $via) if $via =~ /^h2/;
        };
    }
    subtest "$mpm, bytes" => sub {
        is interim_bytes($httpd->get('/b/link', @granted)), plain('/link'), 'R6: every byte of them';
        bytes_are_kept($httpd, $_) for '/one', '/two', '/only', '/other', '/long';
        pipelining($httpd);
        continue_100($httpd, $_) for '/in.cgi', '/patient';
        my $r = $httpd->get('/b/huge', @denied);
        is scalar($r->interim), 0, 'R2: one of more than 64 KiB is left out';
        is $r->body, 'body of /huge', 'and the response comes';
        is interim_bytes($httpd->get('/report/huge')), plain('/huge'), 'R8: in report it passes';
    };
    expect_log($httpd, qr/PRIV0011/, 'the one that is left out is logged');
    $httpd->stop;
    open my $log, '<', $httpd->root . '/logs/notes' or die $!;
    my @notes = <$log>;
    ok scalar(grep({ $_ eq "/b/one stripped=_ga,_ga\n" } @notes)), 'noted: of the interim response and the last one';
    ok scalar(grep({ $_ eq "/report/one stripped=_ga,_ga\n" } @notes)), 'noted in report';
    ok !grep({ m{^/off/.*stripped=_} } @notes), 'not where the engine is off';
}

# mod_proxy_http2 forwards what an HTTP/2 backend sends to HTTP/2 clients; mod_lua lets a script send
# one.
SKIP: {
    skip 'mod_proxy_http2 or mod_lua is not on this machine', 1
        if grep { !Privacy::Httpd::has_module($_) } qw(proxy_http2 lua);
    my $origin = httpd(privacy => 0, modules => ['http2'], files => { 'page.txt' => 'page' }, conf => $H2);
    my $httpd  = httpd(
        modules => [qw(proxy_http2 http2 lua)],
        define  => { ORIGIN => '127.0.0.1:' . $origin->port },
        files   => { '/hint.lua' => <<'LUA' },
function handle(r)
    r.status = 103
    r.headers_out['Set-Cookie'] = '_ga=lua'
    r.headers_out['Link'] = '</l.css>'
    r:send_interim_response(true)
    r.status = 200
    r.content_type = 'text/plain'
    r:puts('lua')
    return apache2.OK
end
LUA
        conf => "H2EarlyHints on\nProxyPass /h2 h2c://\${ORIGIN}\nAddHandler lua-script .lua\n" . $CONF{conf} =~ s/^ProxyPass.*\n//mgr,
    );
    my $r = $httpd->get('/h2/page.txt', @denied, { via => 'h2c' });
    is lines($r), 'link: </h2.css>; rel=preload', 'R2: mod_proxy_http2, denied: the link';
    is $r->body, 'page', 'its page';
    $r = $httpd->get('/h2/page.txt', @granted, { via => 'h2c' });
    like lines($r), qr/^set-cookie: _ga=early$/m, 'R2: mod_proxy_http2, granted: the cookie';
    unlike $httpd->get('/hint.lua', @denied)->raw, qr/_ga/, 'R2: mod_lua, denied';
    like $httpd->get('/hint.lua', @granted)->raw, qr/^Set-Cookie: _ga=lua\r$/m, 'R2: mod_lua, granted';
}

done();
