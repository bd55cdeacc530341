# Licensed under the Apache License, Version 2.0; see LICENSE.

# docs/paths.md names for each path a test that is there.
use strict;
use warnings;

use FindBin;
use Test::More;

sub slurp {
    my ($file) = @_;
    open my $fh, '<:raw', "$FindBin::Bin/../$file" or return '';
    local $/;
    return scalar <$fh>;
}

my $checked = 0;
for my $row (grep { /^\| (?!Path)/ } split /\n/, slurp('docs/paths.md')) {
    my ($file, $name) = $row =~ /\| `(t\/[\w.-]+\.t)` \| (["'].*["']) \|\z/ or fail("no test in: $row"), next;
    ok index(slurp($file), $name) >= 0, "$file has the test $name";
    $checked++;
}
cmp_ok $checked, '>=', 25, "$checked paths have a test";

done_testing();
