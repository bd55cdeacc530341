# Licensed under the Apache License, Version 2.0; see LICENSE.

# A graceful restart under load loses no request, a new policy is in force after
# it, and nothing grows from request to request.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Time::HiRes qw(sleep time);
use Privacy::Test;

needs_module(qw(headers));

my $conf = <<'CONF';
PrivacyCategory essential necessary "Essential" "What the site needs."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCookie sid  essential session "The login"
PrivacyCookie _ga  analytics 2y "Google Analytics"
PrivacyCookie _ga_* analytics 2y "Google Analytics"
PrivacyCookie "~^_pk_" analytics 2y "Matomo"
PrivacyMessage hello
PrivacySignal gpc analytics
PrivacyUndeclared strip
PrivacyEngine on
Header always add Set-Cookie "sid=1; Path=/; Max-Age=60"
Header always add Set-Cookie "_ga=2; Path=/; Max-Age=63072000"
Header set Privacy-Message hello
KeepAliveTimeout 20
MaxKeepAliveRequests 0
GracefulShutdownTimeout 20
CONF
my $httpd = httpd(modules => ['headers'], files => { '/page.html' => "hello\n" }, conf => $conf);

my @lines = (
    'Accept: text/html', 'Cookie: _ga=1; sid=2; _ga_X=3; _pk_id=4; x="5, 6"; ' . consent('analytics=0'),
    'Sec-GPC: 1', 'Privacy-Consent: forged', 'Connection: x, Privacy-Consent',
);
sub bytes { return Privacy::Client::request_bytes('www.example.org', 'GET', '/page.html', undef, @lines, @_) }

# Whether an answer is whole and right.
sub wrong {
    my ($answer) = @_;
    return 'status ' . $answer->status if $answer->status != 200;
    return 'body'                      if $answer->body ne "hello\n";
    my @sets = grep { !/^\w+=; Max-Age=0/ } $answer->set_cookies;
    return 'cookies: ' . join ', ', @sets if join(',', map { /^([^=]+)/ } @sets) ne 'sid,site_message_hello';
    return;
}

# ---- graceful restarts under load ----

# Clients in processes of their own, each request on a connection of its own:
# one that stands idle may be closed by a restart at any time.
my $stop = $httpd->root . '/stop';
my $parent = $$;
my @clients;
for my $n (1 .. 3) {
    pipe my $from, my $to or die $!;
    defined(my $pid = fork) or die $!;
    if (!$pid) {
        my ($count, %failed) = (0);
        until (-e $stop && $count >= 70 || getppid != $parent) {
            my $wrong = eval {
                my $connection = $httpd->connect;
                my $answer     = $connection->send(bytes('Connection: close'))->response('GET');
                $connection->close;
                wrong($answer);
            };
            $wrong = $@ if $@;
            $failed{$wrong}++ if $wrong;
            $count++;
        }
        print {$to} "$count\n", map { s/\s+/ /gr . "\n" } keys %failed;
        close $to;
        POSIX::_exit(0);
    }
    close $to;
    push @clients, [ $pid, $from ];
}
for my $restart (1 .. 4) {
    sleep 0.3;
    $httpd->graceful_under_load;
}
sleep 0.3;
$httpd->file('/../stop', '');
my ($requests, @failed) = (0);
for (@clients) {
    my ($pid, $from) = @$_;
    my ($count, @wrong) = <$from>;
    waitpid $pid, 0;
    $requests += $count // 0;
    push @failed, @wrong, $? || !$count ? "a client ended by $?\n" : ();
}
is_deeply \@failed, [], "no request of $requests was lost in 4 graceful restarts";
cmp_ok $requests, '>', 200, 'and there was load';

# A request that is under way while the server restarts.
{
    my $connection = $httpd->connect;
    my $bytes = bytes();
    $connection->send(substr $bytes, 0, 40);
    sleep 0.1;
    $httpd->graceful_under_load;
    $httpd->let_go;
    my $answer = eval { $connection->send(substr $bytes, 40)->response('GET') };
    is $answer ? wrong($answer) : $@, undef, 'a request that was half sent is answered by its own generation';
}

