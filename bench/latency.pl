#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# How long a client waits at a fixed rate of requests, each sent at its time whether or
# not those before have been answered: the median and the 99th percentile, of rounds
# that take turns.
#
#   bench/latency.pl [-o FILE] [--rounds N] [--seconds N]
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Privacy::Bench;
use Privacy::Bench::Cpu;
use Privacy::Bench::Page;
use Privacy::Bench::Table;
use Privacy::Bench::Workload;

my ($rounds, $seconds) = (21, 1.5);
options('rounds=i' => \$rounds, 'seconds=f' => \$seconds);

my $set = set_cookies();
my @cookies = ('Cookie: ' . cookies());
my @document = ('Sec-Fetch-Dest: document', 'Accept: text/html');

# Each: what is asked for, how often in a second, the path, the header lines, and those
# who answer.
my @cases = (
    [ '1 KB, 20 cookies, 3 Set-Cookie', 500, '/f.bin', \@cookies,
        [ 'bare httpd'              => privacy => 0, conf => $set ],
        [ 'the mod_headers recipe'  => privacy => 0, conf => $set . recipe() ],
        [ 'mod_privacy, 10 declared' => conf => $set . policy(10, 'on') ],
        [ 'mod_privacy, 5,000 declared' => conf => $set . policy(5000, 'on') ] ],
    [ 'a page of 100 KB', 100, '/page.html', \@document,
        [ 'bare httpd'                 => privacy => 0 ],
        [ 'mod_substitute, 3 literals' => privacy => 0, conf => substitute() ],
        [ 'mod_privacy, 10 trackers'   => conf => trackers(10) ],
        [ 'mod_privacy, 5,000 trackers' => conf => trackers(5000) ] ],
);
my %files = ('/f.bin' => 'x' x 1024, '/page.html' => Privacy::Bench::Page::page(1e5));

for my $case (@cases) {
    my ($what, $rate, $path, $lines, @subjects) = @$case;
    my @servers = map {
        my ($label, %option) = @$_;
        [ $label, measured_httpd(%option, files => \%files, modules => [qw(headers setenvif substitute)]) ];
    } @subjects;
    my (%p50, %p99);
    for my $round (1 .. $rounds) {
        for ($round % 2 ? @servers : reverse @servers) {
            my ($label, $httpd) = @$_;
            my ($p50, $p99) = load('-r', $rate, '-s', $seconds, $httpd->port, $path, @$lines);
            push @{ $p50{$label} }, $p50 / 1000;
            push @{ $p99{$label} }, $p99 / 1000;
        }
    }
    my $bare = $servers[0][0];
    for ([ 'p50', \%p50 ], [ 'p99', \%p99 ]) {
        my ($name, $of) = @$_;
        section("$what, $rate a second, $name", 'of bare');
        row($_->[0], said_of($of->{ $_->[0] }, $of->{$bare})) for @servers;
    }
    $_->[1]->stop for @servers;
}
finish();
