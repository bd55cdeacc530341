# Licensed under the Apache License, Version 2.0; see LICENSE.

# What is decided: D1 (record, version, age and signals together), D2 (doubt is
# denial), Q4 (Sec-GPC), the record's form.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(proxy_http));

my $HALF_YEAR = 6 * 2_628_000;

my $origin = mirror();
my %port = (
    PLAIN    => '',
    GPC      => 'PrivacySignal gpc in out',
    FINAL    => 'PrivacySignal gpc in out final',
    MIXED    => "PrivacySignal gpc out\nPrivacySignal dnt in final",
    DNT      => 'PrivacySignal dnt out',
    VERSION  => 'PrivacyPolicyVersion 2026-11.b_c',
    NAMED    => 'PrivacyConsentCookie choice lifetime=1h',
    FOREVER  => 'PrivacyConsentCookie privacy_consent lifetime=session',
);
my $hosts = join '', map { <<"CONF" } sort keys %port;
Listen 127.0.0.1:\${PORT_$_}
<VirtualHost 127.0.0.1:\${PORT_$_}>
    $port{$_}
    ProxyPass / http://\${ORIGIN}/
</VirtualHost>
CONF
my $httpd = httpd(
    modules => [qw(proxy_http)],
    define  => { ORIGIN => $origin->address },
    conf    => <<"CONF",
PrivacyCategory need necessary "Necessary" "What the site needs to work."
PrivacyCategory in opt-in "Opt-in" "Denied until granted."
PrivacyCategory out opt-out "Opt-out" "Granted until denied."
PrivacyCookie sid need any "The login"
PrivacyCookie one in any "One"
PrivacyCookie two out any "Two"
PrivacyEngine on
# A connection is kept for each host, and its turn comes late on a busy machine.
KeepAliveTimeout 300
$hosts
CONF
);

# One connection for each port: there are many questions.
my %connection;

# What is decided: "in=?0, out=?1", as the backend is told.
sub decision {
    my ($port, @lines) = @_;
    my $connection = $connection{$port} //= $httpd->connect($port);
    my $answer = $connection->send(Privacy::Client::request_bytes('www.example.org', 'GET', '/', undef, @lines))->response('GET');
    my @said = $answer->body =~ /^Privacy-Consent: (.*?), p=[a-f][0-9a-f]{7}\r?$/mg;
    die "said @said\n" . $answer->raw if @said != 1;
    if (($answer->header('Connection') || '') =~ /close/i) {
        delete $connection{$port};
    }
    return $said[0];
}

sub said { sprintf 'in=?%d, out=?%d', @_ }

sub cookie { return 'Cookie: ' . join '; ', @_ }

# ---- D1: every combination, against the rule's own words ----

my @choice  = (undef, 0, 1);             # what the record says of a category
my $now     = time;
my %setting = (PLAIN => [], GPC => [ 'signal', 'signal' ], FINAL => [ 'final', 'final' ], MIXED => [ '', 'signal' ]);

sub rule {
    my ($basis, $choice, $current, $seen, $signal) = @_;
    return 0 if $signal eq 'final';
    return 0 if defined $choice && !$choice;
    return 1 if $choice && $current && ($seen || $signal ne 'signal');
    return 0 if $basis eq 'in';
    return $signal eq 'signal' ? 0 : 1;
}

