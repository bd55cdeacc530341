# Licensed under the Apache License, Version 2.0; see LICENSE.

# Requests of every kind at once, in threads of one process, while the server is
# restarted: each gets the answer that it gets alone. `make tsan` runs it with
# ThreadSanitizer in the module.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Privacy::Test;

needs_module(qw(proxy_http headers cache cache_socache socache_shmcb ssl http2));

my ($CLIENTS, $ROUNDS, $RESTARTS) = (6, 40, 2);
my $TRACKER = '<script src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>';

my $origin = backend(sub {
    my ($request, $client) = @_;
    return $client->reply('404 Not Found', ['Content-Type: text/html'], "<p>no $TRACKER") if $request->target =~ /none/;
    my @lines = ('Content-Type: text/html', 'Set-Cookie: _ga=1; Max-Age=63072000', 'Set-Cookie: sid=2', 'Cache-Control: max-age=60');
    push @lines, "X-Got: $1" if $request->head =~ /^Cookie: ([^\r\n]*)/mi;
    return $client->reply('200 OK', \@lines, "<body><p>vacancies\n$TRACKER\n" . $request->target);
});

my $conf = <<'CONF';
PrivacyCategory essential necessary "Essential" "What the site needs."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCategory comfort opt-out "Comfort" "What you chose last."
PrivacyCookie sid essential session "The login"
PrivacyCookie _ga analytics 2y "Google Analytics"
PrivacyCookie _ga_* analytics 2y "Google Analytics"
PrivacyCookie "~^_pk_" analytics 90d "Matomo"
PrivacyTracker *.googletagmanager.com analytics
PrivacyInlineTracker "gtag(" analytics
PrivacyParameter gclid analytics
PrivacyMessage hello until=seen
PrivacyMessage cookies until=choice
PrivacyConsentSource cookiebot analytics=statistics
PrivacySignal gpc analytics
PrivacyGPCStatement 2026-11-23
PrivacyLanguage en fr pl
PrivacyConsentMode analytics=analytics_storage
PrivacyPolicyVersion 2
PrivacyEngine on
PrivacyRewriteHTML on
ProxyPass /app http://${ORIGIN}/app
ProxyPass /cached http://${ORIGIN}/cached
CacheEnable socache /cached
CacheSocache shmcb
Header always add Set-Cookie "_pk_id=1; Path=/; Max-Age=63072000"
<Location /report>
    PrivacyEngine report
</Location>
<If "privacy('analytics') == 'granted'">
    Header set X-Analytics granted
</If>
KeepAliveTimeout 20
MaxKeepAliveRequests 0
GracefulShutdownTimeout 30
CONF

my $httpd = httpd(
    mpm     => 'worker',
    tls     => 1,
    modules => [qw(proxy_http headers cache cache_socache socache_shmcb http2)],
    define  => { ORIGIN => $origin->address },
    files   => {
        '/page.html'        => "<html><head>$TRACKER</head><body><p>Hello\n<script>gtag('x')</script></body></html>\n",
        '/report/page.html' => "<body>$TRACKER\n",
        '/style.css'        => "p { color: red }\n",
    },
    conf => $conf,
);

my $document = 'Sec-Fetch-Dest: document';
my $grant    = 'Cookie: sid=4; _ga=3; ' . consent('p=2', 'analytics=1');
my $refuse   = 'Cookie: sid=4; _ga=3; _ga_X=2; _pk_id=1; ' . consent('p=2', 'analytics=0');
my $own      = 'Sec-Fetch-Site: same-origin';
my @requests = (
    [ GET => '/style.css' ],
    [ GET => '/style.css', $grant ],
    [ GET => '/page.html', $document ],
    [ GET => '/page.html', $document, $grant ],
    [ GET => '/page.html', $document, $refuse, 'Accept-Language: fr' ],
    [ GET => '/page.html?gclid=1&x=2', 'Accept: text/html', 'Sec-GPC: 1', $grant ],
    [ GET => '/report/page.html', $document, $refuse ],
    [ GET => '/app/vacancies', $document, $refuse ],
    [ GET => '/app/vacancies?gclid=1', $document, $grant ],
    [ GET => '/app/none', $document ],
    [ GET => '/cached/a', $document, $refuse ],
    [ GET => '/cached/a', $document, $grant ],
    [ GET => '/cached/b', 'Cookie: CookieConsent={necessary:true%2Cstatistics:true%2Cmethod:%27explicit%27}' ],
    [ GET => '/app/own', $refuse, 'Connection: Privacy-Consent, Keep-Alive' ],
    [ HEAD => '/page.html', $document ],
    [ GET => '/none', $document ],
    [ GET => '/privacy-preferences', 'Accept: text/html', 'Accept-Language: pl' ],
    [ GET => '/privacy-preferences', 'Accept: application/json', $refuse ],
    [ GET => '/.well-known/gpc.json' ],
    [ POST => '/privacy-preferences', $own, $refuse, { body => 'choice=reject' } ],
    [ POST => '/privacy-preferences', { body => 'choice=accept' } ],
    [ GET => '/page.html', 'Privacy-Consent: forged', 'Cookie: ' . 'x=1; ' x 200 . '_ga=1' ],
);

