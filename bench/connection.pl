#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# What the connection filter costs what it does not touch: CPU time of the server
# with the module, with its filter armed for every request, and without it, in runs
# that take turns; the median of five counts.
#
#   download   1 GiB of a static file, through write and through sendfile
#   websocket  an echo of 10,000 frames through ProxyPass upgrade=websocket, each
#              awaited before the next is sent

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../t/lib";
use Privacy::Test ();
use Privacy::WebSocket;

my $RUNS   = $ENV{RUNS} || 5;
my $SIZE   = 1 << 30;
my $POLICY = <<'CONF';
PrivacyEngine on
PrivacyCategory essential necessary "Essential" "What the shop needs."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyCookie sid essential session "Keeps you logged in"
PrivacyCookie _ga analytics 2y "Tells visitors apart"
CONF

# Milliseconds that all threads of a server's children have run.
sub cpu {
    my ($httpd) = @_;
    my $sum = 0;
    for my $stat (map { glob "/proc/$_/task/*/schedstat" } $httpd->children) {
        open my $fh, '<', $stat or next;
        $sum += (split ' ', <$fh>)[0] / 1e6;
    }
    return $sum;
}

sub median { return (sort { $a <=> $b } @_)[ $#_ / 2 ] }

sub measure {
    my ($name, $run, $with, $without) = @_;
    my %took;
    for my $round (0 .. $RUNS) {
        my @servers = ([ with => $with ], [ without => $without ]);
        for my $server ($round % 2 ? reverse @servers : @servers) {
            my $before = cpu($server->[1]);
            $run->($server->[1]);
            push @{ $took{ $server->[0] } }, cpu($server->[1]) - $before;
        }
    }
    # The first of each warms up.
    my %median = map { shift @{ $took{$_} }; ($_ => median(@{ $took{$_} })) } keys %took;
    printf "%-20s %8.1f ms without, %8.1f ms with: %+.2f %%  (%s | %s)\n", $name, @median{qw(without with)},
        100 * ($median{with} / $median{without} - 1),
        map { join ' ', map { sprintf '%.1f', $_ } @{ $took{$_} } } qw(without with);
}

sub servers {
    my ($conf, @option) = @_;
    return map { Privacy::Test::httpd(privacy => $_, conf => ($_ ? $POLICY : '') . $conf, @option) } 1, 0;
}

sub download {
    my ($name, $conf) = @_;
    my ($with, $without) = servers($conf);
    for my $httpd ($with, $without) {
        truncate $httpd->file('/big.bin', ''), $SIZE or die $!;
    }
    measure($name, sub {
        system('curl', '-q', '-s', '-o', '/dev/null', 'http://127.0.0.1:' . $_[0]->port . '/big.bin') == 0 or die "curl: $?\n";
    }, $with, $without);
    $_->stop for $with, $without;
}

sub websocket {
    my @payloads = Privacy::WebSocket::payloads(10_000);
    my $port = Privacy::WebSocket::origin(sub {
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" . Privacy::WebSocket::frame('hello');
    });
    my ($with, $without) = servers("ProxyPass /ws http://127.0.0.1:$port/ upgrade=websocket\n", modules => ['proxy_http']);
    measure('websocket', sub {
        my $said = Privacy::WebSocket::talk($_[0], '/ws', 'http', qr/hello/, \@payloads, scalar @payloads);
        die "frames are missing\n" if length $said < 500_000;
    }, $with, $without);
    $_->stop for $with, $without;
}

download('download, write', "EnableSendfile off\n");
download('download, sendfile', "EnableSendfile on\nEnableMMAP off\n");
websocket();
