# Licensed under the Apache License, Version 2.0; see LICENSE.

# A page is sent on as it comes (H5, P4): its beginning is with the client before its
# end is with httpd, and 100 MB of it take no memory.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Time::HiRes qw(sleep time);
use Privacy::Test;

needs_module(qw(proxy_http));

# Nobody waits longer than this for what has to come.
my $PATIENCE = 20;

my $TRACKER = '<img src="https://www.googletagmanager.com/p">';
my $FRAME   = '<iframe src="https://www.googletagmanager.com/f"></iframe>';
my $PIECE   = ('<p>text</p>' x 1000 . $TRACKER . $FRAME) x 10;
my $LARGE   = 910;                       # of these are 100 MB

# [name, what comes first, what is seen of it, what is not].
my @BEGINNINGS = (
    [ 'a page',                       '<body><p>first',                     qr/<p>first/ ],
    [ 'a tag that has not ended',     '<body><p>first<img src="x',          qr/<p>first/, qr/first</ ],
    [ 'a script that has not ended',  '<body><p>first<script>x',            qr/<p>first/, qr/first</ ],
    [ 'a comment that has not ended', '<body><!-- first ',                  qr/<!-- first/ ],
    [ 'a body that has not begun',    '<head><title>first</title>',         qr/<title>first/ ],
);
my @FIRST = map { $_->[1] } @BEGINNINGS;

# The end is sent when its flag is there, or when nobody raises it.
my $wait = <<'PERL';
sub await {
    my ($flag) = @_;
    for (1 .. 1000) { return if -e $flag; select undef, undef, undef, 0.05 }
}
PERL
eval "$wait; 1" or die $@;

my $root;
my $origin = backend(sub {
    my ($request, $client) = @_;
    my ($what, $flag) = $request->target =~ m{/(\w+)\?(.*)};
    $client->send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n");
    my $chunk = sub { $client->send(sprintf "%x\r\n%s\r\n", length $_[0], $_[0]) };
    if ($what eq 'large') {
        $chunk->($PIECE) for 1 .. $flag;
    }
    else {
        $chunk->($FIRST[$what]);
        await($flag);
        $chunk->('">last');
    }
    return $client->send("0\r\n\r\n");
});

my $httpd = httpd(
    modules => [qw(cgi proxy_http)],
    files   => { '/read/large.html' => '<p>text</p>' x 3_000_000 },
    define  => { ORIGIN => $origin->address },
    cgi     => { '/pause.cgi' => $wait . <<'CGI' },
print "Content-Type: text/html\n\n<body><p>first";
await($ENV{QUERY_STRING});
print "last";
CGI
    conf => <<'CONF');
PrivacyCategory essential necessary "Essential" "What the site needs."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyTracker www.googletagmanager.com analytics
PrivacyMessage cookies until=choice
PrivacyEngine on
PrivacyRewriteHTML on
# A file is read, and its pieces count.
<Location /read>
    EnableMMAP off
</Location>
ProxyPass /origin/ http://${ORIGIN}/
CONF

# What has come of a page before its end was sent, and the page.
my $flags = 0;
sub beginning {
    my ($path, $pattern, @lines) = @_;
    my $flag = $httpd->root . '/flag' . $flags++;
    my $connection = $httpd->connect;
    $connection->send(join "\r\n", "GET $path?$flag HTTP/1.1", 'Host: www.example.org', 'Connection: close', @lines, '', '');
    my $came = $connection->comes($pattern, $PATIENCE) ? $connection->{buffer} : '';
    open my $fh, '>', $flag or die $!;
    close $fh;
    my $body = $connection->response('GET')->body;
    $connection->close;
    return ($came, $body);
}

for my $at (0 .. $#BEGINNINGS) {
    my ($name, undef, $seen, $unseen) = @{ $BEGINNINGS[$at] };
    for ([ '' => 'Accept: */*' ], [ ' with a message' => 'Accept: text/html' ]) {
        my ($message, $line) = @$_;
        my ($came, $body) = beginning("/origin/$at", $seen, $line);
        like $came, $seen, "H5: $name$message: what stands before it has come";
        unlike $came, $unseen, "H5: $name$message: and no more" if $unseen;
        like $body, qr/last/, "H5: $name$message: the end follows";
    }
}
my ($came) = beginning('/pause.cgi', qr/<p>first/, 'Accept: */*');
like $came, qr/<p>first/, 'H5: a script that pauses: what it wrote has come';

my $start = $httpd->peak;
is length $httpd->get('/read/large.html')->body, 33_000_000, 'P4: a file of 33 MB';
cmp_ok $httpd->peak - $start, '<', 8_000, 'P4: is not collected';
my $piece = $httpd->get('/origin/large?001')->body;
my $before = $httpd->peak;
my $connection = $httpd->connect;
$connection->send("GET /origin/large?$LARGE HTTP/1.0\r\nHost: www.example.org\r\n\r\n");
my ($bytes, $tail) = (0, '');
my $held = 0;
while (sysread $connection->socket, my $some, 1 << 20) {
    $bytes += length $some;
    my $text = $tail . $some;
    $held += () = $text =~ /data-privacy-src=/g;
    $tail = substr $text, rindex($text, 'data-privacy-src=') < 0 ? -40 : -16;
}
$connection->close;
my $page = length($piece) * $LARGE;
cmp_ok $page, '>', 100_000_000, 'P4: 100 MB';
cmp_ok $bytes - $page, '<', 1000, 'P4: all of it comes, behind its head';
cmp_ok $bytes - $page, '>', 0, 'P4: and nothing is lost';
is $held, 20 * $LARGE, 'P4: each tracker in it is held';
cmp_ok $httpd->peak - $before, '<', 600 + Privacy::Httpd::sanitizers_own(), 'P4: in constant memory';

done();
