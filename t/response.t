# Licensed under the Apache License, Version 2.0; see LICENSE.

# What becomes of a Set-Cookie, whoever sets it: R1, R3, R7, R9, C2's Vary.
#
# Each path is asked three times, with each MPM and over each protocol: on a port
# where the engine is off, with consent, and without. With consent the head is that
# of off; without it is that of off less the denied cookies' lines, and with Vary.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(proxy_http headers session_cookie usertrack lua http2 ssl asis include rewrite buffer));

my @COOKIES = (
    'sid=abc; Path=/; HttpOnly',
    '_ga=GA1.2.3; Path=/; Max-Age=63072000',
    'prefs="a=1, b=2"; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT; SameSite=Lax',
    '_fbp=fb.1.2; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT',
    'cart=e30=; Path=/; X-Unknown="; Priority=High;Secure;  Partitioned',
    '_ga_X1=a=b=c',
    'unknown=_ga=1; _ga=2',
    'sid=; Path=/old; Max-Age=0',
);

my $cookies = join "\n", map { "Set-Cookie: $_" } @COOKIES;

my $origin = backend(sub {
    my ($request, $connection) = @_;
    my $head = join "\r\n", 'Server: origin', 'X-First: 1', (map { "Set-Cookie: $_" } @COOKIES[ 0 .. 2 ]),
        'X-Middle: 2', (map { "Set-Cookie: $_" } @COOKIES[ 3 .. $#COOKIES ]), 'X-Last: 3';
    my $target = $request->target;
    if ($target =~ /broken/) {    # a head, and then what is no chunk
        $connection->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n\r\n");
        return 0;
    }
    if ($target =~ /chunked/) {
        $connection->send("HTTP/1.1 200 OK\r\n$head\r\nTransfer-Encoding: chunked\r\n\r\n");
        $connection->send("5\r\nhello\r\n");
        $connection->send("6\r\n world\r\n0\r\n\r\n");
        return 1;
    }
    my $status = $target =~ /fails/ ? '503 Service Unavailable' : $target =~ /moved/ ? '302 Found' : '200 OK';
    return $connection->reply($status, [ split /\r\n/, $head ], 'hello');
});

my %SERVER = (
    tls     => 1,
    modules => [qw(cgi headers proxy_http session_cookie usertrack lua asis include rewrite alias setenvif buffer)],
    define  => { ORIGIN => $origin->address },
    cgi     => {
        '/app/set.cgi'   => says("Content-Type: text/plain\nX-A: 1\n$cookies\nX-B: 2\n\nhello"),
        '/app/fail.cgi'  => says("Status: 500\nContent-Type: text/plain\n$cookies\n\nfailed"),
        '/app/go.cgi'    => says("Status: 303\nLocation: http://www.example.org/x\n$cookies\n\n"),
        '/app/local.cgi' => says("Location: /header/page.txt\n$cookies\n\n"),
        '/app/error.cgi' => says("Content-Type: text/plain\n$cookies\n\nnot here"),
        '/session/page.cgi' => says("Content-Type: text/plain\nX-Session: a=1\n\nhello"),
        '/bad/header.cgi'  => says("Content-Type: text/plain\nX-Bad: a\x01b\n$cookies\n\nhello"),
        '/ssi/part.cgi'  => says("Content-Type: text/html\n$cookies\n\npart"),
    },
    files => {
        '/header/page.txt'  => "hello\n",
        '/always/page.txt'  => "hello\n",
        '/track/page.txt'   => "hello\n",
        '/asis/page.asis'   => "Status: 200 OK\nContent-Type: text/plain\n$cookies\n\nhello\n",
        '/ssi/page.shtml'   => "a<!--#include virtual=\"part.cgi\" -->b\n",
        '/sub/index.html'   => "hello\n",
        '/quick.lua'        => <<'LUA',
function handle(r)
    if r.uri ~= "/quick" then return apache2.DECLINED end
    r.content_type = "text/plain"
    r.headers_out["Set-Cookie"] = "sid=quick; Path=/"
    r.err_headers_out["Set-Cookie"] = "_ga=quick; Path=/; Max-Age=63072000"
    r:puts("quick\n")
    return apache2.OK
end
LUA
    },
    conf => <<'CONF',
PrivacyCategory essential necessary "Essential" "What the site needs to work."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCategory remarketing opt-in "Remarketing" "Advertising on other sites."
PrivacyCookie sid    essential   any "The login"
PrivacyCookie prefs  essential   any "Settings"
PrivacyCookie cart   essential   any "The basket"
PrivacyCookie _ga    analytics   any "Google Analytics"
PrivacyCookie _ga_*  analytics   any "Google Analytics"
PrivacyCookie _fbp   remarketing any "Facebook"
PrivacyEngine on
# Whether httpd knows how long a CGI's answer is would be a matter of timing.
<FilesMatch "\.cgi$">
    SetOutputFilter BUFFER
</FilesMatch>
LimitRequestLine 1000

LuaQuickHandler ${DOCROOT}/quick.lua handle
AddHandler send-as-is .asis
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
RewriteEngine on
RewriteRule ^/pretty$ /app/set.cgi [PT]
Redirect 301 /moved http://www.example.org/here
<Location /moved>
    Header always add Set-Cookie "sid=m; Path=/"
    Header always add Set-Cookie "_ga=m; Path=/"
</Location>
ProxyPass /proxy http://${ORIGIN}
<LocationMatch ^/(proxy/broken|nowhere|bad)>
    ErrorDocument 500 /app/error.cgi
    ErrorDocument 404 /app/error.cgi
    ErrorDocument 502 /app/error.cgi
</LocationMatch>
<Location /header>
    Header set X-Before 1
    Header add Set-Cookie "sid=h; Path=/"
    Header add Set-Cookie "_ga=h; Path=/"
    Header set X-After 1
</Location>
<Location /always>
    Header always set Set-Cookie "_ga=a; Path=/"
    Header always add Set-Cookie "sid=a; Path=/"
</Location>
<Location /sub>
    Header onsuccess add Set-Cookie "sid=o; Path=/"
    Header onsuccess add Set-Cookie "_ga=o; Path=/"
</Location>
<Location /session>
    Session On
    SessionCookieName _ga path=/
    SessionHeader X-Session
    Header always add Set-Cookie "sid=s; Path=/"
</Location>
<Location /track>
    CookieTracking on
    CookieName _ga
    Header always add Set-Cookie "sid=t; Path=/"
</Location>
<LocationMatch ^/(early|$)>
    Header always add Set-Cookie "sid=e; Path=/"
</LocationMatch>
# Known before any location is: what 400, 414 and 417 are answered with.
Header always add Set-Cookie "sid=early; Path=/" "expr=%{REQUEST_STATUS} in {'400','414','417'}"
Header always add Set-Cookie "_ga=early; Path=/" "expr=%{REQUEST_STATUS} in {'400','414','417'}"

Listen 127.0.0.1:${PORT_OFF}
Listen 127.0.0.1:${PORT_TLS}
Listen 127.0.0.1:${PORT_TLS_OFF}
<VirtualHost 127.0.0.1:${PORT_OFF}>
    PrivacyEngine off
    RewriteEngine on
    RewriteOptions Inherit
</VirtualHost>
<VirtualHost 127.0.0.1:${PORT_TLS}>
    ServerName www.example.org
    SSLEngine on
    RewriteEngine on
    RewriteOptions Inherit
</VirtualHost>
<VirtualHost 127.0.0.1:${PORT_TLS_OFF}>
    ServerName www.example.org
    SSLEngine on
    PrivacyEngine off
    RewriteEngine on
    RewriteOptions Inherit
</VirtualHost>
CONF
);

my $DENIED  = qr/^Set-Cookie: *(?:_ga|_fbp|_ga_X1)=/i;
my $granted = 'Cookie: ' . consent('analytics=1', 'remarketing=1');

# The head without what changes from one request to the next.
sub head_of {
    my ($answer) = @_;
    return map { s/^(Date: ).*/$1-/ir =~ s/^(Set-Cookie: _ga=)[0-9a-f]{1,8}\.[0-9a-f]+/$1-/ir } $answer->start, $answer->lines;
}

# The answers without the module's doing, with consent and without.
sub each_way {
    my ($name, $off, $with, $without) = @_;
    my @off = head_of($off);
    my $denied = grep { $_ =~ $DENIED } @off;
    my $kept   = grep { /^Set-Cookie:/i } @off;
    ok $denied && $kept > $denied, "$name: httpd itself sends $denied denied cookies among $kept"
        or diag $off->head;
    is_deeply [ head_of($with) ], \@off, "R1 R3 R7 $name: with consent, as httpd sends it";
    is_deeply [ sort grep { !/^Vary:/i } head_of($without) ], [ sort grep { $_ !~ $DENIED && !/^Vary:/i } @off ],
        "R1 $name: without consent, the denied cookies are gone and nothing else";
    is_deeply [ grep { !/^Vary:/i } head_of($without) ], [ grep { $_ !~ $DENIED && !/^Vary:/i } @off ],
        "R3 $name: and all else is in its place";
    like join(',', $without->header('Vary')), qr/\bCookie\b/i, "C2 $name: varies by Cookie";
    is $without->body, $off->body, "$name: the body is as it was" if $off->status !~ /^3/;
}

my %plain = (
    'a CGI'                        => [ GET     => '/app/set.cgi' ],
    'a CGI, HEAD'                  => [ HEAD    => '/app/set.cgi' ],
    'a CGI, POST'                  => [ POST    => '/app/set.cgi', 'Content-Length: 0' ],
    'a CGI, Status: 500'           => [ GET     => '/app/fail.cgi' ],
    'a CGI, 303'                   => [ GET     => '/app/go.cgi' ],
    'a CGI, internal redirect'     => [ GET     => '/app/local.cgi' ],
    'mod_rewrite'                  => [ GET     => '/pretty' ],
    'Header add'                   => [ GET     => '/header/page.txt' ],
    'Header add, HEAD'             => [ HEAD    => '/header/page.txt' ],
    'Header add, 304'              => [ GET     => '/header/page.txt', 'If-None-Match: *' ],
    'Header add, 206'              => [ GET     => '/header/page.txt', 'Range: bytes=0-1' ],
    'Header always'                => [ GET     => '/always/page.txt' ],
    'Header always, 304'           => [ GET     => '/always/page.txt', 'If-None-Match: *' ],
    'Header always, 404'           => [ GET     => '/always/missing' ],
    'Header always, OPTIONS'       => [ OPTIONS => '/always/page.txt' ],
    'Header always, 412'           => [ GET     => '/always/page.txt', 'If-Match: "x"' ],
    'Header always, unknown method' => [ FROB   => '/always/page.txt' ],
    'DirectoryIndex'               => [ GET     => '/sub/' ],
    'Redirect'                     => [ GET     => '/moved' ],
    'an ErrorDocument by a CGI'    => [ GET     => '/nowhere' ],
    'mod_asis'                     => [ GET     => '/asis/page.asis' ],
    'mod_session'                  => [ GET     => '/session/page.cgi' ],
    'mod_usertrack'                => [ GET     => '/track/page.txt' ],
    'a foreign quick handler'      => [ GET     => '/quick' ],
    'mod_proxy_http'               => [ GET     => '/proxy/page' ],
    'mod_proxy_http, HEAD'         => [ HEAD    => '/proxy/page' ],
    'mod_proxy_http, chunked'      => [ GET     => '/proxy/chunked' ],
    'mod_proxy_http, 503'          => [ GET     => '/proxy/fails' ],
    'mod_proxy_http, 302'          => [ GET     => '/proxy/moved' ],
);

my $httpd;
for my $mpm (qw(prefork worker event)) {
    my @http2 = $mpm eq 'prefork' ? () : 'http2';    # with prefork mod_http2 does not work
    $httpd->stop if $httpd;
    $httpd = httpd(%SERVER, mpm => $mpm, modules => [ @{ $SERVER{modules} }, @http2 ]);
    for my $via (qw(http https), @http2 ? qw(h2c h2) : ()) {
        my @off = { port => $via =~ /^h(?:ttp|2c)\z/ ? 'OFF' : 'TLS_OFF' };
        # The first answer on a connection differs: it offers h2.
        my @alone = $via eq 'https' ? 'Connection: close' : ();
        subtest "$mpm, $via" => sub {
            my @names = sort keys %plain;
            my @answers = $httpd->series($via, map { my $ask = $_; map { [ @$ask, @alone, @$_ ] } \@off, [$granted], [] } @plain{@names});
            for my $name (@names) {
                my @three = splice @answers, 0, 3;
                subtest $name => sub { each_way("$name, $mpm, $via", @three) };
            }
        };
    }
    expect_log($httpd, qr/AH00135: Invalid method/, 'the unknown method is in the log');
}

# From here on with event.

# A request that is refused before it was read whole has no decision, and is
# denied everything, whatever it brought.
my %early = (
    '400, no Host'   => "GET /early HTTP/1.1\r\n$granted\r\n\r\n",
    '400, bad line'  => "GET /early\x01 HTTP/1.1\r\nHost: www.example.org\r\n$granted\r\n\r\n",
    '400, bad field' => "GET /early HTTP/1.1\r\nHost: www.example.org\r\n$granted\r\nbad field: x\r\n\r\n",
    '400, two lengths' => "POST /early HTTP/1.1\r\nHost: www.example.org\r\n$granted\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    '417'            => "GET /early HTTP/1.1\r\nHost: www.example.org\r\n$granted\r\nExpect: more\r\n\r\n",
    '414'            => 'GET /early' . 'x' x 2000 . " HTTP/1.1\r\nHost: www.example.org\r\n$granted\r\n\r\n",
);
for my $name (sort keys %early) {
    my $answer = $httpd->raw($early{$name});
    is $answer->status, substr($name, 0, 3), "$name: refused early";
    is_deeply [ map { s/;.*//r } $answer->set_cookies ], ['sid=early'], "D6 R1 $name: denied everything, the essential one stays";
}

# What is included says nothing to the client.
{
    my $answer = $httpd->get('/ssi/page.shtml');
    like $answer->body, qr/\Aapart\s*b\s*\z/, 'SSI: the part is there';
    is_deeply [ $answer->set_cookies ], [], 'R1 SSI: the part sets nothing';
}

# mod_proxy finds out that the backend is broken when it has passed on nothing
# yet: an error bucket, for which httpd starts the response anew.
{
    my $answer = $httpd->get('/proxy/broken', 'Accept: text/html', 'Cookie: _ga=1; sid=2');
    is $answer->status, 502, 'R9: an error bucket becomes an answer';
    my @sets = $answer->set_cookies;
    is scalar(grep { /^sid=abc;/ } @sets), 1, 'R9: the error document sets its essential cookie once';
    is scalar(grep { /^_fbp=/ } @sets),    0, 'R9: and no denied one';
    is scalar(grep { $_ eq '_ga=; Max-Age=0; Path=/' } @sets), 1, 'R9: what is expired is expired once';
    $answer = $httpd->get('/proxy/broken', $granted);
    is_deeply [ $answer->set_cookies ], \@COOKIES, 'R9: with consent the error document sets all it wants';
}
expect_log($httpd, qr/AH01(?:110|102)|AH00898/, 'the broken backend is in the log');

# A head that httpd refuses to send: it starts anew as well.
{
    my $answer = $httpd->get('/bad/header.cgi', 'Accept: text/html', 'Cookie: _ga=1; sid=2');
    is $answer->status, 500, 'R9: a bad head becomes an error';
    my @sets = $answer->set_cookies;
    is scalar(grep { /^sid=abc;/ } @sets), 1, 'R9: the error document sets its essential cookie once';
    is scalar(grep { /^_fbp=/ } @sets),    0, 'R9: and no denied one';
    is scalar(grep { $_ eq '_ga=; Max-Age=0; Path=/' } @sets), 1, 'R9: what is expired is expired once';
}
expect_log($httpd, qr/AH0243[0-9]|AH10405|X-Bad/, 'the bad head is in the log');

# A request whose body cannot be read: httpd says so by an error bucket, which comes in
# front of any answer. What is noted is of the answer that was sent: httpd lays its header
# tables together before it looks at the bucket, so that what would have been done to the
# first one shows in nothing else.
{
    my $server = httpd(
        modules => [qw(cgi headers)],
        cgi     => { '/take.cgi' => says("Content-Type: text/plain\n\nhello") },
        conf    => <<'CONF');
PrivacyCategory essential necessary "Essential" "What the site needs."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCookie _ga analytics 2y "Google Analytics"
PrivacyEngine on
Header always add Set-Cookie "_ga=1"
LogFormat "%>s stripped=%{privacy-stripped}n expired=%{privacy-expired}n" names
CustomLog ${VAR}/access names
CONF
    my $head = "POST /take.cgi HTTP/1.1\r\nHost: www.example.org\r\nTransfer-Encoding: chunked\r\n"
        . "Sec-Fetch-Dest: document\r\nCookie: _ga=1\r\nConnection: close\r\n\r\n";
    for ([ 400, "no chunk\r\n" ], [ 413, 'f' x 20 . "\r\n" ]) {
        my ($status, $body) = @$_;
        my $answer = $server->raw($head . $body);
        is $answer->status, $status, "R9 $status: an error bucket becomes an answer";
        is_deeply [ map { s/; Domain.*//r } $answer->set_cookies ], [ ('_ga=; Max-Age=0; Path=/') x 3 ], "R9 $status: once";
    }
    expect_log($server, qr{AH01270: Error reading request entity data}, 'what cannot be read is in the log');
    $server->stop;
    open my $log, '<', $server->root . '/var/access' or die $!;
    is_deeply [<$log>], [ map { "$_ stripped=_ga expired=_ga\n" } 400, 413 ], 'R9: the outermost filter has let the error bucket pass, and judged one answer';
}

# R7: nothing in, nothing out.
for my $path (qw(/sub/index.html /sub/missing /ssi/page.shtml)) {
    my ($on, $off) = map { $httpd->get($path, @$_) } [], [ { port => 'OFF' } ];
    next if $off->set_cookies;
    is $on->timeless, $off->timeless, "R7 $path: the very bytes that httpd sends without the module";
}

done();
