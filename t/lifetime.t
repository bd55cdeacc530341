# Licensed under the Apache License, Version 2.0; see LICENSE.

# How long a cookie may live: R4, PrivacyLifetime, denied=session,
# PrivacyUndeclared.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use HTTP::Tiny ();
use Time::Local qw(timegm);
use Privacy::Test;

needs_module(qw(proxy_http));

my $origin = mirror();
my $httpd  = httpd(
    modules => [qw(proxy_http)],
    define  => { ORIGIN => $origin->address },
    conf    => <<'CONF',
PrivacyCategory essential necessary "Essential" "What the site needs to work."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCategory comfort opt-out "Comfort" "What you chose last." denied=session
PrivacyCookie sid  essential 1h      "The login"
PrivacyCookie run  essential session "Until the browser closes"
PrivacyCookie ever essential any     "As long as it likes"
PrivacyCookie _ga  analytics 2h      "Google Analytics"
PrivacyCookie pref comfort   any     "The last choice"
PrivacyEngine on
ProxyPass / http://${ORIGIN}/
Listen 127.0.0.1:${PORT_STRIP}
Listen 127.0.0.1:${PORT_PASS}
<VirtualHost 127.0.0.1:${PORT_STRIP}>
    PrivacyLifetime strip
    PrivacyUndeclared strip
    ProxyPass / http://${ORIGIN}/
</VirtualHost>
<VirtualHost 127.0.0.1:${PORT_PASS}>
    PrivacyLifetime pass
    PrivacyUndeclared pass
    ProxyPass / http://${ORIGIN}/
</VirtualHost>
CONF
);

my @granted = 'Cookie: ' . consent('analytics=1', 'comfort=1');
my @denied  = 'Cookie: ' . consent('analytics=0', 'comfort=0');

# What becomes of a Set-Cookie on its way to a visitor; undef if it is gone.
sub becomes {
    my ($set, $port, @visitor) = @_;
    return scalar $httpd->get('/?' . answering("Set-Cookie: $set"), @visitor, { port => $port })->header('Set-Cookie');
}

sub date { HTTP::Tiny->new->_http_date($_[0]) }

# Seconds from now to an Expires attribute of RFC 6265's form.
my %MONTH = do { my $n = 0; map { $_ => $n++ } qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec) };
sub left {
    my ($cookie) = @_;
    my ($d, $m, $y, $H, $M, $S) = $cookie =~ /Expires=\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT/ or return;
    return timegm($S, $M, $H, $d, $MONTH{$m}, $y) - time;
}

my $past = 'Thu, 01 Jan 1970 00:00:00 GMT';
my $far  = 'Wed, 01 Jan 2098 00:00:00 GMT';

