# Licensed under the Apache License, Version 2.0; see LICENSE.

# The scanner against html5lib's tests of the WHATWG tokenizer (H4): every case whole, at
# every split in two and byte by byte. They are used from where they lie, beside the
# checkout or in PRIVACY_CORPORA.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

chdir Privacy::Httpd::top() or die $!;

my $corpora = $ENV{PRIVACY_CORPORA} // '../shared/corpora';
my @files   = sort glob "$corpora/html5lib-tests/tokenizer/*.test";
plan skip_all => "html5lib's tokenizer tests are not in $corpora (PRIVACY_CORPORA says where else)" if !@files;
if (!$ENV{MAKELEVEL}) {
    system('make', '-s', $_) == 0 or BAIL_OUT("make $_ fails") for qw(unit asan-unit);
}

# What the driver says of each file becomes a test of this one.
for my $build (qw(build build-asan)) {
    subtest $build => sub {
        open my $driver, '-|', "$build/unit/driver_scan", 'tokenizer', @files or die $!;
        my ($cases, $said) = (0, 0);
        while (<$driver>) {
            if (/^((?:not )?ok) \d+ - (.*)/) {
                $said++;
                my ($ok, $name) = ($1 eq 'ok', $2);
                $cases += $1 if $name =~ /: (\d+) cases/;
                ok $ok, $name;
            }
            elsif (/^#/) {
                diag $_;
            }
        }
        close $driver;
        is $?, 0, 'the driver ended well';
        is $said, scalar @files, 'every file was read';
        cmp_ok $cases, '>=', 7_000, 'at least 7,000 cases were run';
    };
}

done();
