# Licensed under the Apache License, Version 2.0; see LICENSE.

# What the sanitizer of PRIVACY_MODULE has to find it finds, and a test in whose
# httpd it does fails: faults that are there on purpose.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Basename qw(dirname);
use File::Copy qw(copy);
use Privacy::Test;

my $built  = dirname(Privacy::Httpd::tested());
my ($kind) = grep { /^[at]san$/ } map { $_->[0] } Privacy::Sanitizer::runtimes(Privacy::Httpd::tested());
plan skip_all => 'the module is built without a sanitizer' if !$kind;

my %faults = (
    asan => [
        [ '/overflow',  qr/AddressSanitizer: heap-buffer-overflow/, 'one byte behind a block of a pool' ],
        [ '/outlived',  qr/AddressSanitizer: heap-use-after-free/,  'what a destroyed pool had' ],
        [ '/undefined', qr/runtime error: signed integer overflow/, 'an overflow of int' ],
    ],
    tsan => [
        [ '/race', qr/data race.*mod_fault\.c/s, 'a counter without a lock' ],
        [ '/pool', qr/data race.*pool\.c/s,      'a pool that two threads allocate from' ],
    ],
);

# Another user may not be able to look into the build directory.
sub server {
    my ($user) = @_;
    my $httpd = Privacy::Httpd->new(mpm => 'worker', user => $user, conf => qq{LoadModule fault_module "\${ROOT}/mod_fault.so"\nKeepAliveTimeout 20\n});
    copy("$built/mod_fault.so", $httpd->root) or die $!;
    return $httpd->start;
}

# From several clients, which a race takes, each of which has a connection before
# any goes on: a thread that comes for a new one has seen what others did before.
sub ask {
    my ($httpd, $path) = @_;
    my @connections = map { $httpd->connect } 1 .. 4;
    my $ask = sub {
        my ($path, $connection) = @_;
        # Over with the child, where a report ends it.
        return eval { $connection->send(Privacy::Client::request_bytes('www.example.org', GET => $path))->response };
    };
    $ask->('/none', $_) for @connections;
    for (1 .. 10) {
        $ask->($path, $_) || last for @connections;
    }
    $_->close for @connections;
}

for my $user (undef, $> == 0 ? 'nobody' : ()) {
    my $as = $user ? 'all of it as nobody' : 'children as usual';
    for (@{ $faults{$kind} }) {
        my ($path, $report, $name) = @$_;
        my $httpd = server($user);
        ask($httpd, $path);
        expect_report($httpd, $report, "$name, $as");
    }
}
my $well = server();
is $well->get('/none')->status, 404, 'without a fault';
# A child that a report has ended.
done(allow => [qr/AH0005[0-2]|runtime error|^ +#\d|^$/]);
