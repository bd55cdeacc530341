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
use File::Temp ();

use Privacy::Bench;
use Privacy::Connection;
use Privacy::Httpd;

our @EXPORT = qw(counted per_request instructions_of);

my $ONE_THREAD = <<'CONF';
ThreadsPerChild 1
MaxRequestWorkers 1
MaxSpareThreads 2
CONF

my $without_aslr;

# Address randomisation off, where the machine lets us.
sub command {
    $without_aslr //= in_path('setarch') && system('setarch -R true 2>/dev/null') == 0 ? 1 : 0;
    in_path('valgrind') or die "valgrind is not on this machine: `make bench` installs it on Debian and Ubuntu\n";
    return (($without_aslr ? qw(setarch -R) : ()), 'valgrind', '--tool=callgrind', @_);
}

# Instructions between the marks that $drive sets by calling its second argument, which
# are one less than the marks; options as httpd()'s, and `within`, a pattern: only those
# of an object (a program, a library) whose name is like that. A mark is a request that ends in an
# error page, before which callgrind is told to begin a new count.
sub counted {
    my ($name, $drive, %option) = @_;
    my $within = delete $option{within};
    my $httpd = Privacy::Httpd->new(
        user => $> == 0 ? Privacy::Httpd::ordinary_user() : undef,
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
    my @totals = map { total("$file.$_", $within) // die "$name: callgrind has not counted:\n", $httpd->startup_output, $httpd->log } 2 .. $marks;
    keep($name, $file, $marks) if defined $Privacy::Bench::KEEP;
    Privacy::Httpd::clean_up();
    return @totals;
}

sub mark {
    my ($httpd) = @_;
    settle($httpd->pid);
    my $connection = Privacy::Connection->new($httpd->port);
    my $answer = $connection->send("GET /mark HTTP/1.1\r\nHost: localhost\r\n\r\n")->response;
    $answer->status == 404 or die "not an error page: ", $answer->head;
    settle($httpd->pid);
    $connection->close;
    settle($httpd->pid);
}

# For callgrind_annotate, which takes a call that has not returned for the end of a
# function.
sub keep {
    my ($name, $file, $marks) = @_;
    for my $part (1 .. $marks - 1) {
        open my $fh, '<', "$file." . ($part + 1) or die $!;
        my $text = do { local $/; <$fh> };
        $text =~ s/^calls=0 .*\n.*\n//mg;
        write_file("$Privacy::Bench::KEEP/$name.$part", $text);
    }
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
                settle($httpd->pid);
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

# Instructions of a program that ends by itself.
sub instructions_of {
    my (@program) = @_;
    my $file = File::Temp->new;
    my $said = `@{[ join ' ', command('--callgrind-out-file=' . $file->filename), @program ]} 2>&1`;
    return total($file->filename) // die "@program: $said";
}

sub total {
    my ($file, $within) = @_;
    open my $fh, '<', $file or return;
    return sum_within($fh, $within) if $within;
    while (defined(my $line = <$fh>)) {
        return $1 if $line =~ /^(?:summary|totals):\s*(\d+)/;
    }
    return;
}

# A name is spelt out where it first stands, and is a number from there on; behind a
# `calls=` stands what the callee has taken.
sub sum_within {
    my ($fh, $within) = @_;
    my ($sum, $inside, %name) = (0, 0);
    while (defined(my $line = <$fh>)) {
        if ($line =~ /^(c?ob)=(\(\d+\))(?: (.+))?/) {
            $name{$2} = $3 if defined $3;
            $inside = $name{$2} =~ $within if $1 eq 'ob';
        }
        elsif ($line =~ /^calls=/) {
            <$fh>;
        }
        elsif ($inside && $line =~ /^[-+*\d]\S* (\d+)$/) {
            $sum += $1;
        }
    }
    return $sum;
}

1;