# What a cookie asks for, and what it gets: `same`, or the text, in which
# EXPIRES stands for the date of the declared end.
my @cap = (
    [ 'a lifetime that is kept',    '_ga=1; Max-Age=7200',          'same' ],
    [ 'one second more',            '_ga=1; Max-Age=7201; Path=/',  '_ga=1; Max-Age=7200; Path=/' ],
    [ 'the essential too',          'sid=1; Max-Age=3601',          'sid=1; Max-Age=3600' ],
    [ 'odd spelling',               "_ga=1;max-AGE = 9999\t;Secure", "_ga=1;max-AGE = 7200\t;Secure" ],
    [ 'Expires',                    "_ga=1; Expires=$far; Path=/",  '_ga=1; EXPIRES; Path=/' ],
    [ 'both',                       "_ga=a=b; Expires=$far; X-New=\"1\"; Max-Age=99999; HttpOnly",
                                    '_ga=a=b; EXPIRES; X-New="1"; Max-Age=7200; HttpOnly' ],
    [ 'Max-Age rules over Expires', "_ga=1; Max-Age=60; Expires=$far", 'same' ],
    [ '+N, which Chromium reads',   '_ga=1; Max-Age=+63072000',     '_ga=1; Max-Age=7200' ],
    [ '+N beside a past Expires',   "_ga=1; Max-Age=+63072000; Expires=$past", '_ga=1; Max-Age=7200; EXPIRES' ],
    [ 'an invalid repetition',      '_ga=1; Max-Age=99999; Y; Max-Age=abc; Z', '_ga=1; Max-Age=7200; Y; Z' ],
    [ 'the longest of several',     '_ga=1; Max-Age=60; Max-Age=99999', '_ga=1; Max-Age=7200' ],
    [ 'of several Expires too',     "_ga=1; Expires=$past; Expires=$far", '_ga=1; EXPIRES' ],
    [ 'more than a number holds',   '_ga=1; Max-Age=99999999999999999999999', '_ga=1; Max-Age=7200' ],
    [ 'a session cookie',           '_ga=1; Path=/',                'same' ],
    [ 'no number at all',           '_ga=1; Max-Age=abc',           'same' ],
    [ 'a deletion',                 '_ga=; Max-Age=0',              'same' ],
    [ 'a deletion by Expires',      "_ga=; Expires=$past; Path=/x", 'same' ],
    [ 'LIFETIME any',               "ever=1; Max-Age=99999999999; Expires=$far", 'same' ],
    [ 'LIFETIME session',           'run=1; Max-Age=60; Path=/',    'run=1; Path=/' ],
    [ 'session, every attribute',   "run=1; Expires=$far; HttpOnly; Max-Age=5;max-age=7", 'run=1; HttpOnly' ],
    [ 'session, nothing asked',     'run=1; HttpOnly',              'same' ],
    [ 'session, a deletion',        'run=; Max-Age=0',              'same' ],
    [ 'undeclared',                 'what=1; Max-Age=99999999',     'same' ],
);
for (@cap) {
    my ($name, $set, $want) = @$_;
    $want = $set if $want eq 'same';
    my $got = becomes($set, undef, @granted) // '(gone)';
    if ($want =~ /EXPIRES/) {
        my $lifetime = $want =~ /^sid/ ? 3600 : 7200;
        my $left = left($got) // -1;
        ok abs($left - $lifetime) <= 5, "R4 cap, $name: Expires is $lifetime s away" or diag "$left: $got";
        $got =~ s/Expires=\w{3}, [^;]*/EXPIRES/;
    }
    is $got, $want, "R4 R3 cap, $name";
    is becomes($set, 'PASS', @granted), $set, "PrivacyLifetime pass, $name: as sent";
    my $stripped = $want ne $set || $name eq 'undeclared';
    is becomes($set, 'STRIP', @granted), ($stripped ? undef : $set), "PrivacyLifetime strip, $name: " . ($stripped ? 'gone' : 'kept');
}

# PrivacyUndeclared strip: for whoever asks; but what deletes is never stripped.
for my $visitor (\@granted, \@denied, []) {
    is becomes('what=1', 'STRIP', @$visitor), undef, 'PrivacyUndeclared strip: gone';
    is becomes('what=; Max-Age=0', 'STRIP', @$visitor), 'what=; Max-Age=0', 'D4 PrivacyUndeclared strip: a deletion passes';
    is becomes('sid=1', 'STRIP', @$visitor), 'sid=1', 'PrivacyUndeclared strip: what is declared passes';
    is becomes('what=1; Max-Age=9', 'PASS', @$visitor), 'what=1; Max-Age=9', 'PrivacyUndeclared pass: as sent';
}

# denied=session
my @session = (
    [ 'pref=1; Max-Age=100; Path=/; HttpOnly',            'pref=1; Path=/; HttpOnly' ],
    [ "pref=\"a; Expires=$far; X; max-age=+5; Max-Age=x", 'pref="a; X' ],
    [ 'pref=1; Path=/',                                   'pref=1; Path=/' ],
    [ 'pref=; Max-Age=0',                                 'pref=; Max-Age=0' ],
    [ 'pref=1; Max-Age=0; Max-Age=9',                     'pref=1' ],
    [ "pref=1; Max-Age=9; Expires=$past",                 'pref=1' ],
);
for (@session) {
    my ($set, $want) = @$_;
    is becomes($set, undef, @denied), $want, "R1 denied=session: $set";
    is becomes($set, undef, @granted), $set, "R3 denied=session, granted: $set";
}
my $answer = $httpd->get('/?' . answering('Set-Cookie: pref=1; Max-Age=9'), 'Accept: text/html', "$denied[0]; pref=1; _ga=2");
like $answer->body, qr/^Cookie: privacy_consent=[^;\r]*; pref=1\r?$/m, 'Q1: a cookie of denied=session reaches the backend';
is_deeply [ grep { /^pref/ } $answer->set_cookies ], ['pref=1'], 'R5: and is not expired';

done();
