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
use Privacy::Sent;

our $HOST = 'www.example.org';

# The protocols: a port of the configuration, a scheme, what curl needs for it.
my %VIA = (
    http  => { port => undef },
    h2c   => { port => undef, scheme => 'http', curl => ['--http2-prior-knowledge'] },
    https => { port => 'TLS', scheme => 'https', curl => [ '--insecure', '--http1.1' ] },
    h2    => { port => 'TLS', scheme => 'https', curl => [ '--insecure', '--http2' ] },
);

# Header lines follow as they are; a hash at the end has what is not usual:
# via, host, port (a name), body, may_fail: an answer that breaks off is one.
sub get  { my ($self, $path, @rest) = @_; return $self->request(GET  => $path, @rest) }
sub head { my ($self, $path, @rest) = @_; return $self->request(HEAD => $path, @rest) }
sub post { my ($self, $path, $body, @rest) = @_; return $self->request(POST => $path, @rest, { body => $body }) }

sub request {
    my ($self, $method, $path, @lines) = @_;
    my $ask = $self->_ask($method, $path, @lines);
    return (_curl({}, $ask))[0] if $ask->{via}{curl};
    my $connection = Privacy::Connection->new($ask->{port});
    my $answer = $connection->send(request_bytes(@$ask{qw(host method path body)}, @{ $ask->{lines} }))->response($method);
    $connection->close;
    return $answer;
}

# Several requests, [METHOD => '/path', …] each, one after the other, and their answers. Over https and
# h2 they share connections.
sub series {
    my ($self, $via, @requests) = @_;
    # curl 7.88 forgets with its second request that an h2c connection is one.
    return map { $self->request(@$_, { via => $via }) } @requests if $via eq 'http' || $via eq 'h2c';
    return _curl({}, map { $self->_ask(@$_, { via => $via }) } @requests);
}

# The same as streams of one HTTP/2 connection at once.
sub streams {
    my ($self, @requests) = @_;
    return _curl({ parallel => 1 }, map { $self->_ask(@$_, { via => 'h2' }) } @requests);
}

# A request, with all that is not said as usual.
sub _ask {
    my ($self, $method, $path, @lines) = @_;
    my %option = map { %$_ } grep { ref } @lines;
    @lines = grep { !ref } @lines;
    my $via = $VIA{ $option{via} || 'http' } or die "via what? '$option{via}'\n";
    if (defined $option{body} && !grep { /^Content-Type:/i } @lines) {
        push @lines, 'Content-Type: application/x-www-form-urlencoded';
    }
    return {
        method => $method, path => $path, lines => \@lines, body => $option{body}, via => $via,
        port => $self->port($option{port} // $via->{port}),
        host => $option{host} || $HOST, may_fail => $option{may_fail},
    };
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

# One curl for all of them.
sub _curl {
    my ($how, @asks) = @_;
    my $config = File::Temp->new;
    my @got = map { { head => File::Temp->new, out => File::Temp->new } } @asks;
    print $config join "next\n", map { _for_curl($asks[$_], $got[$_], $_) } 0 .. $#asks;
    close $config;
    my @command = ('curl', '-q', $how->{parallel} ? '--parallel' : (), '-K', $config->filename);
    open my $said, '-|', @command or die "curl: $!\n";
    my @exits;
    /^(\d+) (\d+)$/ and $exits[$1] = $2 for <$said>;
    close $said or $asks[0]{may_fail} or die "curl failed on $asks[0]{path}\n";
    return map { _answer($asks[$_]{method}, $got[$_], $exits[$_]) } 0 .. $#asks;
}

# A request as curl's configuration has it. Streams end in any order, so each says which it is.
sub _for_curl {
    my ($ask, $got, $n) = @_;
    Privacy::Sent::message(join "\n", @{ $ask->{lines} });
    my ($host) = map { /^Host:\s*(.*)/i ? $1 : () } @{ $ask->{lines} }, "Host: $ask->{host}";
    my @fields = map { /^([^:]+):\s*\z/ ? "$1;" : $_ } grep { !/^Host:/i } @{ $ask->{lines} };
    my @say = (
        [ url => "$ask->{via}{scheme}://$host$ask->{path}" ], [ 'silent' ], $ask->{may_fail} ? () : ['show-error'],
        [ 'no-progress-meter' ], $ask->{may_fail} ? [ 'write-out' => "$n %{exitcode}\\n" ] : (),
        [ 'globoff' ], [ 'path-as-is' ], [ noproxy => '*' ], [ 'max-time' => 60 ], [ 'connect-to' => "::127.0.0.1:$ask->{port}" ],
        (map { [ s/^--//r ] } @{ $ask->{via}{curl} }),
        (map { [ header => $_ ] } 'User-Agent:', 'Accept:', @fields),
        $ask->{method} eq 'HEAD' ? [ 'head' ] : [ request => $ask->{method} ],
        [ 'dump-header' => $got->{head}->filename ], [ output => $got->{out}->filename ],
    );
    if (defined $ask->{body}) {
        $got->{in} = File::Temp->new;
        binmode $got->{in};
        print { $got->{in} } $ask->{body};
        close $got->{in};
        push @say, [ header => 'Expect:' ], [ 'data-binary' => '@' . $got->{in}->filename ];
    }
    return join '', map { $_->[0] . (defined $_->[1] ? qq{ = "} . $_->[1] =~ s/(["\\])/\\$1/gr =~ s/\t/\\t/gr . '"' : '') . "\n" } @say;
}

sub _answer {
    my ($method, $got, $exit) = @_;
    my $text = _slurp($got->{head}->filename);
    Privacy::Sent::message($text);
    my @heads;
    push @heads, $1 while $text =~ s/\A.*?(HTTP\/.*?\r?\n\r?\n)//s;
    my $last = pop @heads;
    return Privacy::Message->new(
        head    => $last // '',
        exit    => $exit,
        cut     => $text,
        body    => $method eq 'HEAD' ? '' : _slurp($got->{out}->filename),
        interim => [ map { Privacy::Message->new(head => $_) } @heads ],
    );
}

sub _slurp {
    open my $fh, '<:raw', $_[0] or die $!;
    local $/;
    return scalar(<$fh>) // '';
}

1;
