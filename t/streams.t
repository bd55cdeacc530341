# Licensed under the Apache License, Version 2.0; see LICENSE.

# Several streams of one HTTP/2 connection at once, by visitors' different decisions:
# each is judged by its own, whichever filter its head goes through.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(http2 ssl proxy_http));

# Streams of a connection, and how many of them run at once: mod_http2 begins with six workers for it.
my ($STREAMS, $AT_ONCE) = (12, 4);

# Each script answers when that many have begun.
my $BARRIER = <<'PERL';
my ($dir, $n, $id) = split /,/, $ENV{QUERY_STRING};
open my $fh, '>', "$dir/$id" or die;
for (1 .. 1500) { last if (() = glob "$dir/*") >= $n; select undef, undef, undef, 0.02 }
my $begun = () = glob "$dir/*";
my $head = "Content-Type: text/plain\r\nX-Begun: $begun\r\nX-Stream: $ENV{H2_STREAM_ID}\r\n"
    . "Set-Cookie: sid=$id\r\nSet-Cookie: _ga=$id\r\nSet-Cookie: _fbp=$id\r\n";
PERL

my $origin = backend(sub {
    my ($request, $connection) = @_;
    my ($id) = $request->target =~ /(\w+)\z/;
    my @cookies = map { "Set-Cookie: $_=$id" } qw(sid _ga _fbp);
    $connection->send(join "\r\n", 'HTTP/1.1 103 Early Hints', @cookies, 'Link: </a.css>', '', '') if $request->target =~ /hint/;
    select undef, undef, undef, 0.05;
    return $connection->reply('200 OK', \@cookies, "to $id");
});

my %SERVER = (
    tls     => 1,
    modules => [qw(cgi http2 proxy_http)],
    define  => { ORIGIN => $origin->address },
    cgi     => {
        '/set.cgi'     => $BARRIER . 'print "$head\r\nto $id";',
        '/nph-set.cgi' => $BARRIER . 'print "HTTP/1.1 200 OK\r\n$head\r\nto $id";',
    },
    conf => <<'CONF',
PrivacyEngine on
PrivacyCategory essential necessary "Essential" "What the shop needs."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyCategory remarketing opt-in "Remarketing" "Advertising on other sites."
PrivacyCookie sid  essential   any "Keeps you logged in"
PrivacyCookie _ga  analytics   any "Tells visitors apart"
PrivacyCookie _fbp remarketing any "Tells visitors apart"
PrivacySignal gpc remarketing
ProxyPass /proxy http://${ORIGIN}
H2EarlyHints on
H2MinWorkers 16
CONF
);

# What a visitor says, and the cookies that may pass.
my @VISITOR = (
    [ [],                                                                 'sid' ],
    [ [ 'Cookie: ' . consent('analytics=1') ],                            'sid _ga' ],
    [ [ 'Cookie: ' . consent('remarketing=1') ],                          'sid _fbp' ],
    [ [ 'Cookie: ' . consent('analytics=1', 'remarketing=1') ],           'sid _ga _fbp' ],
    [ [ 'Cookie: ' . consent('analytics=1', 'remarketing=1'), 'Sec-GPC: 1' ], 'sid _ga' ],
);

# The names of cookies, in one header or several: mod_http2 joins those of a 103 and of an nph- head.
sub names_of {
    my ($message, $id) = @_;
    return join ' ', map { /(\w+)=\Q$id\E\b/g } $message->set_cookies;
}

for my $mpm (qw(event worker)) {
    my $httpd = httpd(%SERVER, mpm => $mpm);
    for my $path ('/set.cgi', '/nph-set.cgi', '/proxy/page', '/proxy/hint') {
        subtest "$mpm, $path" => sub {
            my $dir = $httpd->dir('var/' . $path =~ s/\W/-/gr);
            my @who = map { $VISITOR[ $_ % @VISITOR ] } 0 .. $STREAMS - 1;
            my @answers = $httpd->streams(map {
                [ GET => $path . ($path =~ /cgi/ ? "?$dir,$AT_ONCE,id$_" : "/id$_"), @{ $who[$_][0] } ]
            } 0 .. $STREAMS - 1);
            for my $i (0 .. $STREAMS - 1) {
                my $what = "$mpm, $path, stream $i";
                is names_of($answers[$i], "id$i"), $who[$i][1], "R1 $what: by its own consent";
                is $answers[$i]->body, "to id$i", 'its own body';
                next if $path ne '/proxy/hint';
                is join('|', map { names_of($_, "id$i") } $answers[$i]->interim), $who[$i][1], "R2 $what: its 103 too";
            }
            if ($path =~ /cgi/) {
                is_deeply [ grep { $_->header('X-Begun') < $AT_ONCE } @answers ], [], "$AT_ONCE ran at once";
                my %stream = map { $_->header('X-Stream') => 1 } @answers;
                is scalar(keys %stream), $STREAMS, 'on one connection';
            }
        };
    }
}

done();
