#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# Breaks the rules, one at a time, in a copy of the tree, and sees the test fail that
# the list names for it (t/mutate/*.list; t/lib/Privacy/Mutation.pm says how a row
# is written).
#
#   build-aux/mutate.pl [-j N] [RULE|FILE|TEST|TEXT...]
#
#   -j N  so many copies at once, 2 at most (default: 1)
#
# Without a word it takes every row, else those whose rule, file or test is the word,
# or whose description has it in it. It ends with 1 where a mutation survives.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../t/lib";
use Cwd qw(abs_path);
use Fcntl qw(:flock);
use File::Path qw(make_path remove_tree);
use Getopt::Long;
use POSIX ();
use Privacy::Mutation qw(mutations applied slurp);
use Time::HiRes qw(sleep time);

# A test that takes so many times as long as it did before, and a minute, hangs.
my $PATIENCE = 10;
# What a test needs to end well after it has been told to.
my $LAST_WORDS = 60;

$| = 1;
my $jobs = 1;
GetOptions('j=i' => \$jobs) && $jobs >= 1 && $jobs <= 2 or die "usage: $0 [-j 1|2] [RULE|FILE|TEST|TEXT...]\n";
my $top  = abs_path("$FindBin::Bin/..");
my @rows = chosen(@ARGV) or die "no mutation is called that\n";
chdir $top or die "$top: $!\n";
stale();
# A test that is running ends with the run.
my $running;
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);
END { kill TERM => $running if $running }
exit report($jobs > 1 ? side_by_side() : run(1, @rows));

sub chosen {
    my (@words) = @_;
    my @all = mutations($top);
    return @all if !@words;
    return grep {
        my $row = $_;
        grep {
            my $word = $_;
            grep { $word eq $_ } @$row{qw(rule file test)} or index($row->{says}, $word) >= 0
        } @words
    } @all;
}

# Nothing is run by a list that has fallen behind the source.
sub stale {
    my @stale = grep { !-e $_->{file} || !defined applied($_, slurp($_->{file})) } @rows;
    die "the list is out of date: this text does not stand exactly once in its file\n",
        map { "  $_->{where}: $_->{file}: " . (split /\n/, $_->{old})[0] . "\n" } @stale
        if @stale;
}

# Rows of the same file side by side, so that each is compiled less often.
sub run {
    my ($copy, @mine) = @_;
    my $dir = warm_copy($copy);
    chdir $dir or die "$dir: $!\n";
    my %usual = usual_times(map { $_->{test} } @mine);
    for my $row (sort { $a->{file} cmp $b->{file} || $a->{test} cmp $b->{test} } @mine) {
        @$row{qw(outcome by)} = mutate($row, $usual{ $row->{test} });
        printf "%-9s %s %s: %s%s\n", $row->{outcome}, $row->{rule}, $row->{file}, $row->{says},
            $row->{by} ? "\n          by $row->{test}: $row->{by}" : '';
    }
    return @mine;
}

# Each of two children has half of the files; what it found comes back by a pipe.
sub side_by_side {
    my %job;
    $job{$_} //= keys(%job) % $jobs for map { $_->{file} } sort { $a->{file} cmp $b->{file} } @rows;
    my @children;
    for my $job (0 .. $jobs - 1) {
        my @mine = grep { $job{ $rows[$_]{file} } == $job } 0 .. $#rows or next;
        defined(my $pid = open my $pipe, '-|') or die "fork: $!\n";
        if (!$pid) {
            open my $answer, '>&', \*STDOUT or die $!;
            open STDOUT, '>&', \*STDERR or die $!;
            run($job + 1, @rows[@mine]);
            printf $answer "%d\t%s\t%s\n", $_, $rows[$_]{outcome}, $rows[$_]{by} for @mine;
            exit 0;
        }
        push @children, $pipe;
    }
    for my $pipe (@children) {
        while (<$pipe>) {
            chomp;
            my ($at, $outcome, $by) = split /\t/, $_, 3;
            @{ $rows[$at] }{qw(outcome by)} = ($outcome, $by);
        }
        close $pipe or die "a copy failed\n";
    }
    return @rows;
}

# The tree as it is, with all that has been built of it.
sub warm_copy {
    my ($copy) = @_;
    my $dir = "$top/build/mutate/$copy";
    make_path("$top/build/mutate");
    open our $lock, '>', "$top/build/mutate/$copy.lock" or die "$top/build/mutate: $!\n";
    flock $lock, LOCK_EX | LOCK_NB or die "another run is under way in $dir\n";
    print "copying and building\n";
    command('make', '-s', 'all', 'unit');
    remove_tree($dir);
    make_path("$dir/build");
    # What else has been built, with sanitizers or for coverage, is not asked here; build-aux is a source.
    my @parts = grep { !m{^(?:build(?:-(?!aux$).*)?|node_modules)$} } glob '*';
    command('cp', '-a', @parts, $dir);
    command('cp', '-a', (grep { !m{^build/(?:mutate|browser)$} } glob 'build/*'), "$dir/build/");
    # Only the two that need it take it; it is large, and nothing here changes it.
    symlink "$top/build/browser", "$dir/build/browser" if -d 'build/browser';
    command('make', '-s', '-C', $dir, 'all', 'unit');
    return $dir;
}

sub command {
    system(@_) == 0 or die "@_ fails\n";
}

