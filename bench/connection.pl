#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# What the connection filter costs what it does not touch, with the module and without:
#
#   download   1 GiB of a static file, through write and through sendfile
#   websocket  an echo of 10,000 frames through ProxyPass upgrade=websocket, each
#              awaited before the next is sent
#
# Instructions in user space decide: they repeat. Those of a download do not, as they
# depend on how often the client lets the server wait; so those are counted that are
# executed in the module. CPU time, user and system, has the kernel's part as well, in
# which copying a GiB is nearly all, and which differs by more than the module costs: the
# median of rounds that take turns is beside them.
#
#   bench/connection.pl [-k DIR] [-o FILE] [--rounds N]
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Privacy::Bench;
use Privacy::Bench::Callgrind;
use Privacy::Bench::Cpu;
use Privacy::Bench::Table;
use Privacy::Bench::Workload;
use Privacy::WebSocket;

my $SIZE   = 1 << 30;
my $FRAMES = 10_000;
my $LIMIT  = 1.02;
my $rounds = 31; # of five the medians still differ by a tenth, on a quiet machine too
options('rounds=i' => \$rounds);

my @payloads = Privacy::WebSocket::payloads($FRAMES);
my $origin   = Privacy::WebSocket::origin(sub {
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" . Privacy::WebSocket::frame('hello');
});
my $echoed = 0;
$echoed += length Privacy::WebSocket::frame($_) for @payloads;

# Each: how it is called, the configuration, the work, and what is counted of it.
my @cases = (
    [ '1 GiB, write', 'write', "EnableSendfile off\n", \&download, qr/mod_privacy/ ],
    [ '1 GiB, sendfile', 'sendfile', "EnableSendfile on\nEnableMMAP off\n", \&download, qr/mod_privacy/ ],
    [ 'WebSocket, 10,000 frames', 'websocket', "ProxyPass /ws http://127.0.0.1:$origin/ upgrade=websocket\n", \&websocket ],
);

sub download {
    my ($httpd) = @_;
    my ($received) = load('-n', 1, $httpd->port, '/big.bin');
    $received == $SIZE or die "$received bytes instead of $SIZE\n";
}

sub websocket {
    my ($httpd) = @_;
    my $said = Privacy::WebSocket::talk($httpd, '/ws', 'http', qr/hello/, \@payloads, $FRAMES);
    length $said > $echoed or die "frames are missing\n";
}

sub options_of {
    my ($module, $conf) = @_;
    return (privacy => $module, conf => ($module ? policy(10, 'on') : '') . $conf, modules => ['proxy_http']);
}

sub add_file {
    my ($httpd) = @_;
    truncate $httpd->file('/big.bin', ''), $SIZE or die $!;
}

# Instructions of the work; the second time, when everything is warm.
sub instructions {
    my ($name, $module, $conf, $work, $within) = @_;
    my ($mark, $first, $second) = counted($name, sub {
        my ($httpd, $mark) = @_;
        add_file($httpd);
        $mark->();
        $mark->();
        for (1 .. 2) {
            $work->($httpd);
            $mark->();
        }
    }, options_of($module, $conf), within => $module ? $within : undef);
    return $second - $mark;
}

my @counted = parallel(\&instructions, map { my (undef, $name, @rest) = @$_; map { [ "$name.$_", $_, @rest ] } 0, 1 } @cases);
section('download and WebSocket, instructions', 'of bare');
for (@cases) {
    my ($without, $with) = splice @counted, 0, 2;
    my $part = defined $_->[4];
    row("$_->[0], bare httpd", value => $without, varies => $part);
    row($part ? "$_->[0], in mod_privacy" : "$_->[0], mod_privacy", value => $with, ratio => $with / $without,
        of => 'ratio', budget => $part ? $LIMIT - 1 : $LIMIT);
}
finish() if $rounds == 0;

section('download and WebSocket, CPU time', 'of bare');
for (@cases) {
    my ($label, $name, $conf, $work) = @$_;
    my %server = map { $_ => measured_httpd(options_of($_, $conf)) } 0, 1;
    add_file($_) for values %server;
    my $took = compare($rounds, map { my $httpd = $server{$_}; [ $_ => sub { $httpd->children }, sub { $work->($httpd) } ] } 0, 1);
    my %ms = map { $_ => median(@{ $took->{$_} }) } 0, 1;
    row("$label, bare httpd", value => $ms{0}, unit => 'ms', spread => spread(@{ $took->{0} }));
    row("$label, mod_privacy", value => $ms{1}, unit => 'ms', spread => spread(@{ $took->{1} }), compared(@$took{1, 0}),
        of => 'ratio', budget => $LIMIT, goal => 1);
    $_->stop for values %server;
}
finish();
