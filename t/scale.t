# Licensed under the Apache License, Version 2.0; see LICENSE.

# 5,000 declared cookies: they are read fast, and each is still found. PrivacyCookie
# as the catalogues write it: exact names, globs, and some regexes.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(proxy_http));

my $COUNT = 5000;

sub policy {
    my ($count) = @_;
    my @lines = (
        'PrivacyCategory essential necessary "Essential" "What the site needs."',
        'PrivacyCategory analytics opt-in "Analytics" "How the site is used."',
        'PrivacyProvider acme "Acme Corporation" notice=https://example.org/privacy',
    );
    for my $n (1 .. $count) {
        my $category = $n % 3 ? 'analytics' : 'essential';
        my $pattern = $n % 500 == 0 ? "\"~^rx${n}_[0-9]+\$\"" : $n % 10 == 0 ? "glob${n}_*" : "cookie_$n";
        push @lines, "PrivacyCookie $pattern $category 2y \"What cookie $n is there for.\" provider=acme";
    }
    return join "\n", @lines, '';
}

# What programs that have ended took of the processor: what else the machine does is not in it.
sub spent { my (undef, undef, $user, $system) = times; return $user + $system }

# The least of three.
sub seconds {
    my ($conf) = @_;
    my $best;
    for (1 .. 3) {
        my $start = spent();
        my ($exit, $said) = configtest($conf);
        my $took = spent() - $start;
        die $said if $exit;
        $best = $took if !defined $best || $took < $best;
    }
    return $best;
}
my ($few, $many) = map { seconds(policy($_)) } 10, $COUNT;
diag sprintf 'configtest: %.0f ms with 10 declared cookies, %.0f ms with %d', $few * 1000, $many * 1000, $COUNT;
cmp_ok $many - $few, '<', 1, "$COUNT declared cookies are read in under a second of the processor's";

# A hundred virtual hosts that declare nothing of their own share one policy.
my $hosts = join '', map { "<VirtualHost 127.0.0.1:$_>\nServerName host$_\n</VirtualHost>\n" } 1 .. 100;
my $shared = seconds(policy($COUNT) . $hosts);
cmp_ok $shared - $many, '<', 1, sprintf 'and once for 100 virtual hosts that add nothing (%.0f ms)', $shared * 1000;

# A misspelt name among thousands is still told fast.
{
    my $start = spent();
    my ($exit, $said) = configtest(policy($COUNT) . join '', map { "PrivacyCookie bad$_ analitycs any \"x\"\n" } 1 .. 1000);
    my $took = spent() - $start;
    isnt $exit, 0, 'a thousand mistakes';
    is scalar(() = $said =~ /did you mean 'analytics'/g), 20, 'are told as far as can be read';
    like $said, qr/980 more are not shown/, 'and counted';
    cmp_ok $took, '<', 5, sprintf 'in %.0f ms', $took * 1000;
}

my $origin = mirror();
my $httpd  = httpd(
    modules => [qw(proxy_http)],
    define  => { ORIGIN => $origin->address },
    conf    => policy($COUNT) . "PrivacyEngine on\nProxyPass / http://\${ORIGIN}/\n",
);
for my $n (1, 2, 3, 10, 30, 500, 1500, 2499, 2500, 3333, 4500, 4990, 4998, 4999, 5000) {
    my $name = $n % 500 == 0 ? "rx${n}_1" : $n % 10 == 0 ? "glob${n}_x" : "cookie_$n";
    my $passes = $httpd->get('/?' . answering("Set-Cookie: $name=1"))->header('Set-Cookie') ? 1 : 0;
    is $passes, ($n % 3 ? 0 : 1), "cookie $n of $COUNT is found: $name";
}
is scalar($httpd->get('/?' . answering("Set-Cookie: $_=1"))->header('Set-Cookie')), "$_=1", "and $_ is none of them"
    for 'cookie_5001', 'cookie_', 'glob10', 'rx500_', 'glob5010_x';

done();
