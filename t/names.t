# Licensed under the Apache License, Version 2.0; see LICENSE.

# Whose cookie it is: D3 (names in disguise), D4 (deletions in disguise), D5
# (the module's own), and which declaration counts.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(proxy_http));

my $origin = mirror();
my $httpd  = httpd(
    modules => [qw(proxy_http)],
    define  => { ORIGIN => $origin->address },
    conf    => <<'CONF',
PrivacyCategory essential necessary "Essential" "What the site needs to work."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCategory other opt-in "Other" "More."
# Declared in an order that must not count, but for the regexes.
PrivacyCookie "~^uid[0-9]+$"   analytics any "first regex"
PrivacyCookie "~^uid1"         essential any "second regex"
PrivacyCookie "~SECRET$"       analytics any "a regex is not anchored"
PrivacyCookie _*               essential any "short prefix"
PrivacyCookie _ga_*            analytics any "longer prefix"
PrivacyCookie _ga_safe_*       essential any "longest prefix"
PrivacyCookie _ga_safe_but     analytics any "exact"
PrivacyCookie __utm?           analytics any "one more byte"
PrivacyCookie a*z*             analytics any "first of equal prefix"
PrivacyCookie a*y*             essential any "second of equal prefix"
PrivacyCookie _ga              analytics any "Google Analytics"
PrivacyCookie "Kontinuität"    analytics any "bytes beyond ASCII"
PrivacyCookie privacy_*        analytics any "does not reach the record"
PrivacyCookie "~^site_message" analytics any "does not reach the messages"
PrivacyMessage hello cookie=seen_hello
PrivacyMessage world
PrivacyEngine on
ProxyPass / http://${ORIGIN}/
CONF
);

my $denied = 'Cookie: ' . consent('analytics=0');

sub passes {
    my ($set) = @_;
    return scalar @{ [ $httpd->get('/?' . answering("Set-Cookie: $set"), $denied)->set_cookies ] };
}

sub printable { $_[0] =~ s/([^ -~])/sprintf '\\x%02X', ord $1/ger }

# D3: what a browser would store as _ga, or send back as one.
for my $set (
    '_ga=1', '_ga=', '_ga', '_ga;Path=/', '_ga ;Path=/', '=_ga', '=_ga=x', ' = _ga', '==_ga=x', "=\t_ga",
    '  _ga=1', "_ga =1", "_ga\t=1", "\t_ga=1", "_ga \t =1", "\x0b_ga=1", "\x0c_ga=1", "\x0b \x0c_ga=1", "_ga\x0b=1",
    '_ga=sid=1', '_ga="sid=1', "_ga=1; Path=/; SameSite=Lax",
    )
{
    ok !passes($set), 'D3 denied: ' . printable($set);
}
# And what no browser would.
for my $set (
    '_GA=1', '_Ga=1', '"_ga"=1', '_gaa=1', 'x_ga=1', 'sid=_ga=1', 'sid=1, _ga=2', 'sid=1 _ga=2', '_g a=1', '%5Fga=1',
    'sid=1; _ga=2', 'ga', '; _ga=1',
    )
{
    ok passes($set), 'D3 R3 not denied: ' . printable($set);
}

# Which declaration counts.
my %counts = (
    '_x'           => 'kept', '_ga_1'   => 'gone', '_ga_'  => 'gone', '_ga_safe_1'  => 'kept',
    '_ga_safe_but' => 'gone', '_ga_saf' => 'gone', '_gat'  => 'kept', '_ga_safe_bu' => 'kept',
    '__utma'       => 'gone', '__utm'   => 'kept', '__utmab' => 'kept',
    'uid12'        => 'gone', 'uid1x'   => 'kept', 'uid2x' => 'kept', 'xuid12' => 'kept',
    'MY_SECRET'    => 'gone', '_SECRET' => 'kept', 'SECRETS' => 'kept',
    'ayz'          => 'gone', 'ay'      => 'kept', 'az'    => 'gone',
    "Kontinuit\xc3\xa4t" => 'gone', "Kontinuit\xe4t" => 'kept', 'Kontinuit' => 'kept',
);
for my $name (sort keys %counts) {
    is passes("$name=1") ? 'kept' : 'gone', $counts{$name}, 'D3 the most specific declaration: ' . printable($name);
}

