# Licensed under the Apache License, Version 2.0; see LICENSE.

# WebSocket frames: an origin server that echoes them, and a client that counts on
# every byte.
package Privacy::WebSocket;

use strict;
use warnings;

use IO::Socket::INET;
use IPC::Open2;
use POSIX ();

use Privacy::Client;

my @origins;

# One whole frame; with a mask as clients send it.
sub frame {
    my ($payload, $mask) = @_;
    my $n = length $payload;
    my $bit = defined $mask ? 0x80 : 0;
    my $head = "\x82" . ($n < 126 ? pack 'C', $n | $bit : pack 'Cn', 126 | $bit, $n);
    return $head . $payload if !$bit;
    return $head . $mask . ($payload ^ substr $mask x ($n / 4 + 1), 0, $n);
}

# The payloads of the whole frames in a buffer, which are taken out.
sub frames {
    my ($buffer) = @_;
    my @payloads;
    while (length $$buffer >= 2) {
        my ($n, $at) = (ord(substr $$buffer, 1, 1), 2);
        my $masked = $n & 0x80;
        $n &= 0x7f;
        ($n, $at) = (unpack('n', substr $$buffer, 2, 2), 4) if $n == 126 && length $$buffer >= 4;
        last if $n == 126 && $at == 2 || length $$buffer < $at + ($masked ? 4 : 0) + $n;
        my $mask = $masked ? substr $$buffer, $at, 4 : "\0" x 4;
        $at += 4 if $masked;
        push @payloads, substr($$buffer, $at, $n) ^ substr $mask x ($n / 4 + 1), 0, $n;
        substr $$buffer, 0, $at + $n, '';
    }
    return @payloads;
}

# Payloads that are always the same, most of them small, with what looks like heads
# inside.
sub payloads {
    my ($count) = @_;
    my $random = 7;
    return map {
        $random = ($random * 1103515245 + 12345) % 2147483648;
        my $n = $random % ($_ % 100 == 0 ? 8000 : 200);
        substr(sprintf("Set-Cookie: _ga=%d\r\n\r\nHTTP/1.1 200 OK\r\n", $_) x ($n / 40 + 1), 0, $n)
    } 1 .. $count;
}

# An origin server, by its port: it calls the closure with the request's path and
# sends what that returns, at once or, if it is a list, piece by piece; then it
# echoes frames, unless the answer was no 101.
sub origin {
    my ($answer) = @_;
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16) or die $!;
    my $port = $listener->sockport;
    my $pid = fork // die $!;
    if (!$pid) {
        $SIG{CHLD} = 'IGNORE';
        while (my $socket = $listener->accept) {
            next if fork;
            serve($socket, $answer);
            POSIX::_exit(0);
        }
        POSIX::_exit(0);
    }
    push @origins, [ $pid, $$ ];
    return $port;
}

END { kill TERM => map { $_->[1] == $$ ? $_->[0] : () } @origins }

sub serve {
    my ($socket, $answer) = @_;
    my $in = '';
    sysread $socket, $in, 65536, length $in or return while $in !~ /\r\n\r\n/;
    $in =~ s/\A(.*?)\r\n\r\n//s;
    my @pieces = $answer->($1 =~ m{^GET (\S+)});
    for my $piece (@pieces) {
        write_all($socket, $piece);
        select undef, undef, undef, 0.001 if @pieces > 1;
    }
    return if join('', @pieces) !~ m{^HTTP/1.1 101 };
    while (1) {
        write_all($socket, join '', map { frame($_) } frames(\$in));
        sysread $socket, $in, 65536, length $in or return;
    }
}

sub write_all {
    my ($socket, $bytes) = @_;
    while (length $bytes) {
        my $n = syswrite $socket, $bytes or return;
        substr $bytes, 0, $n, '';
    }
}

# A connection as two handles: a socket twice, or the ends of `openssl s_client`.
sub connection {
    my ($httpd, $via) = @_;
    if ($via eq 'http') {
        my $socket = $httpd->connect->socket;
        return ($socket, $socket, undef);
    }
    my $pid = open2(my $out, my $in, 'exec openssl s_client -quiet -connect 127.0.0.1:' . $httpd->port('TLS') . ' 2>/dev/null');
    binmode $_ for $out, $in;
    return ($out, $in, $pid);
}

# Ask for an upgrade, wait for what $greeting matches, and exchange frames: the first
# $awaited one by one, the others at once. Gives all that was received.
sub talk {
    my ($httpd, $path, $via, $greeting, $payloads, $awaited, @lines) = @_;
    my ($out, $in, $pid) = connection($httpd, $via);
    write_all($in, Privacy::Client::request_bytes('www.example.org', GET => $path, undef, 'Upgrade: websocket',
        'Connection: Upgrade', 'Sec-WebSocket-Key: xxx', 'Sec-WebSocket-Version: 13', @lines));
    my $received = '';
    my $until = sub {
        my ($length) = @_;
        while (length $received < $length) {
            my $ready = '';
            vec($ready, fileno $out, 1) = 1;
            select($ready, undef, undef, 10) && sysread $out, $received, 65536, length $received or return;
        }
        return 1;
    };
    $until->(1 + length $received) or last while $received !~ $greeting;
    my $expected = length $received;
    for my $i (0 .. $awaited - 1) {
        write_all($in, frame($payloads->[$i], pack 'N', $i));
        $expected += length frame($payloads->[$i]);
        $until->($expected) or return $received;
    }
    my @rest = @$payloads[ $awaited .. $#$payloads ];
    my $writer = fork // die $!;
    if (!$writer) {
        my $i = $awaited;
        write_all($in, join '', map { frame($_, pack 'N', $i++) } splice @rest, 0, 50) while @rest;
        POSIX::_exit(0);
    }
    $expected += length frame($_) for @rest;
    $until->($expected);
    waitpid $writer, 0;
    close $in;
    close $out;
    kill(TERM => $pid), waitpid $pid, 0 if $pid;
    return $received;
}

1;