# Every test passes while nothing is broken; how long each takes.
sub usual_times {
    my %times;
    for my $test (sort @_) {
        next if exists $times{$test};
        my $begin = time;
        my ($failed, $skipped) = fails($test, 600);
        die "$test fails without any mutation: $failed\n" if defined $failed;
        print "$test cannot be run here: its mutations are not\n" if $skipped;
        $times{$test} = $skipped ? undef : time - $begin;
    }
    return %times;
}

# What becomes of one mutation, and what the test said.
sub mutate {
    my ($row, $usual) = @_;
    return ('SKIPPED', '') if !defined $usual;
    my $text = slurp($row->{file});
    write_file($row->{file}, applied($row, $text));
    my $built = builds($row->{test});
    my ($failed) = $built ? fails($row->{test}, 60 + $PATIENCE * $usual) : ();
    write_file($row->{file}, $text);
    return ('NOT BUILT', '') if !$built;
    return defined $failed ? ('killed', $failed) : ('SURVIVED', '');
}

# In a file of a later time than what was built of it, or make would not see it.
sub write_file {
    my ($file, $text) = @_;
    open my $fh, '>', $file or die "$file: $!\n";
    print $fh $text;
    close $fh or die "$file: $!\n";
}

# The module, and what of the unit tests this one runs.
sub builds {
    my ($test) = @_;
    my @goals = $test =~ m{^unit/} ? "build/$test" : ('all', map { s{t/unit/(.*)\.c$}{build/unit/$1}r } drivers($test));
    return system("make -s @goals >build/mutation.log 2>&1") == 0;
}

sub drivers {
    my ($test) = @_;
    my $text = slurp($test);
    return grep { m{/(driver_\w+)\.c$} && $text =~ /\b$1\b/ } glob 't/unit/driver_*.c';
}

# The first case that a test fails in, or how it ended; undef where it passes. Then
# whether it was skipped. It is ended at its first failure.
sub fails {
    my ($test, $patience) = @_;
    my $end = time + $patience;
    my ($pid, $out) = start($test);
    $running = $pid;
    my ($failed, $planned, $seen) = (undef, undef, '');
    while (!defined $failed) {
        my $ready = '';
        vec($ready, fileno $out, 1) = 1;
        my $left = $end - time;
        $failed = sprintf 'it does not end within %d s', $patience if $left <= 0;
        next if $left <= 0 || select($ready, undef, undef, $left) <= 0;
        sysread($out, $seen, 65536, length $seen) or last;
        while ($seen =~ s/^(.*)\n//) {
            my $line = $1;
            $planned = $line if $line =~ /^1\.\.\d+/;
            $failed //= $1 || 'a case' if $line =~ /^\s*not ok\b[\s\d]*-?\s*(?!.*# TODO)(.*)/;
        }
    }
    my $status = finish($pid, defined $failed);
    undef $running;
    $failed //= $status & 127 ? 'it dies of signal ' . ($status & 127) : 'it ends with ' . ($status >> 8) if $status;
    $failed //= 'it ends without a plan' if !defined $planned;
    return ($failed, !defined $failed && $planned =~ /# skip/i);
}

# In a process group of its own, which can be ended whole.
sub start {
    my ($test) = @_;
    pipe my $out, my $in or die "pipe: $!\n";
    defined(my $pid = fork) or die "fork: $!\n";
    if (!$pid) {
        setpgrp;
        undef $running;
        open STDIN,  '<',  '/dev/null';
        open STDOUT, '>&', $in;
        open STDERR, '>',  '/dev/null';
        $ENV{CMOCKA_MESSAGE_OUTPUT} = 'TAP';
        # It finds what it tests built.
        $ENV{MAKELEVEL} = 1;
        my @command = $test =~ m{^unit/} ? "build/$test" : ($^X, $test);
        exec { $command[0] } @command or POSIX::_exit(127);
    }
    close $in;
    return ($pid, $out);
}

# A server is stopped by the test that started it: it is asked to end first.
sub finish {
    my ($pid, $early) = @_;
    kill TERM => $pid if $early;
    for (my $end = time + $LAST_WORDS; time < $end; sleep 0.02) {
        return $? if waitpid($pid, POSIX::WNOHANG()) > 0;
    }
    kill KILL => -$pid;
    waitpid $pid, 0;
    return $?;
}

# The table, and what the program ends with.
sub report {
    my (@done) = @_;
    my (%of, %in_all);
    $of{ $_->{rule} }{ $_->{outcome} }++, $in_all{ $_->{outcome} }++ for @done;
    my @outcomes = ('killed', 'SURVIVED', 'NOT BUILT', 'SKIPPED');
    printf "\n%-4s %10s %10s %10s %10s\n", 'rule', map { lc } @outcomes;
    for my $rule (sort by_rule keys %of) {
        printf "%-4s %10d %10d %10d %10d\n", $rule, map { $_ // 0 } @{ $of{$rule} }{@outcomes};
    }
    printf "%-4s %10d %10d %10d %10d\n", 'all', map { $_ // 0 } @in_all{@outcomes};
    my @bad = grep { $_->{outcome} ne 'killed' } @done;
    print "\n" if @bad;
    print "$_->{outcome} $_->{where}: $_->{rule} $_->{test}: $_->{says}\n" for @bad;
    return @bad ? 1 : 0;
}

# As semantics are told: deciding, responses, requests, caches, HTML, messages, failing, costs.
sub by_rule {
    my ($x, $y) = map { index('DRQCHMFP', substr $_, 0, 1) . substr $_, 1 } $a, $b;
    return $x <=> $y;
}
