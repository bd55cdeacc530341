# Licensed under the Apache License, Version 2.0; see LICENSE.

# Consent managers whose decision counts: each of them through a real httpd, from
# its cookie to what the backend is told; D1 with record, signals and sources
# together; D2 (malformed, duplicates, joined Cookie lines); D5 (their cookies
# live); what is sent again; expressions; merging.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64);

needs_module(qw(proxy_http setenvif rewrite));

my $origin = mirror();

# Category N of a case is mapped to two categories, inN (opt-in) and outN (opt-out),
# so that granted, denied and nothing can be told apart.
my $CATEGORIES = join "\n", 'PrivacyCategory need necessary "Necessary" "What the site needs to work."',
    map { ("PrivacyCategory in$_ opt-in \"In $_\" \"Denied until granted.\"", "PrivacyCategory out$_ opt-out \"Out $_\" \"Granted until denied.\"") } 0 .. 2;

my (%port_of, @hosts);

sub host {
    my ($name, $conf) = @_;
    push @hosts, <<"CONF";
Listen 127.0.0.1:\${PORT_$name}
<VirtualHost 127.0.0.1:\${PORT_$name}>
$conf
ProxyPass / http://\${ORIGIN}/
</VirtualHost>
CONF
    return $name;
}

# "klaro 0=a 1=b cookie=c" as a directive.
sub directive {
    my ($source, @words) = split / /, $_[0];
    return join ' ', 'PrivacyConsentSource', $source, map { /^(\d)(=.*)/ ? ("in$1$2", "out$1$2") : $_ } @words;
}

sub port_of {
    my ($conf) = @_;
    return $port_of{$conf} //= host('S' . keys %port_of, directive($conf));
}

# ---- what each manager writes ----

# Name, source, Cookie header, and a letter a category: g granted, d denied, - neither.
my $TAIL = q(,"consentTimestamp":"2026-11-23T19:24:18.805Z","consentId":"c907855d-a875-4526-8953-da48ba0f39dc","lastConsentTimestamp":"2026-11-23T19:24:18.805Z"});
my $OT   = 'OptanonConsent=isGpcEnabled=0&datestamp=Thu+Mar+14+2024+09%3A14%3A46+GMT%2B0000&version=202310.1.0&hosts=&landingPath=NotLandingPage';
my $SEEN = '; OptanonAlertBoxClosed=2024-03-14T09:14:46.676Z';
my $BOT  = "CookieConsent={stamp:%27abc==%27%2Cnecessary:true%2Cpreferences:false%2C";
my $ALL  = 'CQdWToAQdWToAEsABBENCNFsAP_gAEPgAAwIAMkAAAIAMgAAAIAA.IAMkAAAI';
my $NONE = 'CQdWToAQdWToAEsABBENCNFgAAAAAAAAAAwIAAAAAAAA.IAMkAAAI';
my $SOME = 'CQdWToAQdWToAEsABBENCNFgAIPAAAAAAAwIAMgAAAIAAAAA.IAMgAAAI';
my $DIDOMI = encode_base64('{"user_id":"1","purposes":{"enabled":["audience"],"disabled":["ads"]},"vendors":{"enabled":["google"]},"version":2}', '');

