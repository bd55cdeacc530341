# Licensed under the Apache License, Version 2.0; see LICENSE.

# The unit tests of the core: each binary is a subtest, its cases are the
# subtest's; as built, and under AddressSanitizer and UBSan.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;
use File::Basename qw(basename);

my $FLOOR = 25;

chdir Privacy::Httpd::top() or die $!;
if (!$ENV{MAKELEVEL}) {
    system('make', '-s', $_) == 0 or BAIL_OUT("make $_ fails") for qw(unit asan-unit);
}

$ENV{CMOCKA_MESSAGE_OUTPUT} = 'TAP';
my @names = map { basename($_, '.c') } sort glob 't/unit/test_*.c';
for my $build (qw(build build-asan)) {
    for my $name (@names) {
        subtest "$build: $name" => sub { cases("$build/unit/$name") };
    }
}
cmp_ok scalar @names, '>=', $FLOOR, "at least $FLOOR unit tests were run";

# Every case of one binary's TAP. What a crash or a sanitizer says goes along
# with the case that failed.
sub cases {
    my ($binary) = @_;
    my @said = `$binary 2>&1`;
    my $exit = $?;
    my ($planned, $ran) = (0, 0);
    for my $line (@said) {
        $planned += $1 if $line =~ /^1\.\.(\d+)/;
        $line =~ /^(not )?ok \d+(?: - (.*))?/ or next;
        $ran++;
        ok !$1, $2 // "case $ran";
    }
    cmp_ok $planned, '>=', 1, 'it has cases';
    is $ran, $planned, 'all of them ran';
    is $exit, 0, 'it ends well' or diag @said;
}

done();
