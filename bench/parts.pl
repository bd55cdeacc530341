#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# Parts of the module alone, without httpd: how fast the scanner and the rewriter are,
# beside memchr and lol-html on the same page in the same run; and what reading consent
# sources costs in instructions.
#
#   bench/parts.pl [-o FILE] [--rounds N]
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Privacy::Bench;
use Privacy::Bench::Callgrind;
use Privacy::Bench::Page;
use Privacy::Bench::Table;

my $rounds = 300;
options('rounds=i' => \$rounds);

my $page = write_page(build_dir() . '/page.html', 1e6);

# [MB/s, what] of a program's lines.
sub speeds {
    my (@command) = @_;
    open my $pipe, '-|', @command or return;
    my @lines = <$pipe>;
    close $pipe or die "@command: failed\n";
    return map { [ /^(\S+) (.*)/ ] } @lines;
}

section('a page of 1.0 MB in memory, speed', 'of memchr');
my ($memchr, @ours) = speeds(build_dir() . '/scan', $page, $rounds);
row($memchr->[1], value => $memchr->[0], unit => 'MB/s');
for (@ours) {
    my ($speed, $what) = @$_;
    row($what, value => $speed, unit => 'MB/s', ratio => $speed / $memchr->[0],
        $what =~ /^scanner, whole/ ? (of => 'ratio', budget => 0.4, least => 1, goal => 1) : ());
}
if (!in_path('node') || !-d build_dir() . '/node_modules/html-rewriter-wasm') {
    row('lol-html (npm: html-rewriter-wasm)', skipped => 'it needs node and npm');
}
else {
    for (speeds('node', "$FindBin::Bin/lol-html.js", $page, $rounds / 10)) {
        my ($speed, $what) = @$_;
        row("lol-html in WebAssembly, $what", value => $speed, unit => 'MB/s', ratio => $speed / $memchr->[0]);
    }
}

# Of a thousand calls, after two hundred.
sub calls {
    my ($case) = @_;
    my ($few, $many) = map { instructions_of(build_dir() . '/source', $case, $_) } 200, 1200;
    return ($many - $few) / 1000;
}

section('consent sources, instructions a request');
row('20 cookies, every source declared, none theirs', value => calls('none'));
row('TCF, a string of 1,060 vendors',                 value => calls('tcf'));
row('TCF among 20 cookies, the whole',                value => calls('source'));
finish();
