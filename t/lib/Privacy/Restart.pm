# Licensed under the Apache License, Version 2.0; see LICENSE.

# The restarts of a test's httpd, and its children.
package Privacy::Restart;

use strict;
use warnings;

use Privacy::Connection;

# Restart as `apachectl graceful` does; with a text, under that configuration. The children
# of before take connections for a while after the new generation is there, and answer the
# first request of each: what is asked after this is asked of the new ones. These are there,
# so that the next restart knows whom to wait for.
sub graceful {
    my ($self, $conf) = @_;
    $self->let_go;
    my %old = map { $_ => 1 } $self->_restart($conf);
    my $least = $self->{loaded}{cgid} ? 2 : 1;
    Privacy::Httpd::wait_until(sub { my @now = $self->children; $self->_gone || @now >= $least && !grep { $old{$_} } @now })
        or die "the last generation has not ended within $Privacy::Httpd::TIMEOUT s: a connection is held?\n";
    return $self;
}

# The same while clients hold connections, which keep their children until they are closed:
# either generation may answer, and no request is lost.
sub graceful_under_load {
    my ($self, $conf) = @_;
    my $held = $self->{mpm} eq 'event' && $self->_occupy;
    $self->_restart($conf);
    $self->{held} = $held;
    return $self;
}

# The requests in hand that keep the children of before the last restart.
sub let_go { delete $_[0]{held} }

# The children that the restart ends: all that are seen before the log says that it is over.
sub _restart {
    my ($self, $conf) = @_;
    if (defined $conf) {
        $self->{conf} = $conf;
        $self->_configure;
    }
    my $before = $self->_generations;
    my %old = map { $_ => 1 } $self->children;
    kill USR1 => $self->{pid};
    Privacy::Httpd::wait_until(sub {
        my @now = $self->children;
        return 1 if $self->_generations > $before || $self->_gone;
        @old{@now} = (1) x @now;
        return 0;
    }) or die "no graceful restart within $Privacy::Httpd::TIMEOUT s\n";
    die "httpd ended in a graceful restart:\n", $self->startup_output, $self->log if $self->_gone;
    return keys %old;
}

# A request in hand, half sent, for each child that listens (mod_cgid's does not) and has a
# thread to spare. They end when nobody has what this gives.
#
# A child of event that is to end asks whether it has a connection, and those that it has
# accepted but not begun with do not count. With none its listener ends at once. Its
# threads answer what they have, but nobody waits any more for a socket that takes no more
# for now: a large answer stands still, and breaks off when the child ends
# (server/mpm/event/event.c, listener_thread() and connection_count; of 2.4.71, on a busy
# machine). That is httpd's, with or without this module, and not what is tested here.
sub _occupy {
    my ($self) = @_;
    my ($port, %held) = ($self->port);
    my $free = sub {
        my ($listens, @clients) = _ends($_[0], $port);
        return $listens && @clients < $Privacy::Httpd::THREADS && !grep { $held{$_} } @clients;
    };
    my $end = time + $Privacy::Httpd::TIMEOUT;
    while (my @free = grep { $free->($_) } $self->children) {
        die "a child takes no connection within $Privacy::Httpd::TIMEOUT s\n" if time > $end;
        my $connection = Privacy::Connection->new($port);
        # What is answered is counted.
        $connection->send("OPTIONS * HTTP/1.1\r\nHost: www.example.org\r\n\r\nGET / HTTP/1.1\r\n");
        eval { $connection->response } or next;
        my $one = $connection->socket->sockport;
        my ($taken) = grep { my (undef, @clients) = _ends($_, $port); grep { $_ == $one } @clients } @free;
        $held{$one} = $connection if $taken;
    }
    return \%held;
}

# A process's ends of a port of the server: whether it listens, and the ports of the
# clients that it is connected with.
sub _ends {
    my ($pid, $port) = @_;
    my $local = sprintf ':%04X', $port;
    my (%listens, %client);
    for (split /\n/, Privacy::Httpd::slurp('/proc/net/tcp')) {
        my (undef, $here, $there, $state, @rest) = split;
        next if $here !~ /$local\z/;
        my $socket = "socket:[$rest[5]]";
        $state eq '0A' ? $listens{$socket}++ : ($client{$socket} = hex $there =~ s/.*://r);
    }
    my @open = map { readlink // () } glob "/proc/$pid/fd/*";
    return (scalar(grep { $listens{$_} } @open), grep { $_ } map { $client{$_} } @open);
}

# Its children, by pid, that have not ended.
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

1;
