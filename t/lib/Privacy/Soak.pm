# Licensed under the Apache License, Version 2.0; see LICENSE.

# Load for t/soak.t: clients in processes of their own, each of which checks every
# answer by the consent that its request had.
package Privacy::Soak;

use strict;
use warnings;

use IO::Socket::INET;
use POSIX ();
use Socket qw(INADDR_LOOPBACK SOL_SOCKET SO_LINGER SO_RCVBUF pack_sockaddr_in);
use Time::HiRes qw(sleep time);

use Privacy::Client;
use Privacy::Hostile;
use Privacy::Test ();

# Nothing hangs (rule F1).
my $PATIENCE = 60;

# So many pages are a large one.
our $LARGE = 300;

# What a request may be: how often, what for, and what its answer has to be.
#   status   the only one that is right
#   sets     the answer sets both cookies, and the denied one with consent alone
#   interim  so does an answer before it
#   saw      the origin says which cookies reached it
#   trackers of that many the page has, all are held, or all load with consent
#   body     what the answer has to contain
#   (no status) what comes is broken, and is looked at for leaks alone
my @KINDS = (
    { name => 'static',  weight => 60, target => '/static/page.txt', status => 200, sets => 1 },
    { name => 'bare',    weight => 20, target => '/bare/page.txt',   status => 200 },
    { name => 'page',    weight => 10, target => '/html/page.html',  status => 200, sets => 1, lines => ['Accept: text/html'], trackers => 2 },
    { name => 'gzip',    weight => 2,  target => '/origin/page.html', status => 200, sets => 1, saw => 1, lines => [ 'Accept: text/html', 'Accept-Encoding: gzip' ],
        trackers => 2 },
    { name => 'proxied', weight => 20, target => '/origin/page.txt', status => 200, sets => 1, saw => 1 },
    { name => 'cached',  weight => 40, target => '/cached/page.txt', status => 200, sets => 1 },
    { name => 'missing', weight => 3,  target => '/static/missing',  status => 404, sets => 1 },
    { name => 'a HEAD',  weight => 3,  target => '/static/page.txt', status => 200, sets => 1, method => 'HEAD' },
    { name => 'CGI',     weight => 1,  target => '/app/set.cgi',     status => 200, sets => 1, cgi => 1 },
    { name => 'nph-',    weight => 1,  target => '/app/nph-set.cgi', status => 200, sets => 1, closes => 1, cgi => 1 },
    { name => 'hint',    weight => 1,  target => '/hint/x',          status => 200, sets => 1, interim => 1 },
    { name => 'PrivacyPage', weight => 2, target => '/privacy',      status => 200, body => qr/analytics/ },
    { name => 'choice',  weight => 2,  target => '/privacy',         status => 303, method => 'POST', body_sent => 'choice=accept',
        lines => [ 'Sec-Fetch-Site: same-origin', 'Content-Type: application/x-www-form-urlencoded' ], chooses => 1 },
    { name => 'large',   weight => 1,  target => '/static/large.html', status => 200, sets => 1, lines => ['Accept: text/html'],
        trackers => 2 * $LARGE },
    { name => 'refused', weight => 1,  target => '/static/page.txt', status => 400, lines => [ 'Host: a', 'Host: b' ], closes => 1 },
    { name => 'hostile', weight => 2,  target => '/hostile/', closes => 1 },
    { name => 'upgrade', weight => 1,  target => '/up/x', status => 101, sets => 1, lines => [ 'Upgrade: websocket', 'Connection: Upgrade' ], closes => 1 },
    { name => 'broken upgrade', weight => 1, target => '/up/', lines => [ 'Upgrade: websocket', 'Connection: Upgrade, close' ], closes => 1 },
);
my @WEIGHTED = map { ($_) x $_->{weight} } @KINDS;

sub kinds { map { $_->{name} } @KINDS }

# Visitors: what they say, and whether _ga is granted to them.
my $cookies = '_ga=DENIED; sid=KEPT; _ga_X=DENIED';
my @VISITORS = (
    [ 0, "Cookie: $cookies" ],
    [ 0 ],
    [ 0, "Cookie: $cookies; " . Privacy::Test::consent('analytics=0') ],
    [ 1, "Cookie: $cookies; " . Privacy::Test::consent('analytics=1') ],
    [ 1, 'Cookie: ' . Privacy::Test::consent('analytics=1') . "; $cookies" ],
    [ 0, "Cookie: $cookies; " . Privacy::Test::consent('analytics=1'), 'Sec-GPC: 1' ],
);

