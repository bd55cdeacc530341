# Licensed under the Apache License, Version 2.0; see LICENSE.

# P1 and P2 in instructions, which repeat whatever else the machine does: what `make bench`
# measures more closely, and holds to the figures themselves. Another compiler counts
# otherwise than the one that they were found with, so a tenth more is let pass here.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../bench/lib";
use Privacy::Bench;
use Privacy::Bench::Request;
use Privacy::Bench::Workload;
use Privacy::Test;

my ($WARM, $COUNT, $MARGIN) = (50, 100, 1.1);

plan skip_all => 'valgrind is not on this machine (build-aux/deps.sh valgrind)' if !in_path('valgrind');
plan skip_all => 'instructions of a sanitizer are none of the module\'s' if Privacy::Httpd::sanitized();
needs_module(qw(headers));
# Threads that sleep are waited for; of prefork there are none.
local $ENV{PRIVACY_MPM} = 'event';

my $set = set_cookies();
my %cost;
for (
    [ bare           => $set,                     'cookies',  3 ],
    [ on             => $set . policy(10, 'on'),  'cookies',  1 ],
    [ bare_document  => $set,                     'document', 3 ],
    [ document       => $set . policy(10, 'on'),  'document', 9 ],
    [ bare_nothing   => '',                       'nothing',  0 ],
    [ on_nothing     => policy(10, 'on'),         'nothing',  0 ],
    [ report_nothing => policy(10, 'report'),     'nothing',  0 ],
    [ off_nothing    => policy(10, 'off'),        'nothing',  0 ],
    )
{
    $cost{ $_->[0] } = cost($WARM, $COUNT, @$_);
}
cmp_ok $cost{bare_nothing}, '>', 10_000, 'httpd itself was counted';

my $over = $cost{on} - $cost{bare};
for (
    [ 'P1 20 cookies, 3 Set-Cookie',           $over, 7500 ],
    [ 'P1 each of 8 expiries',                 ($cost{document} - $cost{bare_document} - $over) / 8, 700 ],
    [ 'P2 nothing in, nothing out',            $cost{on_nothing} - $cost{bare_nothing}, 1500 ],
    [ 'P2 nothing in, nothing out, in report', $cost{report_nothing} - $cost{bare_nothing}, 1500 ],
    [ 'P2 nothing in, nothing out, engine off', $cost{off_nothing} - $cost{bare_nothing}, 150 ],
    )
{
    my ($name, $instructions, $budget) = @$_;
    cmp_ok $instructions, '>', $budget / 100, sprintf '%s: %.0f instructions', $name, $instructions;
    cmp_ok $instructions, '<=', $budget * $MARGIN, "$name: at most $budget";
}

done();
