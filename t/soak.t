# Licensed under the Apache License, Version 2.0; see LICENSE.

# Load on all paths at once, with faults: R1, R2, Q1, F1. Each answer is checked by the
# consent of its request. `make soak` lets it run for long; by itself it is over soon, and
# judges all but growth.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Time::HiRes qw(sleep time);
use Privacy::Test;
use Privacy::Hostile;
use Privacy::Sanitizer;
use Privacy::Soak;

needs_module(qw(proxy_http headers deflate cache_socache http2 ssl));
plan skip_all => 'no /proc' if !-r "/proc/$$/status";

# The storm, then calm weather in which growth can be seen, then too little memory.
my $SECONDS = $ENV{SOAK_SECONDS} || 8;
my %LASTS   = (storm => 0.5 * $SECONDS, calm => 0.35 * $SECONDS, hunger => 0.15 * $SECONDS);
my $LONG    = $SECONDS >= 60;
# So many answers a second are few on any machine: tens of thousands in eight minutes.
my $PACE    = 50;

# A sanitizer has memory of its own.
my $SANITIZED = $ENV{PRIVACY_MODULE} && Privacy::Sanitizer::runtimes($ENV{PRIVACY_MODULE});

# A page of trackers and text.
my $PAGE = $Privacy::Hostile::PAGE;

# ---- origins ----

my $SETS   = "Header add Set-Cookie \"_ga=DENIED; Path=/\"\nHeader add Set-Cookie \"sid=KEPT; HttpOnly\"\n";
my $origin = httpd(
    privacy => 0,
    modules => [qw(headers deflate filter)],
    files   => { '/page.txt' => "proxied\n", '/page.html' => $PAGE },
    conf    => <<"CONF");
$SETS
Header set X-Saw "expr=[%{HTTP:Cookie}]"
<Files page.txt>
    Header set Cache-Control max-age=10
</Files>
AddOutputFilterByType DEFLATE text/html
KeepAliveTimeout 300
MaxKeepAliveRequests 0
CONF

# What nobody should send, whole, or cut off anywhere.
my %hostile = (Privacy::Hostile::answers(), Privacy::Hostile::pages(), Privacy::Hostile::compressed());
my @hostile = map { $hostile{$_} } sort keys %hostile;
my $BOTH = "Set-Cookie: _ga=DENIED; Path=/\r\nSet-Cookie: sid=KEPT; HttpOnly\r\n";
my $UPGRADE = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n$BOTH\r\n";
my $bad = backend(sub {
    my ($request, $client) = @_;
    if (my ($which, $length) = $request->target =~ m{\A/(?:hostile|up)/(\d+|x)(?:,(\d+))?}) {
        my $bytes = $which eq 'x' ? $UPGRADE : $hostile[ $which % @hostile ];
        return !$client->send(defined $length ? substr $bytes, 0, $length : $bytes);
    }
    $client->send("HTTP/1.1 103 Early Hints\r\n$BOTH\r\n");
    return !$client->reply('200 OK', [ 'Content-Type: text/plain', split /\r\n/, $BOTH ], 'hinted');
});

# ---- the server ----