# A request of a kind, or of any.
sub request {
    my (%want) = @_;
    my $kind = $WEIGHTED[ rand @WEIGHTED ];
    $kind = $WEIGHTED[ rand @WEIGHTED ] while $want{without} && $want{without}->($kind);
    my ($granted, @says) = @{ $VISITORS[ rand @VISITORS ] };
    my $target = $kind->{target};
    # Which broken answer it is, or that it is an upgrade; and where the backend dies, if it does.
    $target .= ($kind->{name} ne 'hostile' && rand() < 0.5 ? 'x' : int rand 1000) . (rand() < 0.5 ? ',' . int rand 600 : '') if !$kind->{status};
    my @lines = (@{ $kind->{lines} || [] }, @says);
    push @lines, 'Connection: close' if $kind->{closes} && !grep { /^Connection/ } @lines;
    return { kind => $kind, granted => $granted, method => $kind->{method} || 'GET', target => $target, lines => \@lines };
}

sub bytes_of {
    my ($request) = @_;
    return Privacy::Client::request_bytes('www.example.org', @$request{qw(method target)}, $request->{kind}{body_sent}, @{ $request->{lines} });
}

# ---- answers ----

# One whole answer out of a buffer that is read on when it needs to be:
# { heads, body }, or nothing where the server closed before its first byte. Dies where it
# breaks off; what heads there were is the connection's.
sub answer {
    my ($connection, $method) = @_;
    my $buffer = \$connection->{buffer};
    my $heads  = $connection->{heads} = [];
    $connection->{in_head} = 1;
    do {
        my $end;
        while (($end = index $$buffer, "\r\n\r\n") < 0) {
            next if fill($connection);
            return if $$buffer eq '' && !@$heads;
            broke_off($connection, 'in a head');
        }
        push @$heads, substr $$buffer, 0, $end + 2, '';
        substr $$buffer, 0, 2, '';
    } while $heads->[-1] =~ m{\AHTTP/1\.1 1(?!01)};
    $connection->{in_head} = 0;
    my $head = $heads->[-1];
    return { heads => $heads, body => '' } if $method eq 'HEAD' || $head =~ m{\AHTTP/1\.1 (?:101|204|304)};
    return { heads => $heads, body => chunked($connection) } if $head =~ /^Transfer-Encoding: chunked\r$/im;
    return { heads => $heads, body => counted($connection, $1) } if $head =~ /^Content-Length: (\d+)\r$/im;
    1 while fill($connection);
    return { heads => $heads, body => substr $$buffer, 0, length $$buffer, '' };
}

# The heads of an answer that broke off; of the one in which it did, its whole lines.
sub heads_so_far {
    my ($connection) = @_;
    my @cut = $connection->{in_head} ? $connection->{buffer} =~ /\A(.*\n)/s : ();
    return (@{ $connection->{heads} || [] }, @cut);
}

sub counted {
    my ($connection, $length) = @_;
    while (length $connection->{buffer} < $length) {
        fill($connection) or broke_off($connection, 'in a body');
    }
    return substr $connection->{buffer}, 0, $length, '';
}

sub chunked {
    my ($connection) = @_;
    my $body = '';
    while (1) {
        my $end;
        while (($end = index $connection->{buffer}, "\r\n") < 0) {
            fill($connection) or broke_off($connection, 'in a chunk');
        }
        my ($line) = counted($connection, $end + 2) =~ /^([0-9a-f]+)\r/i or die "no chunk\n";
        my $size = hex $line;
        $body .= counted($connection, $size);
        counted($connection, 2);
        return $body if !$size;
    }
}

# With what tells one cause from another.
sub broke_off {
    my ($connection, $where) = @_;
    die sprintf "broke off %s: %s after %d bytes in %.1f s\n", $where, @$connection{qw(ended read)}, time - $connection->{begun};
}

