# Licensed under the Apache License, Version 2.0; see LICENSE.

# The decision in httpd's own language: privacy("CATEGORY") and PRIVACY_CONSENT_* in
# <If>, Require expr, RewriteCond, Header, ErrorDocument and LogFormat; its Vary; and
# what is no decision (off, report, refused before it was read).

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(headers rewrite setenvif cache cache_disk proxy_http));

my $origin = mirror();
my $httpd  = httpd(
    modules => [qw(headers rewrite setenvif cache cache_disk proxy_http)],
    define  => { ORIGIN => $origin->address },
    files   => {
        map({ ("/$_/page.html" => "$_\n") } qw(if ifenv require env with without plain section report)),
        '/plain/.htaccess'      => "<If \"privacy('stats') == 'granted'\">\nHeader set X-Access granted\n</If>\n",
        '/bad/.htaccess'        => "<If \"privacy('nowhere') == 'granted'\">\nHeader set X-Access granted\n</If>\n",
        '/bad/page.html'        => "bad\n",
    },
    conf => <<'CONF',
PrivacyCategory need  necessary "Necessary" "x"
PrivacyCategory stats opt-in    "Stats" "x"
PrivacyCategory my-ads opt-out  "Ads" "x"
PrivacyEngine on
<Directory "${DOCROOT}">
    AllowOverride All
</Directory>

<LocationMatch "^/(plain|section|report)/">
    Header set X-Stats "expr=%{privacy:stats}"
    Header set X-Ads   "expr=%{privacy:my-ads}"
    Header set X-Need  "expr=%{privacy:need}"
</LocationMatch>

<Location /if>
    <If "privacy('stats') == 'granted'">
        Header set X-If granted
    </If>
    <ElseIf "privacy(\"stats\") == 'denied'">
        Header set X-If denied
    </ElseIf>
    <Else>
        Header set X-If none
    </Else>
</Location>
<Location /ifenv>
    <If "reqenv('PRIVACY_CONSENT_STATS') == 'granted'">
        Header set X-If granted
    </If>
</Location>
<Location /require>
    Require expr "privacy('stats') == 'granted'"
</Location>
<Location /env>
    Require expr "reqenv('PRIVACY_CONSENT_STATS') == 'granted'"
</Location>

RewriteEngine on
RewriteCond %{ENV:PRIVACY_CONSENT_STATS} =granted
RewriteRule ^/rewrite-env$ /with/page.html [L]
RewriteRule ^/rewrite-env$ /without/page.html [L]
RewriteCond expr "privacy('stats') == 'granted'"
RewriteRule ^/rewrite-expr$ /with/page.html [L]
RewriteRule ^/rewrite-expr$ /without/page.html [L]

SetEnvIfExpr "privacy('stats') == 'granted'" too-early
Header set X-Early "early" env=too-early
SetEnvIf X-Name-Ours . privacy_consent_stats=granted

<Location /section>
    PrivacyEngine off
</Location>
<Location /report>
    PrivacyEngine report
</Location>

LogFormat "%U %{PRIVACY_CONSENT_STATS}e %{PRIVACY_CONSENT_MY_ADS}e %{PRIVACY_CONSENT}e" decisions
CustomLog logs/decisions.log decisions
CustomLog logs/granted.log "%U granted" "expr=privacy('stats') == 'granted'"

Listen 127.0.0.1:${PORT_CACHED}
<VirtualHost 127.0.0.1:${PORT_CACHED}>
    CacheRoot ${VAR}
    CacheEnable disk /
    CacheHeader on
    ProxyPass / http://${ORIGIN}/
    <If "privacy('stats') == 'granted'">
        Header set X-If granted
    </If>
</VirtualHost>
Listen 127.0.0.1:${PORT_OTHER}
<VirtualHost 127.0.0.1:${PORT_OTHER}>
    PrivacyCategory own opt-out "Own" "x"
    Header set X-Own "expr=%{privacy:own}"
</VirtualHost>
Listen 127.0.0.1:${PORT_OFF}
<VirtualHost 127.0.0.1:${PORT_OFF}>
    PrivacyEngine off
</VirtualHost>
CONF
);

my @yes = 'Cookie: ' . consent('stats=1', 'my-ads=0');
my @no  = 'Cookie: ' . consent('stats=0', 'my-ads=1');