my @cases = (
    [ 'cookiebot: accepted',   'cookiebot 0=statistics 1=marketing', "${BOT}statistics:true%2Cmarketing:true%2Cmethod:%27explicit%27%2Cver:1}", 'gg' ],
    [ 'cookiebot: mixed',      'cookiebot 0=statistics 1=marketing', "${BOT}statistics:true%2Cmarketing:false%2Cmethod:%27explicit%27}", 'gd' ],
    [ 'cookiebot: refused',    'cookiebot 0=statistics 1=marketing', "${BOT}statistics:false%2Cmarketing:false%2Cmethod:%27explicit%27}", 'dd' ],
    [ 'cookiebot: 0',          'cookiebot 0=statistics 1=marketing', 'CookieConsent=0', 'dd' ],
    [ 'cookiebot: not applicable', 'cookiebot 0=statistics 1=marketing', 'CookieConsent=-1', '--' ],
    [ 'cookiebot: not applicable, and that grants', 'cookiebot 0=statistics not-applicable=grant', 'CookieConsent=-1', 'g' ],
    [ 'cookiebot: implied',    'cookiebot 0=statistics 1=marketing', "${BOT}statistics:true%2Cmarketing:true%2Cmethod:%27implied%27}", '--' ],
    [ 'cookiebot: cut off',    'cookiebot 0=statistics 1=marketing', "${BOT}statistics:true%2Cmarketing:true%2Cmethod:%27explicit%27", '--' ],
    [ 'cookiebot: another program\'s', 'cookiebot 0=statistics 1=marketing', 'CookieConsent=true', '--' ],
    [ 'onetrust: accepted',    'onetrust 0=C0002 1=C0004', "$OT&interactionCount=1&groups=C0001%3A1%2CC0002%3A1%2CC0004%3A1$SEEN", 'gg' ],
    [ 'onetrust: mixed',       'onetrust 0=C0002 1=C0004', "$OT&interactionCount=1&groups=C0001%3A1%2CC0002%3A1%2CC0004%3A0$SEEN", 'gd' ],
    [ 'onetrust: encoded twice', 'onetrust 0=C0002 1=C0004', "$OT&interactionCount=1&groups=C0002%253A1%252CC0004%253A0$SEEN", 'gd' ],
    [ 'onetrust: unanswered',  'onetrust 0=C0002 1=C0004', "$OT&interactionCount=0&groups=C0002%3A1%2CC0004%3A1$SEEN", '--' ],
    [ 'onetrust: not closed',  'onetrust 0=C0002 1=C0004', "$OT&interactionCount=1&groups=C0002%3A1%2CC0004%3A0", '--' ],
    [ 'cookie-law-info: mixed', 'cookie-law-info 0=analytics 1=non-necessary', 'cookielawinfo-checkbox-analytics=yes; cookielawinfo-checkbox-non-necessary=no; viewed_cookie_policy=yes', 'gd' ],
    [ 'cookie-law-info: unanswered', 'cookie-law-info 0=analytics 1=non-necessary', 'cookielawinfo-checkbox-analytics=yes', '--' ],
    [ 'complianz: mixed',      'complianz 0=statistics 1=marketing', 'cmplz_banner-status=dismissed; cmplz_statistics=allow; cmplz_marketing=deny', 'gd' ],
    [ 'complianz: a word',     'complianz 0=statistics 1=marketing', 'cmplz_statistics=allowed; cmplz_marketing=DENY', '--' ],
    [ 'complianz: a prefix of the site', 'complianz 0=statistics cookie=cmplz_rt_', 'cmplz_rt_statistics=allow; cmplz_statistics=deny', 'g' ],
    [ 'osano: dismissed',      'osano 0=*', 'cookieconsent_status=dismiss', '-' ],
    [ 'cookieconsent: mixed',  'cookieconsent 0=analytics 1=ads', 'cc_cookie={"categories":["necessary","analytics"]' . $TAIL, 'gd' ],
    [ 'cookieconsent: no id',  'cookieconsent 0=analytics 1=ads', 'cc_cookie={"categories":["analytics"]}', '--' ],
    [ 'cookieconsent 2',       'cookieconsent 0=analytics 1=ads', 'cc_cookie={"categories":["analytics"],"level":["analytics"]}', 'gd' ],
    [ 'klaro: encoded twice',  'klaro 0=a 1=b', 'klaro=%257B%2522a%2522%253Atrue%252C%2522b%2522%253Afalse%257D', 'gd' ],
    [ 'klaro: encoded three times', 'klaro 0=a 1=b', 'klaro=%25257B%252522a%252522%25253Atrue%25257D', '--' ],
    [ 'klaro: a list',         'klaro 0=a 1=b', 'klaro=["a","b"]', '--' ],
    [ 'klaro: a string',       'klaro 0=a 1=b', 'klaro={"a":"true","b":"false"}', '--' ],
    [ 'klaro: over 8 KiB',     'klaro 0=a 1=b', 'klaro={"a":true,"x":"' . 'x' x 8300 . '"}', '--' ],
    [ 'tarteaucitron: waiting', 'tarteaucitron 0=gtag 1=youtube', 'tarteaucitron=!gtag=true!youtube=wait', 'g-' ],
    [ 'govuk: mixed',          'govuk 0=usage 1=campaigns', 'cookies_policy={"essential":true,"settings":false,"usage":true,"campaigns":false}; cookies_preferences_set=true', 'gd' ],
    [ 'govuk: default',        'govuk 0=usage 1=campaigns', 'cookies_policy={"essential":true,"settings":false,"usage":true,"campaigns":false}', '--' ],
    [ 'nhsuk: mixed',          'nhsuk 0=statistics 1=marketing', 'nhsuk-cookie-consent=%7B%22necessary%22:true,%22preferences%22:true,%22statistics%22:true,%22marketing%22:false,%22consented%22:true,%22version%22:6%7D', 'gd' ],
    [ 'django: mixed',         'django 0=social 1=optional', 'cookie_consent="optional=-1|social=2013-06-04T03:17:01.421395"', 'gd' ],
    [ 'didomi: mixed',         'didomi 0=audience 1=ads 2=vendor:google', "didomi_token=$DIDOMI", 'gdg' ],
    [ 'didomi: not base64',    'didomi 0=audience 1=ads 2=vendor:google', 'didomi_token={"purposes":{"enabled":["audience"]}}', '---' ],
    [ 'iubenda: mixed',        'iubenda 0=4 1=5', '_iub_cs-12345678=%7B%22timestamp%22%3A%222025-02-05T15%3A40%3A00.391Z%22%2C%22purposes%22%3A%7B%221%22%3Atrue%2C%224%22%3Atrue%2C%225%22%3Afalse%7D%2C%22id%22%3A12345678%7D', 'gd' ],
    [ 'iubenda: a sibling',    'iubenda 0=4 1=5', '_iub_cs-s12345678=%7B%22purposes%22%3A%7B%224%22%3Atrue%7D%7D', '--' ],
    [ 'cookiefirst: mixed',    'cookiefirst 0=performance 1=advertising', 'cookiefirst-consent=%7B%22necessary%22%3Atrue%2C%22performance%22%3Atrue%2C%22functional%22%3Afalse%2C%22advertising%22%3Afalse%2C%22timestamp%22%3A1728728251%7D', 'gd' ],
    [ 'axeptio: mixed',        'axeptio 0=google_analytics 1=facebook_pixel', 'axeptio_cookies={%22$$token%22:%22x%22%2C%22$$completed%22:true}; axeptio_authorized_vendors=,google_analytics,hotjar,', 'gd' ],
    [ 'axeptio: unanswered',   'axeptio 0=google_analytics 1=facebook_pixel', 'axeptio_cookies={%22$$token%22:%22x%22%2C%22$$completed%22:false}; axeptio_authorized_vendors=%2Cgoogle_analytics%2C', '--' ],
    [ 'borlabs: mixed',        'borlabs 0=statistics 1=marketing', 'borlabs-cookie=%7B%22consents%22%3A%7B%22essential%22%3A%5B%22borlabs-cookie%22%5D%2C%22statistics%22%3A%5B%22google-analytics%22%5D%7D%2C%22version%22%3A%222%22%7D', 'gd' ],
    [ 'drupal: mixed',         'drupal 0=functional 1=analytics', 'cookie-agreed=2; cookie-agreed-categories=%5B%22functional%22%5D; cookie-agreed-version=1.0.0', 'gd' ],
    [ 'drupal: declined',      'drupal 0=functional 1=analytics', 'cookie-agreed=0', 'dd' ],
    [ 'matomo: given',         'matomo 0=*', 'mtm_consent=1700000000000', 'g' ],
    [ 'matomo: removed',       'matomo 0=*', 'mtm_consent=1700000000000; mtm_consent_removed=1700000000001', 'd' ],
    [ 'hubspot: mixed',        'hubspot 0=1 1=2 2=3', '__hs_cookie_cat_pref=1:true_2:false_3:true', 'gdg' ],
    [ 'wp: mixed',             'wp 0=statistics 1=marketing', 'wp_consent_statistics=allow; wp_consent_marketing=deny', 'gd' ],
    [ 'cookie-script: mixed',  'cookie-script 0=performance 1=targeting', 'CookieScriptConsent={"action":"accept","categories":"[\\"performance\\"]"}', 'gd' ],
    [ 'cookie-information: mixed', 'cookie-information 0=cookie_cat_statistic 1=cookie_cat_marketing', 'CookieInformationConsent=%7B%22consents_approved%22%3A%5B%22cookie_cat_necessary%22%2C%22cookie_cat_statistic%22%5D%7D', 'gd' ],
    [ 'civic: mixed',          'civic 0=analytics 1=marketing', 'CookieControl={"necessaryCookies":[],"optionalCookies":{"analytics":"accepted","marketing":"revoked"},"interactedWith":true}', 'gd' ],
    [ 'trustarc: mixed',       'trustarc 0=2 1=3', 'cmapi_cookie_privacy=permit 1,2', 'gd' ],
    [ 'shopify: mixed',        'shopify 0=a 1=m', '_tracking_consent={"con":{"CMP":{"a":"1","m":"0","p":""}},"purposes":{"a":true,"m":false,"p":true}}', 'gd' ],
    [ 'tcf: all',              'tcf 0=7,8,9 1=2,3,4', "euconsent-v2=$ALL", 'gg' ],
    [ 'tcf: none',             'tcf 0=7,8,9 1=2,3,4', "euconsent-v2=$NONE", 'dd' ],
    [ 'tcf: measurement',      'tcf 0=7,8,9 1=2,3,4', "euconsent-v2=$SOME", 'gd' ],
    [ 'tcf: cut off',          'tcf 0=7,8,9 1=2,3,4', 'euconsent-v2=' . substr($ALL, 0, 40), '--' ],
    [ 'tcf: the vendor',       'tcf 0=7,8,9 vendor=25 cookie=site-euconsent', "site-euconsent=$SOME", 'g' ],
    [ 'tcf: another vendor',   'tcf 0=7,8,9 vendor=755', "euconsent-v2=$SOME", 'd' ],
    [ 'json: mixed',           'json 0=/usage 1=/campaigns/all cookie=site_cookies', 'site_cookies=%7B%22usage%22%3A%22on%22%2C%22campaigns%22%3A%7B%22all%22%3A0%7D%7D', 'gd' ],
    [ 'json: the whole value', 'json 0=* cookie=site_choice', 'site_choice=accepted', 'g' ],
    [ 'json: null',            'json 0=* cookie=site_choice', 'site_choice=null', '-' ],
    # Not having objected is no consent: opt-in is never granted, and denied where they did.
    [ 'usprivacy: not opted out', 'usprivacy 0=*', 'usprivacy=1YNN', 'o' ],
    [ 'usprivacy: opted out',  'usprivacy 0=*', 'usprivacy=1YYN', 'd' ],
    [ 'usprivacy: no law',     'usprivacy 0=*', 'usprivacy=1---', '-' ],
    [ 'gpp: opted out of one', 'gpp 0=sale 1=sharing 2=targeted', '__gpp=DBABLA~BVQVAAAAAgA.QA', 'ddd' ],
    [ 'gpp: not opted out',    'gpp 0=sale 1=sharing 2=targeted', '__gpp=DBABLA~BVQqAAAACZA.QA', 'ooo' ],
    [ 'gpp: its TCF section',  'gpp 0=7,8,9 1=2,3,4', "OTGPPConsent=DBABM~$SOME", 'gd' ],
);
my %source = map { (split / /, $_->[1])[0] => 1 } @cases;

