# Licensed under the Apache License, Version 2.0; see LICENSE.

# The mutation lists are up to date: what each row edits is there, exactly once, and so
# is the test that it names. Whether that test fails is what `make mutate` sees.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Mutation qw(mutations applied slurp);
use Privacy::Test;

my $FLOOR = 150;
# P2 and P3 are bench/'s to measure.
my @RULES = (
    map({ "D$_" } 1 .. 6), map({ "R$_" } 1 .. 9), map({ "Q$_" } 1 .. 5), map({ "C$_" } 1 .. 3),
    map({ "H$_" } 1 .. 7), map({ "M$_" } 1 .. 7), qw(F1 F2 P1 P4),
);

chdir Privacy::Httpd::top() or die $!;
my @rows = mutations('.');
my (%known, %of, %seen, %text);
@known{@RULES} = ();
for my $row (@rows) {
    my $name = "$row->{where}: $row->{rule}: $row->{says}";
    my $text = -e $row->{file} ? $text{ $row->{file} } //= slurp($row->{file}) : '';
    my $edited = applied($row, $text);
    ok defined $edited, "$name: what it edits stands in $row->{file} exactly once";
    isnt $edited, $text, "$name: it changes something";
    my $test = $row->{test} =~ m{^unit/} ? "t/$row->{test}.c" : $row->{test};
    ok -e $test, "$name: $test is there";
    ok exists $known{ $row->{rule} }, "$name: there is such a rule";
    is $seen{ join "\n", @$row{qw(file old new)} }++, 0, "$name: is there once";
    $of{ $row->{rule} }++;
}
ok $of{$_}, "$_ has a mutation" for @RULES;
cmp_ok scalar @rows, '>=', $FLOOR, "at least $FLOOR mutations";

subtest 'what is out of date is found' => sub {
    my $row = { old => 'a', new => 'b' };
    is applied($row, 'xax'), 'xbx', 'once';
    is applied($row, 'x'), undef, 'not there';
    is applied($row, 'xaxa'), undef, 'twice';
    is applied({ old => '', new => 'b' }, 'x'), undef, 'nothing';
    is applied({ old => 'aa', new => 'b' }, 'aaa'), undef, 'twice, one in the other';
};

done();
