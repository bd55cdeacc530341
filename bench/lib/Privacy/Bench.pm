# Licensed under the Apache License, Version 2.0; see LICENSE.

# What the measurements of bench/ share: figures in groups, jobs side by side, the
# options that each script takes.
package Privacy::Bench;

use strict;
use warnings;

use Exporter qw(import);
use Fcntl qw(:flock);
use File::Path qw(make_path);
use Getopt::Long;
use JSON::PP ();
use List::Util qw(max);
use POSIX ();
use Time::HiRes qw(sleep time);

use Privacy::Test ();

our @EXPORT = qw(options build_dir parallel median spread compared said_of in_path write_file measured_conf settle);

STDOUT->autoflush;

# The options of every script, and those of its own.
#
#   -o FILE  the rows of the table as JSON, beside what is printed
#   -k DIR   keep callgrind's files there
our ($OUT, $KEEP);

sub options {
    my (%own) = @_;
    GetOptions('o=s' => \$OUT, 'k=s' => \$KEEP, %own) && !@ARGV
        or die "usage: $0 [-o FILE] [-k DIR]", (map { ' [--' . s/=.*/ …/r . ']' } sort keys %own), "\n";
    make_path($KEEP) if defined $KEEP;
}

# What is built and installed for measuring.
sub build_dir {
    my $dir = Privacy::Httpd::top() . '/build/bench';
    make_path($dir);
    return $dir;
}

# The configuration of a server that is measured: options as httpd()'s.
sub measured_conf {
    my (%option) = @_;
    my $log = ($option{privacy} // 1) ? 'privacy:warn' : '';
    return "LogLevel warn $log\nKeepAlive On\nKeepAliveTimeout 600\nMaxKeepAliveRequests 0\n" . ($option{conf} // '');
}

sub write_file {
    my ($file, $content) = @_;
    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh $content;
    close $fh or die "$file: $!\n";
    return $file;
}

# The whole path of a program, or undef.
sub in_path {
    my ($program) = @_;
    return (grep { -x } map { "$_/$program" } split(/:/, $ENV{PATH}), '/usr/sbin')[0];
}

# Wait until every thread of these processes sleeps: they have done all that they have
# to do. Where others want the processors, a minute has been too short.
sub settle {
    my @pids = @_;
    my $end = time + 300;
    my $asleep = 0;
    while ($asleep < 2) {
        $asleep = (grep { $_ ne 'S' } map { states($_) } @pids) ? 0 : $asleep + 1;
        time < $end or die "the server does not come to rest\n";
        sleep 0.0002 if !$asleep;
    }
}

sub states {
    my ($pid) = @_;
    return map {
        open my $fh, '<', $_ or return '?';
        (<$fh> // '') =~ /\) (\S) / ? $1 : '?';
    } glob "/proc/$pid/task/*/stat";
}

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return ($sorted[ $#sorted / 2 ] + $sorted[ @sorted / 2 ]) / 2;
}

# Half the distance between the quartiles, as a part of the median.
sub spread {
    my @sorted = sort { $a <=> $b } @_;
    my $median = median(@_) or return 0;
    return ($sorted[ $#sorted * 3 / 4 ] - $sorted[ $#sorted / 4 ]) / 2 / $median;
}

# How a series compares with another of the same rounds: the median of the ratios of each
# round, since what else the machine does goes on over many of them, and how far it may be
# off, as a part of it.
sub compared {
    my ($ours, $theirs) = @_;
    my @ratios = sort { $a <=> $b } map { $ours->[$_] / $theirs->[$_] } 0 .. $#$ours;
    my $ratio = median(@ratios);
    my $beyond = beyond(scalar @ratios);
    my $doubt = $beyond ? max(1 - $ratios[ $beyond - 1 ] / $ratio, $ratios[-$beyond] / $ratio - 1) : 1;
    return (ratio => $ratio, doubt => $doubt);
}

# Of so many values in order, the how manieth from either end has the median of all that
# there could be inside of it, in 95 cases of 100: each value is above that as likely as
# below. 0 where there are too few to tell.
sub beyond {
    my ($count) = @_;
    my ($beyond, $chance) = (0, 1 / 2**$count);
    for (my $sum = $chance; 2 * $sum <= 0.05; $sum += $chance) {
        $beyond++;
        $chance *= ($count - $beyond + 1) / $beyond;
    }
    return $beyond;
}

# A ratio that may be off by more than this part of it says nothing.
my $VAGUE = 0.25;

# What a table says of a series of milliseconds beside another, which may be the same: what
# row() takes; a ratio that says nothing is left out, with the reason.
sub said_of {
    my ($ours, $theirs) = @_;
    my %row = (value => median(@$ours), unit => 'ms', spread => spread(@$ours));
    return (%row, ratio => 1) if $ours == $theirs;
    my %compared = compared($ours, $theirs);
    return (%row, %compared) if $compared{doubt} <= $VAGUE;
    return (%row, note => sprintf 'too restless to compare (±%.0f%%)', 100 * $compared{doubt});
}

# Calls $work for each item in a process of its own, as many at once as there are
# processors (JOBS), and gives what they return, in order. For what is counted, not
# for what is timed.
sub parallel {
    my ($work, @items) = @_;
    my $jobs = $ENV{JOBS} || processors();
    my (@results, %running);
    my $reap = sub {
        my $pid = wait;
        my ($at, $pipe) = @{ delete $running{$pid} or return };
        my $said = do { local $/; <$pipe> };
        $? == 0 or kill(TERM => keys %running), die "@{[ grep { defined && !/\n/ } @{ $items[$at] } ]}: failed\n";
        $results[$at] = JSON::PP->new->allow_nonref->decode($said);
    };
    for my $at (0 .. $#items) {
        $reap->() if keys %running >= $jobs;
        my ($pid, $pipe) = job($work, $items[$at]);
        $running{$pid} = [ $at, $pipe ];
    }
    $reap->() while %running;
    return @results;
}

# What it gives is small: it fits into the pipe before anybody reads.
sub job {
    my ($work, $item) = @_;
    pipe my $read, my $write or die $!;
    my $pid = fork // die $!;
    if (!$pid) {
        $SIG{$_} = sub { Privacy::Httpd::clean_up(); POSIX::_exit(1) } for qw(INT TERM HUP);
        my $result = eval { $work->(@$item) };
        my $failed = $@;
        Privacy::Httpd::clean_up();
        print STDERR $failed if $failed;
        print $write JSON::PP->new->allow_nonref->encode($result);
        close $write;
        POSIX::_exit($failed ? 1 : 0);
    }
    close $write;
    return ($pid, $read);
}

sub processors {
    my $count = () = do { open my $fh, '<', '/proc/cpuinfo'; join('', <$fh>) =~ /^processor\s*:/mg };
    return $count || 1;
}

1;
