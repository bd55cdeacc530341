#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# TC strings as the reference encoder makes them today, over new random consent,
# are read as what was encoded. Needs node and the npm registry.

use strict;
use warnings;

use File::Basename qw(dirname);
use Test::More;

chdir dirname(__FILE__) . '/..' or die "chdir: $!";

my $build = $ENV{BUILD} // 'build';
my $unit  = "$build/unit/test_tcf";
my $home  = "$build/record";

sub quietly { return system("$_[0] >/dev/null 2>&1") == 0 }

plan skip_all => "$unit is not built (make unit)" if !-x $unit;
plan skip_all => 'the reference encoder: node and npm are not here'
    if !quietly('command -v node && command -v npm');

if (!-d "$home/node_modules/\@iabtechlabtcf/core") {
    mkdir $home;
    system('cp', 't/record/package.json', $home);
    plan skip_all => 'the reference encoder: the npm registry cannot be reached'
        if !quietly("timeout 120 npm install --prefix $home --no-audit --no-fund --omit=dev");
}
system('cp', glob('t/record/*.mjs'), $home);

my $seed = $ENV{TCF_SEED} // time;
my $set  = "$home/tcf.txt";
plan tests => 2;
diag("seed $seed");
ok(system("node $home/tcf.mjs 200 $seed >$set") == 0, 'the reference encoder writes 200 strings');
my $said = `TCF_CORPUS=$set $unit 2>&1`;
is($?, 0, 'which are read as they were meant') or diag($said);
