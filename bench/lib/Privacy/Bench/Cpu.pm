# Licensed under the Apache License, Version 2.0; see LICENSE.

# CPU time, user and system, that servers take for the same work, as the kernel accounts
# it to their threads: unlike time by the clock it does not grow when they wait for a
# processor. Yet it does not repeat as instructions do, as caches and other processes
# have their part in it: so all take turns, forth and back, and medians are compared.
package Privacy::Bench::Cpu;

use strict;
use warnings;

use Exporter qw(import);

use Privacy::Bench;

our @EXPORT = qw(measured_httpd load compare);

# A server that is measured: options as httpd()'s.
sub measured_httpd {
    my (%option) = @_;
    return Privacy::Test::httpd(%option, conf => measured_conf(%option));
}

# The client, which make builds.
sub load {
    my (@arg) = @_;
    my $program = build_dir() . '/load';
    open my $pipe, '-|', $program, @arg or die "$program: $!\n";
    my $said = join '', <$pipe>;
    close $pipe or die "load @arg: failed\n";
    return split ' ', $said;
}

# Milliseconds that all threads of these processes have run.
sub cpu {
    my $sum = 0;
    for my $file (map { glob "/proc/$_/task/*/schedstat" } @_) {
        open my $fh, '<', $file or next;
        $sum += (split ' ', <$fh> // 0)[0] / 1e6;
    }
    return $sum;
}

# Each subject, [name => processes (a closure that gives their pids), work (a closure)],
# in turn, so many rounds, one more of which warms up. Gives milliseconds of each round,
# by name.
sub compare {
    my ($rounds, @subjects) = @_;
    my %took;
    for my $round (0 .. $rounds) {
        for my $subject ($round % 2 ? reverse @subjects : @subjects) {
            my ($name, $pids, $work) = @$subject;
            my @pids = $pids->();
            settle(@pids);
            my $before = cpu(@pids);
            $work->();
            settle(@pids);
            push @{ $took{$name} }, cpu(@pids) - $before if $round > 0;
        }
    }
    return \%took;
}

1;
