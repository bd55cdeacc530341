# Licensed under the Apache License, Version 2.0; see LICENSE.

# PrivacyPage: where it answers, what it shows, what it takes, and what it refuses.
# M4 to M7, R8, F1, and the directives that only it knows.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Privacy::Test;

needs_module(qw(proxy_http headers ssl http2 rewrite));

my $origin = mirror();
my $policy = <<'CONF';
PrivacyCategory essential necessary "Essential" "What the site needs."
PrivacyCategory analytics opt-in "Analytics <b>" "How \"it\" is used & why."
PrivacyCategory comfort opt-out "Comfort" "What you chose last."
PrivacyProvider goo "Goo & Co" notice=https://goo.example/notice optout=https://goo.example/out
PrivacyCookie sid essential session "The login"
PrivacyCookie _ga analytics 2y "Counts <visitors>" provider=goo
PrivacyCookie _ga_* analytics 90d "Counts more" provider=goo
PrivacyCookie last comfort any "Last search"
PrivacyNotice /notice?a=1&b=2
PrivacyPolicyVersion 2026-11
PrivacyMessage news until=dismissed template=news.html
PrivacyMessage hello until=seen
PrivacyMessage cookies until=choice
CONF

my $httpd = httpd(
    tls     => 1,
    modules => [qw(proxy_http headers http2 rewrite)],
    define  => { ORIGIN => $origin->address },
    files   => { '/templates/news.html' => '<form action="{{action}}" method="post"><p>{{=close}}</p>'
            . '<input name="message" value="{{name}}"></form>' },
    conf    => <<"CONF" . <<'CONF',
Protocols h2 h2c http/1.1
PrivacyTemplates \${DOCROOT}/templates
PrivacyLanguage en fr pl
PrivacyConsentMode analytics=analytics_storage comfort=ad_storage,ad_user_data
PrivacyEngine on
$policy
CONF
ProxyPass / http://${ORIGIN}/
CONF
);

my $page = '/privacy-preferences';
my $html = 'Accept: text/html';
my $own  = 'Sec-Fetch-Site: same-origin';
my $json = 'Accept: application/json';

sub state_of { my ($answer) = @_; return decode_json($answer->body) }
sub category { my ($state, $name) = @_; return (grep { $_->{name} eq $name } @{ $state->{categories} })[0] }

# ---- where it answers ----

