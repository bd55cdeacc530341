#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# The catalogue: each file loads alone, all of them load together and with privacy.conf, each cookie in it is found
# again under its own category and lifetime, and nothing that an application needs is caught.

use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

my $conf = tempdir(CLEANUP => 1);
system('cp', '-R', "$FindBin::Bin/../conf/.", $conf) == 0 or die 'cp failed';
system('chmod', '-R', 'a+rX', $conf) == 0 or die 'chmod failed';

my $CATEGORIES = join '', "PrivacyCategory essential necessary T D\n",
    map { "PrivacyCategory $_ opt-in T D\n" } qw(preferences analytics remarketing);
my $YEAR = 365 * 86400;
my $LONG = 100 * $YEAR;
my %UNIT = (s => 1, min => 60, h => 3600, d => 86400, w => 7 * 86400, mon => $YEAR / 12, y => $YEAR);

# What applications, frameworks and load balancers set, and what looks like a tracker's and is not.
my @NEEDED = qw(
    PHPSESSID JSESSIONID JSESSIONIDSSO ASP.NET_SessionId .AspNetCore.Session ASPSESSIONIDQADRTBSC csrftoken sessionid
    XSRF-TOKEN laravel_session connect.sid SERVERID ROUTEID sid session session_id SID SSID auth token jwt
    wordpress_logged_in_0a1b wordpress_sec_0a1b wordpress_test_cookie wp-settings-1 wp-settings-time-1 wp-postpass_0a1b
    woocommerce_cart_hash woocommerce_items_in_cart wp_woocommerce_session_0a1b
    SESS0a1b2c3d SSESS0a1b2c3d frontend form_key CFID CFTOKEN fe_typo_user be_typo_user
    AWSALB AWSALBCORS AWSALBTG ARRAffinity ARRAffinitySameSite BIGipServerpool TS01a2b3
    incap_ses_1_2 visid_incap_2 nlbi_2
    ak_bmsc bm_sv _abck __cf_bm cf_clearance _cfuvid datadome __stripe_mid __stripe_sid _GRECAPTCHA
    mod_auth_openidc_session mod_auth_openidc_state_x MELLON mellon-cookie __Host-session __Secure-session
    django_language i18next lang locale theme cart basket user uid UID ID id mc player PREF SM MR aw
    visitor_id lpv mf_session mp_session amp_cookie_ok ph_session
    _careers_session _gateway_session _gallery_session _garden_session _game_session _biz_session _hjem_session
    _ymca_session _optician_session _vw_session
    CookieConsent OptanonConsent euconsent-v2 cookieyes-consent klaro tarteaucitron cookies_policy
    privacy_consent site_message_cookies
);

