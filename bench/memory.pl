#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# The most memory that a child of httpd has ever had resident, when a page of 1 MB or
# 100 MB has streamed through it from a backend, with this module and without (rule P4):
# it does not grow with the page. And when the first byte of such a page comes, if the
# backend waits with the rest until it has.
#
#   bench/memory.pl [-o FILE]
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Privacy::Bench;
use Privacy::Bench::Cpu;
use Privacy::Bench::Page;
use Privacy::Bench::Table;
use Privacy::Bench::Workload;
use Privacy::Stream;

options();

# kB: where the allocator happens to be.
my $SLACK = 1024;

my @subjects = (
    [ 'bare httpd',               privacy => 0 ],
    [ 'mod_substitute',           privacy => 0, modules => ['substitute'], conf => substitute() =~ s/^AddOutputFilter.*/<Location \/>\nSetOutputFilter SUBSTITUTE\n<\/Location>/r ],
    [ 'mod_privacy, 10 trackers', conf => trackers(10) ],
);
my @REQUEST = ('Sec-Fetch-Dest: document', 'Accept: text/html');
my ($head, $rows, $end) = Privacy::Bench::Page::repeating(1e5);
my $origin = Privacy::Stream->new(head => $head, row => $rows, end => $end);

sub server {
    my (%option) = @_;
    return measured_httpd(%option, modules => [ 'proxy_http', @{ $option{modules} || [] } ],
        conf => 'ProxyPass / http://' . $origin->address . "/\n" . ($option{conf} // ''));
}

# kB of a child that has passed on a page of so many times 100 KB.
sub peak {
    my ($count, %option) = @_;
    my $httpd = server(%option);
    my ($received) = load('-n', 1, $httpd->port, "/rows/$count", @REQUEST);
    $received >= $count * 1e5 or die "$received bytes of $count times 100 KB\n";
    my $peak = $httpd->peak;
    $httpd->stop;
    return $peak;
}

section('P4: the most memory of a child, a streamed page', 'of 1 MB\'s');
for (@subjects) {
    my ($label, @option) = @$_;
    my ($small, $large) = map { peak($_, @option) } 10, 1000;
    row("$label, 1 MB", value => $small, unit => 'kB');
    my $ours = $label =~ /privacy/;
    row("$label, 100 MB", value => $large, unit => 'kB', ratio => $large / $small, $ours ? (budget => $small + $SLACK) : ());
}

section('P4: bytes received before the backend sends the rest');
for (@subjects) {
    my ($label, @option) = @$_;
    my $httpd = server(@option);
    my ($key) = $label =~ /(\w+)/;
    my ($before) = $origin->beginning($httpd, "/held/$key", $key, qr/<li>/);
    row($label, value => length $before, unit => 'bytes', $label =~ /privacy/ ? (budget => length $head, least => 1) : ());
    $httpd->stop;
}
finish();