# What real libraries wrote.
for my $file (glob "$FindBin::Bin/corpus/consent/*.json") {
    open my $fh, '<:raw', $file or die "$file: $!\n";
    local $/;
    my $recorded = decode_json(scalar <$fh>);
    for my $case (@{ $recorded->{cases} }) {
        push @cases, [ "recorded, $case->{name}", @$case{qw(conf cookies says)} ];
        $source{ (split / /, $case->{conf})[0] } = 1;
    }
}
cmp_ok scalar keys %source, '>=', 30, scalar(keys %source) . ' sources';
port_of($_->[1]) for @cases;

# ---- the other hosts ----

my %setting = (
    ''     => host('PLAIN', "PrivacyConsentSource klaro in0=a out0=a\nPrivacyConsentSource nhsuk in0=statistics out0=statistics"),
    signal => host('SIGNAL', "PrivacySignal gpc in0 out0\nPrivacyConsentSource klaro in0=a out0=a\nPrivacyConsentSource nhsuk in0=statistics out0=statistics"),
    final  => host('FINAL', "PrivacySignal gpc in0 out0 final\nPrivacyConsentSource klaro in0=a out0=a\nPrivacyConsentSource nhsuk in0=statistics out0=statistics"),
);
host('INHERITS', '');
host('REPLACES', 'PrivacyConsentSource govuk out2=usage in2=usage');
host('LIVES', <<'CONF');
PrivacyConsentSource complianz in0=statistics
PrivacyConsentSource axeptio   in0=ga
PrivacyConsentSource iubenda   in0=4
PrivacyConsentSource tcf       in0=7
PrivacyConsentSource json      in0=/a cookie=site_choice
PrivacyCookie *       in1 1h "Everything"
PrivacyCookie cmplz_statistics* in1 1h "A longer prefix"
PrivacyCookie "~."    in1 1h "Everything, again"
PrivacyUndeclared strip
CONF
host('REFRESH', <<'CONF');
PrivacyConsentSource klaro     in0=a refresh=1y
PrivacyConsentSource complianz in0=statistics refresh=6mon,.Example.org
PrivacyConsentSource govuk     in0=usage
PrivacyCookie _ga in1 any "Tracks"
CONF
host('HTTPS', "ServerName https://www.example.org\nUseCanonicalName On\nPrivacyConsentSource klaro in0=a refresh=30d");
host('REPORT', "PrivacyEngine report\nPrivacyConsentSource klaro in0=a refresh=30d\nPrivacyCookie _ga in0 any \"Tracks\"");
host('SECTION', "PrivacyConsentSource klaro in0=a refresh=30d\n<Location /off>\nPrivacyEngine off\n</Location>");
host('EXPR', <<'CONF');
SetEnvIf X-Env "^(.*)$" from_header=$1
PrivacyConsentSource expr in0="%{HTTP_COOKIE} =~ /\bstats=yes\b/" out0='%{HTTP:X-Stats} != "no"' "in1=reqenv('from_header') == 'yes'" vary=X-Stats,Cookie,x-env
PrivacyConsentSource klaro in2=a out2=a
PrivacyConsentSource expr in2="tolower(req('X-Two')) == 'yes'"
PrivacyCookie stats in1 any "Denied, and yet seen"
PrivacyRewriteHTML on
ProxyPass /page.html !
CONF
host('BANNER', <<'CONF');
PrivacyConsentSource klaro in0=a in1=a in2=a out0=b out1=b out2=b
PrivacyMessage cookies until=choice
PrivacyRewriteHTML on
CONF

