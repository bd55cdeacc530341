# Licensed under the Apache License, Version 2.0; see LICENSE.

# What `make bench` judges by: verdicts beside budgets, callgrind's files, medians, the
# page, the plots. The measurements themselves are no tests.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../bench/lib";
use Privacy::Bench;
use Privacy::Bench::Callgrind;
use Privacy::Bench::Page;
use Privacy::Bench::Plot;
use Privacy::Bench::Table;
use Privacy::Test;

my $bench = "$FindBin::Bin/../bench";

my @scripts = glob "$bench/*.pl";
for my $script (@scripts) {
    my ($name) = $script =~ m{([^/]+)\z};
    my $said = `$^X -c $script 2>&1`;
    is $?, 0, "$name compiles" or diag $said;
    unlike $said, qr/(?<!syntax )(?:used only once|masks|isn't numeric|Parentheses)/, "$name: without a warning";
}
cmp_ok scalar @scripts, '>=', 8, 'at least 8 scripts';

# [value, budget, what else the row has, what is said, whether the run fails]
my @VERDICTS = (
    [ 100, 100, {}, 'met',      0 ],
    [ 101, 100, {}, 'met',      0 ],
    [ 102, 100, {}, 'EXCEEDED', 1 ],
    [ 102, 100, { goal => 1 }, 'MISSED', 0 ],
    [ 95,  100, { goal => 1, doubt => 0.05 }, 'met', 0 ],
    [ 96,  100, { goal => 1, doubt => 0.05 }, 'undecided', 0 ],
    [ 105, 100, { goal => 1, doubt => 0.05 }, 'undecided', 0 ],
    [ 106, 100, { goal => 1, doubt => 0.05 }, 'MISSED', 0 ],
    [ 500, 100, { goal => 1, doubt => 1 }, 'undecided', 0 ],
    [ 0.50, 0.4, { least => 1, goal => 1, doubt => 0.2 }, 'met', 0 ],
    [ 0.41, 0.4, { least => 1, goal => 1, doubt => 0.2 }, 'undecided', 0 ],
    [ 0.30, 0.4, { least => 1, goal => 1, doubt => 0.2 }, 'MISSED', 0 ],
    [ 0.50, 0.4, { least => 1 }, 'met',      0 ],
    [ 0.39, 0.4, { least => 1 }, 'EXCEEDED', 1 ],
    [ 1,   undef, {}, undef, 0 ],
    [ 1e6, 0.5, { of => 'ratio', ratio => 0.4 }, 'met',      0 ],
    [ 0,   0.5, { of => 'ratio', ratio => 0.6 }, 'EXCEEDED', 1 ],
);
for (@VERDICTS) {
    my ($value, $budget, $row, $verdict, $fails) = @$_;
    my %row = (unit => 'x', value => $value, %$row, defined $budget ? (budget => $budget) : ());
    is Privacy::Bench::Table::verdict(\%row), $verdict, "$value beside " . ($budget // 'nothing') . ': ' . ($verdict // 'nothing');
    is Privacy::Bench::Table::exceeded({ rows => [ { %row, verdict => $verdict } ] }), $fails, 'and whether it fails';
}

# Callgrind's own format: names are numbers once they have been spelt out, what a callee
# takes is not the caller's.
my $file = write_file(Privacy::Httpd->new(privacy => 0)->root . '/callgrind', <<'CALLGRIND');
positions: line
events: Ir
summary: 12345

ob=(1) /usr/sbin/httpd
fl=(1) a.c
fn=(1) main
1 100
cob=(2) /x/mod_privacy.so
cfn=(2) privacy_fixups
calls=1 7
3 4000
+1 20

ob=(2)
fn=(2)
7 30
* 5
-2 7
cob=(1)
cfn=(3) ap_hook
calls=2 1
* 900

ob=(1)
fn=(3)
1 900
CALLGRIND
is Privacy::Bench::Callgrind::total($file), 12345, 'callgrind: the whole';
is Privacy::Bench::Callgrind::total($file, qr/mod_privacy/), 42, 'callgrind: one object alone';
is Privacy::Bench::Callgrind::total($file, qr/httpd$/), 1020, 'callgrind: and another';

is median(3, 1, 2), 2, 'a median';
is median(4, 1, 2, 3), 2.5, 'between two';
is spread((5) x 5), 0, 'no spread';
cmp_ok spread(8, 9, 10, 11, 12), '==', 0.1, 'half the distance between the quartiles';
is_deeply { compared([ 2, 4, 40, 8, 2, 6 ], [ 1, 2, 20, 4, 1, 3 ]) }, { ratio => 2, doubt => 0 }, 'what both have in common is no doubt';
# As tables of the sign test have them.
is_deeply [ map { Privacy::Bench::beyond($_) } 5, 6, 11, 21, 31 ], [ 0, 1, 2, 6, 10 ], 'which values a median is between';
my ($calm, $wild) = ([ (2) x 6 ], [ 1 .. 6 ]);
is_deeply { said_of($calm, $calm) }, { unit => 'ms', value => 2, spread => 0, ratio => 1 }, 'what others are compared with';
is { said_of([ (4) x 6 ], $calm) }->{ratio}, 2, 'what can be compared is';
my %wild = said_of($wild, $calm);
ok !exists $wild{ratio} && $wild{note} =~ /±71%/, 'what says nothing is not' or diag explain \%wild;
is_deeply { compared([ (2) x 5 ], [ (1) x 5 ]) }, { ratio => 2, doubt => 1 }, 'five rounds tell nothing';
my %compared = compared([ 5 .. 14, 20 ], [ (10) x 11 ]);
is $compared{ratio}, 1, 'the median of ratios';
cmp_ok abs($compared{doubt} - 0.4), '<', 1e-9, 'is inside of the second from either end, of eleven';
my @cells = Privacy::Bench::Table::cells({ what => 'a', unit => 'ms', value => 5, ratio => 0.5, doubt => 0.066, budget => 0.5, of => 'ratio', verdict => 'undecided' });
is_deeply \@cells, [ 'a', '5.00 ms', '0.500 ±7%', '<= 0.5', 'undecided' ], 'a ratio stands with its doubt';

my $page = Privacy::Bench::Page::page(1e6);
is scalar(() = $page =~ /</g), 19_307, 'the page has the tags that costs.md says';
ok $page eq Privacy::Bench::Page::page(1e6), 'and is the same each time';
my ($head, $rows, $end) = Privacy::Bench::Page::repeating(1e5);
ok "$head$rows$end" eq Privacy::Bench::Page::page(1e5), 'its parts are it';
cmp_ok length Privacy::Bench::Page::page($_), '<', $_ + 3000, "a page of $_ bytes is hardly more" for 1e3, 1e4;

my $svg = plot(
    title => 'a < b & c',
    x     => { label => 'size', log => 1 },
    y     => { label => 'time' },
    lines => [ { line => 'one', points => [ [ 10, 1 ], [ 1000, 30 ] ] }, { line => 'other', points => [ [ 100, 12 ] ] } ],
);
like $svg, qr{<title id="title">a &lt; b &amp; c</title>}, 'a plot has its title';
like $svg, qr{<desc id="desc">time, by size\. one: 10: 1; 1,000: 30\. other: 100: 12\.</desc>}, 'and says in words what it shows';
is scalar(() = $svg =~ /class="line"/g), 4, 'each line, there and in the legend';

# What is documented has been measured, and each plot is there.
open my $fh, '<', "$FindBin::Bin/../docs/costs.md" or die $!;
my $costs = do { local $/; <$fh> };
ok -e "$FindBin::Bin/../docs/$_", "docs/$_ is there" for $costs =~ /\((images\/[^)]+)\)/g;
cmp_ok scalar(() = $costs =~ /^### (.*)/mg), '>=', 12, 'at least 12 tables of figures';

done();
