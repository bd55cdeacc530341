# Licensed under the Apache License, Version 2.0; see LICENSE.

# Pages that come in parts: an origin server that repeats one as often as it is asked
# to, or holds the rest back until somebody has seen the beginning.
package Privacy::Stream;

use strict;
use warnings;

use File::Temp qw(tempdir);
use Time::HiRes qw(sleep time);

use Privacy::Backend;
use Privacy::Client;

# How long the rest is held back at most; a page without it says that nobody came.
my $PATIENCE = 60;

# Between two parts of a slow page.
my $PAUSE = 0.01;

# head => …, row => …, end => …: the parts of a page. It answers, chunked,
#   /rows/N         with head, N times the row, and end
#   /length/N       the same with a Content-Length
#   /slow/N         the same as /rows/N, with a pause before each row
#   /held/KEY       with head and row; and with the end when seen(KEY) has been called
sub new {
    my ($class, %part) = @_;
    my $self = bless { %part, dir => tempdir(CLEANUP => 1) }, $class;
    chmod 0755, $self->{dir};
    $self->{backend} = Privacy::Backend->new(sub { $self->_answer(@_) });
    return $self;
}

sub address { $_[0]{backend}->address }

# What a page of so many rows is.
sub page {
    my ($self, $rows) = @_;
    return $self->{head} . $self->{row} x $rows . $self->{end};
}

# The file that a script or the origin waits for.
sub sign { "$_[0]{dir}/$_[1]" }

sub seen {
    my ($self, $key) = @_;
    open my $fh, '>', $self->sign($key) or die $!;
}

# Asks for a page that is held back, and sees its beginning before the rest is sent.
# Gives what came before, and the whole body; nothing before means that somebody between
# held the beginning back.
sub beginning {
    my ($self, $httpd, $path, $key, $mark) = @_;
    my $connection = $httpd->connect;
    $connection->send(Privacy::Client::request_bytes('www.example.org', GET => $path, undef, 'Connection: close', 'Accept: text/html'));
    my $before = $connection->comes($mark, $PATIENCE / 2) ? $connection->{buffer} : '';
    $self->seen($key);
    my $body = $connection->response->body;
    $connection->close;
    return ($before, $body);
}

sub _answer {
    my ($self, $request, $client) = @_;
    my ($how, $what) = $request->target =~ m{(rows|length|slow|held)/(\w+)} or die 'what is ', $request->target, "?\n";
    my $head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
    my @parts = ($self->{head}, $how eq 'held' ? $self->{row} : (($self->{row}) x $what), $self->{end});
    if ($how eq 'length') {
        my $length = 0;
        $length += length for @parts;
        $client->send("${head}Content-Length: $length\r\n\r\n");
        $client->send($_) for @parts;
        return 1;
    }
    $client->send("${head}Transfer-Encoding: chunked\r\n\r\n");
    for my $i (0 .. $#parts) {
        _wait_for($self->sign($what)) or return if $how eq 'held' && $i == $#parts;
        sleep $PAUSE if $how eq 'slow' && $i > 0;
        $client->send(sprintf "%x\r\n%s\r\n", length $parts[$i], $parts[$i]);
    }
    $client->send("0\r\n\r\n");
    return 1;
}

sub _wait_for {
    my ($file) = @_;
    my $end = time + $PATIENCE;
    while (!-e $file) {
        return 0 if time > $end;
        sleep 0.01;
    }
    return 1;
}

1;
