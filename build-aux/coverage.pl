#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# What of the sources has run: a table by lines and branches, and the lines that have
# not, from what gcov knows of a directory of --coverage objects.
#
#   coverage.pl DIRECTORY PATTERN [KNOWN]
#
# PATTERN says which sources are meant. KNOWN has lines "FILE FUNCTION TEXT" for those
# that no test can run, after a comment that says why; where it is given, any other line
# that has not run is an error, and so is one of KNOWN that has.
use strict;
use warnings;

use File::Find;
use JSON::PP;

@ARGV >= 2 or die "usage: coverage.pl DIRECTORY PATTERN [KNOWN]\n";
my ($directory, $pattern, $known) = @ARGV;

# {file}{line} => { count, function, branches => [count, …] }: a header's lines are in
# several objects, and a line has run where any of them has run it.
sub counted {
    my ($directory) = @_;
    my (@notes, %lines);
    find({ no_chdir => 1, wanted => sub { push @notes, $_ if /\.gcno$/ } }, $directory);
    for my $note (sort @notes) {
        my ($json) = `gcov --json-format --stdout --branch-probabilities '$note' 2>/dev/null` or die "gcov says nothing of $note\n";
        my @files = grep { $_->{file} =~ /$pattern/ } @{ decode_json($json)->{files} };
        # Another's object may be there, with headers of these.
        next if !grep { $_->{file} =~ /\.c\z/ } @files;
        for my $file (@files) {
            add($lines{ $file->{file} }{ $_->{line_number} } ||= {}, $_) for @{ $file->{lines} };
        }
    }
    return \%lines;
}

sub add {
    my ($sum, $line) = @_;
    $sum->{count} += $line->{count};
    # gcov does not say it of a function that is always inlined.
    $sum->{function} = $line->{function_name} // '-';
    my @branches = map { $_->{count} } @{ $line->{branches} };
    $sum->{branches}[$_] += $branches[$_] for 0 .. $#branches;
}

sub percent { my ($part, $all) = @_; return $all ? sprintf '%.1f %%', 100 * $part / $all : '-' }

sub row {
    my ($name, $lines, $run, $branches, $taken) = @_;
    printf "%-36s %6d %8s %9d %8s\n", $name, $lines, percent($run, $lines), $branches, percent($taken, $branches);
}

# "FILE FUNCTION TEXT" of each line that is known not to run, with how often it stands
# there: many a line is `return;`.
sub known_lines {
    my ($file) = @_;
    return {} if !defined $file;
    open my $fh, '<', $file or die "$file: $!\n";
    my %known;
    while (<$fh>) {
        next if /^(?:#|\s*$)/;
        /^(\S+) +(\w+|-) +(.*\S)/ or die "$file:$.: not FILE FUNCTION TEXT\n";
        $known{"$1 $2 $3"}++;
    }
    return \%known;
}

sub source_of {
    my ($file) = @_;
    open my $fh, '<', $file or die "$file: $!\n";
    return map { s/^\s+|\s+$//gr } '', <$fh>;
}

my $lines = counted($directory);
keys %$lines or die "no source matches $pattern\n";
my $expected = known_lines($known);
my (@sum, @untested) = (0, 0, 0, 0);
printf "%-36s %6s %8s %9s %8s\n", '', 'lines', 'run', 'branches', 'taken';
for my $file (sort keys %$lines) {
    my @source   = source_of($file);
    my @numbers  = sort { $a <=> $b } keys %{ $lines->{$file} };
    my @branches = map { @{ $lines->{$file}{$_}{branches} || [] } } @numbers;
    my @not      = grep { !$lines->{$file}{$_}{count} } @numbers;
    my @row      = (scalar @numbers, @numbers - @not, scalar @branches, scalar grep { $_ } @branches);
    row($file, @row);
    $sum[$_] += $row[$_] for 0 .. 3;
    for (@not) {
        my $function = $lines->{$file}{$_}{function};
        push @untested, [ "$file $function $source[$_]", "$file:$_: $function: $source[$_]" ];
    }
}
row('all', @sum);
# That the table is not of nothing.
$sum[1] or die "nothing has run\n";

my @unknown = grep { !($expected->{ $_->[0] } && $expected->{ $_->[0] }--) } @untested;
my @gone    = grep { $expected->{$_} > 0 } sort keys %$expected;
printf "\n%d lines have not run", scalar @untested;
printf ', %d of them for a reason that %s has', @untested - @unknown, $known if defined $known;
print @unknown ? ":\n" : "\n", map { "    $_->[1]\n" } @unknown;
print map { "    no longer so: $_\n" } @gone;
exit(defined $known && (@unknown || @gone) ? 1 : 0);
