#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# Instructions that a request costs, as callgrind counts them in `httpd -X`: those of
# 1,000 keep-alive requests after 200 that warm the server up. Prints each figure beside its budget (rules P1 and P2) and fails where one is
# exceeded.
#
#   bench/instructions.pl [-k DIR] [-o FILE] [--sweep]
#
#   -k DIR   keep callgrind's files there: CASE.2 has the 1,000 requests (and the
#            mark behind them, a request like CASE.1)
#   --sweep  also count other numbers of cookies and of declarations, for the plots
#
# PRIVACY_MODULE names another module than build/mod_privacy.so.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";
use Privacy::Bench;
use Privacy::Bench::Request;
use Privacy::Bench::Table;
use Privacy::Bench::Workload;

my ($WARM, $COUNT) = (200, 1000);
my @DECLARED = (10, 30, 100, 300, 1000, 5000);
my @COOKIES  = (0, 5, 10, 20, 40, 80);

options(sweep => \my $sweep);

my $set = set_cookies();

# Each case, as cost() takes it.
my @cases = (
    [ bare           => $set,                        'cookies',  3 ],
    [ bare_document  => $set,                        'document', 3 ],
    [ bare_domains   => $set,                        'domains',  3 ],
    [ bare_nothing   => '',                          'nothing',  0 ],
    [ recipe         => $set . recipe(),             'cookies',  1 ],
    [ on             => $set . policy(10, 'on'),     'cookies',  1 ],
    [ on_100         => $set . policy(100, 'on'),    'cookies',  1 ],
    [ on_5000        => $set . policy(5000, 'on'),   'cookies',  1 ],
    [ report         => $set . policy(10, 'report'), 'cookies',  3 ],
    [ off            => $set . policy(10, 'off'),    'cookies',  3 ],
    [ document       => $set . policy(10, 'on'),     'document', 1 + 8 ],
    [ domains        => $set . policy(10, 'on'),     'domains',  1 + 3 * 8 ],
    [ on_nothing     => policy(10, 'on'),            'nothing',  0 ],
    [ report_nothing => policy(10, 'report'),        'nothing',  0 ],
    [ off_nothing    => policy(10, 'off'),           'nothing',  0 ],
);
push @cases, sweep() if $sweep;

sub sweep {
    my @sweep;
    for my $n (grep { $_ != 20 } @COOKIES) {
        request_lines("cookies_$n", $n ? 'Cookie: ' . cookies($n) : undef);
        push @sweep, [ "bare_cookies_$n" => $set, "cookies_$n", 3 ], [ "on_cookies_$n" => $set . policy(10, 'on'), "cookies_$n", 1 ],
            [ "recipe_cookies_$n" => $set . recipe(), "cookies_$n", 1 ];
    }
    push @sweep, map { [ "on_$_" => $set . policy($_, 'on'), 'cookies', 1 ] } grep { !/^(?:10|100|5000)$/ } @DECLARED;
    push @sweep, map { [ "recipe_$_" => $set . recipe($_ - 7), 'cookies', 1 ] } grep { $_ <= 300 } @DECLARED;
    return @sweep;
}

my %cost;
@cost{ map { $_->[0] } @cases } = parallel(sub { cost($WARM, $COUNT, @_) }, @cases);

my $over = $cost{on} - $cost{bare};

sub over { return $cost{ $_[0] } - $cost{ $_[1] || 'bare' } }

sub expiry {
    my ($case, $count) = @_;
    return ($cost{$case} - $cost{"bare_$case"} - $over) / $count;
}

section('P1: 20 cookies, 3 Set-Cookie, instructions', 'of bare');
row('bare httpd',                             value => $cost{bare});
row('the mod_headers recipe, over bare',      value => over('recipe'), ratio => $cost{recipe} / $cost{bare});
row('on, 10 declared cookies, over bare',     value => $over, ratio => $cost{on} / $cost{bare}, budget => 7500);
row('on, 100 declared, over bare',            value => over('on_100'), ratio => $cost{on_100} / $cost{bare}, budget => 7500);
row('on, 5,000 declared, over bare',          value => over('on_5000'), ratio => $cost{on_5000} / $cost{bare});
row('on, 5,000 declared, the whole request',  value => $cost{on_5000}, budget => 1.05 * $cost{on});
row('report, over bare',                      value => over('report'), ratio => $cost{report} / $cost{bare}, budget => 7500);
row('off, over bare',                         value => over('off'), ratio => $cost{off} / $cost{bare});
row('each of 8 expiries, for the host',       value => expiry('document', 8), budget => 700);
row('each of 24, for the host and its parents', value => expiry('domains', 24), budget => 700);

section('P2: nothing in, nothing out, instructions', 'of bare');
row('bare httpd',        value => $cost{bare_nothing});
for ([ on => 1500 ], [ report => 1500 ], [ off => 150 ]) {
    my ($case, $budget) = ("$_->[0]_nothing", $_->[1]);
    row("$_->[0], over bare", value => over($case, 'bare_nothing'), ratio => $cost{$case} / $cost{bare_nothing}, budget => $budget);
}

if ($sweep) {
    @cost{qw(bare_cookies_20 on_cookies_20 recipe_cookies_20 on_10)} = @cost{qw(bare on recipe on)};
    for ([ on => 'mod_privacy, 10 declared' ], [ recipe => 'the mod_headers recipe, 7 names' ]) {
        my ($case, $line) = @$_;
        points(cookies => $line, map { [ $_, over("${case}_cookies_$_", "bare_cookies_$_") ] } @COOKIES);
    }
    points(policy => 'mod_privacy', map { [ $_, over("on_$_") ] } @DECLARED);
    points(policy => 'the mod_headers recipe', map { [ $_, over("recipe_$_") ] } grep { $_ <= 300 } @DECLARED);
}
finish();