# What may differ from one answer to another: the time, and what tells when it was.
sub told {
    my ($answer) = @_;
    # Expiries begin at another cookie each time (R5).
    my $text = join "\n", $answer->status, sort grep { !/^(?:Date|Age|Connection|Keep-Alive|Content-Length|Transfer-Encoding|Upgrade):/i } $answer->lines;
    return "$text\n\n" . $answer->body =~ s/&t=\d+/&t=/gr =~ s/:\d{10}\b/:/gr;
}

# A record is of the second in which it was made.
sub same { return $_[0] =~ s/\bt=\d{10}/t=/gr eq $_[1] =~ s/\bt=\d{10}/t=/gr }

# Once for the cache, and once for what it answers then.
$httpd->request(@$_) for @requests;
my @alone = map { told($httpd->request(@$_)) } @requests;
unlike join("\n", @alone[ 2, 4, 7, 10, 13 ]), qr/^Set-Cookie: _(?:ga|pk)\w*=(?!;)/m, 'R1: alone, no denied cookie passes';
like $alone[3], qr/^Set-Cookie: _pk_id=1; Path=\/; Max-Age=7776000$/m, 'R4: alone, one is limited';
like $alone[$_], qr/data-privacy-src=/, "H3: alone, the tracker of $requests[$_][1] is held" for 2, 4, 7, 9, 10;

# ---- at once ----

# On one connection, for as long as the server leaves it: a thread that comes for
# another has seen what others did before. A restart may close one that stands idle.
sub kept {
    my ($connection, $method, $path, @lines) = @_;
    my %option = map { %$_ } grep { ref } @lines;
    push @lines, 'Content-Type: application/x-www-form-urlencoded' if defined $option{body};
    my $bytes = Privacy::Client::request_bytes('www.example.org', $method, $path, $option{body}, grep { !ref } @lines);
    for my $try (1 .. 3) {
        $$connection ||= $httpd->connect;
        my $answer = eval { $$connection->send($bytes)->response($method) };
        my $closed = $@ =~ /closed without an answer/ || $answer && join(' ', $answer->header('Connection')) =~ /close/;
        undef $$connection if $closed || !$answer;
        return $answer if $answer;
        die $@ if !$closed;
    }
}

sub client {
    my ($n) = @_;
    my ($connection, $count, %failed) = (undef, 0);
    for my $round (1 .. $ROUNDS) {
        for my $i (map { ($_ + 5 * $n) % @requests } 0 .. $#requests) {
            my $told = eval { told(kept(\$connection, @{ $requests[$i] })) };
            $failed{ join ' ', @{ $requests[$i] }[ 0, 1 ] } //= defined $told ? "expected:\n$alone[$i]\ngot:\n$told" : $@
                if !defined $told || !same($told, $alone[$i]);
            $count++;
        }
    }
    return ($count, %failed);
}

my @clients;
for my $n (0 .. $CLIENTS - 1) {
    pipe my $from, my $to or die $!;
    defined(my $pid = fork) or die $!;
    if (!$pid) {
        my ($count, %failed) = client($n);
        print {$to} "$count\n", map { "$_: $failed{$_}\n" } sort keys %failed;
        close $to;
        POSIX::_exit(0);
    }
    close $to;
    push @clients, [ $pid, $from ];
}
for (1 .. $RESTARTS) {
    select undef, undef, undef, 1;
    $httpd->graceful_under_load;
}
my ($answered, $wrong) = (0, '');
for (@clients) {
    my ($pid, $from) = @$_;
    my ($count, @failed) = <$from>;
    waitpid $pid, 0;
    $answered += $count;
    $wrong .= join '', @failed;
}
is $wrong, '', "each of $answered answers is the one that the request gets alone";
is $answered, $CLIENTS * $ROUNDS * @requests, 'and none is missing';

# Streams of one connection run in threads of their own.
my @streams = grep { $_->[0] eq 'GET' } @requests;
my @expected = map { $_->status . ' ' . $_->body } $httpd->series(h2 => @streams);
for my $round (1 .. 5) {
    my @got = map { $_->status . ' ' . $_->body } $httpd->streams(@streams);
    is_deeply [ map { s/\bt=\d{10}/t=/gr } @got ], [ map { s/\bt=\d{10}/t=/gr } @expected ],
        "h2, streams at once, round $round";
}

done();