# A new policy is in force after the restart.
$httpd->graceful($conf =~ s/analytics opt-in/analytics opt-out/r);
is_deeply [ grep { /^_ga=/ } $httpd->get('/page.html')->set_cookies ], ['_ga=2; Path=/; Max-Age=63072000'],
    'a graceful restart brings a new policy';
# And one that does not hold leaves the old one where it is.
{
    my ($exit) = configtest("$conf\nPrivacyCookie x nowhere any \"x\"\n", modules => ['headers']);
    isnt $exit, 0, 'a policy that is not understood whole is refused by configtest, which apachectl runs first';
}
$httpd->graceful($conf);

# ---- hooks come and go with the engine ----

my $policy = join '', grep { !/^Privacy(?:Engine|Message)|^Header/ } $conf =~ /^.*\n/mg;
my $info = Privacy::Httpd::module_file('info');
$policy .= qq{LoadModule info_module "$info"\n<Location /hooks>\n    SetHandler server-info\n</Location>\n} if $info;
my %seen;
# As what the engine stands in, what it is, and what becomes of a denied cookie.
for (
    [ '', 'off', 'sid,_ga' ], [ '', 'on', 'sid' ], [ '', 'off', 'sid,_ga' ],
    [ 'Location /page.html', 'on',  'sid' ], [ 'If true', 'report', 'sid,_ga' ], [ '', 'on', 'sid' ],
    [ 'Location /page.html', 'off', 'sid,_ga' ], [ 'Files page.html', 'on', 'sid' ], [ 'If true', 'report', 'sid,_ga' ],
    )
{
    my ($section, $engine, $want) = @$_;
    my $set = "PrivacyEngine $engine\n" . join '', grep { /^Header/ } $conf =~ /^.*\n/mg;
    my ($kind) = $section =~ /^(\w+)/;
    $set = "<$section>\n$set</$kind>\n" =~ s/<If true>/<If "true">/r if $kind;
    $httpd->graceful("$policy$set");
    my $title = ($section || 'server') . ", $engine";
    is join(',', map { /^([^=]+)/ } $httpd->get('/page.html')->set_cookies), $want, "switched by a graceful restart: $title";
    next if !$info;
    my $hooks = () = $httpd->get('/hooks?hooks')->body =~ /mod_privacy\.c/g;
    is $hooks, $seen{$engine} //= $hooks, "and each hook is there once: $title";
}
if ($info) {
    cmp_ok $seen{off}, '<', $seen{on},     'an engine that is off everywhere has fewer hooks';
    cmp_ok $seen{on},  '<', $seen{report}, 'a report has one more';
}
$httpd->graceful($conf);

# ---- nothing grows ----

# Memory of each child, in KiB, by pid.
sub resident {
    my %of;
    for my $pid ($httpd->children) {
        open my $fh, '<', "/proc/$pid/status" or next;
        local $/;
        $of{$pid} = $1 if <$fh> =~ /^VmRSS:\s+(\d+) kB/m;
    }
    return \%of;
}

SKIP: {
    skip 'no /proc', 3 if !-r "/proc/$$/status";
    # All on one connection, and so by one child, whatever the MPM.
    my $connection = $httpd->connect;
    my $run = sub {
        my ($n) = @_;
        my $bytes = bytes('Connection: keep-alive');
        my $wrong = 0;
        for (1 .. $n) {
            $wrong++ if wrong($connection->send($bytes)->response('GET'));
        }
        return $wrong;
    };
    is $run->(1500), 0, 'warm';
    my $before = resident();
    is $run->(6000), 0, '6,000 requests are answered as they should be';
    my $after = resident();
    my ($grown) = sort { $b <=> $a } map { $after->{$_} - ($before->{$_} // $after->{$_}) } keys %$after;
    SKIP: {
        skip "a sanitizer's own memory is not warm before the 20,000th request", 1 if Privacy::Httpd::sanitized();
        # A leak of 64 bytes a request would be 375 KiB.
        cmp_ok $grown, '<', 256, "6,000 requests on: $grown KiB more";
    }
    $connection->close;
}

done();
