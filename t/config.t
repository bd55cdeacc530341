# Licensed under the Apache License, Version 2.0; see LICENSE.

# The configuration: each mistake stops configtest with its line, what is wrong
# and what is allowed; virtual hosts inherit and add; .htaccess weakens nothing.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(proxy_http));

# What the mistakes stand in. The mistake is line 7.
my $policy = <<'CONF';
PrivacyEngine on
PrivacyCategory essential necessary "Essential" "What the site needs."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyProvider google "Google Ireland"
PrivacyCookie sid essential session "The login"
PrivacyMessage hello
CONF

# Name, the mistake, what the message has to say.
my @mistake = (
    # categories
    [ 'a category not declared',   'PrivacyCookie _ga analitycs 2y "x"', qr/PrivacyCookie _ga: .*'analitycs'/, qr/did you mean 'analytics'/ ],
    [ 'one that is like no other', 'PrivacyCookie _ga zzzzzz 2y "x"', qr/'zzzzzz'/, qr/^(?!.*did you mean)/s ],
    [ 'an unknown basis',          'PrivacyCategory x opt_in "X" "x"', qr/PrivacyCategory/, qr/'opt_in'/, qr/necessary.*opt-in.*opt-out/, qr/did you mean 'opt-in'/ ],
    [ 'a basis in capitals',       'PrivacyCategory x Necessary "X" "x"', qr/did you mean 'necessary'/ ],
    [ 'no title',                  'PrivacyCategory x opt-in', qr/PrivacyCategory takes NAME BASIS/ ],
    [ 'a category twice',          'PrivacyCategory analytics opt-out "X" "x"', qr/analytics: already declared on line 3 of \S+test\.conf/ ],
    [ 'an unknown option',         'PrivacyCategory x opt-in "X" "x" denyed=strip', qr/'denyed='/, qr/did you mean 'denied='/ ],
    [ 'an option\'s bad value',    'PrivacyCategory x opt-in "X" "x" denied=drop', qr/'drop' must be strip or session/ ],
    [ 'an option without value',   'PrivacyCategory x opt-in "X" "x" denied', qr/'denied'/, qr/denied=/ ],
    [ 'names that differ in - and _', qq{PrivacyCategory a-b opt-in "X" "x"\nPrivacyCategory a_b opt-in "X" "x"}, qr/a_b: differs from 'a-b'/, 8 ],
    (map { [ "the reserved name $_", "PrivacyCategory $_ opt-in \"X\" \"x\"", qr/PrivacyCategory \Q$_\E: .*reserved/ ] }
        qw(v p t g final cookie vendor refresh vary not-applicable)),
    (map { [ "the bad name '$_'", "PrivacyCategory \"$_\" opt-in \"X\" \"x\"", qr/1 to 32 of a-z, 0-9, _ and -/ ] }
        '', 'Analytics', '1a', '-a', 'a.b', 'a b', 'ä', 'a' x 33),
    [ 'a 65th category', join("\n", map { "PrivacyCategory c$_ opt-in \"X\" \"x\"" } 1 .. 63), qr/at most 64/, 69 ],

    # cookies
    (map { [ "the lifetime '$_'", "PrivacyCookie _ga analytics \"$_\" \"x\"", qr/PrivacyCookie lifetime '\Q$_\E' must be/, qr/session.*any.*\bmon\b/ ] }
        '', '2', '2x', 'y', '-1d', '+1d', '1.5d', '2 y', '2Y', '99999999999999999999y', 'Session'),
    [ 'a broken regex',            'PrivacyCookie "~^(_ga" analytics any "x"', qr/regular expression '\^\(_ga' cannot be compiled: \S/ ],
    [ 'an empty regex',            'PrivacyCookie ~ analytics any "x"', qr/regular expression after ~ is empty/ ],
    [ 'an empty pattern',          'PrivacyCookie "" analytics any "x"', qr/PATTERN must not be empty/ ],
    [ 'a pattern that matches nothing', 'PrivacyCookie "_ga=" analytics any "x"', qr/PATTERN '_ga=' can match no cookie/ ],
    [ 'a pattern with white space', 'PrivacyCookie "_g a" analytics any "x"', qr/PATTERN '_g a'/ ],
    [ 'a cookie twice',            'PrivacyCookie sid analytics any "x"', qr/sid: already declared on line 5/ ],
    [ 'a cookie without purpose',  'PrivacyCookie _ga analytics any', qr/PrivacyCookie takes PATTERN CATEGORY LIFETIME "PURPOSE"/ ],
    [ 'a purpose without quotes',  'PrivacyCookie _ga analytics any Tells visitors apart', qr/option 'visitors' must be provider=.*; a text of several words needs quotes/ ],
    [ 'a provider not declared',   'PrivacyCookie _ga analytics any "x" provider=gogle', qr/no PrivacyProvider 'gogle'/, qr/did you mean 'google'/ ],
    [ 'an unknown option',         'PrivacyCookie _ga analytics any "x" partitionned', qr/'partitionned'/, qr/did you mean 'partitioned'/ ],
    [ 'a path that is none',       'PrivacyCookie _ga analytics any "x" path=shop', qr{path=shop must begin with /} ],
    [ 'a path with an attribute',  'PrivacyCookie _ga analytics any "x" "path=/;Domain=x"', qr/must not contain ;/ ],
    [ 'a domain that is none',     'PrivacyCookie _ga analytics any "x" domain=..', qr/'\.\.' is not a domain name/ ],
    [ 'a domain with a port',      'PrivacyCookie _ga analytics any "x" domain=example.org:80', qr/is not a domain name/ ],
    [ 'the record\'s own name',    'PrivacyCookie privacy_consent essential any "x"', qr/privacy_consent: .*module's own/ ],
    [ 'a message\'s own name',     'PrivacyCookie site_message_hello essential any "x"', qr/site_message_hello: .*module's own/ ],

    # providers
    [ 'a provider twice',          'PrivacyProvider google "Google"', qr/google: already declared on line 4/ ],
    [ 'a notice that is no URL',   'PrivacyProvider x "X" notice=example.org', qr/'example\.org' must be a URL/ ],
    [ 'an opt-out that is a script', 'PrivacyProvider x "X" optout=javascript:alert(1)', qr/must be a URL/ ],
    [ 'an unknown option',         'PrivacyProvider x "X" notise=/x', qr/did you mean 'notice='/ ],
    [ 'no title',                  'PrivacyProvider x', qr/PrivacyProvider takes NAME "TITLE"/ ],

    # modes
    [ 'PrivacyUndeclared',         'PrivacyUndeclared drop', qr/'drop' must be pass or strip/ ],
    [ 'PrivacyLifetime',           'PrivacyLifetime capp', qr/'capp' must be cap, strip or pass/, qr/did you mean 'cap'/ ],
    [ 'PrivacyEngine',             'PrivacyEngine onn', qr/'onn' must be/, qr/did you mean 'on'/ ],
    [ 'PrivacyFilterRequest',      'PrivacyFilterRequest maybe', qr/PrivacyFilterRequest must be On or Off/ ],
    [ 'PrivacyExpire',             'PrivacyExpire 1', qr/PrivacyExpire must be On or Off/ ],
    (map { [ "the version '$_'", "PrivacyPolicyVersion \"$_\"", qr/PrivacyPolicyVersion '\Q$_\E' must be 1 to 32/ ] }
        'a b', '1&x=1', 'a' x 33),
    [ 'a version beyond ASCII', 'PrivacyPolicyVersion "ü"', qr/PrivacyPolicyVersion \S+ must be 1 to 32/ ],

    # parameters
    [ 'a parameter with a =',      'PrivacyParameter gclid= analytics', qr/NAME 'gclid=' must be a parameter's name or a glob/ ],
    [ 'a regex for parameters',    'PrivacyParameter "~^utm_" analytics', qr/NAME '~\^utm_' must be a name or a glob: only PrivacyCookie/ ],

    # messages
    [ 'a message twice',           'PrivacyMessage hello', qr/hello: already declared on line 6/ ],
    [ 'a bad name',                'PrivacyMessage Hello', qr/1 to 32/ ],
    [ 'an unknown until',          'PrivacyMessage x until=sean', qr/'sean' must be seen, dismissed or choice/, qr/did you mean 'seen'/ ],
    [ 'an unknown option',         'PrivacyMessage x untill=seen', qr/did you mean 'until='/ ],
    [ 'a lifetime that is none',   'PrivacyMessage x lifetime=any', qr/'any' is no lifetime/ ],
    [ 'a cookie that is no token', 'PrivacyMessage x "cookie=a b"', qr/cookie name 'a b' must be a token/ ],
    [ 'another message\'s cookie', 'PrivacyMessage x cookie=site_message_hello', qr/'site_message_hello' is already used/ ],
    [ 'the record\'s cookie',      'PrivacyMessage x cookie=privacy_consent', qr/'privacy_consent' is already used/ ],

    # the record
    [ 'a name that is no token',   'PrivacyConsentCookie "a;b"', qr/cookie name 'a;b' must be a token/ ],
    [ 'a lifetime that is none',   'PrivacyConsentCookie x lifetime=6m', qr/lifetime '6m' must be/ ],
    [ 'a record for ever',         'PrivacyConsentCookie x lifetime=any', qr/'any' is no lifetime/ ],
    [ '__Host- with a domain',     'PrivacyConsentCookie __Host-x domain=example.org', qr/__Host-x: a __Host- cookie cannot have domain=/ ],
    [ 'SameSite',                  'PrivacyConsentCookie x samesite=Laxx', qr/'Laxx' must be Lax, Strict or None/, qr/did you mean 'Lax'/ ],
    [ 'an unknown option',         'PrivacyConsentCookie x livetime=6mon', qr/did you mean 'lifetime='/ ],
    [ 'the name of a site\'s cookie', 'PrivacyConsentCookie sid', qr/PrivacyCookie sid: .*module's own/, 5 ],

    # signals
    [ 'an unknown signal',         'PrivacySignal gcp analytics', qr/'gcp' must be gpc or dnt/, qr/did you mean 'gpc'/ ],
    [ 'no category',               'PrivacySignal gpc', qr/PrivacySignal takes gpc\|dnt CATEGORY/ ],
    [ 'final alone',               'PrivacySignal gpc final', qr/names no category/ ],
    [ 'a category not declared',   'PrivacySignal gpc analytic', qr/'analytic'/, qr/did you mean 'analytics'/ ],
    [ 'a necessary one',           'PrivacySignal gpc essential', qr/'essential' is necessary/ ],

    # consent sources
    [ 'an unknown manager',        'PrivacyConsentSource cookiebott analytics=statistics', qr/'cookiebott' must be one of cookiebot, .*, json, expr/, qr/did you mean 'cookiebot'/ ],
    [ 'a manager like no other',   'PrivacyConsentSource usercentrics analytics=x', qr/'usercentrics' must be one of/, qr/^(?!.*did you mean)/s ],
    [ 'no manager',                'PrivacyConsentSource ""', qr/PrivacyConsentSource takes SOURCE CATEGORY=KEY/ ],
    [ 'nothing mapped',            'PrivacyConsentSource cookiebot', qr/cookiebot: no category is mapped/ ],
    [ 'nothing mapped by expr',    'PrivacyConsentSource expr vary=Cookie', qr/expr: no category is mapped/ ],
    [ 'an option alone',           'PrivacyConsentSource cookiebot refresh=1y', qr/no category is mapped/ ],
    [ 'a word without =',          'PrivacyConsentSource cookiebot analytics', qr/'analytics' must be CATEGORY=KEY/ ],
    [ 'a category without key',    'PrivacyConsentSource cookiebot analytics=', qr/must be CATEGORY=KEY/ ],
    [ 'an unknown key',            'PrivacyConsentSource cookiebot analytics=statistic', qr/cookiebot has no key "statistic": it has necessary, preferences, statistics, marketing; did you mean "statistics"\?/ ],
    [ 'an unknown category',       'PrivacyConsentSource cookiebot analytic=statistics', qr/PrivacyConsentSource cookiebot: no PrivacyCategory 'analytic' is declared; did you mean 'analytics'/ ],
    [ 'a necessary category',      'PrivacyConsentSource cookiebot essential=necessary', qr/'essential' is necessary/ ],
    [ 'a category twice',          'PrivacyConsentSource cookiebot analytics=statistics analytics=marketing', qr/cookiebot: analytics is mapped twice/ ],
    [ 'an unknown option',         'PrivacyConsentSource klaro analytics=a refesh=1y', qr/no PrivacyCategory 'refesh'.*did you mean the option 'refresh='/ ],
    [ 'an unknown option of fixed keys', 'PrivacyConsentSource tcf analytics=7 vendr=755', qr/tcf has no key "755".*did you mean the option vendor=/ ],
    [ 'a vendor that is none',     'PrivacyConsentSource tcf analytics=7 vendor=google', qr/vendor=google is not a number/ ],
    [ 'a vendor of another',       'PrivacyConsentSource klaro analytics=a vendor=1', qr/klaro takes no vendor=/ ],
    [ 'not-applicable=',           'PrivacyConsentSource cookiebot analytics=statistics not-applicable=yes', qr/only grant can be said/ ],
    [ 'not-applicable= of another', 'PrivacyConsentSource klaro analytics=a not-applicable=grant', qr/klaro never answers/ ],
    [ 'json without cookie',       'PrivacyConsentSource json analytics=/a', qr/json: which cookie/ ],
    [ 'json without pointer',      'PrivacyConsentSource json analytics=a cookie=c', qr/JSON pointers/ ],
    [ 'a cookie that is none',     'PrivacyConsentSource klaro analytics=a "cookie=a b"', qr/cookie=a b is not the name of a cookie/ ],
    [ 'a lifetime that is none',   'PrivacyConsentSource klaro analytics=a refresh=1m', qr/refresh=1m: lifetime '1m' must be/ ],
    (map { [ "refresh=$_", "PrivacyConsentSource klaro analytics=a refresh=$_", qr/refresh=\Q$_\E: '\Q$_\E' is no lifetime/ ] } qw(session any)),
    [ 'a domain that is none',     'PrivacyConsentSource klaro analytics=a refresh=1y,a/b', qr/'a\/b' is not a domain name/ ],
    [ 'vary= of a manager',        'PrivacyConsentSource klaro analytics=a vary=X', qr/klaro takes no vary=/ ],
    (map { [ "$_= of expr", "PrivacyConsentSource expr analytics=true $_=1y", qr/expr takes no $_=/ ] } qw(cookie vendor refresh not-applicable)),
    [ 'vary= without a header',    'PrivacyConsentSource expr analytics=true vary=,', qr/vary= names no header/ ],
    [ 'vary= of no header',        'PrivacyConsentSource expr analytics=true "vary=X Y"', qr/'X Y' is not the name of a header/ ],
    [ 'an expression that is none', 'PrivacyConsentSource expr analytics="%{HTTP_COOKIE} =~"', qr/expr: analytics: cannot parse '%\{HTTP_COOKIE\} =~'/ ],
    [ 'an unknown function',       'PrivacyConsentSource expr "analytics=nope(1)"', qr/cannot parse/ ],
    [ 'a manager\'s cookie declared', "PrivacyConsentSource klaro analytics=a\nPrivacyCookie klaro essential any \"x\"", qr/PrivacyCookie klaro: .*of PrivacyConsentSource klaro/, 8 ],
    [ 'a manager\'s cookie as the record\'s', "PrivacyConsentCookie klaro\nPrivacyConsentSource klaro analytics=a", qr/module's own cookie klaro: .*of PrivacyConsentSource klaro/ ],
    [ 'a 65th source', join("\n", map { "PrivacyConsentSource klaro analytics=a cookie=c$_" } 1 .. 65), qr/klaro: a policy has at most 64 sources/, 71 ],
    [ 'a virtual host\'s category', "PrivacyConsentSource klaro analytics=a\n<VirtualHost 127.0.0.1:1>\nPrivacyCategory analytics necessary \"A\" \"x\"\n</VirtualHost>", qr/klaro: 'analytics' is necessary/ ],
    (map { [ "PrivacyGPCStatement $_", "PrivacyGPCStatement $_", qr/PrivacyGPCStatement '\Q$_\E' must be a date of RFC 3339/ ] }
        qw(yesterday 2026 2026-1-1 2026-13-01 2026-00-10 2026-02-29 2100-02-29 2026-04-31 2026-11-23x 2026-11-23T 2026-11-23T24:00:00Z
           2026-11-23T10:00:00 2026-11-23T10:00:00.Z 2026-11-23T10:00:00+1 2026-11-23T10:60:00Z 23.11.2026)),

    # contexts
    (map { [ "$_->[0] in a <Location>", "<Location /x>\n$_->[1]\n</Location>", qr/$_->[0] not allowed in <Location>/, 8 ] }
        [ PrivacyCategory => 'PrivacyCategory x opt-in "X" "x"' ], [ PrivacyCookie => 'PrivacyCookie x analytics any "x"' ],
        [ PrivacyProvider => 'PrivacyProvider x "X"' ], [ PrivacyUndeclared => 'PrivacyUndeclared pass' ],
        [ PrivacyLifetime => 'PrivacyLifetime cap' ], [ PrivacyPolicyVersion => 'PrivacyPolicyVersion 2' ],
        [ PrivacyMessage  => 'PrivacyMessage x' ], [ PrivacyConsentCookie => 'PrivacyConsentCookie x' ],
        [ PrivacySignal   => 'PrivacySignal gpc analytics' ], [ PrivacyConsentSource => 'PrivacyConsentSource klaro analytics=a' ],
        [ PrivacyGPCStatement => 'PrivacyGPCStatement 2026-11-23' ]),
    [ 'a virtual host\'s mistake', "<VirtualHost 127.0.0.1:1>\nPrivacyCookie _ga analitycs any \"x\"\n</VirtualHost>", qr/did you mean 'analytics'/, 8 ],
);
for (@mistake) {
    my ($name, $conf, @want) = @$_;
    my $line = ref $want[-1] ? 7 : pop @want;
    my ($exit, $said) = configtest("$policy$conf\n");
    isnt $exit, 0, "configtest fails: $name ($conf)" =~ s/\n.*//sr;
    like $said, qr/line $line of \S*test\.conf/, "and names line $line";
    like $said, $_, "and says $_" for @want;
}
cmp_ok scalar @mistake, '>=', 90, 'at least 90 mistakes were tried';

# Several mistakes are told at once, and what is sound is not.
{
    my ($exit, $said) = configtest(<<"CONF");
${policy}PrivacyCookie a analytic any "x"
PrivacyCookie b analytics any "x"
PrivacyCookie c nowhere any "x" provider=gogle
PrivacySignal gpc essential
CONF
    isnt $exit, 0, 'configtest fails on several mistakes';
    is_deeply [ sort { $a <=> $b } $said =~ /line (\d+) of/g ], [ 7, 9, 9, 10 ], 'and names them all';
}

# Nor is one mistake told for each of a catalogue's lines, and for each virtual host that inherits them.
{
    my $conf = join '', $policy, map { "PrivacyCookie c$_ nowhere any \"x\"\n" } 1 .. 30;
    my ($exit, $said) = configtest("$conf<VirtualHost 127.0.0.1:1>\nPrivacyUndeclared strip\nPrivacyCookie own analytics any \"x\"\n</VirtualHost>\n");
    isnt $exit, 0, 'configtest fails on many mistakes';
    is_deeply [ $said =~ /PRIV0001: Policy error on line (\d+) /g ], [ 7 .. 26 ], 'and tells the first twenty, each once';
    like $said, qr/10 more are not shown/, 'and how many there are beside';
}

# What is sound, in any order.
for (
    [ 'every option', <<'CONF' ],
PrivacySignal gpc analytics comfort final
PrivacyCookie _ga analytics 2y "x" provider=late path=/x domain=.Example.org partitioned
PrivacyCookie "~^a\s" analytics 90min "x"
PrivacyCookie "*" comfort 4w "x"
PrivacyConsentCookie __Host-choice lifetime=12mon samesite=Strict
PrivacyMessage x until=dismissed cookie=x lifetime=session
PrivacyMessage cookies until=choice
PrivacyPolicyVersion 2026-11.b_c
PrivacyUndeclared strip
PrivacyLifetime pass
PrivacyCategory comfort opt-out "Comfort" "x" denied=session
PrivacyProvider late "Late" notice=https://example.org/n optout=/o
<Directory />
    PrivacyEngine Report
    PrivacyFilterRequest off
    PrivacyExpire on
</Directory>
<Location /x>
    PrivacyEngine ON
</Location>
<Files x>
    PrivacyEngine off
</Files>
CONF
    [ 'every source', join("\n", 'PrivacyConsentSource expr analytics="%{HTTP_COOKIE} =~ /a b/" vary=X-Stats',
        'PrivacyConsentSource  klaro	analytics=a  refresh=1y ', q(PrivacyConsentSource 'klaro' "analytics=a" cookie=x), map { "PrivacyConsentSource $_" }
        'cookiebot analytics=statistics not-applicable=grant', 'tcf analytics=7,8,9 vendor=755 cookie=euconsent-v2', 'json cookie=c analytics=/a,/b',
        'gpp analytics=sale cookie=g', 'gpp analytics=7 cookie=g', 'osano analytics=*') ],
    (map { [ "PrivacyGPCStatement $_", "PrivacyGPCStatement $_\nPrivacySignal gpc analytics" ] }
        qw(2026-11-23 2024-02-29 2026-11-23T10:00:00Z 2026-11-23t10:00:00.5z 2026-11-23T23:59:60-01:30)),
    [ '64 sources', join("\n", map { "PrivacyConsentSource klaro analytics=a cookie=c$_" } 1 .. 64) ],
    (map { [ "a domain of its own, $_", "PrivacyConsentCookie x domain=$_" ] } qw(www.example.org example.org .Example.ORG org)),
    (map { [ "a domain of a virtual host's, $_", "PrivacyConsentCookie x domain=careers.example\n<VirtualHost 127.0.0.1:1>\nServerName a.example\n$_\n</VirtualHost>" ] }
        'ServerAlias b.example jobs.CAREERS.example', 'ServerAlias *.example', 'PrivacyConsentCookie x', 'PrivacyEngine off'),
    [ 'a domain where no name is known', "PrivacyConsentCookie x domain=careers.example\n<VirtualHost 127.0.0.1:1>\nServerAlias a.example\n</VirtualHost>\n<VirtualHost *:1>\n</VirtualHost>" ],
    [ '64 categories', join("\n", map { "PrivacyCategory c$_ opt-in \"X\" \"x\"" } 1 .. 62) ],
    [ 'a name of 32 bytes', 'PrivacyCategory ' . 'a' x 32 . ' opt-in "X" "x"' ],
    )
{
    my ($name, $conf) = @$_;
    my ($exit, $said) = configtest("$policy$conf\n");
    is $exit, 0, "configtest passes: $name" or diag $said;
    unlike $said, qr/PRIV\d/, 'and says nothing';
}

# Warnings.
for (
    [ "${policy}PrivacyCategory x opt-in \"X\" \"x\" denied=session\n", qr/warning on line 7 of \S+test\.conf: PrivacyCategory x: .*session cookie needs consent too/ ],
    [ "${policy}PrivacyGPCStatement 2026-11-23\n", qr/PrivacyGPCStatement says .* but no PrivacySignal gpc is declared/ ],
    (map { [ "${policy}PrivacyConsentCookie x domain=$_\n", qr/PRIV0033: PrivacyConsentCookie x: no name of server www\.example\.org is in domain=\Q$_\E: browsers will not/ ] }
        qw(careers.example ample.org a.www.example.org org.)),
    [ "${policy}PrivacyConsentCookie x domain=careers.example\n<VirtualHost 127.0.0.1:1>\nServerName careers.example\n</VirtualHost>\n<VirtualHost 127.0.0.1:1>\nServerName shop.example\nServerAlias example\n</VirtualHost>\n",
        qr/^(?!.*server (?:www|careers)).*no name of server shop\.example is in domain=careers\.example/s ],
    [ "PrivacyEngine on\n", qr/no PrivacyCategory is declared: nothing is enforced/ ],
    )
{
    my ($conf, $want) = @$_;
    my ($exit, $said) = configtest($conf);
    is $exit, 0, "configtest passes with a warning";
    like $said, $want, "which says $want";
}

# ---- virtual hosts ----

my $origin = mirror();
my $httpd  = httpd(
    modules => [qw(proxy_http cgi)],
    define  => { ORIGIN => $origin->address },
    files   => {
        '/weak/.htaccess'   => "PrivacyEngine off\n",
        '/weak2/.htaccess'  => "PrivacyFilterRequest off\n",
        '/weak3/.htaccess'  => "PrivacyExpire off\n",
        '/weak4/.htaccess'  => "PrivacyUndeclared pass\n",
        '/listed/1/.htaccess' => "PrivacyEngine report\n",
        '/listed/2/.htaccess' => "PrivacyExpire off\n",
        '/listed/3/.htaccess' => "PrivacyFilterRequest off\n",
        '/listed/4/.htaccess' => "PrivacyRewriteHTML on\n",
        map { ("/$_/page.html" => "hello\n") } qw(weak weak2 weak3 weak4), map { "listed/$_" } 1 .. 4,
    },
    conf => <<'CONF',
PrivacyCategory first opt-in "First" "x"
PrivacyCategory second opt-in "Second" "x"
PrivacyCategory need necessary "Necessary" "x"
PrivacyCookie _xlong*     need   any "main, long prefix"
PrivacyCookie _exact      need   any "main, exact"
PrivacyCookie "~^regular" need   any "main, regex"
PrivacyCookie moves       first  any "main"
PrivacyCookie _same*      first  any "main"
PrivacyCookie capped      need   1h  "main"
PrivacySignal gpc first
PrivacyMessage hello
PrivacyUndeclared strip
PrivacyEngine on
ProxyPass /proxy http://${ORIGIN}/
<Directory "${DOCROOT}">
    AllowOverride All
</Directory>
<Directory "${DOCROOT}/listed">
    AllowOverrideList PrivacyEngine PrivacyExpire PrivacyFilterRequest PrivacyRewriteHTML
</Directory>
Listen 127.0.0.1:${PORT_PLAIN}
Listen 127.0.0.1:${PORT_OWN}
<VirtualHost 127.0.0.1:${PORT_PLAIN}>
</VirtualHost>
<VirtualHost 127.0.0.1:${PORT_OWN}>
    PrivacyCategory third opt-out "Third" "x"
    PrivacyCategory first opt-out "First, another basis" "x"
    PrivacyCookie _x*       second any "own, short prefix"
    PrivacyCookie _e*       second any "own, and shorter than exact"
    PrivacyCookie "~^reg"   second any "own regex"
    PrivacyCookie moves     need   any "own"
    PrivacyCookie _same*    need   any "own"
    PrivacyCookie capped    need   2h  "own"
    PrivacySignal dnt third
    PrivacyUndeclared pass
    PrivacyPolicyVersion 2
    PrivacyConsentCookie own_choice
</VirtualHost>
CONF
);

sub decided {
    my ($port, @lines) = @_;
    return ($httpd->get('/proxy', @lines, { port => $port })->body =~ /^Privacy-Consent: (.*), p=/m)[0];
}

sub passes {
    my ($port, $set) = @_;
    return scalar $httpd->get('/proxy/?' . answering("Set-Cookie: $set"), { port => $port })->header('Set-Cookie') // 'gone';
}

for my $port (undef, 'PLAIN') {
    my $name = $port // 'main server';
    is decided($port), 'first=?0, second=?0', "$name: as declared";
    is decided($port, 'Cookie: ' . consent('first=1', 'second=1')), 'first=?1, second=?1', "$name: the record";
    is decided($port, 'Cookie: ' . consent('first=1', 'second=1'), 'Sec-GPC: 1', 'DNT: 1'), 'first=?0, second=?1', "$name: the signal";
    is passes($port, $_), $_, "$name: $_ passes" for '_xlong1=1', '_exact=1', 'regular=1';
    is passes($port, $_), 'gone', "$name: $_ is gone" for 'moves=1', '_same1=1', 'unknown=1';
    is passes($port, 'capped=1; Max-Age=9999'), 'capped=1; Max-Age=3600', "$name: capped";
}
is decided('OWN'), 'first=?1, second=?0, third=?1', 'a virtual host replaces a category in its place, and adds its own behind';
is decided('OWN', 'Sec-GPC: 1'), 'first=?1, second=?0, third=?1', 'its signals replace the inherited ones';
is decided('OWN', 'DNT: 1'), 'first=?1, second=?0, third=?0', 'and count';
is decided('OWN', 'Cookie: ' . consent('second=1', 'p=2')), 'first=?1, second=?0, third=?1', 'its record has its own name';
is decided('OWN', 'Cookie: ' . consent('second=1', 'p=2') =~ s/privacy_consent/own_choice/r), 'first=?1, second=?1, third=?1', 'and version';
is passes('OWN', '_xlong1=1'), 'gone',      'its own globs are asked before inherited ones';
is passes('OWN', 'regular=1'), 'gone',      'its own regexes too';
is passes('OWN', '_exact=1'),  '_exact=1',  'an exact name counts before any glob';
is passes('OWN', 'moves=1'),   'moves=1',   'a cookie is replaced';
is passes('OWN', '_same1=1'),  '_same1=1',  'a glob is replaced';
is passes('OWN', 'unknown=1'), 'unknown=1', 'PrivacyUndeclared is its own';
is passes('OWN', 'capped=1; Max-Age=9999'), 'capped=1; Max-Age=7200', 'a lifetime is its own';
is passes('OWN', 'site_message_hello=1; Max-Age=9'), 'site_message_hello=1; Max-Age=9', 'messages are inherited';

# ---- .htaccess ----

for (qw(weak weak2 weak3 weak4), map { "listed/$_" } 1 .. 4) {
    is $httpd->get("/$_/page.html")->status, 500, "$_/.htaccess is refused";
}
expect_log($httpd, qr/\.htaccess: Privacy$_ not allowed here/, "Privacy$_ is not allowed in .htaccess")
    for qw(Engine FilterRequest Expire Undeclared);
# One that was read while requests run registered hooks with each of them.
expect_log($httpd, qr/\.htaccess: Privacy$_ cannot occur within htaccess files/,
    "Privacy$_ is not allowed there by AllowOverrideList either")
    for qw(Engine FilterRequest Expire RewriteHTML);

done();
