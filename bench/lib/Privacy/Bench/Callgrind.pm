# Licensed under the Apache License, Version 2.0; see LICENSE.

# Instructions in user space, as callgrind counts them in `httpd -X`. They repeat from
# run to run, whatever else the machine does, because nothing is left in them that
# depends on time or chance: the server has one worker thread, addresses are not
# randomised, files keep their age, what happens at the start is not counted (hash
# tables have a seed of their own in each run), and a request is sent when every thread
# of the server sleeps. Otherwise a worker now and then finds the next request before it
# has given the connection back to the listener, and saves that way.
package Privacy::Bench::Callgrind;

use strict;
use warnings;

use Exporter qw(import);
use File::Copy qw(copy);
use Time::HiRes qw(sleep time);

use Privacy::Bench;
use Privacy::Connection;
use Privacy::Httpd;

our @EXPORT = qw(counted per_request);

my $ONE_THREAD = <<'CONF';
ThreadsPerChild 1
MaxRequestWorkers 1
MaxSpareThreads 2
CONF

my $without_aslr;

# Address randomisation off, where the machine lets us.
sub command {
    $without_aslr //= in_path('setarch') && system('setarch -R true 2>/dev/null') == 0 ? 1 : 0;
    in_path('valgrind') or die "valgrind is not on this machine: run `make deps-bench`\n";
    return (($without_aslr ? qw(setarch -R) : ()), 'valgrind', '--tool=callgrind', @_);
}

# Instructions between the marks that $drive sets by calling its second argument, which
# are one less than the marks; options as httpd()'s. A mark is a request that ends in an
# error page, before which callgrind is told to begin a new count.
sub counted {
    my ($name, $drive, %option) = @_;
    my $httpd = Privacy::Httpd->new(
        user => $> == 0 ? 'www-data' : undef,
        %option, conf => measured_conf(%option, conf => $ONE_THREAD . ($option{conf} || '')),
    );
    # Callgrind writes its files as who httpd is at its end.
    my $file = $httpd->root . '/logs/callgrind';
    $httpd->{under} = [ command("--callgrind-out-file=$file", '--dump-before=ap_send_error_response') ];
    local %ENV = (PATH => $ENV{PATH}, LC_ALL => 'C');
    $httpd->start;
    my $marks = 0;
    my $mark = sub { mark($httpd); $marks++ };
    eval { $drive->($httpd, $mark); 1 } or die "$name: $@", $httpd->startup_output, $httpd->log;
    $httpd->stop;
    # The first has what was before the first mark.
    my @totals = map { total("$file.$_") // die "$name: callgrind has not counted:\n", $httpd->startup_output, $httpd->log } 2 .. $marks;
    keep($name, $file, $marks) if defined $Privacy::Bench::KEEP;
    Privacy::Httpd::clean_up();
    return @totals;
}

sub mark {
    my ($httpd) = @_;
    settle($httpd);
    my $connection = Privacy::Connection->new($httpd->port);
    my $answer = $connection->send("GET /mark HTTP/1.1\r\nHost: localhost\r\n\r\n")->response;
    $answer->status == 404 or die "not an error page: ", $answer->head;
    settle($httpd);
    $connection->close;
    settle($httpd);
}

sub keep {
    my ($name, $file, $marks) = @_;
    copy("$file.$_", "$Privacy::Bench::KEEP/$name." . ($_ - 1)) or die "$Privacy::Bench::KEEP: $!\n" for 2 .. $marks;
}

# Instructions a request, of so many over one connection after so many that warm it up.
# `check` dies if a response is not what is meant to be measured.
sub per_request {
    my ($name, %option) = @_;
    my ($request, $check, $warm, $count) = delete @option{qw(request check warm count)};
    my ($mark, $counted) = counted($name, sub {
        my ($httpd, $mark) = @_;
        my $connection = Privacy::Connection->new($httpd->port);
        my $ask = sub {
            for (1 .. $_[0]) {
                settle($httpd);
                $check->($connection->send($request)->response);
            }
        };
        $ask->($warm);
        $mark->();
        $mark->();
        $ask->($count);
        $mark->();
        $connection->close;
    }, %option);
    return ($counted - $mark) / $count;
}

# Wait until every thread of the server sleeps: it has done all that it has to do.
sub settle {
    my ($httpd) = @_;
    my $end = time + 60;
    my $asleep = 0;
    while ($asleep < 2) {
        $asleep = (grep { $_ ne 'S' } states($httpd->pid)) ? 0 : $asleep + 1;
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

sub total {
    my ($file) = @_;
    open my $fh, '<', $file or return;
    while (defined(my $line = <$fh>)) {
        return $1 if $line =~ /^(?:summary|totals):\s*(\d+)/;
    }
    return;
}

1;
