# Licensed under the Apache License, Version 2.0; see LICENSE.

# R7: what needs nothing of the module is what httpd sends without it, byte for byte. The
# same site is served by two servers, of which one has not loaded it. Beside the static file
# without cookies: every handler, what a policy allows, pages in which nothing is declared.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(proxy_http headers include alias asis deflate rewrite autoindex buffer http2));

my $PAGE = "<!doctype html>\n<html lang=en><head><meta charset=utf-8><title>t</title><script src=/own.js></script></head>\n"
    . "<body><p>Hello</p><img src=//cdn.example.org/a.png><script>own(1)</script></body></html>\n";

my $origin = backend(sub {
    my ($request, $client) = @_;
    my $target = $request->target;
    if ($target =~ /chunked/) {
        $client->send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
        return $client->send("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
    }
    return $client->reply('302 Found', ['Location: /there'], '') if $target =~ /moved/;
    return $client->reply('200 OK', [ 'Content-Type: text/html', 'ETag: "v1"', 'Accept-Ranges: bytes', 'X-Odd:  a  b ' ], $PAGE);
});

my $POLICY = <<'CONF';
PrivacyCategory essential necessary "Essential" "What the site needs."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCookie sid essential any "The login"
PrivacyCookie _ga analytics 2y  "Google Analytics"
PrivacySignal gpc analytics
PrivacyEngine on
CONF

# Both serve this, each from a directory of its own.
my %SERVER = (
    modules => [qw(cgi proxy_http headers include alias asis deflate rewrite autoindex buffer http2)],
    define  => { ORIGIN => $origin->address },
    files   => {
        '/page.txt' => "hello\n", '/page.html' => $PAGE, '/sub/index.html' => $PAGE, '/list/a.txt' => 'a', '/empty.html' => '',
        '/part.shtml' => "a<!--#include virtual=\"page.txt\" -->b\n", '/page.asis' => "Status: 200 OK\nX-Own: 1\n\nhello\n",
        '/big.html' => $PAGE x 2000,
    },
    cgi  => {
        '/plain.cgi'     => says("Content-Type: text/plain\nX-A: 1\nLink: </own.css>; rel=preload\n\nhello\n"),
        '/fail.cgi'      => says("Status: 500\nContent-Type: text/html\n\n$PAGE"),
        '/sid.cgi'       => says("Content-Type: text/plain\nX-A: 1\nSet-Cookie: sid=\"a, b\";Path=/ ;x\nX-B: 2\n\nhello\n"),
        '/nph-plain.cgi' => says("HTTP/1.1 200 OK\nX-A:  1\nSet-Cookie: sid=1\n\nhello\n"),
    },
    conf => <<'CONF',
# Whether httpd knows how long a CGI's answer is would be a matter of timing.
<FilesMatch "^(?!nph-).*\.cgi$">
    SetOutputFilter BUFFER
</FilesMatch>
Protocols h2c http/1.1
FileETag Size
AddHandler send-as-is .asis
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
Redirect 301 /moved http://www.example.org/here
RewriteEngine on
RewriteRule ^/pretty$ /page.txt [PT]
<Location /list>
    Options +Indexes
    IndexOptions IgnoreCase
</Location>
<Location /own>
    ErrorDocument 404 /page.html
</Location>
<Files big.html>
    SetOutputFilter DEFLATE
</Files>
ProxyPass /proxy http://${ORIGIN}
CONF
);

# [name, method, path, header lines].
my @ASK = (
    [ 'a file',                    GET     => '/page.txt' ],
    [ 'a file, its cookies essential', GET => '/page.txt', 'Cookie: sid=1; x="a, b"' ],
    [ 'a file, HEAD',              HEAD    => '/page.txt' ],
    [ 'a file, OPTIONS',           OPTIONS => '/page.txt' ],
    [ 'a file, 304',               GET     => '/page.txt', 'If-None-Match: *' ],
    [ 'a file, 412',               GET     => '/page.txt', 'If-Match: "x"' ],
    [ 'a file, 206',               GET     => '/page.txt', 'Range: bytes=1-2' ],
    [ 'a file, 416',        GET     => '/page.txt', 'Range: bytes=9-' ],
    [ 'a page',                    GET     => '/page.html' ],
    [ 'a page, 206',               GET     => '/page.html', 'Range: bytes=0-9' ],
    [ 'an empty page',             GET     => '/empty.html' ],
    [ 'a page, deflated',          GET     => '/big.html', 'Accept-Encoding: gzip' ],
    [ 'a directory',               GET     => '/sub' ],
    [ 'DirectoryIndex',            GET     => '/sub/' ],
    [ 'mod_autoindex',             GET     => '/list/' ],
    [ 'mod_include',               GET     => '/part.shtml' ],
    [ 'mod_asis',                  GET     => '/page.asis' ],
    [ 'mod_rewrite',               GET     => '/pretty' ],
    [ 'a redirect',                GET     => '/moved' ],
    [ '404',                       GET     => '/nowhere' ],
    [ 'an ErrorDocument',          GET     => '/own/nowhere' ],
    [ 'a CGI',                     GET     => '/plain.cgi' ],
    [ 'a CGI, 500',                GET     => '/fail.cgi' ],
    [ 'a CGI, POST',               POST    => '/plain.cgi', 'Content-Length: 0' ],
    [ 'a CGI that sets what may pass', GET => '/sid.cgi' ],
    [ 'an nph- script',            GET     => '/nph-plain.cgi', 'Connection: close' ],
    [ 'mod_proxy',                 GET     => '/proxy/page' ],
    [ 'mod_proxy, HEAD',           HEAD    => '/proxy/page' ],
    [ 'mod_proxy, chunked',        GET     => '/proxy/chunked' ],
    [ 'mod_proxy, 302',            GET     => '/proxy/moved' ],
    [ 'HTTP/1.0',                  undef,  "GET /page.txt HTTP/1.0\r\n\r\n" ],
    [ '400',                       undef,  "GET /page.txt HTTP/1.1\r\n\r\n" ],
);

sub ask {
    my ($httpd, $via, $method, $path, @lines) = @_;
    return $method ? $httpd->request($method, $path, @lines, { via => $via }) : $httpd->raw($path);
}

# All of an answer; over HTTP/2, whose bytes curl keeps to itself, head and body.
sub bytes {
    my ($answer, $httpd, $via) = @_;
    my $bytes = $via eq 'http' ? $answer->timeless
        : join "\n", $answer->start, (map { s/^(date: ).*/$1-/ir } $answer->lines), $answer->body // '';
    # What names the server's own port; and httpd lists methods in the order of a hash.
    my $port = $httpd->port;
    $bytes =~ s/^(Allow: )([^\r\n]*)/$1 . join ',', sort split m{,}, $2/mie;
    return $bytes =~ s/(127\.0\.0\.1:|Port )$port\b/$1-/gr;
}

# Of a page that is looked at the head says so, by C2 and C3, and its length may be left out.
sub page_of { my ($answer) = @_; return join "\n", $answer->start, $answer->body // '' }

my %POLICY = (
    'a policy'                         => $POLICY,
    'a policy and PrivacyRewriteHTML'  => "${POLICY}PrivacyRewriteHTML on\n",
    'a policy, engine off'             => $POLICY =~ s/Engine on/Engine off/r,
    'a policy, report'                 => $POLICY =~ s/Engine on/Engine report/r,
);
for my $mpm (qw(event prefork)) {
    my $bare = httpd(%SERVER, mpm => $mpm, privacy => 0);
    for my $name (sort keys %POLICY) {
        my $httpd = httpd(%SERVER, mpm => $mpm, conf => $SERVER{conf} . $POLICY{$name});
        for my $via ('http', $mpm eq 'event' ? 'h2c' : ()) {
            for (@ASK) {
                my ($what, @ask) = @$_;
                next if $via ne 'http' && (!$ask[0] || $what =~ /nph/);
                my ($with, $without) = map { ask($_, $via, @ask) } $httpd, $bare;
                my $looked_at = $name =~ /Rewrite/ && ($without->header('Content-Type') // '') =~ /html/;
                ($with, $without) = $looked_at ? map { page_of($_) } $with, $without : (bytes($with, $httpd, $via), bytes($without, $bare, $via));
                ok $with eq $without, ($looked_at ? 'H1' : 'R7') . " $mpm, $via, $name: $what" or diag "got: $with\nnot: $without";
            }
        }
    }
}

done();