my $httpd = httpd(
    modules => [qw(proxy_http setenvif rewrite cgi)],
    define  => { ORIGIN => $origin->address },
    cgi     => { '/again.cgi' => echo_env() },
    files   => { '/page.html' => "<!DOCTYPE html><title>A page</title><p>Hello\n" },
    conf    => <<"CONF",
LimitRequestFieldSize 20000
$CATEGORIES
PrivacyCookie sid need any "The login"
PrivacyEngine on
PrivacyConsentSource didomi in0=audience
RewriteEngine on
RewriteRule ^/old.cgi\$ /again.cgi [PT]
# A connection is kept for each host, and its turn comes late on a busy machine.
KeepAliveTimeout 300
@hosts
CONF
);

my %connection;

# What the backend is told, category by category.
sub decision {
    my ($port, @lines) = @_;
    my $connection = $connection{$port} //= $httpd->connect($port);
    my $answer = $connection->send(Privacy::Client::request_bytes('www.example.org', 'GET', '/', undef, @lines))->response('GET');
    my ($said) = $answer->body =~ /^Privacy-Consent: (.*?), p=[a-f][0-9a-f]{7}\r?$/m or die $answer->raw;
    delete $connection{$port} if ($answer->header('Connection') || '') =~ /close/i;
    return { $said =~ /(\w+)=\?([01])/g };
}

