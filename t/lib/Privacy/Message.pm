# Licensed under the Apache License, Version 2.0; see LICENSE.

# One HTTP message as it was on the wire: what a client received, or what a
# backend was sent. Header lines keep their order, their case and their bytes.
package Privacy::Message;

use strict;
use warnings;

# head => the bytes up to and with the empty line
# body => the bytes after it, without transfer coding
# raw  => every byte, interim responses included (HTTP/1.1 only)
sub new {
    my ($class, %part) = @_;
    my ($start, @lines) = split /\r?\n/, $part{head};
    return bless { body => '', interim => [], raw => '', %part, start => $start, lines => \@lines }, $class;
}

sub start { $_[0]{start} }          # the request line or the status line
sub head  { $_[0]{head} }
sub raw   { $_[0]{raw} }

# In list context the header lines, else the head's lines as one text.
sub lines { wantarray ? @{ $_[0]{lines} } : join "\n", @{ $_[0]{lines} } }

sub body {
    my ($self) = @_;
    return $self->{body};
}

# Of a response.
sub status  { ($_[0]{start} =~ m{^HTTP/\S+ (\d{3})})[0] }
sub interim { @{ $_[0]{interim} } }    # the 1xx responses before it, each a message

# Of a request.
sub method { (split / /, $_[0]{start})[0] }
sub target { (split / /, $_[0]{start})[1] }

# All values of a header in their order, or in scalar context the only one:
# undef where there is none, and the test dies where there are several.
sub header {
    my ($self, $name) = @_;
    my @values = map { /^\Q$name\E:[ \t]*(.*)\z/is ? $1 : () } @{ $self->{lines} };
    return @values if wantarray;
    die "header '$name' stands ", scalar @values, " times:\n", $self->head if @values > 1;
    return $values[0];
}

sub set_cookies { my @v = $_[0]->header('Set-Cookie'); @v }

# The value of a CGI variable in the answer of echo_env().
sub env {
    my ($self, $name) = @_;
    return ($self->body =~ /^\Q$name\E=(.*)$/m)[0];
}

# What one request leaves the same in the next: the raw bytes but for the time.
sub timeless {
    my ($self) = @_;
    my $bytes = $self->raw;
    $bytes =~ s/^(Date): [^\r\n]*/$1: -/mgi;
    return $bytes;
}

1;