# D4: no reading makes it anything but a deletion.
my $past = 'Thu, 01 Jan 1970 00:00:00 GMT';
my $far  = 'Wed, 01 Jan 2098 00:00:00 GMT';
for my $set (
    '_ga=; Max-Age=0', '_ga=x; Max-Age=-1', '_ga=; Max-Age=-0', '_ga; Max-Age=0', '=_ga; max-age=0', '_ga=;MAX-AGE = 0 ',
    "_ga=; Expires=$past", '_ga=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/; domain=.example.org',
    '_ga=; expires=Thu, 01-Jan-70 00:00:01 GMT', "_ga=; Max-Age=0; Expires=$far", '_ga=; Max-Age=0; Max-Age=-5',
    "_ga=; Expires=$past; Expires=Fri, 02 Jan 1970 00:00:00 GMT", "_ga=; Expires=$past; Max-Age=0",
    )
{
    is_deeply [ $httpd->get('/?' . answering("Set-Cookie: $set"), $denied)->set_cookies ], [ $set =~ s/ +\z//r ],
        "D4 deletes, and passes as it is: $set";
}
for my $set (
    '_ga=x; Max-Age="0"', '_ga=x; Max-Age=0.5', '_ga=x; Max-Age=+0', '_ga=x; Max-Age=', '_ga=x; Max-Age', '_ga=x; Max-Age=-',
    '_ga=x; Max-Age=0x0', '_ga=x; Max-Age=0 1', '_ga=x; Max-Age=0; Max-Age=abc', '_ga=x; Max-Age=abc; Max-Age=0',
    '_ga=x; Max-Age=0; Max-Age=10', '_ga=x; Max-Age=10; Max-Age=0', "_ga=x; Max-Age=+63072000; Expires=$past",
    "_ga=x; Expires=$past; Max-Age=63072000", "_ga=x; Expires=$past; Max-Age=abc", '_ga=x; Expires=0', '_ga=x; Expires=-1',
    '_ga=x; Expires=1970-01-01T00:00:00Z', '_ga=x; Expires=', '_ga=x; Expires', '_ga=x; Expires=never',
    "_ga=x; Expires=$past; Expires=$far", "_ga=x; Expires=$far; Expires=$past", "_ga=x; Expires=$past; Expires=never",
    "_ga=x; Expires=\"$far\"", '_ga=x; Max-Age-=0', '_ga=x; XMax-Age=0', "_ga=\"; Max-Agé=0", '_ga=Max-Age=0', '_ga=x, Max-Age=0',
    "_ga=x; Expires=Thu, 01 Jan 1600 00:00:00 GMT", '_ga=x; Expires=Thu, 32 Jan 1970 00:00:00 GMT',
    "_ga=x; Max-Age=\x0b0", "_ga=x; Max-Age=" . '0' x 1100 . "9",
    )
{
    ok !passes($set), 'D4 is no deletion: ' . printable(substr $set, 0, 100);
}

# D5: the module's own cookies, whatever globs and regexes say.
my %own = (
    'privacy_consent=v=1; Max-Age=99999999'  => 1,
    'privacy_consents=1'                     => 0,
    'seen_hello=1; Max-Age=99999999'         => 1,
    'site_message_world=1; Max-Age=99999999' => 1,
    'site_message_hello=1'                   => 0,    # the message has another cookie
);
for my $set (sort keys %own) {
    is_deeply [ $httpd->get('/?' . answering("Set-Cookie: $set"), $denied)->set_cookies ], [ $own{$set} ? $set : () ], "D5 own cookie: $set";
}
{
    my $answer = $httpd->get('/', 'Accept: text/html', "$denied; seen_hello=1; site_message_world=1; privacy_x=1");
    like $answer->body, qr/^Cookie: privacy_consent=[^;]*; seen_hello=1; site_message_world=1\r?$/m, 'D5 Q1: own cookies reach the backend';
    is_deeply [ grep { !/^privacy_x=/ } $answer->set_cookies ], [], 'D5 R5: and are not expired';
}

# D3, the other way: in a Cookie header.
my %header = (
    '_ga=1; sid=1'       => 'sid=1',
    'sid=1; _ga'         => 'sid=1',
    'sid=1; =_ga=2'      => 'sid=1',
    "sid=1;\t_ga =2;x=3" => 'sid=1;x=3',
    '_GA=1; sid=1'       => '_GA=1; sid=1',
    'sid="_ga=1"'        => 'sid="_ga=1"',
    'a=1; _ga=2;b=3'     => 'a=1;b=3',
);
for my $sent (sort keys %header) {
    my ($seen) = $httpd->get('/', "Cookie: $sent")->body =~ /^Cookie: (.*?)\r?$/m;
    is $seen, $header{$sent}, 'D3 Q1 Cookie: ' . printable($sent);
}

done();
