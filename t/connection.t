# Licensed under the Apache License, Version 2.0; see LICENSE.

# What the connection filter must leave as it is: sendfile, downloads, event's write
# completion, keep-alive, and requests of several virtual hosts on one connection.
use strict;
use warnings;

use FindBin;
use POSIX ();
use Time::HiRes qw(sleep);

use lib "$FindBin::Bin/lib";
use Privacy::Test;

my $POLICY = <<'CONF';
PrivacyEngine on
PrivacyCategory essential necessary "Essential" "What the shop needs."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyCookie sid essential session "Keeps you logged in"
PrivacyCookie _ga analytics 2y "Tells visitors apart"
CONF

my $BIG = join '', map { "line $_ of a download\n" } 1 .. 500_000;

sub server {
    my ($privacy, $conf, @more) = @_;
    return httpd(
        privacy => $privacy,
        files   => { 'big.bin' => $BIG, 'page.txt' => 'page' },
        conf    => ($privacy ? $POLICY : '') . $conf,
        @more,
    );
}

sub body_of { $_[0]->get('/big.bin', 'Cookie: _ga=1; sid=1')->body }

# How often a server calls sendfile for one download.
sub sendfile_calls {
    my ($httpd) = @_;
    my $trace = $httpd->root . '/trace';
    my $pid = fork // die $!;
    if (!$pid) {
        open STDERR, '>', '/dev/null';
        exec('strace', '-f', '-e', 'trace=sendfile,writev,write', '-o', $trace, map { ('-p', $_) } $httpd->children)
            or POSIX::_exit(127);
    }
    # Thread by thread: one that is not traced yet may send the answer.
    my $attached = sub {
        my @threads = map { glob "/proc/$_/task/*/status" } $httpd->children;
        return waitpid($pid, POSIX::WNOHANG()) == 0 && @threads == grep { Privacy::Httpd::slurp($_) =~ /^TracerPid:\s+$pid$/m } @threads;
    };
    wait_until(sub { $attached->() || !kill 0, $pid });
    my $whole = $attached->() && body_of($httpd) eq $BIG;
    kill INT => $pid;
    waitpid $pid, 0;
    return if !$whole;
    open my $fh, '<', $trace or die $!;
    my @calls = <$fh>;
    my ($sent, $written) = (0, 0);
    /\bsendfile\(.*= (\d+)$/ and $sent += $1 for @calls;
    /\bwritev?\(.*= (\d+)$/ and $written += $1 for @calls;
    return ($sent, $written);
}

for my $mpm (qw(event worker prefork)) {
    my $httpd = server(1, "EnableSendfile on\nEnableMMAP off\n", mpm => $mpm);
    ok body_of($httpd) eq $BIG, "$mpm: a download, every byte";
SKIP: {
        skip 'strace is not on this machine', 1 if !grep { -x "$_/strace" } split /:/, $ENV{PATH};
        my ($sent, $written) = sendfile_calls($httpd);
        skip 'strace may not trace here', 1 if !defined $sent;
        is $sent, length $BIG, "$mpm: all of it goes through sendfile";
        cmp_ok $written, '<', 10_000, "$mpm: and next to nothing through write";
    }
    $httpd->stop;
}

# More downloads than threads, by clients that do not read: event keeps them without
# a thread, and a filter that held anything back would lose it.
for my $privacy (0, 1) {
    my $httpd = server($privacy, <<'CONF', mpm => 'event');
ServerLimit 1
ThreadsPerChild 2
MinSpareThreads 1
MaxSpareThreads 2
MaxRequestWorkers 2
AsyncRequestWorkerFactor 16
EnableSendfile on
EnableMMAP off
CONF
    my @slow = map { $httpd->connect->send(Privacy::Client::request_bytes('www.example.org', GET => '/big.bin')) } 1 .. 6;
    sleep 0.5;
    is $httpd->get('/page.txt')->body, 'page', "event, privacy $privacy: write completion keeps threads free";
    is scalar(grep { $_->response->body eq $BIG } @slow), 6, 'and no byte is lost';
    $_->close for @slow;
    $httpd->stop;
}

# Every virtual host's requests by its own policy, on one connection.
my $httpd = httpd(
    modules => [qw(cgi)],
    cgi     => {
        '/nph-set.cgi' => "print \"HTTP/1.1 200 OK\\r\\nSet-Cookie: _ga=1\\r\\nSet-Cookie: _pk=1\\r\\n\\r\\n\";",
        '/set.cgi'     => says("Content-Type: text/plain\nSet-Cookie: _ga=1\nSet-Cookie: _pk=1\n\n"),
    },
    conf => <<'CONF',
<VirtualHost 127.0.0.1:${PORT}>
    ServerName none.example.org
</VirtualHost>
<VirtualHost 127.0.0.1:${PORT}>
    ServerName ga.example.org
    PrivacyEngine on
    PrivacyCategory analytics opt-in "Analytics" "What is read how often."
    PrivacyCookie _ga analytics 2y "Tells visitors apart"
</VirtualHost>
<VirtualHost 127.0.0.1:${PORT}>
    ServerName pk.example.org
    PrivacyEngine on
    PrivacyCategory analytics opt-in "Analytics" "What is read how often."
    PrivacyCookie _pk analytics 2y "Tells visitors apart"
</VirtualHost>
CONF
);
my %passes = ('none.example.org' => [qw(_ga=1 _pk=1)], 'ga.example.org' => ['_pk=1'], 'pk.example.org' => ['_ga=1']);
for my $last (sort keys %passes) {
    my @hosts = (sort(keys %passes), reverse(sort keys %passes));
    my $connection = $httpd->connect;
    $connection->send(join '', map({ Privacy::Client::request_bytes($_, GET => '/set.cgi') } @hosts),
        Privacy::Client::request_bytes($last, GET => '/nph-set.cgi'));
    is_deeply [ $connection->response->set_cookies ], $passes{$_}, "R1: a response of $_" for @hosts;
    is_deeply [ $connection->response->set_cookies ], $passes{$last}, "R2: an nph- script of $last behind them";
    $connection->close;
}

done();
