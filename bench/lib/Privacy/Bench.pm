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
use List::Util qw(sum0);
use POSIX ();
use Time::HiRes qw(sleep time);

use Privacy::Test ();

our @EXPORT = qw(options build_dir parallel median spread doubt in_path write_file measured_conf settle);

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
# to do.
sub settle {
    my @pids = @_;
    my $end = time + 60;
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

# How far the ratio of the medians of two series may be off: the standard error of each,
# as a part of it, twice.
sub doubt {
    my ($one, $other) = @_;
    return 2 * sqrt sum0 map { (1.25 * 1.48 * spread(@$_)) ** 2 / @$_ } $one, $other;
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
