# Licensed under the Apache License, Version 2.0; see LICENSE.

# HTML on its way through httpd: which responses are looked at (H7), what becomes of
# head and body (H1, H2, H3), streams and flushes (H5), compressed pages (H6),
# documents (M1), in report (R8). What is a tag, and what is held, is the unit tests' business.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Compress::Gzip qw(gzip);
use Privacy::Test;

needs_module(qw(proxy_http deflate headers include bucketeer http2));

my $TRACKER = '<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>';
my $HELD    = '<script type=text/plain data-privacy-category=analytics async data-privacy-src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>';
my $PAGE    = "<!doctype html>\n<html lang=en><head><meta charset=utf-8><title>t</title>$TRACKER</head>\n"
    . qq{<body class="x">\n<p>Hello, <a href="/x?a=1&amp;b=2">x</a></p>\n}
    . qq{<script>fbq("init", 1)</script>\n<img src=/logo.png alt="">\n</body></html>\n};
my $FRAME   = '<iframe src="https://www.googletagmanager.com/ns.html"></iframe>';
(my $PAGE_HELD = $PAGE) =~ s/\Q$TRACKER/$HELD/;
$PAGE_HELD =~ s/<script>fbq/<script type=text\/plain data-privacy-category=remarketing>fbq/;

# Elements that their author labels, what they are relative to, and what stands in
# for a frame: [name, markup, what becomes of it].
my $SRC = 'src="//www.googletagmanager.com/x"';
my $AS  = 'data-privacy-category';
# A document in a frame of a document …
sub nested {
    my ($depth) = @_;
    return '<img src=a>' if !$depth;
    return '<iframe srcdoc="' . (nested($depth - 1) =~ s/&/&amp;/gr =~ s/"/&quot;/gr) . '"></iframe>';
}
my @PARTS = (
    [ 'H2: a necessary label exempts', "<img $SRC $AS=essential>", "<img $SRC $AS=essential>" ],
    [ 'H2: a denied label holds',      "<img src=/x $AS=analytics>", "<img data-privacy-src=/x $AS=analytics>" ],
    [ 'H2: an unknown label holds',    "<img src=/x $AS=nothing>", "<img data-privacy-src=/x $AS=nothing>" ],
    [ 'H2: an inline script with a tracker\'s text in the middle', '<script>if (f) fbq(1)</script>',
        "<script type=text/plain $AS=remarketing>if (f) fbq(1)</script>" ],
    [ 'H2: an inline script without it', '<script>fbq</script>', '<script>fbq</script>' ],
    [ 'H2: an inline script in its own URL', '<script defer src="data:text/javascript;base64,ZmJxKDEp"></script>',
        qq{<script type=text/plain $AS=remarketing defer data-privacy-src="data:text/javascript;base64,ZmJxKDEp"></script>} ],
    (map { [ "H4: a base href that browsers ignore does not: $_", qq{<base href="$_"><img src="//www.googletagmanager.com/x">},
        qq{<base href="$_"><img $AS=analytics data-privacy-src="//www.googletagmanager.com/x">} ] } 'data:,x', 'javascript:0', 'https://x:y/'),
    [ 'H4: a base href counts', '<base href="//www.googletagmanager.com/a/"><img src=x>',
        qq{<base href="//www.googletagmanager.com/a/"><img $AS=analytics data-privacy-src=x>} ],
    # These are the first that is held of their pages.
    [ 'H3: a label of no category in a srcdoc', "<iframe srcdoc='<img src=a $AS=x>'></iframe>",
        qr{^<iframe $AS=unknown data-privacy-srcdoc='<img src=a $AS=x>'></iframe><span class="privacy-placeholder"} ],
    [ 'H3: a label of no category in a frame\'s URL', "<iframe src='data:text/html,<img src=a $AS=x>'></iframe>",
        qr{^<iframe $AS=unknown data-privacy-src='data:text/html,<img src=a $AS=x>'></iframe><span class="privacy-placeholder"} ],
    [ 'H3: what is too deep', nested(6), qr{^<iframe $AS=analytics data-privacy-srcdoc=} ],
    [ 'H3: a placeholder names what is missing, and links to the page', $FRAME,
        qr{</iframe><span class="privacy-placeholder"[^>]*>[^<]*Goo &amp; Co[^<]*<a href="/privacy-preferences\?return=/on/part\d+\.html">} ],
    # The last.
    [ 'H3: a tracker, and then a label of no category in a srcdoc', "$TRACKER<iframe srcdoc='<img src=a $AS=x>'></iframe>",
        qr{^\Q$HELD\E<iframe $AS=unknown data-privacy-srcdoc=} ],
);
my $GRANT = 'Cookie: ' . consent('analytics=1', 'remarketing=1');

gzip(\$PAGE => \my $gzipped) or die;
my $origin = backend(sub {
    my ($request, $client) = @_;
    my ($what) = $request->target =~ m{/([a-z-]+)};
    my @html = ('Content-Type: text/html');
    my %answer = (
        'plain'       => [ [ @html, 'ETag: "v1"', 'Last-Modified: Sun, 13 Sep 2020 12:26:40 GMT', 'Accept-Ranges: bytes', 'Digest: sha-256=x', 'Content-MD5: x' ], $PAGE ],
        'gzip'        => [ [ @html, 'Content-Encoding: gzip' ], $gzipped ],
        'br'          => [ [ @html, 'Content-Encoding: br' ], $PAGE ],
        'identity'    => [ [ @html, 'Content-Encoding: identity' ], $PAGE ],
        'notransform' => [ [ @html, 'Cache-Control: public, no-transform' ], $PAGE ],
        'inspectoff'  => [ [ @html, 'Privacy-Inspect: off' ], $PAGE ],
        'xhtml'       => [ ['Content-Type: application/xhtml+xml'], $PAGE ],
        'text'        => [ ['Content-Type: text/plain'], $PAGE ],
        'textgzip'    => [ [ 'Content-Type: text/plain', 'Content-Encoding: gzip' ], $gzipped ],
        'whitebom'    => [ [@html], (' ' x 64) . "\xff\xfe$PAGE" ],
        'json'        => [ [@html], qq{ \n\t{"a":"$TRACKER"}} ],
        'array'       => [ [@html], qq{["$TRACKER"]} ],
        'utfbom'      => [ [@html], "\xff\xfe<\0p\0>\0" ],
        'utfbigbom'   => [ [@html], "\xfe\xff\0<\0p\0>" ],
        'utfcharset'  => [ ['Content-Type: text/html; charset=utf-16'], $PAGE ],
        'iso'         => [ ['Content-Type: text/html; charset=iso-2022-jp'], $PAGE ],
        'latin'       => [ ['Content-Type: TEXT/HTML ; charset="ISO-8859-1"'], $PAGE ],
        'bom'         => [ [@html], "\xef\xbb\xbf$PAGE" ],
        'white'       => [ [@html], (' ' x 200) . $PAGE ],
        'whitejson'   => [ [@html], (' ' x 200) . qq{{"a":"$TRACKER"}} ],
        'ibm'         => [ ['Content-Type: text/html; charset=ibm866'], $PAGE ],
        'unknown'     => [ ['Content-Type: text/html; charset=utf-7'], $PAGE ],
        'unicode'     => [ ['Content-Type: text/html; charset=unicode-1-1-utf-8'], $PAGE ],
        'otherparam'  => [ ['Content-Type: text/html; xcharset=utf-16; a="\";charset=utf-16"; charset=utf-8'], $PAGE ],
        'empty'       => [ [@html], '' ],
        'gzipempty'   => [ [ @html, 'Content-Encoding: gzip' ], '' ],
        'gzipcut'     => [ [ @html, 'Content-Encoding: gzip' ], substr $gzipped, 0, 60 ],
    );
    return $client->reply('404 Not Found',   [@html], $PAGE) if $what eq 'missing';
    return $client->reply('500 Broken',      [@html], $PAGE) if $what eq 'broken';
    return $client->reply('206 Partial Content', [ @html, 'Content-Range: bytes 0-9/100' ], substr $PAGE, 0, 10) if $what eq 'part';
    if ($what eq 'stream') {    # one byte at a time, chunked
        $client->send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n");
        $client->send(sprintf "%x\r\n%s\r\n", 1, $_) for split //, $PAGE;
        return $client->send("0\r\n\r\n");
    }
    if ($what eq 'braces') {    # parts that begin like JSON, behind white space that fills what is looked at
        $client->send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n");
        for my $part ((' ' x 64) . '<p>', "{$TRACKER", "[$TRACKER") {
            $client->send(sprintf "%x\r\n%s\r\n", length $part, $part);
            select undef, undef, undef, 0.1;
        }
        return $client->send("0\r\n\r\n");
    }
    if ($what eq 'slow') {      # the end comes when somebody has seen the beginning
        $client->send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n");
        my ($head) = $PAGE =~ /^(.*?<p>)/s;
        $client->send(sprintf "%x\r\n%s\r\n", length $head, $head);
        select undef, undef, undef, 0.3;
        my $rest = substr $PAGE, length $head;
        return $client->send(sprintf "%x\r\n%s\r\n0\r\n\r\n", length $rest, $rest);
    }
    my $answer = $answer{$what} or die "what is $what?";
    return $client->reply('200 OK', @$answer);
});

my $policy = <<'CONF';
PrivacyCategory essential necessary "Essential" "The shop needs them."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyCategory remarketing opt-in "Remarketing" "Who comes back."
PrivacyProvider goo "Goo & Co"
PrivacyTracker www.googletagmanager.com analytics provider=goo
PrivacyInlineTracker "fbq(" remarketing
CONF

my $httpd = httpd(
    modules => [qw(cgi proxy_http deflate headers include bucketeer http2)],
    define  => { ORIGIN => $origin->address },
    files   => {
        map({ ("/$_/page.html" => $PAGE) } qw(on off report deflate)),
        map({ ("/on/part$_.html" => $PARTS[$_][1]) } 0 .. $#PARTS),
        '/split/page.html'  => join("\x02", split //, $PAGE),     # a bucket each
        '/split/flush.html' => join("\x06", $PAGE =~ /.{1,7}/sg), # a flush each
        '/on/big.html'      => $PAGE x 40_000,
        '/on/many.html'     => "$TRACKER$FRAME" x 30_000,
        '/on/page.txt'      => $PAGE,
        '/on/include.shtml' => "<!--#include virtual=\"/off/page.html\" -->",
        '/on/missing.html'  => $PAGE,
    },
    cgi  => { '/on/nothing.cgi' => says("Content-Type: text/html\nStatus: 200\n\n") },
    conf => <<"CONF");
$policy
Protocols h2c http/1.1
PrivacyEngine on
AddOutputFilter INCLUDES .shtml
AddType text/html .shtml
<Location />
    PrivacyRewriteHTML on
</Location>
<Location /off>
    PrivacyRewriteHTML off
</Location>
<Location /report>
    PrivacyEngine report
</Location>
<Location /deflate>
    SetOutputFilter DEFLATE
</Location>
<Location /split>
    SetOutputFilter BUCKETEER
</Location>
ErrorDocument 404 /on/missing.html
ProxyPass /origin/ http://\${ORIGIN}/
ProxyPass /off/origin/ http://\${ORIGIN}/
LogFormat "%U held=%{privacy-held}n" held
CustomLog \${VAR}/access held
CONF

# H1, H2, H3: static files, over each protocol
for my $via (qw(http h2c)) {
    is $httpd->get('/on/page.html', { via => $via })->body, $PAGE_HELD, "H2, H3: a static page, over $via";
    is $httpd->get('/on/page.html', $GRANT, { via => $via })->body, $PAGE, "H1: with consent it is what it was, over $via";
}
is $httpd->get('/on/page.html', 'Sec-Fetch-Dest: empty')->body, $PAGE_HELD, 'H2: what a script fetches is held, too';
is $httpd->get('/off/page.html')->body, $PAGE, 'H2: nothing where PrivacyRewriteHTML is off';
is $httpd->get('/on/page.txt')->body,   $PAGE, 'H7: nothing in text/plain';

for (0 .. $#PARTS) {
    my ($name, undef, $want) = @{ $PARTS[$_] };
    like $httpd->get("/on/part$_.html")->body, ref $want ? $want : qr/^\Q$want\E$/, $name;
}

# What a changed body makes untrue
my $r = $httpd->get('/on/page.html');
is $r->header('Content-Length'), length $PAGE_HELD, 'H1: Content-Length is that of what is sent';
is scalar($r->header('Last-Modified')), undef, 'C3: Last-Modified goes';
is scalar($r->header('Accept-Ranges')), undef, 'H7: Accept-Ranges goes';
like scalar($r->header('ETag')), qr/^"[^"]+;pv=[0-9a-f]{8}"$/, 'C3: the ETag bears a tag';
is join(',', sort map { s/ //gr } split /,/, scalar $r->header('Vary')), 'Cookie,Sec-Fetch-Dest', 'C2: Vary says what decides';
$r = $httpd->get('/origin/plain');
is_deeply [ map { scalar $r->header($_) } qw(Digest Content-MD5 Accept-Ranges Last-Modified) ], [ (undef) x 4 ],
    'H1: what a backend said about its bytes goes';
$r = $httpd->head('/on/page.html');
is $r->body // '', '', 'H7: HEAD has no body';
like scalar($r->header('ETag')), qr/;pv=/, 'C3: but the validator of GET';

# Which responses
my %rewritten = map { $_ => 1 } qw(plain identity latin gzip stream ibm unknown unicode otherparam);
for (qw(plain identity latin gzip stream ibm unknown unicode otherparam br notransform inspectoff text utfcharset iso)) {
    is $httpd->get("/origin/$_")->body, $rewritten{$_} ? $PAGE_HELD : $PAGE, "H7: '$_' is " . ($rewritten{$_} ? 'rewritten' : 'left alone');
}
for (qw(json array whitejson utfbom utfbigbom empty part)) {
    my $r = $httpd->get("/origin/$_");
    unlike $r->body // '', qr/data-privacy/, "H7: '$_' is left alone";
    unlike scalar($r->header('Vary')) // '', qr/Cookie/, "C2: '$_' does not vary more" unless $_ eq 'empty';
}
is $httpd->get('/origin/bom')->body,   "\xef\xbb\xbf$PAGE_HELD", 'H4: behind an UTF-8 byte order mark';
is $httpd->get('/origin/white')->body, (' ' x 200) . $PAGE_HELD, 'H4: behind much white space';
is $httpd->get('/origin/whitebom')->body, (' ' x 64) . "\xff\xfe$PAGE_HELD", 'H7: a byte order mark is one at the beginning alone';
is scalar($httpd->get('/origin/inspectoff')->header('Privacy-Inspect')), undef, 'H7: Privacy-Inspect is taken out';
is $httpd->get('/origin/gzip', 'Accept-Encoding: gzip')->header('Content-Encoding'), undef, 'H6: what was inflated says so';
for ([ HEAD => '/origin/gzip' ], [ GET => '/origin/gzipempty' ]) {
    my $r = $httpd->request(@$_, 'Accept-Encoding: gzip');
    is $r->status, 200, "H6: @$_: there is nothing to inflate, and an answer";
    is scalar($r->header('Content-Encoding')), undef, 'H6: with the head that a page would have';
    like scalar($r->header('Vary')), qr/Cookie/, 'C2: and its Vary';
}
is $httpd->get('/origin/gzipcut', 'Accept-Encoding: gzip')->status, 502, 'F1: what is broken so that nothing can be sent, is an error';
expect_log($httpd, qr/deflate:error.*AH01401/);
is $httpd->get('/origin/braces')->body, (' ' x 64) . "<p>{$HELD\[$HELD", 'H7: a brace makes JSON at the beginning alone';
is $httpd->get('/origin/textgzip', 'Accept-Encoding: gzip')->body, $gzipped, 'H6: what is no candidate is not inflated';
$httpd->get('/origin/br') for 1 .. 3;
my %said;
$said{$1}++ for $httpd->log =~ /\[pid (\d+)(?::tid \d+)?\][^\n]*PRIV0020/g;
is_deeply [ grep { $_ > 1 } values %said ], [], 'H6: what cannot be read is logged once a process';
my $xhtml = $httpd->get('/origin/xhtml')->body;
like $xhtml, qr/<script type="text\/plain" data-privacy-category="analytics" async data-privacy-src=/, 'H3: in XHTML values are quoted';
for ([ missing => 404 ], [ broken => 500 ]) {
    my $r = $httpd->get("/origin/$_->[0]");
    is $r->status, $_->[1], "H7: a backend's $_->[1] is still one";
    is $r->body, $PAGE_HELD, 'H7: and its page is looked at';
}
is $httpd->get('/on/nowhere')->body, $PAGE_HELD, 'H7: an ErrorDocument is looked at';

# H6: what a backend is asked for
$httpd->get('/origin/plain', 'Accept-Encoding: br;q=1.0, gzip;q=0.8, deflate, identity;q=0.5, *;q=0');
is $origin->last_request->header('Accept-Encoding'), 'gzip;q=0.8, identity;q=0.5', 'H6: only what can be read';
$httpd->get('/origin/plain', 'Accept-Encoding: br');
is $origin->last_request->header('Accept-Encoding'), 'identity', 'H6: nothing that cannot';
$httpd->get('/off/origin/plain', 'Accept-Encoding: br');
is $origin->last_request->header('Accept-Encoding'), 'br', 'H6: what a client asks for, where nothing is read';

# H5: splits, filters before and behind, streams
is $httpd->get('/on/include.shtml')->body, $PAGE_HELD, 'H2: what mod_include put together';
is $httpd->get('/split/page.html')->body,  $PAGE_HELD, 'H5: a bucket for each byte';
is $httpd->get('/split/flush.html')->body, $PAGE_HELD, 'H5: a flush every seven bytes';
my $deflated = $httpd->get('/deflate/page.html', 'Accept-Encoding: gzip');
is scalar($deflated->header('Content-Encoding')), 'gzip', 'H5: DEFLATE stands behind';
like scalar($deflated->header('ETag')), qr/^"[^"]+-gzip;pv=[0-9a-f]{8}"$/, 'C3: and its suffix is kept';
my $big = $httpd->get('/on/big.html')->body;
is length $big, 40_000 * length $PAGE_HELD, 'H5: a large page, whole';
ok $big eq $PAGE_HELD x 40_000, 'H5: and each of its tags';

my $before = $httpd->peak;
my $many = $httpd->get('/on/many.html')->body;
is scalar(() = $many =~ /data-privacy-src/g), 60_000, 'H5: a page of nothing but trackers';
cmp_ok $httpd->peak - $before, '<', 60_000, 'H5: takes some times its 4 MB, and not a buffer for each';

is $httpd->get('/origin/slow')->body, $PAGE_HELD, 'H5: a backend that pauses in the middle';

# R8
is $httpd->get('/report/page.html')->timeless, $httpd->get('/report/page.html', $GRANT)->timeless, 'R8: report changes nothing';
is $httpd->get('/report/page.html')->body, $PAGE, 'R8: not the body';
$httpd->stop;
open my $log, '<', $httpd->root . '/var/access' or die $!;
my %held = map { /^(\S+) held=(\S+)/ ? ($1 => $2) : () } <$log>;
is $held{'/origin/plain'}, 'www.googletagmanager.com,fbq(', 'R8: the note says what was held';
is $held{"/on/part$#PARTS.html"}, 'www.googletagmanager.com,unknown', 'R8: and not again a tracker that was held before';
is $held{'/report/page.html'}, 'www.googletagmanager.com,fbq(', 'R8: and in report, what would have been';

expect_log($httpd, qr/PRIV0020.*Content-Encoding/);
expect_log($httpd, qr/PRIV0021.*no-transform/);
done();
