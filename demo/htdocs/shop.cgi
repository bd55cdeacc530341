#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# An application that knows nothing of cookie policies: it keeps a session, and
# writes analytics and advertising cookies, as server-side tagging does.
use strict;
use warnings;
use POSIX qw(strftime);

my $now    = time;
my $random = sub { int rand 2_000_000_000 };

sub imf_date { strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime shift) }

my ($session) = ($ENV{HTTP_COOKIE} || '') =~ /(?:^|;\s*)shop_session=([0-9a-f]{16})/;
$session ||= sprintf '%08x%08x', $random->(), $random->();

my @cookies = (
    "shop_session=$session; Path=/; HttpOnly; SameSite=Lax",
    '_ga=GA1.1.' . $random->() . ".$now; Path=/; Expires=" . imf_date($now + 63_072_000)
        . '; Max-Age=63072000; SameSite=Lax',
    '_gid=GA1.1.' . $random->() . ".$now; Path=/; Max-Age=86400; SameSite=Lax",
    "_fbp=fb.1.${now}000." . $random->() . '; Path=/; Max-Age=7776000; SameSite=Lax',
);

sub text {
    my ($s) = @_;
    $s = '(none)' if !defined $s;
    $s =~ s/&/&amp;/g;
    $s =~ s/</&lt;/g;
    return $s;
}

print "Set-Cookie: $_\n" for @cookies;
print "Content-Type: text/html; charset=utf-8\n\n";
print <<"PAGE";
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>The shop</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<h1>The shop</h1>
<p>What this application was sent:</p>
<pre>
Cookie: ${\ text($ENV{HTTP_COOKIE}) }
Privacy-Consent: ${\ text($ENV{HTTP_PRIVACY_CONSENT}) }
</pre>
<p><a href="/">Back</a></p>
</body>
</html>
PAGE