for my $via (qw(http https h2c h2)) {
    my $answer = $httpd->get($page, $html, { via => $via });
    is $answer->status, 200, "$via: the page answers in front of ProxyPass /";
    like $answer->body, qr/<h1>Cookie preferences<\/h1>/, "$via: as HTML";
}
is scalar($origin->requests), 0, 'no request reached the backend';
for (
    [ 'a longer path',     "$page-x",         1 ], [ 'a shorter one', '/privacy', 1 ],
    [ 'another case',      uc $page,          1 ], [ 'nothing below', "$page/none", 0 ],
    [ 'a slash behind',    "$page/",          0 ], [ 'encoded',       '/privacy%2Dpreferences', 0 ],
    [ 'with a query',      "$page?x=1",       0 ],
    )
{
    my ($name, $path, $backend) = @$_;
    my $before = $origin->requests;
    $httpd->get($path, $html);
    is $origin->requests - $before, $backend, "$name: " . ($backend ? 'the backend' : 'the module');
}
{
    my $before = $origin->requests;
    my $answer = $httpd->raw("GET http://elsewhere.example$page HTTP/1.1\r\nHost: elsewhere.example\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
    is $origin->requests - $before, 1, 'in absolute form to another host it is not the module\'s';
}

my %places = (
    'mapping=encoded'        => "ProxyPass / http://\${ORIGIN}/ mapping=encoded\n",
    'SetHandler proxy'       => "<Location />\nSetHandler \"proxy:http://\${ORIGIN}/\"\n</Location>\n",
    'RewriteRule [P]'        => "RewriteEngine on\nRewriteRule ^ http://\${ORIGIN}%{REQUEST_URI} [P]\n",
    'Directory / denied'     => "<Directory />\nRequire all denied\n</Directory>\n",
    'FallbackResource'       => "FallbackResource /templates/news.html\n",
    'only a section is on'   => "PrivacyEngine off\n<Location /shop>\nPrivacyEngine on\n</Location>\nProxyPass / http://\${ORIGIN}/\n",
);
for my $name (sort keys %places) {
    my $server = httpd(modules => [qw(proxy_http headers rewrite)], define => { ORIGIN => $origin->address },
        files => { '/templates/news.html' => '{{action}}{{name}}' },
        conf => "PrivacyTemplates \${DOCROOT}/templates\nPrivacyEngine on\n$policy$places{$name}");
    my $before = $origin->requests;
    is $server->get($page, $html)->status, 200, "$name: the page answers";
    is $server->post($page, 'choice=reject', $own)->status, 303, "$name: and takes a choice";
    is $origin->requests - $before, 0, "$name: the backend is not asked";
    $server->stop;
}
{
    my $conf = "<VirtualHost *>\n$policy\nPrivacyTemplates \${DOCROOT}/templates\n%s\n</VirtualHost>\n";
    my $files = { '/templates/news.html' => '{{action}}{{name}}', '/auth/x' => '' };
    my $off = httpd(files => $files, conf => sprintf $conf, 'PrivacyEngine off');
    is $off->get($page, $html)->status, 404, 'PrivacyEngine off: there is no page';
    $off->stop;
    my $none = httpd(conf => "PrivacyEngine on\nPrivacyCategory essential necessary \"E\" \"D\"\n");
    is $none->get($page, $html)->status, 404, 'no category on offer: there is no page';
    $none->stop;
    my $denied = httpd(files => $files, conf => sprintf $conf,
        "PrivacyEngine on\nPrivacyPage /my/page\n<Location /my>\nRequire all denied\n</Location>");
    is $denied->get('/my/page', $html)->status, 403, 'a Location\'s access control holds';
    expect_log($denied, qr/AH01630: client denied by server configuration/);
    is $denied->get($page, $html)->status, 404, 'PrivacyPage moves it';
    $denied->stop;
    my $report = httpd(files => $files, conf => sprintf $conf, 'PrivacyEngine report');
    my $answer = $report->get($page, $html);
    is $answer->status, 200, 'R8 report: the page answers';
    like $answer->body, qr/does not enforce it yet/, 'R8 and says that nothing is enforced';
    is state_of($report->get($page, $json))->{enforced}, JSON::PP::false, 'R8 in JSON too';
    $answer = $report->post($page, 'choice=reject', $own, 'Cookie: _ga=1');
    is_deeply [ map { /^([^=]+)=/ } $answer->set_cookies ], ['privacy_consent'], 'R8 a choice is recorded, nothing is expired';
    $report->stop;
}

# ---- methods and assets ----

for (
    [ DELETE  => $page, 405, 'GET,HEAD,POST' ],
    [ PUT     => $page, 405, 'GET,HEAD,POST' ],
    [ OPTIONS => $page, 200, 'GET, HEAD, POST, OPTIONS' ],
    )
{
    my ($method, $path, $status, $allow) = @$_;
    my $answer = $httpd->request($method, $path);
    is $answer->status, $status, "$method: $status";
    (my $said = scalar $answer->header('Allow')) =~ s/\s//g;
    is join(',', sort grep { /^(?:GET|HEAD|POST)$/ } split /,/, $said), join(',', sort grep { !/OPTIONS/ } split /,\s*/, $allow), "$method: Allow";
}
my $head = $httpd->head($page, $html);
is $head->status, 200, 'HEAD of the page';
is $head->body, '', 'HEAD has no body';
is scalar($head->header('Content-Length')), length $httpd->get($page, $html)->body, 'HEAD has its length';

my ($style) = $httpd->get($page, $html)->body =~ m{<link rel="stylesheet" href="([^"]+)"};
like $style, qr{^$page/style-[0-9a-f]{16}\.css$}, 'the style sheet\'s name bears a digest';
{
    my $answer = $httpd->get($style);
    is $answer->status, 200, 'the style sheet is there';
    is scalar($answer->header('Content-Type')), 'text/css; charset=utf-8', 'as CSS';
    is scalar($answer->header('Cache-Control')), 'public, max-age=31536000, immutable', 'to be cached for a year';
    is scalar($answer->header('Vary')), undef, 'alike for everybody';
    is $httpd->get($style, 'If-None-Match: ' . $answer->header('ETag'))->status, 304, 'and revalidated';
    is scalar($httpd->head($style)->header('Content-Length')), length $answer->body, 'HEAD of it';
    is $httpd->post($style, 'x=1', $own)->status, 405, 'it takes no POST';
    my $old = $httpd->get($style =~ s/-[0-9a-f]+/-0000000000000000/r);
    is $old->status, 200, 'another version\'s name gets the present one';
    is scalar($old->header('Cache-Control')), 'no-cache', 'for this once';
    unlike $answer->body, qr/https?:|\@import|url\(/, 'it loads nothing';
}
for (qw(consent-40 consent-zz-0.js consent-40-0.css x.js script- ../x style-1.css/x)) {
    is $httpd->get("$page/$_")->status, $_ eq '../x' ? 200 : 404, "no asset: $_";
}
{
    my $answer = $httpd->get("$page/consent-48-0000000000000000.js");
    is $answer->body, 'window.dataLayer=window.dataLayer||[];(function(){window.dataLayer.push(arguments)})("consent","default",'
        . '{"ad_storage":"denied","ad_user_data":"denied","ad_personalization":"denied","analytics_storage":"granted",'
        . "\"functionality_storage\":\"denied\",\"personalization_storage\":\"denied\",\"security_storage\":\"granted\"});\n",
        'Consent Mode: all seven keys, as a call\'s arguments';
}

# ---- the page ----

{
    my $answer = $httpd->get($page, $html, 'Cookie: sid=1; _ga_X=2; last=3');
    my $body = $answer->body;
    my %want = (
        'Cache-Control'          => qr/^no-store$/,
        'X-Content-Type-Options' => qr/^nosniff$/,
        'X-Frame-Options'        => qr/^DENY$/,
        'Referrer-Policy'        => qr/^same-origin$/,
        'Content-Security-Policy' => qr/^default-src 'none'; (?:\w+-src 'self'; ){4}form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
        'Content-Type'           => qr{^text/html; charset=utf-8$},
        'Content-Language'       => qr/^en$/,
    );
    like scalar($answer->header($_)), $want{$_}, "security: $_" for sort keys %want;
    like $body, qr/<html lang="en" dir="ltr">/, 'M4 language and direction';
    like $body, qr/Analytics &lt;b&gt;/, 'security: a title is escaped';
    like $body, qr/How &quot;it&quot; is used &amp; why\./, 'security: so is a description';
    like $body, qr{href="/notice\?a=1&amp;b=2"}, 'the notice is linked';
    like $body, qr/version 2026-11\./, 'the version is said';
    like $body, qr{<th scope="row"><bdi dir="ltr">privacy_consent</bdi></th><td[^>]*>1 year</td><td[^>]*>Keeps your choice</td><td[^>]*>This site</td><td[^>]*>No</td>}, 'M5 the record, among the module\'s own cookies';
    like $body, qr{<th scope="row"><bdi dir="ltr">site_message_hello</bdi></th><td[^>]*>1 year</td><td[^>]*>Remembers that you have seen}, 'M5 a message until=seen';
    like $body, qr{<th scope="row"><bdi dir="ltr">site_message_news</bdi></th><td[^>]*>1 year</td><td[^>]*>Remembers that you have closed}, 'M5 a message until=dismissed';
    like $body, qr{<th scope="row"><bdi dir="ltr">site_message_cookies</bdi></th><td[^>]*>1 minute</td><td[^>]*>Confirms}, 'M5 a message until=choice';
    for (
        [ 'sid',   'Until you close the browser', 'The login',             'Yes' ],
        [ '_ga',   '2 years',                     'Counts &lt;visitors&gt;', 'No' ],
        [ '_ga_\*', '90 days',                    'Counts more',           'Yes: <bdi dir="ltr">_ga_X</bdi>' ],
        [ 'last',  'No limit',                    'Last search',           'Yes' ],
        )
    {
        my ($name, $lifetime, $purpose, $held) = @$_;
        like $body, qr{<th scope="row"><bdi dir="ltr">$name</bdi></th><td data-label="[^"]+">$lifetime</td><td data-label="Purpose" lang="en" dir="auto">$purpose</td><td data-label="Provider">[^~]*?</td><td data-label="[^"]+">$held</td>},
            "M5 $name: lifetime, purpose, and whether it is held";
    }
    like $body, qr{Goo &amp; Co<br>.*?href="https://goo.example/notice".*?href="https://goo.example/out"}s, 'M5 the provider, its notice and opt-out';
    is_deeply [ $body =~ /<button type="submit" name="choice" value="(\w+)">/g ], [qw(save accept reject)], 'M4 the page has three choices';
    unlike $body, qr/<script|style=|\son\w+=/i, 'M4 nothing that default-src \'self\' would forbid';
}
for (
    [ 'fr', 'fr',    'Gestion des cookies' ], [ 'pl-PL, en;q=0.5', 'pl', 'Ustawienia plików cookies' ],
    [ 'de', 'en',    'Cookie preferences' ],  [ '"><script>',      'en', 'Cookie preferences' ],
    )
{
    my ($accept, $tag, $title) = @$_;
    my $answer = $httpd->get($page, $html, "Accept-Language: $accept");
    like $answer->body, qr/<html lang="$tag".*<h1>\Q$title\E</s, "Accept-Language: $accept";
}
for (
    [ 'undecided',           [],                                                 { analytics => [ 0, 'default' ], comfort => [ 1, 'default' ] } ],
    [ 'decided',             [ 'Cookie: ' . consent('analytics=1', 'comfort=0', 'p=2026-11') ], { analytics => [ 1, 'visitor' ], comfort => [ 0, 'visitor' ] } ],
    [ 'of another version',  [ 'Cookie: ' . consent('analytics=1', 'comfort=0', 'p=1') ], { analytics => [ 0, 'default' ], comfort => [ 0, 'default' ] } ],
    )
{
    my ($name, $lines, $want) = @$_;
    my $state = state_of($httpd->get($page, $json, @$lines));
    is_deeply { map { my $c = category($state, $_); $_ => [ $c->{granted} ? 1 : 0, $c->{decided_by} ] } keys %$want }, $want, "JSON: $name";
}
{
    my $state = state_of($httpd->get($page, $json, 'Cookie: _ga=1; _ga_A=2; _ga_B=3'));
    is_deeply [ map { $_->{held} } @{ category($state, 'analytics')->{cookies} } ], [ ['_ga'], [qw(_ga_A _ga_B)] ], 'JSON: what the browser holds';
    is $state->{version}, '2026-11', 'JSON: version';
    is $state->{date}, undef, 'JSON: it has no date';
    is_deeply [ map { $_->{name} } @{ $state->{own} } ], [qw(privacy_consent site_message_news site_message_hello site_message_cookies)], 'JSON: the module\'s own cookies';
    is scalar($httpd->get($page, $json)->header('Cache-Control')), 'no-store', 'JSON: no-store';
    is scalar($httpd->get($page, $json)->header('X-Content-Type-Options')), 'nosniff', 'JSON: nosniff';
}
for (
    [ 'a path',          '/a?b=c',        '/a?b=c' ],  [ 'another host',   '//evil.example', undef ],
    [ 'a backslash',     '/%5Cevil',      undef ],     [ 'a scheme',       'https://evil.example/', undef ],
    [ 'a script',        'javascript:x',  undef ],     [ 'a line break',   '/a%0D%0AX: y',   undef ],
    [ 'quotes',          '/%22%3E%3Cb',   '/&quot;&gt;&lt;b' ], [ 'not UTF-8', '/%FF',      undef ],
    )
{
    my ($name, $return, $want) = @$_;
    my ($got) = $httpd->get("$page?return=$return", $html)->body =~ /name="return" value="([^"]*)"/;
    is $got, $want, "M6 return, $name: " . ($want ? 'kept' : 'left out');
}
{
    my $answer = $httpd->get($page, $html, "Cookie: _ga_\"><script>=1; _ga_\xff\xfe=2");
    unlike $answer->body, qr/<script>/, 'security: a cookie\'s name is escaped';
    like $answer->body, qr/_ga_\xef\xbf\xbd/, 'security: and is UTF-8';
}