sub words { return map { s/^"(.*)"\z/$1/r } $_[0] =~ /((?:\w+=)?"[^"]*"|\S+)/g }

sub cookies_in {
    my ($file) = @_;
    open my $fh, '<', $file or die "$file: $!\n";
    local $/;
    my $text = <$fh> =~ s/^#.*\n//gmr =~ s/\\\n//gr;
    return map { [ (words($_))[ 1 .. 3 ] ] } grep { /^PrivacyCookie\s/ } split /\n/, $text;
}

# A name that the pattern matches.
sub sample {
    my ($pattern) = @_;
    return $pattern =~ s/\*/Q7z/gr =~ s/\?/9/gr;
}

my @files = grep { !/\/all\.conf$/ } glob "$conf/catalogue/*.conf";
cmp_ok scalar @files, '>=', 69, scalar(@files) . ' files';

# ---- alone and together ----

for my $file (@files) {
    my ($name) = $file =~ m{([^/]+)$};
    my ($exit, $said) = configtest(qq{${CATEGORIES}Include "$file"\n});
    is $exit, 0, "$name loads alone" or diag $said;
    unlike $said, qr/PRIV\d/, "$name: without a warning";
    open my $fh, '<', $file or die $!;
    my $text = join '', <$fh>;
    like $text, qr/\A# \S.*\n#\n# Category: /, "$name says what it is and its category";
    like $text, qr/^Privacy(?:Cookie|Tracker|Parameter)\s/m, "$name declares something";
    my $all = do { open my $in, '<', "$conf/catalogue/all.conf" or die $!; join '', <$in> };
    like $all, qr{/catalogue/\Q$name\E"$}m, "$name is in all.conf";
}
my $whole = qq{Define PRIVACY_DIR "$conf"\n${CATEGORIES}Include "$conf/catalogue/all.conf"\n};
{
    my ($exit, $said) = configtest($whole);
    is $exit, 0, 'all.conf loads' or diag $said;

    open my $fh, '<', "$conf/privacy.conf" or die $!;
    my $policy = join '', <$fh>;
    my $with_all = $policy =~ s{^(Include .*/catalogue/)[^/"]+\.conf"\n(?:Include .*\n)*}{$1all.conf"\n}mr;
    isnt $with_all, $policy, 'privacy.conf includes files of the catalogue';
    ($exit, $said) = configtest(qq{Define PRIVACY_DIR "$conf"\n$with_all});
    is $exit, 0, 'all.conf may stand in their place' or diag $said;
}

# ---- each cookie is found again ----

# One response for a few dozen cookies, by number.
my (@answers, @cookies);
sub answers_for {
    my (@names) = @_;
    my $first = @answers;
    while (my @some = splice @names, 0, 40) {
        push @answers, [ map { "Set-Cookie: $_=v; Max-Age=$LONG; Path=/" } @some ];
    }
    return $first .. $#answers;
}
@cookies = map { cookies_in($_) } @files;
my @found = answers_for(map { sample($_->[0]) } @cookies);
my @needed = answers_for(@NEEDED);

my $application = backend(sub {
    my ($request, $connection) = @_;
    my ($n) = $request->target =~ m{^/(\d+)$};
    return $connection->reply('200 OK', $answers[$n], '');
});

sub start {
    my ($conf) = @_;
    return httpd(modules => [qw(proxy proxy_http)],
        conf => "${conf}PrivacyEngine on\nProxyPass / http://@{[ $application->address ]}/\n");
}

# What is left of the answers, by cookie name.
sub asked {
    my ($httpd, $cookie, @numbers) = @_;
    my %left;
    for my $n (@numbers) {
        for my $line ($httpd->get("/$n", defined $cookie ? "Cookie: $cookie" : ())->set_cookies) {
            my ($name, $rest) = $line =~ /^([^=]+)=v(.*)$/ or die "what is this? '$line'\n";
            $left{$name} = $rest;
        }
    }
    return \%left;
}

# The longest that the declaration allows, as it is written.
sub held_to {
    my ($lifetime) = @_;
    return '; Path=/' if $lifetime eq 'session';
    my $seconds = $lifetime eq 'any' ? $LONG : $lifetime =~ /^(\d+)([a-z]+)$/ ? $1 * $UNIT{$2} : die $lifetime;
    return "; Max-Age=$seconds; Path=/";
}

my $httpd   = start($whole);
my $without = asked($httpd, undef, @found);
my $with    = asked($httpd, consent(qw(preferences=1 analytics=1 remarketing=1)), @found);
for my $cookie (@cookies) {
    my ($pattern, $category, $lifetime) = @$cookie;
    my $name = sample($pattern);
    if ($category eq 'essential') {
        is $without->{$name}, held_to($lifetime), "$pattern: $name passes as essential";
    }
    else {
        is $without->{$name}, undef, "$pattern: $name is denied";
    }
    is $with->{$name}, held_to($lifetime), "$pattern: $name is held to $lifetime with consent";
}
cmp_ok scalar @cookies, '>=', 400, scalar(@cookies) . ' cookies found again';

# A category that is denied while the others are granted takes its own cookies, and no others.
for my $denied (qw(preferences analytics remarketing)) {
    my @granted = map { $_ . '=' . ($_ eq $denied ? 0 : 1) } qw(preferences analytics remarketing);
    my $left = asked($httpd, consent(@granted), @found);
    my @wrong = grep { exists $left->{ sample($_->[0]) } == ($_->[1] eq $denied) } @cookies;
    is_deeply [ map { $_->[0] } @wrong ], [], "denied $denied: each cookie is in its category";
}

# ---- nothing that is needed is caught ----

my $left = asked($httpd, undef, @needed);
for my $name (@NEEDED) {
    ok exists $left->{$name}, "$name passes";
}
cmp_ok scalar @NEEDED, '>=', 90, scalar(@NEEDED) . ' needed names tried';

# The same where undeclared cookies are stripped: what frameworks set is declared.
my $strict = start("${whole}PrivacyUndeclared strip\n");
my $kept = asked($strict, undef, @needed);
for my $name (qw(PHPSESSID JSESSIONID csrftoken laravel_session wordpress_logged_in_0a1b AWSALB __cf_bm _careers_session
    CookieConsent SESS0a1b2c3d __Host-session privacy_consent)) {
    ok exists $kept->{$name}, "$name passes where undeclared cookies do not";
}
ok !exists $kept->{theme}, 'an undeclared cookie does not';

done();