my $combinations = 0;
for my $port (sort keys %setting) {
    my $wrong = 0;
    for my $in (@choice) { for my $out (@choice) { for my $version (1, 2) { for my $age (0, $HALF_YEAR + 60) {
        for my $seen (0, 1) { for my $gpc (0, 1) {
            my $record = "v=1&p=$version&t=" . ($now - $age) . ($seen ? '&g=1' : '')
                . (defined $in ? "&in=$in" : '') . (defined $out ? "&out=$out" : '');
            my $current = $version == 1 && !$age;
            my @signal = map { $gpc ? $_ // '' : '' } @{ $setting{$port} }[ 0, 1 ];
            my $want = said(rule('in', $in, $current, $seen, $signal[0]), rule('out', $out, $current, $seen, $signal[1]));
            my $got = decision($port, cookie("privacy_consent=$record"), $gpc ? 'Sec-GPC: 1' : ());
            $combinations++;
            $wrong++, diag "$port, $record, gpc $gpc: got $got, want $want" if $got ne $want;
        } }
    } } } }
    is $wrong, 0, "D1 every combination of record, version, age and signal: $port";
}
is $combinations, 4 * 144, 'D1 576 combinations';

for (
    [ PLAIN   => [], [ 0, 1 ], 'nothing is known' ],
    [ GPC     => ['Sec-GPC: 1'], [ 0, 0 ], 'a signal denies what is opt-out' ],
    [ DNT     => ['DNT: 1'], [ 0, 0 ], 'DNT, where it is configured' ],
    [ DNT     => ['DNT: 0'], [ 0, 1 ], 'DNT: 0 is none' ],
    [ DNT     => ['Sec-GPC: 1'], [ 0, 1 ], 'GPC, where it is not configured' ],
    [ MIXED   => [ 'DNT: 1', cookie(consent('in=1', 'out=1', 'g=1')) ], [ 0, 1 ], 'a final DNT, of one category alone' ],
    [ MIXED   => [ 'Sec-GPC: 1', cookie(consent('in=1', 'out=1')) ], [ 1, 0 ], 'GPC, of the other alone' ],
    [ VERSION => [ cookie(consent('in=1', 'out=0', 'p=2026-11.b_c')) ], [ 1, 0 ], 'the version that is in force' ],
    [ VERSION => [ cookie(consent('in=1', 'out=0')) ], [ 0, 0 ], 'another version: the grant lapses, the denial stays' ],
    [ NAMED   => [ cookie(consent('in=1', 'out=0')) ], [ 0, 1 ], 'a record under another name is none' ],
    [ NAMED   => [ cookie(consent('in=1', 'out=0') =~ s/^privacy_consent/choice/r) ], [ 1, 0 ], 'the configured name' ],
    [ NAMED   => [ cookie(consent('in=1', 'out=0', 't=' . (time - 3590)) =~ s/^privacy_consent/choice/r) ], [ 1, 0 ],
      'within the configured lifetime' ],
    [ NAMED   => [ cookie(consent('in=1', 'out=0', 't=' . (time - 3700)) =~ s/^privacy_consent/choice/r) ], [ 0, 0 ],
      'beyond it' ],
    [ FOREVER => [ cookie(consent('in=1', 't=1')) ], [ 1, 1 ], 'a record that the browser ends never grows old' ],
    [ PLAIN   => [ cookie(consent('in=1', 't=' . (time - $HALF_YEAR + 60))) ], [ 1, 1 ], 'just within the half year' ],
    )
{
    my ($port, $lines, $want, $name) = @$_;
    is decision($port, @$lines), said(@$want), "D1 $name";
}

# ---- Q4 ----

my %gpc = (
    '1' => 1, ' 1 ' => 1, '0, 1' => 1, '1,0' => 1, "0,\t1" => 1,
    '0' => 0, '' => 0, '11' => 0, 'true' => 0, '?1' => 0, '"1"' => 0, '1;a' => 0, '1 1' => 0, '-1' => 0, '01' => 0, '1.0' => 0,
);
for my $value (sort keys %gpc) {
    is decision(GPC => "Sec-GPC: $value"), said(0, 1 - $gpc{$value}), "Q4 '$value' is " . ($gpc{$value} ? 'the' : 'no') . ' signal';
}
is decision(GPC => 'Sec-GPC: 0', 'Sec-GPC: 1'), said(0, 0), 'Q4 one 1 among several lines is the signal';
like $httpd->get('/', 'Sec-GPC: 1', { port => 'GPC' })->body, qr/^Sec-GPC: 1\r?$/m, 'Q4 the signal reaches the backend';

# ---- D2: a record that is not whole is none ----

my $t    = time;
my $good = "v=1&p=1&t=$t&in=1&out=0";
my %none = (
    'another v'             => "v=2&p=1&t=$t&in=1&out=0",
    'no v'                  => "p=1&t=$t&in=1&out=0",
    'no p'                  => "v=1&t=$t&in=1&out=0",
    'an empty p'            => "v=1&p=&t=$t&in=1&out=0",
    'no t'                  => 'v=1&p=1&in=1&out=0',
    'an empty t'            => 'v=1&p=1&t=&in=1&out=0',
    't is no number'        => "v=1&p=1&t=${t}x&in=1&out=0",
    't is negative'         => 'v=1&p=1&t=-5&in=1&out=0',
    't is a fraction'       => "v=1&p=1&t=$t.5&in=1&out=0",
    't is too long'         => "v=1&p=1&t=00000000$t&in=1&out=0",
    't is two days ahead'   => 'v=1&p=1&t=' . ($t + 2 * 86_400) . '&in=1&out=0',
    't is far ahead'        => 'v=1&p=1&t=9999999999&in=1&out=0',
    'two v'                 => "v=1&$good",
    'two t'                 => "$good&t=$t",
    'two p'                 => "$good&p=1",
    'two g'                 => "$good&g=1&g=1",
    'g is 0'                => "$good&g=0",
    'a category twice'      => "$good&in=1",
    'a category is 2'       => "v=1&p=1&t=$t&in=1&out=2",
    'a category is true'    => "v=1&p=1&t=$t&in=true&out=0",
    'a category is empty'   => "v=1&p=1&t=$t&in=1&out=",
    'a key alone'           => "$good&x",
    'an empty key'          => "$good&=1",
    'an empty pair'         => "v=1&&p=1&t=$t&in=1&out=0",
    'an & at the end'       => "$good&",
    'an & at the start'     => "&$good",
    'quoted'                => "\"$good\"",
    'white space'           => "v=1&p=1 &t=$t&in=1&out=0",
    'a comma'               => "$good&x=a,b",
    'a joint'               => "$good, x=1",
    'a backslash'           => "$good&x=a\\b",
    'a byte beyond ASCII'   => "$good&x=\xe9",
    '1025 bytes'            => $good . '&x=' . 'y' x (1025 - 3 - length $good),
    'empty'                 => '',
    'JSON'                  => '{"in":1}',
    'the separator encoded' => "v=1%26p=1%26t=$t%26in=1%26out=0",
);
for my $name (sort keys %none) {
    is decision(PLAIN => cookie("privacy_consent=$none{$name}")), said(0, 1), "D2 counts as absent: $name";
}
my %whole = (
    'as it is'               => $good,
    'in another order'       => "out=0&in=1&t=$t&p=1&v=1",
    'with a key of old'      => "$good&gone=maybe&x==&%69n=0",
    'with one more ='      => "$good&x=a=b",
    'a necessary category'   => "$good&need=0",
    't is an hour ahead'     => 'v=1&p=1&t=' . ($t + 3600) . '&in=1&out=0',
    '1024 bytes'             => $good . '&x=' . 'y' x (1024 - 3 - length $good),
);
for my $name (sort keys %whole) {
    is decision(PLAIN => cookie("privacy_consent=$whole{$name}")), said(1, 0), "the record counts: $name";
}
is decision(PLAIN => cookie("Privacy_Consent=$good")), said(0, 1), 'D3 a record in another case is none';
is decision(PLAIN => cookie("x=privacy_consent=$good")), said(0, 1), 'D2 a record in a value is none';
is decision(PLAIN => cookie("x=\"a, privacy_consent=$good\"")), said(0, 1), 'D2 a record behind a comma in a value is none';
is decision(PLAIN => "Cookie: x=1\tprivacy_consent=$good"), said(0, 1), 'D2 a record behind a tab is none';

# ---- several at once ----

sub record { my ($t, $rest) = @_; return "privacy_consent=v=1&p=1&t=$t&$rest" }
for (
    [ [ record($t - 9, 'in=1&out=1'), record($t, 'in=0&out=0') ], [ 0, 0 ], 'the newest counts' ],
    [ [ record($t, 'in=1&out=0'), record($t - 9, 'in=0&out=1') ], [ 1, 0 ], 'the newest counts, as a whole' ],
    [ [ record($t, 'in=1&out=1'), record($t, 'in=0&out=1') ], [ 0, 1 ], 'of equals the one that grants less' ],
    [ [ record($t, 'in=1&out=0'), record($t, 'in=1&out=1') ], [ 1, 0 ], 'of equals the one that grants less, the other way' ],
    [ [ record($t, 'in=1'), record($t, 'out=1') ], [ 0, 1 ], 'what one of equals does not grant is not granted' ],
    [ [ "privacy_consent=$none{'another v'}", record($t - 9, 'in=1&out=0') ], [ 1, 0 ], 'a malformed one is as if not there' ],
    [ [ 'privacy_consent=v=1&p=1&t=' . ($t + 3 * 86_400) . '&in=1', record($t, 'in=0&out=0') ], [ 0, 0 ],
      'one of the future does not block a withdrawal' ],
    [ [ 'privacy_consent=', record($t, 'in=1&out=0'), 'privacy_consent=x' ], [ 1, 0 ], 'between two malformed ones' ],
    )
{
    my ($cookies, $want, $name) = @$_;
    is decision(PLAIN => cookie(@$cookies)), said(@$want), "several records: $name";
    is decision(PLAIN => cookie(reverse @$cookies)), said(@$want), "several records, in the other order: $name";
}

# The same policy has the same digest, another policy another.
my %digest;
for my $port (qw(PLAIN GPC VERSION NAMED)) {
    my ($p) = $httpd->get('/', { port => $port })->body =~ /, p=(\w+)/;
    ok !$digest{$p}, "another policy has another digest: $port";
    $digest{$p} = $port;
    is + ($httpd->get('/x', cookie(consent('in=1')), { port => $port })->body =~ /, p=(\w+)/)[0], $p, "and keeps it: $port";
}

done();