for ([ \@yes, 'granted', 'denied' ], [ \@no, 'denied', 'granted' ], [ [], 'denied', 'granted' ]) {
    my ($cookie, $stats, $ads) = @$_;
    my $r = $httpd->get('/plain/page.html', @$cookie);
    is join(' ', map { scalar $r->header($_) // '' } qw(X-Stats X-Ads X-Need)), "$stats $ads granted", "Header expr=: stats $stats";
    is join(', ', $r->header('Vary')), 'Cookie,Sec-Fetch-Dest', 'C2 which varies by what decides';

    $r = $httpd->get('/if/page.html', @$cookie);
    is scalar($r->header('X-If')), $stats, "<If>: stats $stats";
    my $granted = $stats eq 'granted';
    is scalar($httpd->get('/ifenv/page.html', @$cookie)->header('X-If')), $granted ? 'granted' : undef, "<If> and reqenv(): stats $stats";
    is $httpd->get('/require/page.html', @$cookie)->status, $granted ? 200 : 403, "Require expr: stats $stats";
    is $httpd->get('/env/page.html',     @$cookie)->status, $granted ? 200 : 403, "Require expr and reqenv(): stats $stats";
    is $httpd->get('/rewrite-env',  @$cookie)->body, $granted ? "with\n" : "without\n", "RewriteCond %{ENV:}: stats $stats";
    is $httpd->get('/rewrite-expr', @$cookie)->body, $granted ? "with\n" : "without\n", "RewriteCond expr: stats $stats";
    is scalar($httpd->get('/plain/page.html', @$cookie)->header('X-Access')), $granted ? 'granted' : undef, ".htaccess: stats $stats";
    is scalar($httpd->get('/plain/page.html', @$cookie)->header('X-Early')), undef, 'before the decision there is none';
    # httpd knows variables without case: the first of a name would be the one that it finds.
    is $httpd->get('/env/page.html', @$cookie, 'X-Name-Ours: 1')->status, $granted ? 200 : 403, "a namesake in another case: stats $stats";
    is $httpd->head('/rewrite-expr', @$cookie)->status, 200, 'HEAD is as good';
}

# What an <If> makes depend on the decision varies by it: toward the world by cookies.
is join(', ', $httpd->get('/if/page.html', @yes)->header('Vary')), 'Cookie,Sec-Fetch-Dest', 'C2 an <If> varies';
is scalar($httpd->get('/ifenv/page.html', @yes)->header('Vary')), undef, 'C2 a variable does not';
is join(', ', $httpd->get('/require/page.html', @no)->header('Vary')), 'Cookie,Sec-Fetch-Dest', 'C2 what is refused by it does';
{
    my %get = (yes => \@yes, no => \@no);
    my $path = '/page?' . answering('Cache-Control: max-age=600');
    for my $round (1, 2) {
        is scalar($httpd->get($path, @yes, { port => 'CACHED' })->header('X-If')), 'granted', "mod_cache, round $round: granted";
        my $r = $httpd->get($path, @no, { port => 'CACHED' });
        is scalar($r->header('X-If')), undef, "mod_cache, round $round: denied";
        like scalar($r->header('X-Cache')), $round == 1 ? qr/^MISS/ : qr/^HIT/, 'from where it should be';
    }
}

# What is no decision.
for (
    [ '/section/page.html', {}, 'off in the section' ],
    [ '/report/page.html',  {}, 'R8 report' ],
    [ '/plain/page.html', { port => 'OFF' }, 'off in the virtual host' ],
    )
{
    my ($path, $where, $name) = @$_;
    my $r = $httpd->get($path, @yes, $where);
    is scalar($r->header('X-Stats')) // '', '', "$name: none";
    is scalar($r->header('Vary')), undef, "$name: no Vary";
}
is scalar($httpd->get('/plain/page.html', @yes, { port => 'OTHER' })->header('X-Own')), 'granted', 'a virtual host\'s own category';
like $httpd->raw("GET / HTTP/1.1\r\nHost: a b\r\n\r\n")->raw, qr{^HTTP/1.1 400 }, 'a request that is refused';
is $httpd->get('/bad/page.html', @yes)->header('X-Access'), undef, 'an .htaccess that asks for no category of ours';

# The log.
$httpd->get('/report/page.html', @yes);
$httpd->get('/section/page.html', @yes);
$httpd->get('/if/page.html', @no);
sub logged {
    my ($file, $pattern) = @_;
    return wait_until(sub { grep { $_ =~ $pattern } split /^/, Privacy::Httpd::slurp($httpd->root . "/logs/$file") });
}
ok logged('decisions.log', qr{^/plain/page.html granted denied stats=\?1, my-ads=\?0$}),  'LogFormat';
ok logged('decisions.log', qr{^/with/page.html granted denied |^/rewrite-env granted denied }), 'LogFormat of a rewritten request';
ok logged('decisions.log', qr{^/report/page.html granted denied stats=\?1, my-ads=\?0$}), 'R8 LogFormat in report';
ok logged('decisions.log', qr{^/section/page.html - - -$}), 'LogFormat where it is off';
ok logged('granted.log',   qr{^/report/page.html granted$}), 'R8 CustomLog expr= in report';
ok !(grep { m{^/section} } do { open my $fh, '<', $httpd->root . '/logs/granted.log' or die $!; <$fh> }), 'and not where it is off';

# Mistakes.
my $policy = qq{PrivacyCategory stats opt-in "S" "x"\n};
for (
    [ qq{<If "privacy('stat') == 'granted'">\n</If>}, qr/privacy\("stat"\), but no PrivacyCategory 'stat' is declared; did you mean 'stats'/, 'a misspelt category' ],
    [ qq{<If "privacy('elsewhere') == 'granted'">\n</If>}, qr/no PrivacyCategory 'elsewhere' is declared$/m, 'one like no other' ],
    [ qq{<If "privacy(req('X')) == 'granted'">\n</If>}, qr/privacy\(\) requires the name of a category/, 'one that is not known yet' ],
    )
{
    my ($conf, $want, $name) = @$_;
    my ($exit, $said) = configtest("$policy$conf\n");
    isnt $exit, 0, "configtest fails: $name";
    like $said, $want, 'and says why';
}
{
    my ($exit, $said) = configtest(qq{<If "privacy('late') == 'granted'">\n</If>\n<VirtualHost *:1>\nPrivacyCategory late opt-in "L" "x"\n</VirtualHost>\n});
    is $exit, 0, 'a category may be declared later, and by a virtual host' or diag $said;
    unlike $said, qr/PRIV\d/, 'without a word';
}

done(allow => [qr/AH01630: client denied by server configuration/]);
