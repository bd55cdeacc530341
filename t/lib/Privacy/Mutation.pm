# Licensed under the Apache License, Version 2.0; see LICENSE.

# The mutation lists, t/mutate/*.list: for each thing that a rule says, one small
# edit that breaks it, and the test that then fails. A row is
#
#   R1 src/enforce/pv_judge.c unit/test_judge: a denied cookie is kept
#   - sentence->action = PV_ACTION_STRIP;
#   + sentence->action = PV_ACTION_KEEP;
#
# the rule, the file, the test and what is broken; then the text that stands in the
# file exactly once, and what takes its place, either of several lines, or nothing.
# A test is unit/NAME, a binary of t/unit/, or t/NAME.t.
package Privacy::Mutation;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(mutations applied slurp);

my $HEAD = qr{^([A-Z]\d) (\S+) ((?:unit|t)/[\w-]+(?:\.t)?): (\S.*\S)$};

sub slurp {
    my ($file) = @_;
    open my $fh, '<', $file or die "$file: $!\n";
    local $/;
    return <$fh>;
}

# All rows, in the lists' order: rule, file, test, says, old, new, and where they stand.
sub mutations {
    my ($top) = @_;
    return map { read_list($_) } sort glob "$top/t/mutate/*.list";
}

sub read_list {
    my ($list) = @_;
    my (@rows, %text);
    my $number = 0;
    for my $line (split /\n/, slurp($list)) {
        $number++;
        my $where = $list =~ s{.*/}{}r . ":$number";
        if ($line =~ $HEAD) {
            push @rows, { rule => $1, file => $2, test => $3, says => $4, where => $where, old => '', new => '' };
        }
        elsif ($line =~ /^([-+])(?: (.*))?$/ && @rows) {
            my $side = $1 eq '-' ? 'old' : 'new';
            $rows[-1]{$side} .= ($rows[-1]{$side} eq '' ? '' : "\n") . ($2 // '');
        }
        elsif ($line !~ /^(?:#.*)?$/) {
            die "$where is no row, no text and no comment: $line\n";
        }
    }
    return @rows;
}

# A file's text with the row's edit, or undef where what is to be edited does not
# stand in it exactly once: the list is out of date.
sub applied {
    my ($row, $text) = @_;
    my $at = index $text, $row->{old};
    return if $row->{old} eq '' || $at < 0 || index($text, $row->{old}, $at + 1) >= 0;
    substr $text, $at, length $row->{old}, $row->{new};
    return $text;
}

1;
