#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# What rule P4 says, for a page that passes through httpd alone, mod_substitute,
# mod_proxy_html, and this module with 10 and 5,000 trackers: the most memory that a
# child has ever had resident, when a page of 1 KB to 100 MB has streamed through it from
# a backend, which does not grow with the page; what of a page has come when the backend
# still waits with the rest; and the time until the first byte of a page comes.
#
#   bench/memory.pl [-o FILE] [--rounds N]
#
#   --rounds 0  without times
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use File::Temp qw(tempdir);
use Privacy::Bench;
use Privacy::Bench::Cpu;
use Privacy::Bench::Page;
use Privacy::Bench::Table;
use Privacy::Bench::Workload;
use Privacy::Stream;

my $rounds = 21;
options('rounds=i' => \$rounds);

# kB: where the allocator happens to be.
my $SLACK = 1024;

# A page is the parts of one of so many bytes, whose rows come so many times. The one
# that the others are compared with is the second.
my @SIZES = ([ '1 KB', 1e3, 1 ], [ '1 MB', 1e5, 10 ], [ '10 MB', 1e5, 100 ], [ '100 MB', 1e5, 1000 ]);

my @subjects = html_subjects();
my @REQUEST = ('Sec-Fetch-Dest: document', 'Accept: text/html');

# Origin servers, by the size of the page whose rows they repeat.
my %origin = map { $_ => Privacy::Stream->new(parts($_)) } 1e3, 1e4, 1e5;

sub parts {
    my %part;
    @part{qw(head row end)} = Privacy::Bench::Page::repeating($_[0]);
    return %part;
}

my $pages = tempdir(CLEANUP => 1);
chmod 0755, $pages;
write_page("$pages/page.html", 1e7);

sub server {
    my ($label, $name, %option) = @_;
    my $conf = qq{DocumentRoot "$pages"\n<Directory "$pages">\n    Require all granted\n</Directory>\n};
    $conf .= "ProxyPass /$_/ http://" . $origin{$_}->address . "/\n" for sort keys %origin;
    return measured_httpd(%option, modules => [ 'proxy_http', @{ $option{modules} || [] } ], conf => $conf . ($option{conf} // ''));
}

# ---- the most memory of a child ----

# kB of a child that has passed on a page, and nothing before.
sub peak {
    my ($part, $count, @subject) = @_;
    my $httpd = server(@subject);
    my ($received) = load('-n', 1, $httpd->port, "/$part/rows/$count", @REQUEST);
    $received >= $count * $part / 2 or die "$received bytes of $count times $part\n";
    my $peak = $httpd->peak;
    $httpd->stop;
    return $peak;
}

sub is_ours { $_[0] =~ /privacy/ }

section('P4: the most memory of a child, a streamed page', 'of 1 MB\'s');
for my $subject (@subjects) {
    my ($label, $name) = @$subject;
    my @peaks = map { peak(@$_[ 1, 2 ], @$subject) } @SIZES;
    for (0 .. $#SIZES) {
        my $larger = $_ > 1 && is_ours($label);
        row("$label, $SIZES[$_][0]", value => $peaks[$_], unit => 'kB', ratio => $peaks[$_] / $peaks[1], $larger ? (budget => $peaks[1] + $SLACK) : ());
    }
}

# ---- the first byte ----

my %server = map { $_->[1] => server(@$_) } @subjects;
for my $name (sort keys %server) {
    looks_right($name, $server{$name}->get($_, @REQUEST)->body) for '/page.html', '/10000/slow/2';
}

section('P4: bytes received before the backend sends the rest');
my $head = $origin{1e5}{head};
for (@subjects) {
    my ($label, $name) = @$_;
    my ($before) = $origin{1e5}->beginning($server{$name}, "/100000/held/$name", $name, qr/<li>/);
    row($label, value => length $before, unit => 'bytes', is_ours($label) ? (budget => length $head, least => 1) : ());
}
finish() if $rounds == 0;

# Each: what it is, its path, and how often it is asked for in a round.
my @CASES = (
    [ 'a file of 10 MB', '/page.html', 3 ],
    [ 'a backend that sends 12 KB every 10 ms', '/10000/slow/30', 1 ],
);

for (@CASES) {
    my ($what, $path, $count) = @$_;
    my (%first, %last);
    for my $round (0 .. $rounds) {
        for ($round % 2 ? reverse @subjects : @subjects) {
            my ($label, $name) = @$_;
            my ($received, $first, $last) = load('-n', $count, $server{$name}->port, $path, @REQUEST);
            next if $round == 0;
            push @{ $first{$name} }, $first / 1000;
            push @{ $last{$name} }, $last / 1000;
        }
    }
    section("time to the first byte: $what", 'of bare');
    for (@subjects) {
        my ($label, $name) = @$_;
        my %said = said_of(@first{ $name, 'bare' });
        row($label, %said, note => join '; ', sprintf('the last after %.0f ms', median(@{ $last{$name} })), $said{note} // ());
    }
}
$_->stop for values %server;
finish();
