# Licensed under the Apache License, Version 2.0; see LICENSE.

# The table of figures: one row each, beside its budget if it has one.
package Privacy::Bench::Table;

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP ();
use List::Util qw(sum0);

use Privacy::Bench;

our @EXPORT = qw(section row points finish);

# What a figure may be over its budget: two runs differ by less.
our $TOLERANCE = 0.01;

my (@sections, @points);

# How a number of a unit is written.
my %WRITTEN = (
    instructions => sub { thousands(sprintf '%.0f', $_[0]) },
    ms           => sub { sprintf '%.*f ms', ($_[0] < 1 ? 4 : $_[0] < 100 ? 2 : 0), $_[0] },
    kB           => sub { thousands(sprintf '%.0f', $_[0]) . ' kB' },
    bytes        => sub { thousands($_[0]) . ' bytes' },
    'MB/s'       => sub { thousands(sprintf '%.0f', $_[0]) . ' MB/s' },
    x            => sub { sprintf '%.*f', ($_[0] < 10 ? 3 : 1), $_[0] },
    ''           => sub { $_[0] },
);

my $COLUMNS = "%-46s %15s %13s %12s  %s\n";

# A group of rows; $ratio is the heading of its ratios.
sub section {
    my ($title, $ratio) = @_;
    push @sections, { title => $title, ratio => $ratio // '', rows => [] };
    printf "\n$COLUMNS", $title, '', $ratio // '', 'budget', '';
    print '-' x 99, "\n";
}

# A figure: value and unit, and what may be known beside it: ratio, spread (a part of
# the value), budget, `of` what it is a budget (value or ratio), the `unit` of which
# follows from that. The budget of a time is only a `goal`: time does not repeat, and a
# goal is met or missed where that is so whatever part of `doubt` the ratio is off.
# A row that could not be had has `skipped`, the reason.
sub row {
    my ($what, %row) = @_;
    $row{what} = $what;
    $row{unit} //= 'instructions';
    $row{verdict} = verdict(\%row);
    push @{ $sections[-1]{rows} }, \%row;
    print_row(\%row);
    return $row{value};
}

# What is said of it, or undef where it has no budget.
sub verdict {
    my ($row) = @_;
    my $budget = $row->{budget} // return;
    my $is = ($row->{of} || 'value') eq 'ratio' ? $row->{ratio} : $row->{value};
    my $good = sub { $row->{least} ? $_[0] >= $budget : $_[0] <= $budget };
    my $off = $row->{least} ? -1 : 1;
    return $good->($is * (1 - $off * $TOLERANCE)) ? 'met' : 'EXCEEDED' if !$row->{goal};
    my $doubt = $row->{doubt} // 0;
    return 'met' if $good->($is * (1 + $off * $doubt));
    return $good->($is * (1 - $off * $doubt)) ? 'undecided' : 'MISSED';
}

sub print_row {
    my ($row) = @_;
    return printf "%-46s skipped: %s\n", @$row{qw(what skipped)} if defined $row->{skipped};
    printf $COLUMNS, cells($row);
}

# A row's cells, as text.
sub cells {
    my ($row) = @_;
    my $value = defined $row->{value} ? $WRITTEN{ $row->{unit} }->($row->{value}) : '';
    $value .= sprintf ' ±%.0f%%', 100 * $row->{spread} if defined $row->{spread};
    my $ratio = defined $row->{ratio} ? $WRITTEN{x}->($row->{ratio}) : '';
    $ratio .= sprintf ' ±%.0f%%', 100 * $row->{doubt} if defined $row->{doubt} && length $ratio;
    my $budget = '';
    if (defined $row->{budget}) {
        my $unit = ($row->{of} || 'value') eq 'ratio' ? 'x' : $row->{unit};
        $budget = ($row->{least} ? '>= ' : '<= ') . ($unit eq 'x' ? $row->{budget} : $WRITTEN{$unit}->($row->{budget}));
    }
    return ($row->{what}, $value, $ratio, $budget, $row->{verdict} // $row->{note} // '');
}

sub thousands { return scalar reverse((reverse $_[0]) =~ s/(\d{3})(?=\d)/$1,/gr) }

# A line of a plot: its name, and [x, y] each.
sub points {
    my ($plot, $line, @xy) = @_;
    push @points, { plot => $plot, line => $line, points => \@xy };
}

sub finish {
    if (defined $Privacy::Bench::OUT) {
        write_file($Privacy::Bench::OUT, JSON::PP->new->canonical->encode({ sections => \@sections, points => \@points }));
    }
    exit(exceeded(@sections) ? 1 : 0);
}

sub exceeded {
    return sum0 map { scalar grep { ($_->{verdict} // '') eq 'EXCEEDED' } @{ $_->{rows} } } @_;
}

1;
