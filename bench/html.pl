#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# What a page costs that passes through httpd alone, through mod_substitute with three
# literals, through mod_proxy_html, and through this module with 10 and 5,000 declared
# trackers (rule P3): in instructions, and in CPU time on pages of 1 KB to 100 MB. P3 is
# of time: mod_substitute takes more than twice the user time for as many instructions.
# Those have a ceiling of their own, as they repeat: it tells when the module has become
# slower.
#
#   bench/html.pl [-k DIR] [-o FILE] [--rounds N]
#
#   --rounds 0  instructions alone
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use File::Temp qw(tempdir);
use Privacy::Bench;
use Privacy::Bench::Callgrind;
use Privacy::Bench::Cpu;
use Privacy::Bench::Page;
use Privacy::Bench::Table;
use Privacy::Bench::Workload;
use Privacy::Test ();

# A page's size, how it is called, how often it is asked for in a round; and how many
# rounds there are for each of the others', where something hangs on it.
my @SIZES = (
    [ 1e3, '1 KB', 2000 ], [ 1e4, '10 KB', 1000 ], [ 1e5, '100 KB', 300 ],
    [ 1e6, '1 MB', 25, 3 ], [ 1e7, '10 MB', 5 ],     [ 1e8, '100 MB', 1 ],
);
my $rounds = 11;

# Instructions for a page of the module's, with 10 trackers.
my %CEILING = (1e3 => 100_000, 1e6 => 3_300_000);
options('rounds=i' => \$rounds);

my $pages = tempdir(CLEANUP => 1);
chmod 0755, $pages;

my @subjects = html_subjects();
my @REQUEST = ('Sec-Fetch-Dest: document', 'Accept: text/html');

sub options_of {
    my ($label, $name, %option) = @_;
    my $conf = qq{DocumentRoot "$pages"\n<Directory "$pages">\n    Require all granted\n</Directory>\n} . ($option{conf} // '');
    return (%option, conf => $conf);
}

sub instructions {
    my ($size, @subject) = @_;
    my ($label, $name) = @subject;
    return per_request(
        "$name.$size", options_of(@subject),
        request => join("\r\n", 'GET ' . page_url($size) . ' HTTP/1.1', 'Host: localhost', @REQUEST, '', ''),
        check   => sub { looks_right($name, $_[0]->body) },
        warm    => $size < 1e6 ? 50 : 5,
        count   => $size < 1e6 ? 200 : 10,
    );
}

sub page_url { sprintf '/%.0e.html', $_[0] }

# Subject by subject, size by size: milliseconds a request.
my %line;

sub cpu_times {
    my ($size, %server) = @_;
    my ($bytes, $called, $count, $times) = @$size;
    my $took = compare($rounds * ($times // 1), map {
        my $httpd = $server{$_};
        [ $_ => sub { $httpd->children }, sub { load('-n', $count, $httpd->port, page_url($bytes), @REQUEST) } ];
    } map { $_->[1] } @subjects);
    my %ms = map { $_ => median(@{ $took->{$_} }) / $count } keys %$took;
    section("P3: a page of $called, CPU time", 'of bare');
    for (@subjects) {
        my ($label, $name) = @$_;
        row($label, value => $ms{$name}, unit => 'ms', spread => spread(@{ $took->{$name} }), ratio => $ms{$name} / $ms{bare});
        push @{ $line{$label} }, [ $bytes, $ms{$name} ];
    }
    return if $bytes != 1e6;
    row('mod_privacy, 10 trackers, of mod_substitute', compared(@$took{qw(ten substitute)}), of => 'ratio', budget => 0.5, goal => 1);
}

write_page($pages . page_url($_->[0]), $_->[0]) for @SIZES;

for ([ 1e3, '1 KB' ], [ 1e6, '1.0 MB' ]) {
    my ($size, $called) = @$_;
    my %cost;
    @cost{ map { $_->[1] } @subjects } = parallel(\&instructions, map { [ $size, @$_ ] } @subjects);
    section("P3: a page of $called, instructions", 'of mod_subst.');
    for (@subjects) {
        my ($label, $name) = @$_;
        row($label, value => $cost{$name}, ratio => $cost{$name} / $cost{substitute}, $name eq 'ten' ? (budget => $CEILING{$size}) : ());
    }
    row('5,000 trackers, the whole request', value => $cost{many}, budget => 1.05 * $cost{ten});
}
finish() if $rounds == 0;

my %server = map { my ($label, $name) = @$_; ($name => measured_httpd(options_of(@$_))) } @subjects;
looks_right($_, $server{$_}->get(page_url(1e5), @REQUEST)->body) for keys %server;
cpu_times($_, %server) for @SIZES;
$_->stop for values %server;

points(pages => $_->[0], @{ $line{ $_->[0] } }) for @subjects;
finish();