# What is documented is what there is.
sub documentation {
    open my $fh, '<', "$FindBin::Bin/../docs/page.md" or die "docs/page.md: $!\n";
    local $/;
    return scalar <$fh>;
}
sub keys_of {
    my ($value) = @_;
    return map { keys_of($_) } @$value if ref $value eq 'ARRAY';
    return ref $value eq 'HASH' ? map { ($_, $_ eq 'consent_mode' ? () : keys_of($value->{$_})) } keys %$value : ();
}
{
    my ($shown) = documentation() =~ /answers with the state:\n\n(    \{\n.*?^    \}\n)/ms;
    my %shown = map { $_ => 1 } grep { $_ ne 'analytics_storage' } $shown =~ /"(\w+)":/g;
    my $server = httpd(conf => "PrivacyEngine on\nPrivacySignal gpc analytics\n" . $policy =~ s/^PrivacyMessage.*\n//gmr);
    my %there = map { $_ => 1 } keys_of(state_of($server->get($page, $json)));
    is_deeply [ sort keys %shown ], [ sort keys %there ], 'JSON: docs/page.md has every key of it';
    $server->stop;
}

# ---- a choice ----

sub record {
    my ($answer) = @_;
    my ($value) = map { /^privacy_consent=(v=1&[^;]*)/ ? $1 : () } $answer->set_cookies;
    return if !defined $value;
    my %key = map { split /=/ } split /&/, $value;
    cmp_ok abs($key{t} - time), '<', 100, 'the record is of now';
    return { map { $_ => $key{$_} } grep { !/^[vt]$/ } keys %key };
}
my @forms = (
    [ 'accept', 'choice=accept',                          { analytics => 1, comfort => 1 } ],
    [ 'reject', 'choice=reject',                          { analytics => 0, comfort => 0 } ],
    [ 'one',    'choice=save&category=analytics',         { analytics => 1, comfort => 0 } ],
    [ 'none',   'choice=save',                            { analytics => 0, comfort => 0 } ],
    [ 'both',   'category=comfort&category=analytics&choice=save', { analytics => 1, comfort => 1 } ],
    [ 'encoded', 'c%68oice=%73ave&category=comfor%74',    { analytics => 0, comfort => 1 } ],
    [ 'accept, with boxes', 'category=comfort&choice=accept', { analytics => 1, comfort => 1 } ],
);
for (@forms) {
    my ($name, $form, $want) = @$_;
    my $answer = $httpd->post($page, "$form&return=/back%3Fx%3D1", $own);
    is $answer->status, 303, "form $name: 303";
    is scalar($answer->header('Location')), '/back?x=1', "form $name: back to where it came from";
    is_deeply record($answer), { %$want, p => '2026-11' }, "form $name: recorded";
    is scalar($answer->header('Cache-Control')), 'no-store', "form $name: not cached";
}
my $type = 'Content-Type: application/json';
for (
    [ 'accept', '{"choice":"accept"}',                      { analytics => 1, comfort => 1 } ],
    [ 'reject', '{ "choice": "reject" }',                   { analytics => 0, comfort => 0 } ],
    [ 'some',   '{"categories":{"analytics":true}}',        { analytics => 1 } ],
    [ 'on top of a record', '{"categories":{"analytics":true}}', { analytics => 1, comfort => 0 }, 'Cookie: ' . consent('comfort=0', 'p=2026-11') ],
    [ 'what was granted for another version lapses', '{"categories":{"analytics":false}}', { analytics => 0 }, 'Cookie: ' . consent('comfort=1', 'p=1') ],
    )
{
    my ($name, $body, $want, @lines) = @$_;
    my $answer = $httpd->post($page, $body, $own, $type, @lines);
    is $answer->status, 200, "JSON $name: 200";
    is_deeply record($answer), { %$want, p => '2026-11' }, "JSON $name: recorded";
    my $state = state_of($answer);
    is category($state, $_)->{granted} ? 1 : 0, $want->{$_}, "JSON $name: the new state of $_" for sort keys %$want;
}
{
    my $answer = $httpd->post($page, '{"choice":"reject"}', $own, $type, 'Cookie: _ga=1; sid=2; ' . consent('analytics=1', 'comfort=1', 'p=2026-11'));
    my $state = state_of($answer);
    ok category($state, 'analytics')->{withdrawn}, 'JSON: what was withdrawn';
    is_deeply [ map { @{ $_->{held} } } @{ category($state, 'analytics')->{cookies} } ], [], 'JSON: what is expired is not held any more';
    is_deeply [ map { @{ $_->{held} } } @{ category($state, 'essential')->{cookies} } ], ['sid'], 'JSON: and what stays is';
}

for (
    [ 'return wins over Referer', 'choice=reject&return=/r',   'Referer: http://www.example.org/from',      '/r' ],
    [ 'Referer',                  'choice=reject',             'Referer: http://www.example.org/from?a=b',  '/from?a=b' ],
    [ 'the page itself',          'choice=reject',             "Referer: http://www.example.org$page?x",    "$page?saved" ],
    [ 'another site',             'choice=reject',             'Referer: http://evil.example/from',         "$page?saved" ],
    [ 'a longer host',            'choice=reject',             'Referer: http://www.example.org.evil/x',    "$page?saved" ],
    [ 'user info',                'choice=reject',             'Referer: http://www.example.org@evil/x',    "$page?saved" ],
    [ 'no Referer',               'choice=reject',             'X: y',                                      "$page?saved" ],
    )
{
    my ($name, $form, $line, $want) = @$_;
    is scalar($httpd->post($page, $form, $own, $line)->header('Location')), $want, "M6 back: $name";
}
for (
    [ 'kept',     [ 'Cookie: ' . consent('analytics=0', 'comfort=0', 'p=2026-11') ], qr/Your choice has been saved/ ],
    [ 'refused',  [],                                                                qr/your browser seems to refuse cookies/ ],
    )
{
    my ($name, $lines, $want) = @$_;
    my ($note) = $httpd->get("$page?saved", $html, @$lines)->body =~ /<p class="privacy-note" role="status"[^>]*>([^<]*)/;
    like $note, $want, "M4 after a choice without a way back, cookies $name";
    unlike $httpd->get($page, $html, @$lines)->body, qr/role="status"/, "M4 and not else, cookies $name";
}

# ---- the record's attributes, M7 ----

sub own_record { return grep { /^(?:__Host-)?privacy_consent=v=/ } $_[0]->set_cookies }
my $half = 6 * 2_628_000;
for my $case (
    [ 'the default',            '',                                             'http',  qr/; Max-Age=$half; Path=\/; SameSite=Lax$/ ],
    [ 'https',                  '',                                             'https', qr/; SameSite=Lax; Secure$/ ],
    [ 'what is configured',     'PrivacyConsentCookie privacy_consent lifetime=2h domain=example.org samesite=Strict', 'http', qr/; Max-Age=7200; Path=\/; Domain=example\.org; SameSite=Strict$/ ],
    [ 'a session',              'PrivacyConsentCookie privacy_consent lifetime=session', 'http', qr/=1; Path=\/; SameSite=Lax$/ ],
    [ '__Host-',                'PrivacyConsentCookie __Host-privacy_consent',  'https', qr/^__Host-privacy_consent=.*; Secure$/ ],
    [ 'SameSite=None',          'PrivacyConsentCookie privacy_consent samesite=None', 'https', qr/SameSite=None; Secure$/ ],
    )
{
    my ($name, $line, $via, $want) = @$case;
    my $server = httpd(tls => 1, files => { '/templates/news.html' => '{{action}}{{name}}' },
        conf => "PrivacyTemplates \${DOCROOT}/templates\nPrivacyEngine on\nPrivacySignal gpc analytics\n$policy$line\n");
    my ($record) = own_record($server->post($page, 'choice=accept', $own, { via => $via }));
    like $record, $want, "the record: $name";
    ($record) = own_record($server->post($page, 'choice=accept', $own, 'Sec-GPC: 1', { via => $via }));
    like $record, qr/&g=1&/, "the record: $name, in presence of a signal";
    ($record) = own_record($server->post($page, 'choice=reject', $own, { via => $via }));
    like $record, qr/; Max-Age=31536000;/, "the record: $name, 12 months at least where an opt-out category is denied";
    $server->stop;
}
{
    my $many = join '; ', '_ga=1', 'sid=1', 'last=1', map { "_ga_$_=1" } 1 .. 60;
    my $answer = $httpd->post($page, 'choice=reject', $own, "Cookie: $many; " . consent('analytics=1', 'comfort=1', 'p=2026-11'));
    my %expired;
    $expired{$_}++ for map { /^([^=]+)=; Max-Age=0/ ? $1 : () } $answer->set_cookies;
    is $expired{_ga}, 3, 'M7 host-only, host and parent';
    is scalar(grep { /^_ga_\d+$/ } keys %expired), 60, 'M7 all of them, without R5\'s limit';
    ok $expired{last}, 'M7 of an opt-out category too';
    ok !$expired{sid}, 'M7 an essential one stays';
    my @copies = grep { /^privacy_consent=;/ } $answer->set_cookies;
    is_deeply \@copies, [ map { "privacy_consent=; Max-Age=0; Path=/; Domain=$_" } qw(www.example.org example.org) ],
        'M7 the record\'s copies on other domains';
    my ($first) = grep { /^privacy_consent=v/ } $answer->set_cookies;
    my @order = grep { /^privacy_consent=/ } $answer->set_cookies;
    is $order[-1], $first, 'M7 the record comes behind them';
    is_deeply [ grep { /^privacy_consent=;/ } $httpd->post($page, 'choice=reject', $own)->set_cookies ], [], 'M7 no copies where none was sent';
}
{
    my $server = httpd(files => { '/templates/news.html' => '{{action}}{{name}}' },
        conf => "PrivacyTemplates \${DOCROOT}/templates\nPrivacyEngine on\n${policy}PrivacyPage $page clear-site-data\n");
    my @granted = ($own, 'Cookie: ' . consent('analytics=1', 'comfort=1', 'p=2026-11'));
    my $stale = '"cache", "prefetchCache", "prerenderCache"';
    is scalar($server->post($page, 'choice=reject', @granted)->header('Clear-Site-Data')), qq($stale, "storage"), 'clear-site-data: on withdrawal';
    is scalar($server->post($page, 'choice=accept', @granted)->header('Clear-Site-Data')), $stale, 'clear-site-data: not else';
    is scalar($httpd->post($page, $_, $own)->header('Clear-Site-Data')), $stale, "a choice makes pages of the old decision stale: $_"
        for 'choice=reject', 'choice=accept';
    is scalar($httpd->post($page, '{"choice":"accept"}', $own, 'Content-Type: application/json')->header('Clear-Site-Data')), $stale, 'and one by script';
    is scalar($httpd->post($page, 'choice=reject', @granted)->header('Clear-Site-Data')), $stale, 'clear-site-data: off by default';
    is scalar($httpd->post($page, $_, $own)->header('Clear-Site-Data')), undef, "what is no choice does not: $_" for 'message=news', 'choice=perhaps';
    is scalar($httpd->get($page, $html)->header('Clear-Site-Data')), undef, 'nor does a look at the page';
    $server->stop;
}

# ---- nothing is kept, and nothing logged, of a visitor ----

{
    my %before = map { $_ => 1 } glob($httpd->root . '/{*,*/*,*/*/*}');
    my @secret = ('Cookie: _ga=SECRET-1; sid=SECRET-2; ' . consent('analytics=1', 'comfort=1', 'p=2026-11'));
    $httpd->get($page, $html, @secret);
    $httpd->post($page, 'choice=reject&return=/SECRET-3', $own, @secret);
    $httpd->post($page, 'choice=SECRET-4', $own, @secret);
    $httpd->post($page, '{"choice":"SECRET-5"}', $own, $type, @secret);
    $httpd->post($page, '{"choice":"reject"}', 'Origin: http://SECRET-6.example', $type, @secret);
    is_deeply [ grep { !$before{$_} } glob($httpd->root . '/{*,*/*,*/*/*}') ], [], 'F2 a choice leaves no file on the server';
    my $log = $httpd->log;
    unlike $log, qr/SECRET/, 'F2 and no value in the log, at privacy:debug';
    like $log, qr/PRIV0061/, 'F2 where refusals are noted';
    unlike $log, qr/t=1\d{9}/, 'F2 nor a record';
}

# ---- messages ----

{
    my $answer = $httpd->post($page, 'message=news&return=/x', $own);
    is $answer->status, 303, 'M3 a message is closed';
    is_deeply [ $answer->set_cookies ], ['site_message_news=seen; Max-Age=31536000; Path=/; SameSite=Lax'], 'M3 and remembered';
    $answer = $httpd->post($page, '{"message":"news"}', $own, $type);
    is $answer->status, 200, 'M3 by JSON too';
    is scalar($answer->set_cookies), 1, 'M3 with its cookie';
}

# ---- what is refused: a clear 4xx, and nothing changed ----

my $form = 'choice=accept';
my @refused = (
    [ 'M6 cross-site',             403, $form, ['Sec-Fetch-Site: cross-site'] ],
    [ 'M6 same-site',              403, $form, ['Sec-Fetch-Site: same-site'] ],
    [ 'M6 typed in',               403, $form, ['Sec-Fetch-Site: none'] ],
    [ 'M6 twice',                  403, $form, [ $own, 'Sec-Fetch-Site: cross-site' ] ],
    [ 'M6 cross-site, own Origin', 403, $form, [ 'Sec-Fetch-Site: cross-site', 'Origin: http://www.example.org' ] ],
    [ 'M6 cross-site JSON',        403, '{"choice":"accept"}', [ 'Sec-Fetch-Site: cross-site', $type ] ],
    [ 'M6 another Origin',         403, $form, ['Origin: http://evil.example'] ],
    [ 'M6 another port',           403, $form, ['Origin: http://www.example.org:8080'] ],
    [ 'M6 Origin null',            403, $form, ['Origin: null'] ],
    [ 'M6 an empty Origin',        403, $form, ['Origin: '] ],
    [ 'M6 a longer Origin',        403, $form, ['Origin: http://www.example.org.evil.example'] ],
    [ 'M6 JSON, another Origin',   403, '{"choice":"accept"}', [ 'Origin: http://evil.example', $type ] ],
    [ 'M6 nothing said',           403, $form, [] ],
    [ 'M6 plain text',             415, $form, [ $own, 'Content-Type: text/plain' ] ],
    [ 'multipart',                 415, $form, [ $own, 'Content-Type: multipart/form-data; boundary=x' ] ],
    [ 'a type that begins alike',  415, '{"choice":"accept"}', [ $own, 'Content-Type: application/jsonx' ] ],
    [ 'empty',                     400, '', [$own] ],
    [ 'no choice',                 400, 'return=/x', [$own] ],
    [ 'an unknown choice',         400, 'choice=perhaps', [$own] ],
    [ 'two choices',               400, 'choice=accept&choice=reject', [$own] ],
    [ 'choice and message',        400, 'choice=accept&message=news', [$own] ],
    [ 'an unknown field',          400, 'choice=accept&x=1', [$own] ],
    [ 'an unknown category',       400, 'choice=save&category=x', [$own] ],
    [ 'a necessary category',      400, 'choice=save&category=essential', [$own] ],
    [ 'a category twice',          400, 'choice=save&category=comfort&category=comfort', [$own] ],
    [ 'an unknown message',        400, 'message=x', [$own] ],
    [ 'a message until=seen',      400, 'message=hello', [$own] ],
    [ 'a broken encoding',         400, 'choice=%a', [$own] ],
    [ 'a NUL',                     400, 'choice=accept%00', [$own] ],
    [ 'a form, invalid UTF-8',     400, 'choice=%ff%fe', [$own] ],
    [ 'a category, invalid UTF-8', 400, "choice=save&category=\xff", [$own] ],
    [ 'a way back, invalid UTF-8', 400, 'choice=accept&return=/%ff', [$own] ],
    [ 'M6 back to another host',   400, 'choice=accept&return=//evil.example', [$own] ],
    [ 'M6 back by backslash',      400, 'choice=accept&return=/%5Cevil.example', [$own] ],
    [ 'M6 back to a scheme',       400, 'choice=accept&return=https://evil.example', [$own] ],
    [ 'M6 back to a script',       400, 'choice=accept&return=javascript:alert(1)', [$own] ],
    [ 'M6 back with a header',     400, 'choice=accept&return=/%0D%0ASet-Cookie:%20x=1', [$own] ],
    [ 'M6 back twice',             400, 'choice=accept&return=/a&return=/b', [$own] ],
    [ 'not JSON',                  400, '{"choice":', [ $own, $type ] ],
    [ 'JSON, invalid UTF-8',       400, "{\"choice\":\"\xff\"}", [ $own, $type ] ],
    [ 'JSON, no object',           400, '"accept"', [ $own, $type ] ],
    [ 'JSON, nothing',             400, '{}', [ $own, $type ] ],
    [ 'JSON, another key',         400, '{"choice":"accept","x":1}', [ $own, $type ] ],
    [ 'JSON, twice',               400, '{"choice":"accept","choice":"reject"}', [ $own, $type ] ],
    [ 'JSON, a number',            400, '{"choice":1}', [ $own, $type ] ],
    [ 'JSON, save',                400, '{"choice":"save"}', [ $own, $type ] ],
    [ 'JSON, a list',              400, '{"categories":["analytics"]}', [ $own, $type ] ],
    [ 'JSON, no boolean',          400, '{"categories":{"analytics":1}}', [ $own, $type ] ],
    [ 'JSON, unknown',             400, '{"categories":{"analytics":true,"x":true}}', [ $own, $type ] ],
    [ 'JSON, necessary',           400, '{"categories":{"essential":false}}', [ $own, $type ] ],
    [ 'JSON, deep',                400, '[' x 60_000, [ $own, $type ] ],
    [ '1,000 keys',                400, join('&', 'choice=save', map { "category=c$_" } 1 .. 1000), [$own] ],
    [ '1,000 keys of JSON',        400, '{"categories":{' . join(',', map { "\"c$_\":true" } 1 .. 1000) . '}}', [ $own, $type ] ],
    [ '64 KiB and a byte',         413, 'choice=accept&return=/' . 'x' x (65_537 - 22), [$own] ],
    [ '10 MB',                     413, 'x' x 10_000_000, [$own] ],
);
# To a visitor who has granted all, and holds what a refused withdrawal would expire.
my $holds = 'Cookie: _ga=1; last=2; ' . consent('analytics=1', 'comfort=1', 'p=2026-11');
for (@refused) {
    my ($name, $status, $body, $lines) = @$_;
    my $answer = $httpd->post($page, $body, @$lines, $holds);
    is $answer->status, $status, "refused, $name: $status";
    is_deeply [ $answer->set_cookies ], [], "refused, $name: nothing changed";
    unlike $answer->body, qr/evil|alert/, "refused, $name: nothing reflected";
}
{
    my $connection = $httpd->connect;
    my $chunk = sprintf "%x\r\n%s\r\n", 40_000, 'x' x 40_000;
    my $answer = $connection->send("POST $page HTTP/1.1\r\nHost: www.example.org\r\n$own\r\n"
        . "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n$chunk${chunk}0\r\n\r\n")->response('POST');
    is $answer->status, 413, 'refused, 80,000 bytes in chunks: 413';
    $connection->close;
    $connection = $httpd->connect;
    $answer = $connection->send("POST $page HTTP/1.1\r\nHost: www.example.org\r\n$own\r\n"
        . "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 80000\r\nConnection: close\r\n\r\n")->response('POST');
    is $answer->status, 413, 'refused, 80,000 bytes that are only announced: 413';
    $connection->close;
    $connection = $httpd->connect;
    $connection->send("POST $page HTTP/1.1\r\nHost: www.example.org\r\n$own\r\n"
        . "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\nConnection: close\r\n\r\n$form");
    $connection->socket->shutdown(1);
    $answer = $connection->response('POST');
    is_deeply [ $answer->status, $answer->set_cookies ], [400], 'F1 refused, a choice that breaks off: 400, and nothing changed';
    $connection->close;
}
for (
    [ 'Origin',                     'Origin: http://www.example.org' ],
    [ 'Origin of another scheme',   'Origin: https://www.example.org' ],
    [ 'Origin in capitals',         'Origin: http://WWW.example.org' ],
    )
{
    my ($name, $line) = @$_;
    is $httpd->post($page, $form, $line)->status, 303, "M6 taken: $name";
}
is $httpd->post($page, $form, 'Host: www.example.org:8080', 'Origin: http://www.example.org:8080')->status, 303, 'M6 taken: host and port';
is $httpd->post($page, $form, 'Host: www.example.org:443', 'Origin: https://www.example.org')->status, 303, 'M6 taken: a proxy names the port';
is $httpd->post($page, '{"choice":"accept"}', $type)->status, 200, 'M6 taken: JSON without either';
is $httpd->post($page, $form, $own, { via => 'h2' })->status, 303, 'M6 taken over HTTP/2';

# What somebody else has decided is not asked for.
{
    my $server = httpd(conf => $policy =~ s/^PrivacyMessage news.*\n//mr . "PrivacySignal gpc analytics final\nPrivacyEngine on\n");
    my $asked = sub { [ $server->get($page, $html, @_)->body =~ /name="category" value="(\w+)"/g ] };
    is_deeply $asked->(), [qw(analytics comfort)], 'M3 what is on offer is asked for';
    is_deeply $asked->('Sec-GPC: 1'), ['comfort'], 'M3 what a final signal has decided is not';
    $server->stop;
}

# ---- what stands in other pages ----

{
    my ($link) = documentation() =~ /^In a template, `([^`]+)` is the same link/m;
    my $document = '<html><head><title>x</title></head><body><script src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>'
        . "<script>load('https://www.googletagmanager.com/gtm.js')</script><script>counter.start()</script>"
        . '<noscript><iframe src="https://www.googletagmanager.com/ns.html"></iframe></noscript>'
        . '<script src="https://www.google-analytics.com/x.js"></script><p>x</p></body></html>';
    my $conf = $policy =~ s/^PrivacyMessage news.*\n//mr . <<'CONF';
PrivacyTracker www.googletagmanager.com analytics provider=goo
PrivacyTracker www.google-analytics.com analytics provider=goo
PrivacyInlineTracker "googletagmanager.com/gtm.js" analytics
PrivacyInlineTracker "counter.start" analytics
PrivacyMessage region until=seen template=region.html "expr=%{HTTP:X-Region} == 'north'"
PrivacyMessage foot until=dismissed template=foot.html "expr=%{HTTP:X-Foot} == '1'"
PrivacyTemplates ${DOCROOT}/own
PrivacyLanguage en fr
PrivacyEngine on
PrivacyRewriteHTML on
CONF
    my %server = map { $_ => httpd(
        files => { '/x.html' => $document, '/own/region.html' => '<p>Region</p>', '/own/region.html.fr' => '<p>Région</p>',
            '/own/foot.html' => "$link {{name}}" },
        conf  => $conf . $_,
    ) } '', "PrivacyConsentMode analytics=analytics_storage\n", "PrivacyConsentMode analytics=analytics_storage exempt\n";
    for my $line (sort keys %server) {
        my $body = $server{$line}->get('/x.html', $html)->body;
        my $exempt = $line =~ /exempt/;
        my $name = $line =~ s/\n//r || 'no PrivacyConsentMode';
        is scalar(() = $body =~ /type=text\/plain/g), $exempt ? 2 : 4, "$name: scripts held";
        like $body, $exempt ? qr/<script src="[^"]*gtag/ : qr/data-privacy-src="[^"]*gtag/, "$name: Google's own tag";
        like $body, qr/data-privacy-src="[^"]*ns\.html/, "$name: its iframe is held";
        like $body, qr/data-privacy-src="[^"]*x\.js/, "$name: other scripts of Google's are held";
        if ($line) {
            like $body, qr{<head><script src="$page/consent-40-[0-9a-f]{16}\.js"></script><title>}, "$name: first in the head";
        }
        else {
            unlike $body, qr/consent-/, "$name: no script";
        }
    }
    my $server = $server{"PrivacyConsentMode analytics=analytics_storage\n"};
    my $granted = $server->get('/x.html', $html, 'Cookie: ' . consent('analytics=1', 'comfort=1', 'p=2026-11'));
    my ($src) = $granted->body =~ /<head><script src="([^"]+)"/;
    my $script = $server->get($src);
    like $script->body, qr/"analytics_storage":"granted"/, 'Consent Mode: its address bears the decision';
    is scalar($script->header('Cache-Control')), 'public, max-age=31536000, immutable', 'Consent Mode: cached for a year';
    is scalar($script->header('Content-Type')), 'text/javascript; charset=utf-8', 'Consent Mode: as a script';

    my $body = $server->get('/x.html', $html)->body;
    like $body, qr{<body><link rel="stylesheet" href="$page/style-[^"]+"/><section class="privacy-banner"}, 'M1 the banner is first in body';
    my ($choices) = $body =~ m{<p class="privacy-buttons">(.*?)</p>};
    is_deeply [ $choices =~ /<(?:button type="submit" name="choice" value="(\w+)"|a class="privacy-button" href="([^"?]+)[^"]*")>/g ],
        [ accept => undef, reject => undef, undef, $page ], 'M4 accept, reject and preferences, side by side';
    like $body, qr{name="return" value="/x\.html"}, 'M6 and leads back to the page';
    unlike $body, qr/Region/, 'a message whose expr does not hold';
    like $server->get('/x.html', $html, 'X-Foot: 1', 'Accept-Language: fr')->body,
        qr{<a href="$page\?return=/x\.html">Gestion des cookies</a>}, 'M5 the documented way to the page, in a template';
    my @north = ($html, 'X-Region: north', 'Cookie: ' . consent('analytics=0', 'comfort=0', 'p=2026-11'));
    my $answer = $server->get('/x.html', @north);
    like $answer->body, qr{<body><p>Region</p>}, 'a message whose expr holds';
    is_deeply [ grep { /region/ } $answer->set_cookies ], ['site_message_region=seen; Max-Age=31536000; Path=/; SameSite=Lax'], 'M2 it is remembered';
    like $server->get('/x.html', @north, 'Accept-Language: fr')->body, qr{<body><p>R&#xE9;gion</p>}, 'in the visitor\'s language';
    like scalar($answer->header('Vary')), qr/Accept-Language/, 'C2 and the page varies by it';
    unlike $server->get('/x.html?a="><script>x</script>', $html)->body, qr/<script>x/, 'security: the page\'s own address is escaped';
    unlike $server->get($page, $html)->body, qr/privacy-banner/, 'M1 not on the module\'s own page';
    $_->stop for values %server;
}

# ---- the policy's version and date, and cookies of consent sources ----

for (
    [ 'a date',           'PrivacyPolicyVersion 2026-11-23',   qr/version 2026-11-23\./,         '2026-11-23' ],
    [ 'no date',          'PrivacyPolicyVersion 3.1',          qr/version 3\.1\./,              undef ],
    [ 'one beside it',    'PrivacyPolicyVersion 3 2026-11-23', qr/version 3 \(2026-11-23\)\./, '2026-11-23' ],
    [ 'no date after all', 'PrivacyPolicyVersion 2026-13-01',  qr/version 2026-13-01\./,         undef ],
    )
{
    my ($name, $line, $want, $date) = @$_;
    my $base   = $policy =~ s/^Privacy(?:PolicyVersion|Message).*\n//gmr;
    my $server = httpd(conf => "PrivacyEngine on\n$base$line\nPrivacyConsentCookie choice lifetime=2h\nPrivacyConsentSource complianz analytics=statistics\n");
    my $body = $server->get($page, $html, 'Cookie: cmplz_statistics=deny; cmplz_banner-status=dismissed; choice=1')->body;
    like $body, $want, "version, $name: on the page";
    is state_of($server->get($page, $json))->{date}, $date, "version, $name: in JSON";
    like $body, qr{<th scope="row"><bdi dir="ltr">cmplz_\*</bdi></th><td[^>]*>As its provider sets it</td><td[^>]*>Keeps what you decided[^<]*</td><td[^>]*>complianz</td><td[^>]*>Yes: <bdi dir="ltr">cmplz_statistics, cmplz_banner-status</bdi></td>},
        "M5 version, $name: a consent source's cookies are told";
    like $body, qr{<th scope="row"><bdi dir="ltr">choice</bdi></th><td[^>]*>1 year</td>.*?<td[^>]*>Yes</td></tr>}s, "M5 version, $name: and the record is held";
    $server->stop;
}

# ---- configuration ----

for (
    [ 'PrivacyPage x',                              qr/must begin with \// ],
    [ 'PrivacyPage /x/',                            qr/not end with it/ ],
    [ 'PrivacyPage /',                              qr/must begin with/ ],
    [ 'PrivacyPage /x clear',                       qr/must be clear-site-data/ ],
    [ 'PrivacyNotice notice.html',                  qr/must be a URL/ ],
    [ 'PrivacyNotice //evil.example/',              qr/begin with \/\// ],
    [ 'PrivacyPolicyVersion 3 tomorrow',            qr/'tomorrow' must be a date such as/ ],
    [ 'PrivacyPolicyVersion 3 2026-11-23T12:00:00Z', qr/must be a date such as/ ],
    [ 'PrivacyLanguage en en',                      qr/'en' is there twice/ ],
    [ 'PrivacyLanguage ../../etc',                  qr/must be a language tag/ ],
    [ 'PrivacyLanguage xx',                         qr/no texts of this language.*shipped are cy, de, en, es, fr, pl/ ],
    [ 'PrivacyTemplates /nowhere',                  qr/must be a directory/ ],
    [ 'PrivacyConsentMode analytics',               qr/must be CATEGORY=KEY/ ],
    [ 'PrivacyConsentMode analytics=analytic_storage', qr/did you mean 'analytics_storage'/ ],
    [ 'PrivacyConsentMode analytics=security_storage', qr/always granted/ ],
    [ 'PrivacyConsentMode analytic=ad_storage',     qr/line \d+.*no PrivacyCategory 'analytic'.*did you mean 'analytics'/ ],
    [ 'PrivacyConsentMode exempt',                  qr/takes CATEGORY=KEY/ ],
    [ "PrivacyConsentMode analytics=ad_storage\nPrivacyConsentMode comfort=ad_storage", qr/already declared on line/ ],
    [ 'PrivacyMessage m template=none.html',        qr/line \d+.*template=none.html: there is no such file/ ],
    [ 'PrivacyMessage m expr="%{REQUEST"',          qr/cannot be parsed/ ],
    [ 'PrivacyMessage m template=',                 qr/must name a file/ ],
    [ "PrivacyTemplates \${DOCROOT}/broken",        qr/on line 2 of \S+page\.html: there is no slot 'acton' here; did you mean 'action'/ ],
    [ "PrivacyTemplates \${DOCROOT}/lacking",       qr/of \S+banner\.html: lacks the slot 'action'/ ],
    [ "PrivacyTemplates \${DOCROOT}/unsafe",        qr/on line 1 of \S+banner\.html: slot 'return' cannot stand in script/ ],
    [ "PrivacyTemplates \${DOCROOT}/words",         qr/on line 1 of \S+words\.en: a line must be KEY = TEXT/ ],
    [ "PrivacyTemplates \${DOCROOT}/empty",         qr/words\.en: there is no text 'dir'/ ],
    )
{
    my ($line, $want) = @$_;
    my $base = join '', grep { !/^Privacy(?:Notice|Message)/ } map { "$_\n" } split /\n/, $policy;
    my ($exit, $said) = configtest($base . $line . "\n", files => {
        '/broken/page.html'  => "<p>\n{{acton}}\n", '/lacking/banner.html' => "<p>{{return}}</p>",
        '/unsafe/banner.html' => "<script>{{return}}</script>", '/words/words.en' => "what\n", '/empty/words.en' => "a = b\n",
    });
    isnt $exit, 0, "configtest refuses: $line";
    like $said, $want, "configtest says why: $line";
}

done();
