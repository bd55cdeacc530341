#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# The careers site's notice of 08 December 2020, line by line, against conf/privacy.conf as it is shipped.

use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

my $YEAR = 365 * 86400;

# The notice's own words: who, which cookie, how long (undef: it does not say), what for, whose consent.
my @NOTICE = (
    [ 'Universal Analytics', '_ga',    2 * $YEAR, qr/distinguishes users.*visitors can be counted/i, 'analytics' ],
    [ 'Universal Analytics', '_gat',   10 * 60,   qr/manages the rate of page view requests/i, 'analytics' ],
    [ 'Google Analytics',    '_utma',  2 * $YEAR, qr/visited before.*new visitors can be counted/i, 'analytics' ],
    [ 'Google Analytics',    '__utma', 2 * $YEAR, qr/visited before.*new visitors can be counted/i, 'analytics' ],
    [ 'Google Analytics',    '_utmb',  30 * 60,   qr/average time on the site/i, 'analytics' ],
    [ 'Google Analytics',    '__utmb', 30 * 60,   qr/average time on the site/i, 'analytics' ],
    [ 'Google Analytics',    '_utmc',  'session', qr/average time on the site/i, 'analytics' ],
    [ 'Google Analytics',    '__utmc', 'session', qr/average time on the site/i, 'analytics' ],
    [ 'Google Analytics',    '_utmz',  $YEAR / 2, qr/how you reached the site/i, 'analytics' ],
    [ 'Google Analytics',    '__utmz', $YEAR / 2, qr/how you reached the site/i, 'analytics' ],
    [ 'Google DoubleClick',  'IDE',    2 * $YEAR, qr/from media sources.*advertising on other sites/i, 'remarketing' ],
    [ 'Facebook Pixel',      '_fbp',   undef,     qr/from media sources.*advertising on other sites/i, 'remarketing' ],
);

# Who lets a visitor opt out, and where.
my %OPT_OUT = (
    'Google Universal Analytics' => 'https://tools.google.com/dlpage/gaoptout',
    'Google Analytics'           => 'https://tools.google.com/dlpage/gaoptout',
    'Google DoubleClick'         => 'https://adssettings.google.com/',
    'Facebook Pixel'             => 'https://www.facebook.com/adpreferences/',
);

my $ALWAYS = 10 * $YEAR;
my $MODEST = 60;

# What the application answers, by path.
my %ANSWER = (
    '/session' => [ 'Set-Cookie: careers_session=41; Path=/; HttpOnly' ],
    '/keeps'   => [ "Set-Cookie: careers_session=41; Max-Age=$ALWAYS; Path=/; HttpOnly" ],
    '/explain' => [ 'Privacy-Message: cookies' ],
    '/none'    => [],
);
for my $line (@NOTICE) {
    my $name = $line->[1];
    $ANSWER{"/modest/$name"} = [ "Set-Cookie: $name=v.1; Path=/; Max-Age=$MODEST; SameSite=Lax" ];
    $ANSWER{"/always/$name"} = [ "Set-Cookie: $name=v.1; Path=/; Max-Age=$ALWAYS; SameSite=Lax" ];
}

my $application = backend(sub {
    my ($request, $connection) = @_;
    my $lines = $ANSWER{ $request->target };
    return $connection->reply('200 OK', [ 'Content-Type: text/html', @$lines ], "<p>\n");
});

# The server may run as a user who cannot look into the source tree.
my $conf = tempdir(CLEANUP => 1);
system('cp', '-R', "$FindBin::Bin/../conf/.", $conf) == 0 or die 'cp failed';
system('chmod', '-R', 'a+rX', $conf) == 0 or die 'chmod failed';

my $httpd = httpd(modules => [qw(proxy proxy_http)], conf => <<"CONF");
Define PRIVACY_DIR "$conf"
Include "$conf/privacy.conf"
ProxyPass / http://@{[ $application->address ]}/
CONF

# localhost: an expiry is one line for each cookie.
my @DOCUMENT = ('Host: localhost', 'Sec-Fetch-Dest: document');

