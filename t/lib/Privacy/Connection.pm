# Licensed under the Apache License, Version 2.0; see LICENSE.

# An HTTP/1.1 connection that sends what it is told, byte for byte, and takes
# the answer apart without losing a byte.
package Privacy::Connection;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

use Privacy::Message;
use Privacy::Sent;

our $TIMEOUT = 30;

sub new {
    my ($class, $port) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => $TIMEOUT)
        or die "no connection to 127.0.0.1:$port: $!\n";
    return $class->over($socket);
}

# Over a socket that is open already: a backend reads requests with it.
sub over {
    my ($class, $socket) = @_;
    binmode $socket;
    return bless { socket => $socket, buffer => '', taken => '' }, $class;
}

sub socket { $_[0]{socket} }

sub send {
    my ($self, $bytes) = @_;
    local $SIG{PIPE} = 'IGNORE';
    Privacy::Sent::message($bytes);
    while (length $bytes) {
        my $n = syswrite $self->{socket}, $bytes;
        last if !defined $n;               # closed: what it answered tells why
        substr $bytes, 0, $n, '';
    }
    return $self;
}

# What a backend answers: a status with its reason, header lines, a body. Says
# that the connection may stay open.
sub reply {
    my ($self, $status, $lines, $body) = @_;
    my $head = join "\r\n", "HTTP/1.1 $status", @$lines, 'Content-Length: ' . length $body, '', '';
    $self->send($self->{head_only} ? $head : $head . $body);
    return 1;
}

sub close { CORE::close $_[0]{socket} }

# The next response, after any interim ones. A method of HEAD has no body.
sub response {
    my ($self, $method) = @_;
    my @interim;
    $self->{taken} = '';
    while (1) {
        my $head = $self->_head or die "the server closed without an answer\n";
        Privacy::Sent::message($head);
        my $message = Privacy::Message->new(head => $head, interim => [@interim]);
        if ($message->status < 200 && $message->status != 101) {
            push @interim, $message;
            next;
        }
        my $none = ($method || '') eq 'HEAD' || $message->status =~ /^(?:101|204|304)$/;
        $message->{body} = $none ? '' : $self->_body($message, 1);
        $message->{raw}  = $self->{taken};
        return $message;
    }
}

# The next request, or undef once the peer has closed.
sub request {
    my ($self) = @_;
    $self->{taken} = '';
    my $head = $self->_head or return;
    my $message = Privacy::Message->new(head => $head);
    $self->{head_only} = $message->method eq 'HEAD';
    $message->{body}   = $self->_body($message, 0);
    $message->{raw}    = $self->{taken};
    return $message;
}

# Every byte that comes until the peer closes.
sub rest {
    my ($self) = @_;
    1 while $self->_more;
    return $self->_take(length $self->{buffer});
}

# Read on until what has come looks like this; false if the peer closes before, or
# nothing more comes for a while. It stays to be read.
sub comes {
    my ($self, $pattern, $timeout) = @_;
    local $TIMEOUT = $timeout // $TIMEOUT;
    while ($self->{buffer} !~ $pattern) {
        return 0 if !eval { $self->_more };
    }
    return 1;
}

# True if the peer closes before it sends anything.
sub closed { !$_[0]->_more && !length $_[0]{buffer} }

sub _head {
    my ($self) = @_;
    $self->_more || return while $self->{buffer} !~ /\r?\n\r?\n/;
    return $self->_take($+[0]);
}

sub _body {
    my ($self, $message, $to_the_end) = @_;
    my ($coding) = $message->header('Transfer-Encoding');
    my ($length) = $message->header('Content-Length');
    return $self->_chunked if ($coding || '') =~ /\bchunked\s*\z/i;
    if (defined $length) {
        $self->_more || last while length $self->{buffer} < $length;
        return $self->_take($length);
    }
    return $to_the_end ? $self->rest : '';
}

sub _chunked {
    my ($self) = @_;
    my $body = '';
    while (1) {
        my $line = $self->_line;
        my ($size) = $line =~ /^([0-9a-fA-F]+)/ or die "no chunk size: '$line'\n";
        last if hex $size == 0;
        $self->_more || die "cut off in a chunk\n" while length $self->{buffer} < 2 + hex $size;
        $body .= $self->_take(hex $size);
        $self->_take(2);
    }
    1 while $self->_line ne '';            # the trailer
    return $body;
}

sub _line {
    my ($self) = @_;
    $self->_more || die "cut off in a line\n" while $self->{buffer} !~ /\r?\n/;
    return $self->_take($+[0]) =~ s/\r?\n\z//r;
}

sub _take {
    my ($self, $n) = @_;
    my $bytes = substr $self->{buffer}, 0, $n, '';
    $self->{taken} .= $bytes;
    return $bytes;
}

# Read on; false at the end.
sub _more {
    my ($self) = @_;
    IO::Select->new($self->{socket})->can_read($TIMEOUT)
        or die "nothing more came within $TIMEOUT s; so far: '$self->{taken}$self->{buffer}'\n";
    my $n = sysread $self->{socket}, $self->{buffer}, 65536, length $self->{buffer};
    return $n;
}

1;