sub fill {
    my ($connection) = @_;
    return 0 if defined $connection->{most} && $connection->{most} <= 0;
    my $ready = '';
    vec($ready, fileno $connection->{socket}, 1) = 1;
    select($ready, undef, undef, $PATIENCE) or die "nothing came for $PATIENCE s\n";
    my $slow = ($connection->{slowly} // 0) > 0;
    sleep 0.001 if $slow;
    local $! = 0;
    my $n = sysread $connection->{socket}, $connection->{buffer}, $slow ? 700 : $connection->{most} // 65536, length $connection->{buffer};
    $connection->{read} += $n // 0;
    $connection->{ended} = defined $n ? 'closed' : "$!";
    $connection->{$_} -= $n // 0 for grep { defined $connection->{$_} } qw(slowly most);
    return $n;
}

# The denied cookies that a head, or some lines of one, sets all the same.
sub leaks {
    my ($request, @heads) = @_;
    return () if $request->{granted};
    return map { "leaked: $_" } grep { Privacy::Hostile::denied($_) } map { /^(Set-Cookie:[^\r\n]*)/mgi } @heads;
}

# What is wrong with an answer. Without memory an error is as good, and so is 503 where
# mod_cgid has no daemon, which a restart of the server ends and starts.
sub wrong {
    my ($run, $request, $answer) = @_;
    my ($kind, $granted) = @$request{qw(kind granted)};
    my ($error) = $answer->{heads}[-1] =~ m{\AHTTP/\S+ (50[0-4])};
    my $failed = $error && ($run->{may_break} || $run->{may_close} && $kind->{cgi} && $error == 503);
    my @wrong = leaks($request, @{ $answer->{heads} });
    for my $head (@{ $answer->{heads} }) {
        my @set = $head =~ /^(Set-Cookie:[^\r\n]*)/mgi;
        next if $failed || !$kind->{sets} || $kind->{interim} && @{ $answer->{heads} } != 2;
        push @wrong, 'an essential cookie is lost' if 1 != grep { /\bsid=KEPT/i } @set;
        push @wrong, 'a granted cookie is lost'    if $granted && 1 != grep { /\b_ga=DENIED/i } @set;
    }
    my $last = $answer->{heads}[-1];
    return @wrong if $failed || !defined $kind->{status};
    my ($status) = $last =~ m{\AHTTP/\S+ (\d+)} or return @wrong, 'no head';
    push @wrong, "status $status: " . $last =~ s/\s+/ /gr . substr $answer->{body}, 0, 100 if $status != $kind->{status};
    push @wrong, 'no interim answer' if $kind->{interim} && $answer->{may_have_interim} && @{ $answer->{heads} } != 2;
    push @wrong, 'the body is not what it should be' if $kind->{body} && $answer->{body} !~ $kind->{body};
    push @wrong, trackers($kind->{trackers}, $granted, $answer->{body}) if $kind->{trackers};
    push @wrong, 'no choice in the answer' if $kind->{chooses} && $last !~ /^Set-Cookie: privacy_consent=/mi;
    push @wrong, 'the origin saw: ' . ($last =~ /^X-Saw: ([^\r]*)/mi ? $1 : 'nothing') if $kind->{saw} && !saw($request, $last);
    return @wrong;
}

sub trackers {
    my ($all, $granted, $body) = @_;
    my $held  = () = $body =~ /data-privacy-src="https:\/\/t\.example/g;
    my $loads = () = $body =~ /<script src="https:\/\/t\.example/g;
    my @right = $granted ? (0, $all) : ($all, 0);
    return $held == $right[0] && $loads == $right[1] ? () : "of $all trackers $held are held and $loads load";
}

# Whether the origin was sent the cookies that it may see, and no others.
sub saw {
    my ($request, $head) = @_;
    my ($sent) = map { /^Cookie: (.*)/ ? $1 : () } @{ $request->{lines} };
    my ($saw)  = $head =~ /^X-Saw: ([^\r]*)/mi;
    return if !defined $saw;
    return $saw eq '[]' if !defined $sent;
    return $saw eq "[$sent]" if $request->{granted};
    return $saw !~ /_ga/ && $saw =~ /sid=KEPT/;
}

# ---- clients ----

# Counts and faults of one client.
sub tally { return { count => {}, faults => {} } }

sub judge {
    my ($run, $tally, $request, $answer) = @_;
    $tally->{count}{ $request->{kind}{name} }++;
    $tally->{count}{'Set-Cookie judged'} += () = join('', @{ $answer->{heads} }) =~ /^Set-Cookie:/mgi;
    my $how = join ', ', grep { defined } $request->{kind}{name}, $answer->{via};
    fault($tally, "$how: $_") for wrong($run, $request, $answer);
}

sub fault {
    my ($tally, $text) = @_;
    $tally->{faults}{ substr $text =~ s/[^ -~]/?/gr, 0, 600 }++;
}

sub connection {
    my ($port, %option) = @_;
    my $socket = IO::Socket::INET->new(Proto => 'tcp', Timeout => $PATIENCE) or return;
    # Before it connects: that is the window that the peer is told of.
    setsockopt $socket, SOL_SOCKET, SO_RCVBUF, pack 'i', 4096 if $option{slowly};
    $socket->connect(pack_sockaddr_in($port, INADDR_LOOPBACK)) or return;
    return { socket => $socket, buffer => '', begun => time, read => 0, ended => '', %option };
}

sub write_all {
    my ($socket, $bytes) = @_;
    while (length $bytes) {
        my $n = syswrite $socket, $bytes or return;
        substr $bytes, 0, $n, '';
    }
    return 1;
}

# Requests in pipelines of some, on connections that live for some of them.
sub fast {
    my ($run, $tally) = @_;
    my $connection;
    my $alive = 0;
    while ($run->{going}->()) {
        $connection = connection($run->{port}), $alive = 1 + int rand 20 if !$connection || !$alive--;
        $tally->{count}{'not connected'}++, sleep 0.1, next if !$connection;
        $connection->{kept} = delete $connection->{answered};
        my @requests = map { request(without => $run->{without}) } 1 .. 1 + int rand 16;
        my ($last) = grep { $requests[$_]{kind}{closes} } 0 .. $#requests;
        splice @requests, $last + 1 if defined $last;
        write_all($connection->{socket}, join '', map { bytes_of($_) } @requests);
        for my $request (@requests) {
            next if take($run, $tally, $request, $connection);
            undef $connection;
            last;
        }
        undef $connection if defined $last;
    }
}

# Take the answer to a request, and judge it, or what came of it; true if it was whole.
sub take {
    my ($run, $tally, $request, $connection) = @_;
    # What is broken on purpose has no end that would say anything.
    my $answer = eval { $request->{kind}{status} ? answer($connection, $request->{method}) : broken_answer($connection) };
    if ($answer) {
        judge($run, $tally, $request, { %$answer, may_have_interim => 1 });
        $connection->{answered}++;
        return 1;
    }
    my $why = $@;
    my @heads = heads_so_far($connection);
    fault($tally, "$request->{kind}{name}, broken off: $_") for leaks($request, @heads);
    $tally->{count}{'broken off, with a head'}++ if @heads;
    my $may_close = $run->{may_close} || $connection->{kept} && !$connection->{answered};
    ended({ %$run, may_close => $may_close }, $tally, $request, $why) if !defined $connection->{most};
    return 0;
}

# A connection that is closed between two answers is one that a restart has closed, or that
# stood idle when httpd had no thread to spare; one that breaks off is a fault.
sub ended {
    my ($run, $tally, $request, $why) = @_;
    $tally->{count}{'unanswered, the connection closed'}++ if !$why;
    fault($tally, "$request->{kind}{name}: not answered") if !$why && !$run->{may_close} && $request->{kind}{status};
    $tally->{count}{'broken off'}++ if $why;
    fault($tally, "$request->{kind}{name}: $why") if $why && !$run->{may_break};
}

# All heads of what may be anything.
sub broken_answer {
    my ($connection) = @_;
    my $heads = $connection->{heads} = [];
    $connection->{in_head} = 1;
    1 while fill($connection);
    while ($connection->{in_head} && $connection->{buffer} =~ s{\A(HTTP/\S+ (\d+).*?\r\n)\r\n}{}s) {
        push @$heads, $1;
        $connection->{in_head} = $2 != 101 && $2 < 200;
    }
    return if !@$heads || $connection->{in_head} && $connection->{buffer} ne '';
    return { heads => $heads, body => substr $connection->{buffer}, 0, length $connection->{buffer}, '' };
}

# What a slow client asks for: now and then for what no socket's buffer holds, so that the
# server waits for it in the middle of an answer.
sub for_slow {
    my $large = rand() < 0.1;
    my $request = request(without => sub { $large != ($_[0]{name} eq 'large') });
    # Of what is broken as much as has the heads: some of it inflates to megabytes.
    return { request => $request, slowly => $request->{kind}{status} ? 1e9 : 20_000, out => bytes_of($request) };
}

# Many connections at once, each of which sends and reads a little at a time.
sub slow {
    my ($run, $tally) = @_;
    my @open;
    while ($run->{going}->()) {
        while (@open < 24) {
            push @open, connection($run->{port}, %{ for_slow() }) || last;
        }
        for my $one (@open) {
            write_all($one->{socket}, substr $one->{out}, 0, 1 + int rand 40, '');
        }
        sleep 0.02;
        for my $one (grep { $_->{out} eq '' } @open) {
            take($run, $tally, $one->{request}, $one);
            $tally->{count}{'slow clients'}++;
            $tally->{count}{'slow clients, of a large page'}++ if $one->{request}{kind}{name} eq 'large';
            $one->{done} = 1;
        }
        @open = grep { !$_->{done} } @open;
    }
}

# Clients that go away: before they have asked, before the answer, or in the middle of it,
# now and then with a reset. What they have read by then is judged.
sub aborting {
    my ($run, $tally) = @_;
    while ($run->{going}->()) {
        my $connection = connection($run->{port}, most => int rand(rand() < 0.2 ? 300_000 : 2000)) or sleep(0.1), next;
        my @requests = map { request() } 1 .. 3;
        my $bytes = join '', map { bytes_of($_) } @requests;
        my $asks = rand() < 0.3 ? int rand length $bytes : length $bytes;
        write_all($connection->{socket}, substr $bytes, 0, $asks);
        my $asked = 0;
        for my $request (rand() < 0.5 ? @requests : ()) {
            $asked += length bytes_of($request);
            last if $asked > $asks || !take($run, $tally, $request, $connection) || $request->{kind}{closes};
        }
        setsockopt $connection->{socket}, SOL_SOCKET, SO_LINGER, pack 'II', 1, 0 if rand() < 0.5;
        close $connection->{socket};
        $tally->{count}{'aborted clients'}++;
        sleep 0.01;
    }
}

# TLS and HTTP/2, by curl: some requests on a connection, or as streams of one at once.
sub secure {
    my ($run, $tally) = @_;
    my $httpd = $run->{httpd};
    my $turn = 0;
    while ($run->{going}->()) {
        my @how = $turn++ % 3 == 0 ? ('https', 'series') : $turn % 2 ? ('h2', 'streams') : ('h2', 'series');
        my @requests = map { request(without => sub { $_[0]{closes} }) } 1 .. 60;
        my @asks = map { [
            $_->{method} => $_->{target}, @{ $_->{lines} },
            { may_fail => 1, defined $_->{kind}{body_sent} ? (body => $_->{kind}{body_sent}) : () },
        ] } @requests;
        my @answers = $how[1] eq 'streams' ? $httpd->streams(@asks) : $httpd->series($how[0], @asks);
        my $all_whole = 1;
        for my $i (0 .. $#requests) {
            my ($request, $answer) = ($requests[$i], $answers[$i]);
            my $whole = $answer->head ne '' && defined $answer->{exit} && !$answer->{exit};
            my @heads = grep { $_ ne '' } (map { $_->head =~ s/\r?\n\r?\n\z/\r\n/r } $answer->interim, $answer), $answer->{cut} =~ /\A(.*\n)/s;
            # A stream that has a head and was cut is by itself: a connection that ends has many of them.
            my $came = $whole ? $how[1] : $how[1] eq 'streams' && $answer->head ne '' ? 'streams, cut' : 'broken off';
            $tally->{count}{"$how[0], $came"}++;
            $all_whole &&= $whole;
            # mod_http2 says no 103 unless told to.
            judge($run, $tally, $request, { heads => \@heads, body => $answer->body, via => $how[0] }), next if $whole;
            # A transfer that a restart ended is no answer.
            fault($tally, "$request->{kind}{name}, $how[0]: $_") for leaks($request, @heads);
        }
        $tally->{count}{ $all_whole ? 'curl, all whole' : 'curl, not all' }++;
    }
}

my %CLIENTS = (fast => \&fast, slow => \&slow, aborting => \&aborting, secure => \&secure);

# Run clients until a time, as many of each as said, and call $meanwhile now and then.
# Gives what they counted, and what was wrong. With `enough` a client ends when so many
# faults are found.
sub run {
    my ($run, $clients, $meanwhile) = @_;
    my @open;
    for my $name (map { ($_) x $clients->{$_} } sort keys %$clients) {
        pipe my $from, my $to or die "pipe: $!\n";
        defined(my $pid = fork) or die "fork: $!\n";
        if (!$pid) {
            setpgrp;
            srand $$;
            $SIG{PIPE} = 'IGNORE';
            my $tally = tally();
            my $begun = 0;
            my $client = { %$run, going => sub { !$begun++ || time < $run->{until} && keys %{ $tally->{faults} } < ($run->{enough} // 1e9) } };
            eval { $CLIENTS{$name}->($client, $tally); 1 } or fault($tally, "$name: $@");
            print {$to} "$_\t$tally->{count}{$_}\n" for keys %{ $tally->{count} };
            print {$to} "!$_\t$tally->{faults}{$_}\n" for keys %{ $tally->{faults} };
            close $to;
            POSIX::_exit(0);
        }
        close $to;
        push @open, [ $pid, $from ];
    }
    while ($meanwhile && time < $run->{until}) { $meanwhile->() }
    my $sum = tally();
    for my $client (@open) {
        my ($pid, $from) = @$client;
        for (<$from>) {
            /^(!?)(.*)\t(\d+)$/ and $sum->{ $1 ? 'faults' : 'count' }{$2} += $3;
        }
        waitpid $pid, 0;
    }
    return $sum;
}

1;
