# Licensed under the Apache License, Version 2.0; see LICENSE.

# The mutation lists are up to date: what each row edits is there, exactly once, and so
# is the test that it names. Whether that test fails is what `make mutate` sees.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Mutation qw(mutations applied slurp);
use Privacy::Test;

# The rules, and how many rows each has: one that goes leaves a clause that nothing breaks any more, and so goes from
# here as well, where it is seen.
my %LEAST = (
    D1 => 22, D2 => 21, D3 => 9, D4 => 8, D5 => 11, D6 => 8,
    R1 => 11, R2 => 18, R3 => 6, R4 => 9, R5 => 18, R6 => 18, R7 => 6, R8 => 20, R9 => 5,
    Q1 => 9, Q2 => 9, Q3 => 5, Q4 => 5, Q5 => 13,
    C1 => 5, C2 => 24, C3 => 21,
    H1 => 5, H2 => 45, H3 => 15, H4 => 34, H5 => 11, H6 => 9, H7 => 15,
    M1 => 15, M2 => 10, M3 => 20, M4 => 15, M5 => 12, M6 => 16, M7 => 9,
    F1 => 19, F2 => 10,
    P1 => 3, P2 => 2, P3 => 1, P4 => 2,
);

chdir Privacy::Httpd::top() or die $!;
my @rows = mutations('.');
my (%of, %seen, %text);
for my $row (@rows) {
    my $name = "$row->{where}: $row->{rule}: $row->{says}";
    my $text = -e $row->{file} ? $text{ $row->{file} } //= slurp($row->{file}) : '';
    my $edited = applied($row, $text);
    ok defined $edited, "$name: what it edits stands in $row->{file} exactly once";
    isnt $edited, $text, "$name: it changes something";
    my $test = $row->{test} =~ m{^unit/} ? "t/$row->{test}.c" : $row->{test};
    ok -e $test, "$name: $test is there";
    ok exists $LEAST{ $row->{rule} }, "$name: there is such a rule";
    is $seen{ join "\n", @$row{qw(file old new)} }++, 0, "$name: is there once";
    $of{ $row->{rule} }++;
}
cmp_ok $of{$_} // 0, '>=', $LEAST{$_}, "$_ has $LEAST{$_} mutations" for sort keys %LEAST;

subtest 'what is out of date is found' => sub {
    my $row = { old => 'a', new => 'b' };
    is applied($row, 'xax'), 'xbx', 'once';
    is applied($row, 'x'), undef, 'not there';
    is applied($row, 'xaxa'), undef, 'twice';
    is applied({ old => '', new => 'b' }, 'x'), undef, 'nothing';
    is applied({ old => 'aa', new => 'b' }, 'aaa'), undef, 'twice, one in the other';
};

done();
