# Licensed under the Apache License, Version 2.0; see LICENSE.

# `make run` and `make stop`: the demonstration starts, shows what it says it
# shows, starts again, names who has its port, and ends.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;
use File::Temp qw(tempdir);
use IO::Socket::INET;

chdir Privacy::Httpd::top() or die $!;
my $scratch = tempdir(CLEANUP => 1);
$ENV{DEMO_STATE} = "$scratch/state";
$ENV{TMPDIR}     = $scratch;
chmod 0755, $scratch;

sub demo {
    my $said = `demo/run.sh @_ 2>&1 </dev/null`;
    return ($? >> 8, $said);
}

END { local $?; demo('stop') }

# Set-Cookie names of the answer to one of the printed commands.
sub names_set_by {
    my ($command) = @_;
    return join ' ', map { /^Set-Cookie: ([^=]+)=/i ? $1 : () } `$command`;
}

my $port = Privacy::Httpd::free_port();
my ($code, $said) = demo('start', $port);
is $code, 0, 'it starts' or diag $said;
my ($pid) = $said =~ /\(pid (\d+)/;
ok $pid && kill(0, $pid), 'and says its pid';

my @commands = map { s/\\\n\s*//r } $said =~ /^    (curl (?:.*\\\n)*.*)$/mg;
my @shown = (
    [ 'shop_session _ga _gid _fbp', 'with no policy all four pass' ],
    [ 'shop_session',               'R1: undecided, the session passes' ],
    [ 'shop_session',               'R1: and from behind ProxyPass' ],
    [ 'shop_session _ga _gid',      'R1: with consent to analytics' ],
    [ 'shop_session _ga _gid',      'D1: the signal outweighs the older grant' ],
    [ 'shop_session _ga',           'R5: what the browser still has is expired' ],
    [ '',                           'R7: nothing where nothing is needed' ],
);
is scalar @commands, scalar @shown, 'it prints a command for each';
is names_set_by($commands[$_]), $shown[$_][0], $shown[$_][1] for 0 .. $#shown;
like `$commands[3]`, qr/_ga=.*Max-Age=34164000/, 'R4: _ga is capped at 13 months';
like `$commands[5]`, qr/^Cookie: shop_session=0123456789abcdef$/m, 'Q1: the application is not shown _ga';
like `$commands[5]`, qr/^Privacy-Consent: analytics=\?0, remarketing=\?0, p=/m, 'Q2: but the decision';

($code, $said) = demo('start', $port);
is $code, 0, 'it starts again' or diag $said;
like $said, qr/runs again at/, 'and says so';
ok !kill(0, $pid), 'the first has ended';
($pid) = $said =~ /\(pid (\d+)/;

($code, $said) = demo('stop');
is $code, 0, 'it stops';
ok !kill(0, $pid), 'by its pid';
is_deeply [ glob "$scratch/*" ], [], 'and leaves nothing';
is((demo('stop'))[1], "mod_privacy: no demonstration is running\n", 'it cannot stop twice');

my $other = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 1) or die $!;
($code, $said) = demo('start', $port);
is $code, 1, 'a port in use is a failure';
like $said, qr/port $port of 127\.0\.0\.1 is not free: .*\(.*pid $$\)/, 'that names who has it';
is((demo('start', 'x'))[0], 1, 'and so is what is no port');

done();
