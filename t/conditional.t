# Licensed under the Apache License, Version 2.0; see LICENSE.

# A conditional request never brings back the wrong page (C3), and no cache mixes two
# (C2): alone, and with mod_cache as quick and as normal handler.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(proxy_http cache cache_disk headers));

my $TRACKER = '<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>';
my $PAGE    = "<!doctype html><html><head><title>t</title>$TRACKER</head><body><p>x</p></body></html>\n";
my $GRANT   = 'Cookie: ' . consent('analytics=1');
my $DOCUMENT = 'Sec-Fetch-Dest: document';

my $origin = backend(sub {
    my ($request, $client) = @_;
    my @head = ('ETag: "abc"', 'Last-Modified: Sun, 13 Sep 2020 12:26:40 GMT', 'Cache-Control: max-age=60');
    push @head, 'Vary: Privacy-Consent, X-Own' if $request->target =~ /vary/;
    my $match = $request->header('If-None-Match');
    my $date  = $request->header('If-Modified-Since');
    if (defined $match ? $match =~ /"abc"|\*/ : defined $date) {
        return $client->reply('304 Not Modified', \@head, '');
    }
    return $client->reply('412 Precondition Failed', [], '') if ($request->header('If-Match') // '"abc"') ne '"abc"';
    return $client->reply('200 OK', [ @head, 'Content-Type: text/html' ], $PAGE);
});

# One that answers with the rest of what it has, and any ETag that it is asked for.
my $partial = backend(sub {
    my ($request, $client) = @_;
    my ($etag) = $request->target =~ /\?(.*)/;
    my @head = ('ETag: ' . $etag =~ s/%22/"/gr, 'Content-Type: text/html');
    return $client->reply('304 Not Modified', \@head, '') if ($request->header('If-None-Match') // '') eq ($etag =~ s/%22/"/gr);
    return $client->reply('206 Partial Content', [ @head, 'Content-Range: bytes 10-19/100' ], '0123456789') if $request->header('Range');
    return $client->reply('200 OK', \@head, $PAGE);
});

my $conf = <<"CONF";
PrivacyCategory essential necessary "Essential" "The shop needs them."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyTracker www.googletagmanager.com analytics
PrivacySignal gpc analytics
PrivacyEngine on
PrivacyRewriteHTML on
<Location /origin/plainhtml>
    PrivacyRewriteHTML off
</Location>
ProxyPass /origin/ http://\${ORIGIN}/
ProxyPass /partial/ http://\${PARTIAL}/
Header set Vary Accept-Encoding "expr=%{REQUEST_URI} !~ /vary/"
CONF

sub held { $_[0]->body =~ /data-privacy-src/ ? 1 : 0 }
sub vary { join ',', sort split /\s*,\s*/, scalar($_[0]->header('Vary')) // '' }

my $WORLD = 'Cookie,Sec-Fetch-Dest,Sec-GPC';

# Without a cache
my $httpd = httpd(
    modules => [qw(proxy_http headers)],
    define  => { ORIGIN => $origin->address, PARTIAL => $partial->address },
    files   => { '/static.html' => $PAGE },
    conf    => $conf);
for my $path (qw(/static.html /origin/page)) {
    my $denied  = $httpd->get($path);
    my $granted = $httpd->get($path, $GRANT);
    my ($of_denied, $of_granted) = map { scalar $_->header('ETag') } $denied, $granted;
    is_deeply [ held($denied), held($granted) ], [ 1, 0 ], "C3: $path: two pages";
    isnt $of_denied, $of_granted, "C3: $path: two tags";
    is vary($denied), "Accept-Encoding,$WORLD", "C2: $path: Vary is merged, and says what decides";
    is vary($granted), vary($denied), "C2: $path: edited or not";

    my $again = $httpd->get($path, "If-None-Match: $of_denied");
    is $again->status, 304, "C3: $path: one's own page is confirmed";
    is scalar($again->header('ETag')), $of_denied, "C3: $path: by its own validator";
    is vary($again), vary($denied), "C2: $path: and its Vary";
    is $httpd->get($path, "If-None-Match: $of_denied", $GRANT)->status, 200, "C3: $path: another's page is not";
    is $httpd->get($path, "If-None-Match: $of_granted")->status, 200, "C3: $path: the other way round";
    is $httpd->get($path, "If-None-Match: $of_granted, $of_denied")->status, 304, "C3: $path: one of two";
    is $httpd->get($path, "If-None-Match: $of_granted", 'If-Modified-Since: Sun, 13 Sep 2020 12:26:40 GMT')->status, 200,
        "C3: $path: the date does not count when the tag was another's";
    (my $old = $of_denied) =~ s/;pv=\w+//;
    is $httpd->get($path, "If-None-Match: $old", $DOCUMENT)->status, 200, "C3: $path: a navigation with a validator from before";
    is $httpd->get($path, 'If-Modified-Since: Sun, 13 Sep 2020 12:26:40 GMT', $DOCUMENT)->status, 200, "C3: $path: or with a date";
    is $httpd->get($path, "If-Match: $of_denied")->status, 200, "C3: $path: If-Match without the tag";
    (my $gone = $of_denied) =~ s/^"[^;]*/"gone/;
    is $httpd->get($path, "If-Match: $gone")->status, 412, "C3: $path: If-Match with what is no more";
    is $httpd->get($path, "If-Match: $of_denied", $GRANT)->status, 412, "C3: $path: If-Match with another's tag does not vanish";
    is $httpd->get($path, 'Range: bytes=0-9', @$_, $DOCUMENT)->status, 200, "H7: $path: a navigation gets no part"
        for [], ["If-Range: $of_denied"];
}
is $httpd->get('/origin/plainhtml', 'If-None-Match: "abc"', $DOCUMENT)->status, 304, 'C3: where nothing is rewritten, a navigation keeps its validators';

# What another policy made of the page is another page.
my $later = httpd(
    modules => [qw(proxy_http headers)],
    define  => { ORIGIN => $origin->address, PARTIAL => $partial->address },
    conf    => "${conf}PrivacyTracker cdn.example.net analytics\n");
is $later->get('/origin/page', 'If-None-Match: ' . $httpd->get('/origin/page')->header('ETag'))->status, 200,
    'C3: under another policy a page is not confirmed';

# A part of the origin's page is none of the page that was sent.
my $whole = $httpd->get('/partial/?%22abc%22');
my $part  = $httpd->get('/partial/?%22abc%22', 'Range: bytes=10-', 'If-Range: ' . $whole->header('ETag'), 'Sec-Fetch-Dest: iframe');
is $part->status, 200, 'C3: If-Range with our tag gets the whole page';
is held($part), 1, 'C3: which is the rewritten one';

# ETags that others wrote
is scalar($httpd->get('/partial/?abc')->header('ETag')), undef, 'C3: an ETag that has no room for a tag goes';
my ($theirs, $granted) = map { scalar $_->header('ETag') } $httpd->get('/partial/?%22abc;pv=01234567%22'),
    $httpd->get('/partial/?%22abc;pv=01234567%22', $GRANT);
like $theirs, qr/^"abc;pv=01234567;pv=[0-9a-f]{8}"$/, "C3: a backend's tag does not stand for ours";
isnt $theirs, $granted, 'C3: whose page is another with consent';
is $httpd->get('/partial/?%22abc;pv=01234567%22', "If-None-Match: $theirs")->status, 304, 'C3: a page with both tags is confirmed';
is $httpd->get('/partial/?%22abc;pv=01234567%22', "If-None-Match: $theirs", $GRANT)->status, 200, "C3: and not to another";

# Many decisions that differ alike: those of the first and of the second pattern made one
# tag where it was a sum of products.
my @many = map { sprintf 'c%02d', $_ } 0 .. 15;
my $mixed = httpd(
    files => { '/page.html' => $PAGE },
    conf  => join('', map { qq{PrivacyCategory $_ opt-in "T" "D"\n} } @many)
        . "PrivacyTracker www.googletagmanager.com c00\nPrivacyEngine on\nPrivacyRewriteHTML on\n");
my @odd = map { my $bits = sprintf '%b', $_; ($bits =~ tr/1//) % 2 } 0 .. 15;
my @tags = map { my $first = $_; scalar $mixed->get('/page.html', 'Cookie: ' . consent(map { "$many[$_]=" . ($odd[$_] ^ $first) } 0 .. 15))->header('ETag') } 0, 1;
isnt $tags[0], $tags[1], 'C3: two decisions, two tags';

is vary($httpd->get('/origin/vary')), "$WORLD,X-Own", 'C2: a Vary that names our header says to the world what that is';
is vary($httpd->get('/origin/plainhtml-vary')), "$WORLD,X-Own", 'C2: rewritten or not';
unlike vary($httpd->get('/origin/plainhtml')), qr/Cookie/, 'C2: what is not a candidate does not vary more';

# With mod_cache
for my $quick (qw(on off)) {
    my $cached = httpd(
        modules => [qw(proxy_http headers cache cache_disk)],
        define  => { ORIGIN => $origin->address, PARTIAL => $partial->address },
        conf    => "CacheQuickHandler $quick\nCacheRoot \${VAR}\nCacheEnable disk /\nCacheHeader on\n$conf");
    my @who = ([], [$GRANT], ['Sec-GPC: 1', $GRANT]);
    my %tag;
    for my $round (qw(MISS HIT)) {
        for my $who (@who) {
            my $r = $cached->get('/origin/page', @$who);
            my $name = "quick handler $quick, $round, " . join(' ', map { /^(\S+?):/ } @$who);
            next if $round eq 'MISS' && "@$who" =~ /GPC/;    # the same decision as nobody's: a hit
            like scalar($r->header('X-Cache')), qr/^$round/, "C2: $name";
            is held($r), ("@$who" eq $GRANT ? 0 : 1), "C2: $name: the right page";
            is vary($r), "Accept-Encoding,$WORLD", "C2: $name: Vary";
            $tag{"@$who"} = scalar $r->header('ETag');
        }
    }
    my $mine = $tag{''};
    is $cached->get('/origin/page', "If-None-Match: $mine")->status, 304, "C3: quick handler $quick: confirmed from the cache";
    is $cached->get('/origin/page', "If-None-Match: $mine", $GRANT)->status, 200, "C3: quick handler $quick: not to another";
    my $r = $cached->get('/origin/page', 'Cache-Control: max-age=0');
    like scalar($r->header('X-Cache')), qr/^REVALIDATE/, "C3: quick handler $quick: the origin confirms its own validator";
    is scalar($origin->last_request->header('If-None-Match')), '"abc"', "C3: quick handler $quick: which bears no tag";
    is held($r), 1, "C3: quick handler $quick: and the stored page is the right one";
    is scalar($r->header('ETag')), $mine, "C3: quick handler $quick: under its tag";
}

done();
