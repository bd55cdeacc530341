#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# Runs the targets that `make fuzz`, `make fuzz-merge` and `make fuzz-words` have made.
#
#   fuzz/run.pl run SECONDS TARGET...          each for so many seconds of its own CPU time
#   fuzz/run.pl words SECONDS SEED TARGET...   those of fuzz/words.c, the same
#   fuzz/run.pl merge TARGET...                what libFuzzer found into fuzz/corpus/, minimised
#
# A target works in build-fuzz/work/TARGET/: corpus/ has what it found, finding-* is an input
# that breaks a claim. That of fuzz/words.c is build-words/work/TARGET/finding.
use strict;
use warnings;

use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use FindBin;

my $WORK = 'build-fuzz/work';

# Seconds for which libFuzzer is not worth beginning again.
my $LEAST = 10;

# Of a corpus, about as many as it should have.
my $INPUTS = 300;

# Larger inputs find no more and cost more: what the module itself takes, or less.
my %MAX_LEN = (record => 1200, tcf => 700, gpp => 300, rewrite => 700, template => 500, url => 200,
    source => 600, choice => 400, set_cookie => 1300, cookie_header => 300, head => 150, query => 150);

chdir "$FindBin::Bin/.." or die $!;
my ($how, @rest) = @ARGV;
if (($how // '') eq 'run' && @rest >= 2 && $rest[0] =~ /^\d+$/) {
    my $seconds = shift @rest;
    my @found = grep { !run($_, $seconds) } @rest;
    die "findings: @found; see fuzz/README\n" if @found;
}
elsif (($how // '') eq 'words' && @rest >= 3 && "@rest[0, 1]" =~ /^\d+ \d+$/) {
    my ($seconds, $seed) = splice @rest, 0, 2;
    my @found = grep { !words($_, $seconds, $seed) } @rest;
    die "findings: @found; see fuzz/README\n" if @found;
}
elsif (($how // '') eq 'merge' && @rest) {
    merge($_) for @rest;
}
else {
    die "usage: fuzz/run.pl run SECONDS TARGET... | words SECONDS SEED TARGET... | merge TARGET...\n";
}

# The command that runs a target, without directories.
sub command {
    my ($name, @options) = @_;
    my $dict = "fuzz/dict/$name.dict";
    return ("build-fuzz/fuzz/$name", '-max_len=' . ($MAX_LEN{$name} // 1000), (-e $dict ? "-dict=$dict" : ()), @options);
}

# CPU seconds of the children that have ended.
sub cpu {
    return (times)[2];
}

# libFuzzer counts seconds of the clock: it is begun again until the target has had its
# time. Returns whether nothing was found.
sub run {
    my ($name, $seconds) = @_;
    my ($corpus, $begin, $executions, $log) = ("$WORK/$name/corpus", cpu(), 0, "$WORK/$name/log");
    my ($coverage, $features, $found) = (0, 0, '');
    make_path($corpus, "fuzz/corpus/$name");
    unlink $log;
    while (!$found && (my $left = int($seconds - (cpu() - $begin))) > 0) {
        $left = $LEAST if $left < $LEAST;
        my @command = command($name, "-max_total_time=$left", '-timeout=20', '-rss_limit_mb=1024', '-print_final_stats=1',
            '-use_value_profile=0', "-artifact_prefix=$WORK/$name/finding-", $corpus, "fuzz/corpus/$name");
        my @said = said(@command);
        append($log, @said);
        for (@said) {
            ($coverage, $features) = ($1, $2) if /cov: (\d+) ft: (\d+)/;
            $executions += $1 if /stat::number_of_executed_units: (\d+)/;
            $found = $1 if /Test unit written to (\S+)/;
        }
        die "$name does not run: see $log\n" if $? && !$found;
    }
    printf "%-14s %6.1f s of CPU, %9d executions, %5d blocks, %6d features%s\n", $name, cpu() - $begin, $executions,
        $coverage, $features, $found ? ", FINDING $found" : '';
    return !$found;
}

# Returns whether nothing was found.
sub words {
    my ($name, $seconds, $seed) = @_;
    my $finding = "build-words/work/$name/finding";
    make_path("build-words/work/$name");
    unlink $finding;
    my $begin = cpu();
    my @said = said("build-words/fuzz/$name", $seconds, $seed, $MAX_LEN{$name} // 1000, $finding, "fuzz/dict/$name.dict",
        sort glob "fuzz/corpus/$name/*");
    my $found = -e $finding;
    die "$name does not run: @said" if $? && !$found;
    my ($inputs) = join('', @said) =~ /^(\d+) inputs$/m;
    printf "%-14s %6.1f s of CPU, seed %d, %s\n", $name, cpu() - $begin, $seed,
        $found ? "FINDING $finding\n@said" : "$inputs inputs";
    return !$found;
}

sub said {
    my @command = @_;
    my $pid = open my $fh, '-|';
    defined $pid or die $!;
    if (!$pid) {
        open STDERR, '>&', \*STDOUT or die $!;
        exec @command or die "$command[0]: $!\n";
    }
    my @said = <$fh>;
    close $fh;
    return @said;
}

sub append {
    my ($name, @lines) = @_;
    open my $fh, '>>', $name or die "$name: $!\n";
    print $fh @lines;
    close $fh or die $!;
}

# Beside case-*, which are the tests' and stay: the smallest inputs of the old corpus and of
# what was found that reach all that they reach together. They are named by their content.
sub merge {
    my ($name) = @_;
    my ($new, $old) = ("$WORK/$name/merged", "fuzz/corpus/$name");
    make_path($old, "$WORK/$name/corpus");
    my %kept = map { $_ => 1 } cover($name, $new, $old, "$WORK/$name/corpus");
    # How often a block runs is worth an input of its own only where that are few.
    if (keys %kept > $INPUTS) {
        %kept = map { $_ => 1 } cover($name, '-use_counters=0', $new, $old, "$WORK/$name/corpus");
    }
    die "$name: the merge is empty\n" if !%kept;
    unlink map { "$old/$_" } grep { !$kept{$_} } names($old);
    rename "$new/$_", "$old/$_" or die "$new/$_: $!\n" for keys %kept;
    remove_tree("$WORK/$name/corpus", $new);
    printf "%-14s %4d inputs\n", $name, scalar keys %kept;
}

sub cover {
    my ($name, @rest) = @_;
    my ($new, $old) = grep { !/^-/ } @rest;
    remove_tree($new);
    make_path($new);
    copy("$old/$_", "$new/$_") or die "$new/$_: $!\n" for grep { /^case-/ } names($old);
    my @said = said(command($name, '-merge=1', '-set_cover_merge=1', @rest));
    die "$name: the merge failed\n", @said if $?;
    return names($new);
}

sub names {
    my ($dir) = @_;
    opendir my $dh, $dir or die "$dir: $!\n";
    return grep { !/^\./ } readdir $dh;
}
