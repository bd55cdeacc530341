# Licensed under the Apache License, Version 2.0; see LICENSE.

# The restarts of a test's httpd, and its children.
package Privacy::Restart;

use strict;
use warnings;

use Time::HiRes qw(sleep time);

use Privacy::Connection;

# Restart as `apachectl graceful` does; with a text, under that configuration. The children
# of before take connections for a while after the new generation is there, and answer the
# first request of each: what is asked after this is asked of the new ones. These are there,
# so that the next restart knows whom to wait for.
sub graceful {
    my ($self, $conf) = @_;
    $self->let_go;
    my %old = map { $_ => 1 } $self->_restart($conf);
    Privacy::Httpd::wait_until(sub { $self->_gone || $self->_has_new_children && !grep { $old{$_} } $self->children })
        or die "the last generation has not ended within $Privacy::Httpd::TIMEOUT s: a connection is held?\n";
    return $self;
}

# The same while clients hold connections, which keep their children until they are closed:
# either generation may answer, and an answer that has begun is whole.
sub graceful_under_load {
    my ($self, $conf) = @_;
    my %held;
    $self->_restart($conf, $self->{mpm} eq 'event' && sub { %held = $self->_occupy });
    $self->let_go;
    $self->{held} = \%held;
    return $self;
}

# End the requests in hand that keep the children of before the last restart. Before other
# processes are started, which would have these connections as well.
sub let_go {
    my ($self) = @_;
    $_->socket->shutdown(2) for values %{ delete $self->{held} || {} };
    return;
}

# The children that the restart ends. With something to do first: right before it.
sub _restart {
    my ($self, $conf, $first) = @_;
    if (defined $conf) {
        $self->{conf} = $conf;
        $self->_configure;
    }
    Privacy::Httpd::wait_until(sub { $self->_has_new_children || $self->_gone }) or die "no children within $Privacy::Httpd::TIMEOUT s\n";
    my ($begun, $over) = $self->_restarts;
    my %old = map { $_ => 1 } $self->children;
    $first->() if $first;
    kill USR1 => $self->{pid};
    Privacy::Httpd::wait_until(sub {
        my @now = $self->children;
        my ($begins, $is_over) = $self->_restarts;
        return 1 if $is_over > $over || $self->_gone;
        # Between its two lines a server starts nothing but mod_cgid's daemon, of one thread.
        @now = grep { !_is_single($_) } @now if $begins > $begun && $self->{loaded}{cgid};
        @old{@now} = (1) x @now;
        return 0;
    }) or die "no graceful restart within $Privacy::Httpd::TIMEOUT s\n";
    die "httpd ended in a graceful restart:\n", $self->startup_output, $self->log if $self->_gone;
    $self->{old} = \%old;
    return keys %old;
}

# Whether children have come since the last restart. The parent begins with them when one
# of before has ended, or after a second, or when it is told to restart again: then they
# are there for nobody to know, with the policy of before.
sub _has_new_children {
    my ($self) = @_;
    my $least = $self->{loaded}{cgid} ? 2 : 1;
    return $least <= grep { !$self->{old}{$_} } $self->children;
}

# How many of them its log tells of: begun, and over; the start is one that is over.
sub _restarts {
    my ($self) = @_;
    my $log = $self->log;
    return map { scalar(() = $log =~ /$_/g) } qr/doing (?:graceful )?restart/i, qr/resuming normal operations/;
}

# ---- requests in hand ----

# A request, half sent, for each child that listens (mod_cgid's does not): connections by
# the port of their client. httpd ends them after its Timeout.
#
# A child of event that is to end asks whether it has a connection, and those that it has
# accepted but not begun with do not count. With none its listener ends at once. Its
# threads answer what they have, but nobody waits any more for a socket that takes no more
# for now: a large answer stands still, and breaks off when the child ends
# (server/mpm/event/event.c, listener_thread() and connection_count; of 2.4.71, on a busy
# machine). That is httpd's, with or without this module, and not what is tested here.
sub _occupy {
    my ($self) = @_;
    my ($begun, $port, %held) = (time, $self->port);
    return _in_hand($port, 4 * $self->children) if !_shows_sockets($self->children);
    while (1) {
        my $ends = _ends($port);
        my %clients = map { $_ => [ _clients($ends, $_) ] } grep { _listens($ends, $_) } $self->children;
        my @free = grep { !grep { $held{$_} } @{ $clients{$_} } } keys %clients;
        # One whose threads are all taken has connections that count, once it has begun with them.
        @free = grep { @{ $clients{$_} } < $Privacy::Httpd::THREADS } @free if time - $begun > 2;
        return %held if !@free;
        die "a child takes no connection within $Privacy::Httpd::TIMEOUT s\n" if time - $begun > $Privacy::Httpd::TIMEOUT;
        my ($one, $connection) = _in_hand($port, 1);
        $ends = _ends($port);
        if ($one && grep { grep { $_ == $one } _clients($ends, $_) } @free) {
            $held{$one} = $connection;
        }
        else {
            sleep 0.01;
        }
    }
}

# So many of them, or as many as are taken. What is answered is counted.
sub _in_hand {
    my ($port, $n) = @_;
    local $Privacy::Connection::TIMEOUT = 5;
    my %held;
    for (1 .. $n) {
        my $connection = eval { Privacy::Connection->new($port) } or next;
        $connection->send("OPTIONS * HTTP/1.1\r\nHost: www.example.org\r\n\r\nGET / HTTP/1.1\r\n");
        $held{ $connection->socket->sockport } = $connection if eval { $connection->response };
    }
    return %held;
}

# The sockets at a port of the server, as they are called in /proc: 0 for one that
# listens, or else the port of its client.
sub _ends {
    my ($port) = @_;
    my $local = sprintf ':%04X', $port;
    my %ends;
    for (split /\n/, Privacy::Httpd::slurp('/proc/net/tcp')) {
        my (undef, $here, $there, $state, @rest) = split;
        $ends{"socket:[$rest[5]]"} = $state eq '0A' ? 0 : hex $there =~ s/.*://r if $here =~ /$local\z/;
    }
    return \%ends;
}

sub _files { return map { readlink // () } glob "/proc/$_[0]/fd/*" }

# Not so for root without CAP_SYS_PTRACE.
sub _shows_sockets { return !!grep { /^socket:/ } map { _files($_) } @_ }

sub _listens { my ($ends, $pid) = @_; return !!grep { defined && $_ == 0 } map { $ends->{$_} } _files($pid) }
sub _clients { my ($ends, $pid) = @_; return grep { $_ } map { $ends->{$_} } _files($pid) }

# ---- children ----

# Those that have not ended, by pid.
sub children {
    my ($self) = @_;
    my @pids;
    for my $stat (glob '/proc/[0-9]*/stat') {
        open my $fh, '<', $stat or next;
        my $line = <$fh> // next;
        push @pids, $1 if $line =~ /^(\d+) \(.*\) [^Z] (\d+)/s && $2 == $self->{pid};
    }
    return @pids;
}

# Those that answer.
sub workers {
    my ($self) = @_;
    return grep { !$self->{loaded}{cgid} || !_is_single($_) } $self->children;
}

# Whether a process has one thread, as mod_cgid's daemon has.
sub _is_single { return Privacy::Httpd::slurp("/proc/$_[0]/status") =~ /^Threads:\s+1$/m }

1;
