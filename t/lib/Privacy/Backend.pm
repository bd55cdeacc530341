# Licensed under the Apache License, Version 2.0; see LICENSE.

# An origin server in a process of its own, played by a Perl closure, that
# remembers every request it got.
package Privacy::Backend;

use strict;
use warnings;

use Fcntl qw(:flock);
use File::Temp ();
use IO::Socket::INET;
use POSIX ();

use Privacy::Connection;

my @running;

# The closure gets a Privacy::Message (the request) and a Privacy::Connection,
# on which it sends what it likes, bytes as they are. Where it returns true,
# the connection stays open for another request.
sub new {
    my ($class, $answer) = @_;
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16, ReuseAddr => 1)
        or die "no socket for a backend: $!\n";
    my $record = File::Temp->new(TEMPLATE => 'privacy-backend-XXXXXX', TMPDIR => 1);
    my $self = bless { port => $listener->sockport, record => $record, owner => $$ }, $class;
    defined($self->{pid} = fork) or die "fork: $!\n";
    if (!$self->{pid}) {
        setpgrp;
        $SIG{CHLD} = 'IGNORE';
        $SIG{INT} = $SIG{TERM} = 'DEFAULT';
        while (my $socket = $listener->accept) {
            _serve($record->filename, $answer, $socket);
        }
        POSIX::_exit(0);
    }
    setpgrp $self->{pid}, $self->{pid};    # whichever of the two comes first
    push @running, $self;
    return $self;
}

sub port    { $_[0]{port} }
sub address { "127.0.0.1:$_[0]{port}" }

# What it has been sent so far.
sub requests {
    my ($self) = @_;
    open my $fh, '<:raw', $self->{record}->filename or die $!;
    local $/;
    my @requests;
    my $rest = <$fh>;
    while ($rest =~ s/^(\d+) (\d+)\n//) {
        my ($head, $body) = unpack "a$1 a$2", $rest;
        substr $rest, 0, $1 + $2, '';
        push @requests, Privacy::Message->new(head => $head, body => $body, raw => $head . $body);
    }
    return @requests;
}

sub last_request { ($_[0]->requests)[-1] }

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill TERM => -$pid;
    waitpid $pid, 0;
}

sub stop_all {
    $_->{owner} == $$ && $_->stop for @running;
}

sub _serve {
    my ($record, $answer, $socket) = @_;
    # The parent lets go of it, or the client would not see it closed.
    return CORE::close $socket if fork;
    my $connection = Privacy::Connection->over($socket);
    while (my $request = eval { $connection->request }) {
        open my $fh, '>>:raw', $record or die $!;
        flock $fh, LOCK_EX;
        print $fh length $request->{head}, ' ', length $request->{body}, "\n", $request->{head}, $request->{body};
        CORE::close $fh;
        my $stay = eval { $answer->($request, $connection) };
        warn "backend: $@" if $@;
        last if !$stay;
    }
    $connection->close;
    POSIX::_exit(0);
}

1;
