# Licensed under the Apache License, Version 2.0; see LICENSE.

# The fuzz targets, each over its corpus, under AddressSanitizer and UBSan: what was found
# once is not found again. fuzz/README says how more is found.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;
use File::Basename qw(basename);

my $TARGETS = 12;
my $INPUTS  = 20;     # of a target, at least
my $BYTES   = 2e6;    # of all corpora, at most

chdir Privacy::Httpd::top() or die $!;
if (!$ENV{MAKELEVEL}) {
    system('make', '-s', 'asan-unit') == 0 or BAIL_OUT('make asan-unit fails');
}

my @names = grep { !/^(?:replay|words)$/ } map { basename($_, '.c') } sort glob 'fuzz/*.c';
my $bytes = 0;
for my $name (@names) {
    my @inputs = sort glob "fuzz/corpus/$name/*";
    $bytes += -s for @inputs;
    cmp_ok scalar @inputs, '>=', $INPUTS, "$name has a corpus";
    my @said = `build-asan/fuzz/$name @inputs 2>&1`;
    is $?, 0, "F1 $name: every claim holds";
    is $said[-1] // '', @inputs . " inputs\n", "$name was given all of them" or diag @said[ -20 .. -1 ];
}
cmp_ok scalar @names, '>=', $TARGETS, "at least $TARGETS targets were run";
cmp_ok $bytes, '<', $BYTES, 'corpora are small';
is_deeply [ map { basename($_) } sort glob 'fuzz/corpus/*' ], \@names, 'no corpus is without its target';

my $said = `build-asan/fuzz/record fuzz/nowhere 2>&1`;
isnt $?, 0, 'an input that cannot be read is an error';
like $said, qr{fuzz/nowhere}, 'and it is said which';

done();