sub answers {
    my ($port, $n, @lines) = @_;
    my $of = decision($port, @lines);
    my %letter = ('11' => 'g', '00' => 'd', '01' => '-');
    my $said = join '', map { $letter{ $of->{"in$_"} . $of->{"out$_"} } // '?' } 0 .. $n - 1;
    return $said;
}

for (@cases) {
    my ($name, $conf, $cookies, $want) = @$_;
    my $port = port_of($conf);
    my $n    = length $want;
    # Not opted out is what an opt-out category is anyway.
    $want =~ tr/o/-/;
    is answers($port, $n, $cookies eq '' ? () : "Cookie: $cookies"), $want, $name;
    next if $cookies eq '' || length $cookies > 4000;
    is answers($port, $n, "Cookie: sid=1; $cookies; last=1"), $want, "$name, between others";
    is answers($port, $n, "Cookie: $cookies; $cookies"), $want, "D2 $name, twice";
}

# D2: of two, what grants less; whatever their order, and in one Cookie line or two.
{
    my $port = port_of('klaro 0=a 1=b');
    my ($both, $half, $none, $bad) = map { "klaro=$_" } '{"a":true,"b":true}', '{"a":true,"b":false}', '{"a":false,"b":false}', '{"a":true';
    for ([ $both, $both, 'gg' ], [ $both, $half, 'gd' ], [ $both, $none, 'dd' ], [ $half, $none, 'dd' ], [ $both, $bad, '--' ], [ $none, $bad, 'dd' ]) {
        my ($one, $other, $want) = @$_;
        is answers($port, 2, "Cookie: $one; $other"), $want, "D2 $one and $other";
        is answers($port, 2, "Cookie: $other; $one"), $want, "D2 $other and $one";
    }
    # httpd joins lines with a comma that may be a value's: a grant has to be one either way.
    for ([ [ $both, 'sid=1' ], '--' ], [ [ 'sid=1', $both ], '--' ], [ [ $none, 'sid=1' ], 'dd' ], [ [ 'sid=1', $none ], 'dd' ],
        [ [ 'a=1', 'b=1; ' . $both . '; c=1', 'd=1' ], 'gg' ], [ [ $both, $none ], 'dd' ], [ [ "$both; c=1", 'd=1' ], 'gg' ])
    {
        my ($lines, $want) = @$_;
        is answers($port, 2, map { "Cookie: $_" } @$lines), $want, 'Q1, D2 Cookie lines ' . join ' | ', @$lines;
    }
    is answers($port, 2, "Cookie: Klaro={\"a\":true,\"b\":true}"), '--', 'D3 a manager\'s cookie in another case is none';
    is answers($port, 2, "Cookie: x=klaro={\"a\":true,\"b\":true}"), '--', 'D2 nor is one in a value';
}

# ---- D1: every combination of record, source and signal, against the rule's words ----

{
    my $t = time;
    my %record = ('' => undef);
    for my $choice (0, 1) { for my $seen (0, 1) { for my $version (1, 2) {
        $record{"v=1&p=$version&t=$t&in0=$choice&out0=$choice" . ($seen ? '&g=1' : '')} = { choice => $choice, seen => $seen, current => $version == 1 };
    } } }
    my %heard = (
        ''                       => [],
        'klaro={"a":true}'       => ['grant'],
        'klaro={"a":false}'      => ['deny'],
        'nhsuk-cookie-consent={"statistics":true,"consented":true}'  => ['choice'],
        'nhsuk-cookie-consent={"statistics":false,"consented":true}' => ['deny'],
        'klaro={"a":true}; nhsuk-cookie-consent={"statistics":false,"consented":true}' => [ 'grant', 'deny' ],
        'klaro={"a":false}; nhsuk-cookie-consent={"statistics":true,"consented":true}' => [ 'deny',  'choice' ],
        'klaro={"a":true}; nhsuk-cookie-consent={"statistics":true,"consented":true}'  => [ 'grant', 'choice' ],
        'klaro={"a":1'           => [],
    );
    my $rule = sub {
        my ($basis, $record, $heard, $signal) = @_;
        my %is = map { $_ => 1 } @$heard;
        return 0 if $signal eq 'final';
        return 0 if $is{deny} || ($record && !$record->{choice});
        return 1 if $is{choice};
        return 1 if $is{grant} && !$signal;
        return 1 if $record && $record->{current} && ($record->{seen} || !$signal);
        return $basis eq 'out' && !$signal ? 1 : 0;
    };
    my $combinations = 0;
    for my $setting (sort keys %setting) {
        my $wrong = 0;
        for my $record (sort keys %record) { for my $cookies (sort keys %heard) { for my $gpc (0, 1) {
            my $own = $record eq '' ? '' : "privacy_consent=$record";
            for my $order ([ $own, $cookies ], [ $cookies, $own ]) {
                my $header = join '; ', grep { length } @$order;
                my $of = decision($setting{$setting}, $header eq '' ? () : "Cookie: $header", $gpc ? 'Sec-GPC: 1' : ());
                for my $basis (qw(in out)) {
                    my $want = $rule->($basis, $record{$record}, $heard{$cookies}, $gpc ? $setting : '');
                    $combinations++;
                    $wrong++, diag "$setting, $header, gpc $gpc: ${basis}0 is " . $of->{"${basis}0"} . ", not $want" if $of->{"${basis}0"} != $want;
                }
            }
        } } }
        is $wrong, 0, 'D1 every combination of record, source and signal' . ($setting && " ($setting)");
    }
    is $combinations, 3 * 9 * 9 * 2 * 2 * 2, "D1 $combinations combinations";
}

# ---- merging ----

is decision('INHERITS', "Cookie: didomi_token=$DIDOMI")->{in0}, 1, 'a virtual host inherits the main server\'s sources';
is decision('REPLACES', "Cookie: didomi_token=$DIDOMI")->{in0}, 0, 'and replaces them by its own';
is decision('REPLACES', 'Cookie: cookies_policy={"usage":true}; cookies_preferences_set=true')->{in2}, 1, 'which count';
{
    my %digest;
    for my $port (qw(INHERITS REPLACES PLAIN REFRESH)) {
        my ($digest) = $httpd->get('/', { port => $port })->body =~ /, p=(\w+)/;
        ok !$digest{$digest}++, "C2 other sources, another digest: $port";
    }
}

# ---- D5: their cookies live ----

{
    my @theirs = (
        'cmplz_statistics=allow', 'cmplz_banner-status=dismissed', 'cmplz_statistics_x=1', 'axeptio_cookies={}', 'axeptio_all_vendors=,a,',
        '_iub_cs-1={"id":1}', '_iub_cs-s1=x', 'eupubconsent-v2=C', "euconsent-v2=$SOME", 'site_choice={"a":1}',
    );
    my @others = ('cmplz=1', 'axeptio=1', '_iub_cs=1', 'Euconsent-v2=1', 'json=1', 'OptanonConsent=1');
    my $r = $httpd->get('/', 'Cookie: ' . join('; ', map { @$_ } [ @theirs[ 0 .. 4 ] ], \@others, [ @theirs[ 5 .. $#theirs ] ]), 'Sec-Fetch-Dest: document', { port => 'LIVES' });
    my ($cookie) = $r->body =~ /^Cookie: (.*?)\r?$/m;
    is $cookie, join('; ', @theirs), 'D5 sources\' cookies reach the backend, others of the same patterns do not';
    my %expired = map { /^([^=]*)=/ ? ($1 => 1) : () } $r->set_cookies;
    is_deeply [ sort keys %expired ], [ sort map { s/=.*//r } @others ], 'D5 nor are sources\' cookies expired';
    for my $pair (@theirs) {
        my $set = "$pair; Max-Age=63072000; Path=/";
        is_deeply [ $httpd->get('/?' . answering("Set-Cookie: $set"), { port => 'LIVES' })->set_cookies ], [$set], "D5 neither stripped nor capped: $pair";
    }
    for my $pair (@others) {
        is_deeply [ $httpd->get('/?' . answering("Set-Cookie: $pair; Max-Age=63072000"), { port => 'LIVES' })->set_cookies ], [], "and stripped: $pair";
    }
}
for my $case (
    [ 'PrivacyConsentSource cookiebot in0=statistics', 'CookieConsent', 'cookiebot' ],
    [ 'PrivacyConsentSource complianz in0=statistics', 'cmplz_statistics', 'complianz' ],
    [ 'PrivacyConsentSource json cookie=choice in0=/a', 'choice', 'json' ],
    [ 'PrivacyConsentSource didomi in0=x', 'didomi_dcs', 'didomi' ],
    )
{
    my ($source, $name, $manager) = @$case;
    my ($exit, $said) = configtest("$CATEGORIES\n$source\nPrivacyCookie $name need any \"The choice\"\n");
    isnt $exit, 0, "D5 an exact declaration of $name is an error";
    like $said, qr/line 9 of \S+: PrivacyCookie $name: .*of PrivacyConsentSource $manager\)/, 'which says whose it is';
}

# The catalogue's patterns for managers' cookies give way to sources; each of the documented sources beside it.
{
    my $top = "$FindBin::Bin/..";
    open my $fh, '<', "$top/docs/consent-sources.md" or die $!;
    my @sources = grep { /^PrivacyConsentSource [a-z]/ } <$fh>;
    cmp_ok scalar @sources, '>=', 31, scalar(@sources) . ' documented sources';
    my $categories = join '', "PrivacyCategory essential necessary T D\n", map { "PrivacyCategory $_ opt-in T D\n" } qw(preferences analytics remarketing);
    my ($exit, $said) = configtest(qq{Define PRIVACY_DIR "$top/conf"\n${categories}Include "$top/conf/catalogue/all.conf"\n@sources}, modules => ['setenvif']);
    is $exit, 0, 'D5 all of them load with all of the catalogue' or diag $said;
}

# ---- what is sent again ----

my @NAVIGATION = ('Sec-Fetch-Dest: document');
for (
    [ 'klaro={"a":true}', ['klaro={"a":true}; Max-Age=31536000; Path=/; SameSite=Lax'], 'the value as it came' ],
    [ "klaro=%7B%22a%22%3Atrue%7D%20\xe9\"=; sid=1", ["klaro=%7B%22a%22%3Atrue%7D%20\xe9\"=; Max-Age=31536000; Path=/; SameSite=Lax"], 'to the byte' ],
    [ 'cmplz_statistics=allow; cmplz_marketing=deny', [ map { "$_; Max-Age=15768000; Path=/; Domain=example.org; SameSite=Lax" } 'cmplz_statistics=allow', 'cmplz_marketing=deny' ], 'a family, for a domain' ],
    [ 'cookies_policy={"usage":true}; cookies_preferences_set=true', [], 'not without refresh=' ],
    [ 'klaro=1; klaro=2', [], 'not what is there twice' ],
    [ 'sid=1', [], 'nothing where there is nothing' ],
    )
{
    my ($cookies, $want, $name) = @$_;
    my $r = $httpd->get('/', "Cookie: $cookies", @NAVIGATION, { port => 'REFRESH' });
    is_deeply [ $r->set_cookies ], $want, "refresh: $name";
    is scalar($r->header('Vary')), @$want ? 'Cookie' : undef, 'C2 a response with one varies by Cookie';
}
{
    my @cookie = 'Cookie: klaro={"a":true}';
    my $again  = 'klaro={"a":true}; Max-Age=2592000; Path=/; SameSite=Lax';
    is_deeply [ $httpd->get('/', @cookie, { port => 'REFRESH' })->set_cookies ], [], 'refresh: on document navigations alone';
    is_deeply [ $httpd->get('/', @cookie, 'Sec-Fetch-Dest: image', { port => 'REFRESH' })->set_cookies ], [], 'not on images';
    is_deeply [ $httpd->get('/', @cookie, 'Accept: text/html', { port => 'REFRESH' })->set_cookies ], ['klaro={"a":true}; Max-Age=31536000; Path=/; SameSite=Lax'], 'plain http sends no Sec-Fetch-Dest';
    is_deeply [ $httpd->get('/?' . answering('Set-Cookie: klaro=new; Path=/'), @cookie, @NAVIGATION, { port => 'REFRESH' })->set_cookies ], ['klaro=new; Path=/'],
        'refresh: what the response itself sets stays';
    is_deeply [ $httpd->get('/', @cookie, @NAVIGATION, { port => 'HTTPS' })->set_cookies ], ["$again; Secure"], 'refresh: Secure on https';
    is_deeply [ $httpd->get('/', @cookie, @NAVIGATION, { port => 'REPORT' })->set_cookies ], [], 'R8 not in report';
    is_deeply [ $httpd->get('/', @cookie, @NAVIGATION, { port => 'SECTION' })->set_cookies ], [$again], 'refresh: in a section that enforces';
    is_deeply [ $httpd->get('/off', @cookie, @NAVIGATION, { port => 'SECTION' })->set_cookies ], [], 'refresh: not in one that does not';
    my $r = $httpd->get('/', 'Cookie: klaro={"a":false}; _ga=1', @NAVIGATION, 'Host: localhost', { port => 'REFRESH' });
    is_deeply [ sort $r->set_cookies ], [ '_ga=; Max-Age=0; Path=/', 'klaro={"a":false}; Max-Age=31536000; Path=/; SameSite=Lax' ], 'refresh beside an expiry';
}

# ---- expressions ----

for (
    [ [], 'in0=0 out0=1 in1=0', 'nothing' ],
    [ ['Cookie: stats=yes'], 'in0=1 out0=1 in1=0', 'a cookie, denied itself' ],
    [ [ 'Cookie: a=1', 'Cookie: stats=yes' ], 'in0=1 out0=1 in1=0', 'a second Cookie line' ],
    [ ['Cookie: stats=yesterday'], 'in0=0 out0=1 in1=0', 'as the expression says' ],
    [ ['X-Stats: no'], 'in0=0 out0=0 in1=0', 'what is not true denies' ],
    [ ['X-Env: yes'], 'in0=0 out0=1 in1=1', 'a variable of SetEnvIf' ],
    [ [ 'X-Env: yes', 'Cookie: ' . consent('in1=0') ], 'in0=0 out0=1 in1=0', 'D1 the record denies' ],
    [ [ 'X-Env: no', 'Cookie: ' . consent('in1=1') ], 'in0=0 out0=1 in1=0', 'D1 the expression denies' ],
    )
{
    my ($lines, $want, $name) = @$_;
    my $of = decision('EXPR', @$lines);
    is join(' ', map { "$_=$of->{$_}" } qw(in0 out0 in1)), $want, "expr: $name";
}
for ([ 'yes', 'klaro={"a":true}', 1 ], [ 'yes', 'klaro={"a":false}', 0 ], [ 'no', 'klaro={"a":true}', 0 ], [ 'yes', 'x=1', 1 ]) {
    my ($two, $cookie, $want) = @$_;
    is decision('EXPR', "X-Two: $two", "Cookie: $cookie")->{in2}, $want, "D1 an expression and a manager: $two, $cookie";
}
{
    my $r = $httpd->get('/', 'Cookie: stats=yes', 'X-Stats: no', { port => 'EXPR' });
    is scalar($r->header('Vary')), undef, 'an expression adds no Vary of its own';
    $r = $httpd->get('/page.html', { port => 'EXPR' });
    is join(' ', sort map { lc } map { split /,\s*/ } $r->header('Vary')), 'cookie sec-fetch-dest x-env x-stats', 'C2 a page varies by what expressions read';
}

# D6: a redirect inside the server decides nothing anew.
is $httpd->get('/old.cgi', "Cookie: didomi_token=$DIDOMI")->env('PRIVACY_CONSENT_IN0'), 'granted', 'D6 after a redirect inside the server';

# M3: what a source has decided is not asked.
for ([ '', 'cookies;l=en' ], [ 'klaro={"a":true}', 'cookies;l=en' ], [ 'klaro={"a":true,"b":false}', undef ], [ 'klaro={"a":true,"b":', 'cookies;l=en' ]) {
    my ($cookie, $want) = @$_;
    my $r = $httpd->get('/', $cookie ? "Cookie: $cookie" : (), @NAVIGATION, { port => 'BANNER' });
    is +($r->body =~ /^Privacy-Messages: (.*?)\r?$/m)[0], $want, "M3 the banner with '$cookie'";
}

done();