sub agree {
    my (@categories) = @_;
    return consent('p=2020-12-08', map { "$_=1" } @categories);
}

sub cookies_of { return [ $_[0]->set_cookies ] }

# ---- each line of the table ----

for my $line (@NOTICE) {
    my ($provider, $name, $promised, undef, $category) = @$line;
    my $what = "$provider: $name";
    my $yes  = 'Cookie: ' . agree($category);
    my ($other) = grep { $_ ne $category } qw(analytics remarketing);

    is_deeply cookies_of($httpd->get("/modest/$name")), [], "$what: stripped without consent";
    is_deeply cookies_of($httpd->get("/modest/$name", 'Cookie: ' . agree($other))), [],
        "$what: consent for $other is none for $category";
    my $asked = !defined $promised || $promised ne 'session' ? "; Max-Age=$MODEST" : '';
    is_deeply cookies_of($httpd->get("/modest/$name", $yes)), ["$name=v.1; Path=/$asked; SameSite=Lax"],
        "$what: passed with consent";
    my $capped = ($promised // '') eq 'session' ? '' : '; Max-Age=' . ($promised // $ALWAYS);
    is_deeply cookies_of($httpd->get("/always/$name", $yes)), ["$name=v.1; Path=/$capped; SameSite=Lax"],
        "$what: held to " . ($promised // 'nothing') . ' with consent';

    my $response = $httpd->get('/none', @DOCUMENT, "Cookie: careers_session=41; $name=v.1");
    is_deeply cookies_of($response), ["$name=; Max-Age=0; Path=/"],
        "$what: expired when the browser presents it";
    is $application->last_request->header('Cookie'), 'careers_session=41',
        "$what: out of the application's sight";

    $response = $httpd->get('/none', @DOCUMENT, "Cookie: $name=v.1; " . agree($category));
    is_deeply cookies_of($response), [], "$what: not expired with consent";
    like $application->last_request->header('Cookie'), qr/^\Q$name\E=v\.1; /,
        "$what: in the application's sight";
}

# ---- session cookies ----

is_deeply cookies_of($httpd->get('/session')), ['careers_session=41; Path=/; HttpOnly'],
    'Session cookies: set on arrival, without being asked';
is_deeply cookies_of($httpd->get('/keeps')), ['careers_session=41; Path=/; HttpOnly'],
    'Session cookies: gone when the browser closes, whatever the application asks for';
is_deeply cookies_of($httpd->get('/none', @DOCUMENT, 'Cookie: careers_session=41')), [],
    'Session cookies: never expired';

# ---- site messages ----

$httpd->get('/none', @DOCUMENT);
like $application->last_request->header('Privacy-Messages'), qr/^cookies\b/,
    'Site messages: the explanation is due at first';
is_deeply cookies_of($httpd->get('/explain', @DOCUMENT)),
    ["site_message_cookies=seen; Max-Age=$YEAR; Path=/; SameSite=Lax"], 'Site messages: remembered once seen';
is scalar $httpd->get('/explain', @DOCUMENT)->header('Privacy-Message'), undef,
    'Site messages: the header stays inside';
$httpd->get('/none', @DOCUMENT, 'Cookie: site_message_cookies=seen');
is $application->last_request->header('Privacy-Messages'), 'choice;l=en',
    'Site messages: not shown again; the visitor is still to decide';
$httpd->get('/none', @DOCUMENT, 'Cookie: site_message_cookies=seen; '
    . consent('p=2020-12-08', 'preferences=0', 'analytics=0', 'remarketing=1'));
is $application->last_request->header('Privacy-Messages'), undef, 'Site messages: none once everything is decided';

# ---- the notice's date ----

my $old = 'Cookie: ' . consent('p=2019-01-01', 'analytics=1');
is_deeply cookies_of($httpd->get('/modest/_ga', $old)), [],
    '08 December 2020: consent to an earlier notice does not count';

# ---- the table as visitors see it ----

my %KEPT = (
    2 * $YEAR => '2 years', $YEAR / 2 => '6 months', 30 * 60 => '30 minutes', 10 * 60 => '10 minutes',
    session => 'Until you close the browser', any => qr/\S/,
);
my $page = $httpd->get('/privacy-preferences', @DOCUMENT, 'Cookie: site_message_cookies=seen')->body;
like $page, qr/version 2020-12-08\./, 'page: the policy is the one of 08 December 2020';
like $page, qr{<tr><th scope="row"><bdi dir="ltr">site_message_cookies</bdi></th><td[^>]*>1 year</td><td[^>]*>Remembers that you have seen a message</td><td[^>]*>[^<]+</td><td[^>]*>Yes</td>},
    'page: site_message_cookies is shown with its lifetime and purpose';
for my $line (@NOTICE,
    [ 'Careers site', 'careers_session', 'session', qr/same browser for a limited time.*page changes and selections/i ])
{
    my ($who, $name, $promised, $purpose) = @$line;
    my ($kept, $said, $provider) =
        $page =~ m{<tr><th scope="row"><bdi dir="ltr">\Q$name\E</bdi></th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td><td[^>]*>(.*?)</td>}s;
    my $words = $KEPT{ $promised // 'any' };
    like $kept // '', ref $words ? $words : qr/\A\Q$words\E\z/, "page: $name is shown with its lifetime";
    like $said // '', $purpose, "page: $name is shown with its purpose";
    like $provider // '', qr/\Q$who\E/, "page: $name is shown with who sets it";
    my ($link) = map { $OPT_OUT{$_} } grep { /\Q$who\E\z/ } sort keys %OPT_OUT;
    like $provider // '', qr/<a href="\Q$link\E">/, "page: $name is shown with its opt-out link" if $link;
}

# ---- the table in the policy: lifetime and purpose as promised ----

my %UNIT = (s => 1, min => 60, h => 3600, d => 86400, w => 7 * 86400, mon => $YEAR / 12, y => $YEAR);

sub words { return map { s/^"(.*)"\z/$1/r } $_[0] =~ /((?:\w+=)?"[^"]*"|\S+)/g }

sub declarations {
    my ($file) = @_;
    open my $fh, '<', $file or die "$file: $!\n";
    local $/;
    my $text = <$fh> =~ s/^#.*\n//gmr =~ s/\\\n//gr;
    my @all = map { [ words($_) ] } grep { /^Privacy/ } split /\n/, $text;
    push @all, declarations("$conf/$1") while $text =~ m{^Include "\$\{PRIVACY_DIR\}/([^"]+)"}gm;
    return @all;
}

my (%cookie, %provider);
for my $declaration (declarations("$conf/privacy.conf")) {
    my ($directive, $name, @rest) = @$declaration;
    $cookie{$name}   = \@rest if $directive eq 'PrivacyCookie';
    $provider{$name} = \@rest if $directive eq 'PrivacyProvider';
}
my @session = ('Careers site', 'careers_session', 'session',
    qr/same browser for a limited time.*page changes and selections/i, 'essential');
for my $line (@NOTICE, \@session) {
    my ($who, $name, $promised, $purpose, $category) = @$line;
    my ($in, $lifetime, $said, @options) = @{ $cookie{$name} || [] };
    is $in, $category, "table: $name is $category";
    my $seconds = ($lifetime // '') =~ /^(\d+)([a-z]+)$/ ? $1 * $UNIT{$2} : $lifetime;
    is $seconds, $promised // 'any', "table: $name has its lifetime";
    like $said, $purpose, "table: $name says what it is for";
    my ($provider) = map { /^provider=(.*)/ ? $1 : () } @options;
    like $provider{ $provider // '' }[0], qr/\Q$who\E\z/, "table: $name names its provider";
}
for my $who (sort keys %OPT_OUT) {
    my ($entry) = grep { $_->[0] eq $who } values %provider;
    my ($link) = map { /^optout=(.*)/ ? $1 : () } @{ $entry || [] };
    is $link, $OPT_OUT{$who}, "table: $who has its opt-out link";
}

done();
