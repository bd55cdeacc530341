# Licensed under the Apache License, Version 2.0; see LICENSE.

# What a test asks of its httpd: one request, one Privacy::Message, whatever
# the protocol. HTTP/1.1 in the clear goes over a socket of our own, byte for
# byte; everything else through curl.
package Privacy::Client;

use strict;
use warnings;

use File::Temp ();

use Privacy::Connection;
use Privacy::Message;

our $HOST = 'www.example.org';

# The protocols: a port of the configuration, a scheme, what curl needs for it.
my %VIA = (
    http  => { port => undef },
    h2c   => { port => undef, scheme => 'http', curl => ['--http2-prior-knowledge'] },
    https => { port => 'TLS', scheme => 'https', curl => [ '--insecure', '--http1.1' ] },
    h2    => { port => 'TLS', scheme => 'https', curl => [ '--insecure', '--http2' ] },
);

# Header lines follow as they are; a hash at the end has what is not usual:
# via, host, port (a name), body, method.
sub get  { my ($self, $path, @rest) = @_; return $self->request(GET  => $path, @rest) }
sub head { my ($self, $path, @rest) = @_; return $self->request(HEAD => $path, @rest) }
sub post { my ($self, $path, $body, @rest) = @_; return $self->request(POST => $path, @rest, { body => $body }) }

sub request {
    my ($self, $method, $path, @lines) = @_;
    my %option = map { %$_ } grep { ref } @lines;
    @lines = grep { !ref } @lines;
    my $via = $VIA{ $option{via} || 'http' } or die "via what? '$option{via}'\n";
    my $port = $self->port($option{port} // $via->{port});
    my $host = $option{host} || $HOST;
    if (defined $option{body} && !grep { /^Content-Type:/i } @lines) {
        push @lines, 'Content-Type: application/x-www-form-urlencoded';
    }
    return _curl($via, $port, $host, $method, $path, $option{body}, @lines) if $via->{curl};
    my $connection = Privacy::Connection->new($port);
    my $answer = $connection->send(request_bytes($host, $method, $path, $option{body}, @lines))->response($method);
    $connection->close;
    return $answer;
}

# The bytes of an HTTP/1.1 request; a Host of its own is kept.
sub request_bytes {
    my ($host, $method, $path, $body, @lines) = @_;
    unshift @lines, "Host: $host" if !grep { /^Host:/i } @lines;
    push @lines, 'Content-Length: ' . length $body if defined $body;
    return join "\r\n", "$method $path HTTP/1.1", @lines, '', $body // '';
}

# A connection on which the test sends what it likes; port is a name or undef.
sub connect {
    my ($self, $port) = @_;
    return Privacy::Connection->new($self->port($port));
}

# Bytes as they are, and what comes back.
sub raw {
    my ($self, $bytes) = @_;
    my $connection = $self->connect;
    my $answer = $connection->send($bytes)->response($bytes =~ /^(\S+)/);
    $connection->close;
    return $answer;
}

sub _curl {
    my ($via, $port, $host, $method, $path, $body, @lines) = @_;
    my ($head, $out) = (File::Temp->new, File::Temp->new);
    my @say = map { ('-H', /^([^:]+):\s*\z/ ? "$1;" : $_) } grep { !/^Host:/i } @lines;
    ($host) = map { /^Host:\s*(.*)/i ? $1 : () } @lines, "Host: $host";
    my @command = (
        'curl', '-q', '--silent', '--show-error', '--globoff', '--path-as-is', '--noproxy', '*', '--max-time', 20,
        @{ $via->{curl} }, '--connect-to', "::127.0.0.1:$port", '-H', 'User-Agent:', '-H', 'Accept:', @say,
        $method eq 'HEAD' ? '--head' : ('-X', $method),
        '-D', $head->filename, '-o', $out->filename,
    );
    if (defined $body) {
        my $in = File::Temp->new;
        binmode $in;
        print $in $body;
        close $in;
        push @command, '-H', 'Expect:', '--data-binary', '@' . $in->filename;
        system(@command, "$via->{scheme}://$host$path") == 0 or die "curl failed on $path\n";
    }
    else {
        system(@command, "$via->{scheme}://$host$path") == 0 or die "curl failed on $path\n";
    }
    my @heads = _slurp($head->filename) =~ /(HTTP\/.*?\r?\n\r?\n)/gs;
    my $last = pop @heads;
    return Privacy::Message->new(
        head    => $last,
        body    => $method eq 'HEAD' ? '' : _slurp($out->filename),
        interim => [ map { Privacy::Message->new(head => $_) } @heads ],
    );
}

sub _slurp {
    open my $fh, '<:raw', $_[0] or die $!;
    local $/;
    return scalar(<$fh>) // '';
}

1;