my %SERVER = (
    tls     => 1,
    modules => [qw(cgi headers proxy_http deflate cache_socache socache_shmcb)],
    define  => { ORIGIN => $origin->port, BAD => $bad->port },
    files   => {
        '/static/page.txt' => "static\n", '/static/large.html' => $PAGE x $Privacy::Soak::LARGE, '/bare/page.txt' => "bare\n", '/html/page.html' => $PAGE,
    },
    cgi => {
        '/app/set.cgi'     => says("Content-Type: text/plain\n" . $BOTH =~ s/\r//gr . "\nset"),
        '/app/nph-set.cgi' => says("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n$BOTH\r\nset"),
    },
);
my $CONF = $Privacy::Hostile::POLICY . <<"CONF" . <<'CONF';
<LocationMatch "^/(static|html)/">
    $SETS
</LocationMatch>
<Location /static/missing>
    Header always add Set-Cookie "_ga=DENIED"
    Header always add Set-Cookie "sid=KEPT"
</Location>
CONF
PrivacyPage /privacy
PrivacyMessage banner until=choice
PrivacySignal gpc analytics
<LocationMatch "^/(html|origin|hostile|static/large)">
    PrivacyRewriteHTML on
</LocationMatch>
ProxyPass /origin/ http://127.0.0.1:${ORIGIN}/
ProxyPass /cached/ http://127.0.0.1:${ORIGIN}/
ProxyPass /hint/ http://127.0.0.1:${BAD}/hint/ disablereuse=on
ProxyPass /hostile/ http://127.0.0.1:${BAD}/hostile/ disablereuse=on
ProxyPass /up/ http://127.0.0.1:${BAD}/up/ upgrade=websocket disablereuse=on
CacheSocache shmcb
CacheEnable socache /cached
MaxKeepAliveRequests 0
KeepAliveTimeout 30
Timeout 60
MaxMemFree 64
# Children that a restart ends wait for their slow clients, and others have to come.
ServerLimit 16
# Less than a large page: who reads it slowly is waited for.
SendBufferSize 16384
LogFormat "%h %U %>s stripped=%{privacy-stripped}n filtered=%{privacy-filtered}n" notes
CONF

# Where its logs are full, on a port of its own. The other one says who died.
my $FULL = <<'CONF';
Listen 127.0.0.1:${PORT_FULL}
<VirtualHost 127.0.0.1:${PORT_FULL}>
    ErrorLog /dev/full
    LogLevel debug
    CustomLog /dev/full notes
</VirtualHost>
CONF
my $httpd = httpd(%SERVER, modules => [ @{ $SERVER{modules} }, 'http2' ], conf => $CONF . $FULL);

# ---- the clients see a leak, wherever an answer breaks off ----

my $leaky = backend(sub {
    my ($request, $client) = @_;
    return !$client->send("HTTP/1.1 200 OK\r\n${BOTH}Content-Length: 100000\r\n" . ($request->target =~ /behind/ ? "\r\nbody" : 'X-'));
});
my $leaking = httpd(privacy => 0, tls => 1, modules => [qw(proxy_http http2)], define => { BAD => $leaky->port },
    conf => 'ProxyPass / http://127.0.0.1:${BAD}/behind/ disablereuse=on');
for ([ 'in a body', $leaking->port, qw(fast slow aborting secure) ], [ 'in a head', $leaky->port, qw(fast slow aborting) ]) {
    my ($where, $port, @clients) = @$_;
    for my $client (@clients) {
        my $seen = Privacy::Soak::run(
            { httpd => $leaking, port => $port, until => time + 600, may_close => 1, may_break => 1, enough => 1 }, { $client => 1 });
        ok scalar(grep { /leaked: Set-Cookie: _ga=DENIED/ } keys %{ $seen->{faults} }), "R1 a leak is seen where an answer breaks off $where: $client";
    }
}

# ---- what is seen of it from outside ----

sub resident { return Privacy::Httpd::slurp("/proc/$_[0]/status") =~ /^VmRSS:\s+(\d+) kB/m ? $1 : undef }

# Of its address space, in bytes.
sub size {
    my ($pid) = @_;
    open my $fh, '<', "/proc/$pid/statm" or return;
    return POSIX::sysconf(POSIX::_SC_PAGESIZE()) * (split ' ', <$fh> // return)[0];
}

my $begun = time;

sub sample { return { at => time - $begun, parent => resident($httpd->pid), children => { map { my $kb = resident($_); $kb ? ($_ => $kb) : () } $httpd->workers } } }

sub say_sample {
    my ($phase, $sample) = @_;
    my $children = $sample->{children};
    note sprintf '%-6s %4d s: parent %6d KiB, children %s KiB', $phase, $sample->{at}, $sample->{parent} // 0,
        join ' + ', sort { $b <=> $a } values %$children;
}

sub say_counts {
    my ($phase, $sum) = @_;
    my $answers = 0;
    $answers += $sum->{count}{$_} // 0 for Privacy::Soak::kinds();
    note "$phase: $answers answers checked, in ", sprintf '%d s', time - $begun;
    note sprintf '%10d  %s', $sum->{count}{$_}, $_ for sort keys %{ $sum->{count} };
    return $answers;
}

# What clients of each kind count.
my @CLIENTS = ('slow clients', 'slow clients, of a large page', 'aborted clients', 'broken off, with a head', 'https, series', 'h2, series', 'h2, streams');

sub are_enough {
    my ($answers, $seconds, $name) = @_;
    cmp_ok $answers, '>', $LONG && !$SANITIZED ? $PACE * $seconds : 0, "and there were answers: $name";
}

sub faults {
    my ($sum, $server) = @_;
    diag "its log, at the end:\n", map { "$_\n" } grep { defined } (grep { !/hostile/ && /:(?:error|warn|crit)\]/ } split /\n/, $server->log)[ -20 .. -1 ]
        if %{ $sum->{faults} };
    return join "\n", map { "$sum->{faults}{$_} times: $_" } sort keys %{ $sum->{faults} };
}

sub deaths { my ($server) = @_; return grep { /exit signal|[Ss]egmentation fault|AddressSanitizer|runtime error:/ } split /\n/, $server->log }

# ---- the storm: restarts, and clients and backends that die ----

my ($restarts, @parents) = (0);
my $pause = $LASTS{storm} / 12;
$pause = 20 if $pause > 20;
my $storm = Privacy::Soak::run(
    { httpd => $httpd, port => $httpd->port, until => time + $LASTS{storm}, may_close => 1 },
    { fast => 2, slow => 1, aborting => 1, secure => 1 },
    sub {
        sleep $pause;
        $httpd->graceful_under_load;
        $restarts++;
        my $sample = sample();
        push @parents, $sample->{parent};
        say_sample('storm', $sample);
    },
);
# No child of before answers, or is measured, in what follows.
$httpd->graceful;
my $stormy = say_counts('storm', $storm);
is faults($storm, $httpd), '', "R1 R2 Q1 the storm: no cookie leaked or lost, and nothing broke off, in $stormy answers";
is_deeply [ deaths($httpd) ], [], "F1 the storm: no child died, in $restarts graceful restarts";
my %seen = %{ $storm->{count} };
is_deeply [ grep { !$seen{$_} } Privacy::Soak::kinds(), @CLIENTS ], [], 'of every kind, to every kind of client' if $LONG;

# Its logs are full.
my $full = Privacy::Soak::run({ httpd => $httpd, port => $httpd->port('FULL'), until => time + $LASTS{hunger} / 2 }, { fast => 2 }, sub { sleep 0.5 });
my $written = say_counts('logs', $full);
is faults($full, $httpd), '', "F1 logs that are full: no cookie leaked or lost, in $written answers";
are_enough($stormy, $LASTS{storm}, 'the storm');
cmp_ok $written, '>', 0, 'there, too';
is_deeply [ deaths($httpd) ], [], 'F1 logs that are full: no child died';

# ---- the calm: nothing grows ----

my @samples;
my $calm = Privacy::Soak::run(
    { httpd => $httpd, port => $httpd->port, until => time + $LASTS{calm} },
    { fast => 2, slow => 1, aborting => 1, secure => 1 },
    sub {
        sleep $LASTS{calm} / 24;
        push @samples, sample();
    },
);
say_sample('calm', $_) for @samples;
my $calmly = say_counts('calm', $calm);
is faults($calm, $httpd), '', "R1 R2 Q1 the calm: no cookie leaked or lost, and nothing broke off, in $calmly answers";
is_deeply [ deaths($httpd) ], [], 'F1 the calm: no child died';
are_enough($calmly, $LASTS{calm}, 'the calm');
# curl cannot always begin anew where httpd had no thread to spare for an idle connection.
{
    my %of = (broken => 0, whole => 0);
    $of{ /broken off/ ? 'broken' : 'whole' } += $calm->{count}{$_} for grep { /^(?:https|h2), / } keys %{ $calm->{count} };
    cmp_ok $of{broken}, '<=', 1 + $of{whole} / 100, "the calm: $of{broken} of curl's transfers broke off, and $of{whole} did not";
    my ($all, $not) = map { $calm->{count}{$_} // 0 } 'curl, all whole', 'curl, not all';
    cmp_ok $not, '<=', 1 + $all / 10, "and in $not of its runs something did, in $all nothing";
    cmp_ok $calm->{count}{'https, series'} // 0, '>', 0, 'and there were some';
}
is_deeply [ grep { !$calm->{count}{$_} } Privacy::Soak::kinds(), @CLIENTS ], [], 'of every kind, to every kind of client, in one generation of children' if $LONG;

# The middle one of some.
sub median { my @sorted = sort { $a <=> $b } @_; return $sorted[ $#sorted / 2 ] }

# Of each child that lived through the second half, the last samples against the first of
# that half. What is allowed is what the pools of a thread keep (MaxMemFree), as it meets
# its largest request, and 16 bytes a request: less than any leak of one would be.
SKIP: {
    skip 'growth is judged where it runs for a minute or more', 3 if !$LONG || $SANITIZED;
    my @half = @samples[ $#samples / 2 .. $#samples ];
    my $third = int @half / 3;
    my ($before, $after, $measured) = (0, 0, 0);
    for my $pid (keys %{ $half[-1]{children} }) {
        my @kb = map { $_->{children}{$pid} // () } @half;
        next if @kb < @half;
        $measured++;
        $before += median(@kb[ 0 .. $third - 1 ]);
        $after  += median(@kb[ -$third .. -1 ]);
    }
    my $allowed = int(16 * 64 * $measured + 16 * $calmly / 2 / 1024);
    cmp_ok $measured, '>', 0, 'the growth of some children was measured, over ' . @half . ' samples';
    note "$measured children: $before KiB, then $after KiB; $allowed KiB more are allowed";
    cmp_ok $after - $before, '<=', $allowed, 'nothing grows: the children';
    note 'parent, after each restart: ', join ' ', @parents;
    my $steady = $#parents / 2;
    cmp_ok median(@parents[ -3 .. -1 ]) - median(@parents[ $steady - 1 .. $steady + 1 ]), '<=', 64 * @parents / 2,
        'nothing grows: the parent, by 64 KiB a restart at most';
}

# ---- the hunger: children that get no memory ----

# httpd ends a child that gets none by abort(), and APR's brigades write to the memory that
# they did not get: with the module or without it a child dies, and another is started. Judged
# is what passes before, and what comes after.
sub hunger {
    my $hungry = httpd(%SERVER, mpm => 'prefork', modules => [ grep { $_ ne 'http2' } @{ $SERVER{modules} } ],
        conf => "${CONF}MaxConnectionsPerChild 8\n");
    # A child has the limit that its parent had when it was started; in this range it fails
    # now here, now there.
    my ($child) = grep { $_ } map { size($_) } $hungry->children;
    my $limit = sub { system 'prlimit', '--pid', $hungry->pid, "--as=$_[0]:" };
    my $hunger = Privacy::Soak::run(
        { httpd => $hungry, port => $hungry->port, until => time + $LASTS{hunger} / 2, may_close => 1, may_break => 1 },
        { fast => 2 },
        sub {
            $limit->($child + 8192 * int rand 128);
            sleep 0.3;
        },
    );
    $limit->('unlimited');
    my $hungrily = say_counts('hunger', $hunger);
    is faults($hunger, $hungry), '', "R1 the hunger: no cookie leaked or lost, in $hungrily answers";
    my @died = deaths($hungry);
    my %how;
    $how{$_}++ for map { /exit signal (\w+)/ } @died;
    note 'children that got no memory ended by ', join ', ', map { "$_: $how{$_}" } sort keys %how;
    is_deeply [ grep { !/exit signal (?:Abort|Segmentation)/ } @died ], [], 'F1 the hunger: and by no other signal';
    cmp_ok scalar(@died), '>', 0, 'and some did' if $LONG;
    $hungry->graceful;
    is $hungry->get('/static/page.txt')->status, 200, 'F1 the hunger: the server goes on';
}
hunger() if !$SANITIZED;

done(allow => [
    qr/^\[[^]]*\] \[(?:proxy|proxy_http|http|cgid?|core|http2|deflate|cache|ssl|mpm_prefork|mpm_event|socache_shmcb):(?:error|warn)\] /,
    qr/PRIV00(?:1[123]|2[01]):/, qr/^cat: .*(?:Broken pipe|Connection reset by peer)/,    # of a script whose client went away
    $SANITIZED ? () : (qr/exit signal (?:Abort|Segmentation)/, qr/^\[crit\] Memory allocation failed/),
]);
