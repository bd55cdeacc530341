# Licensed under the Apache License, Version 2.0; see LICENSE.

# What handlers and backends see of a request: Q1 (Cookie), Q2 (nobody forges our
# headers), Q3 (sections), D6 (redirects and subrequests share one decision).

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(proxy_http include headers rewrite lua http2));

my $origin = mirror();

# Each section is a directory with the same CGI and the same proxied path.
my @SECTION = (
    [ plain    => '' ],
    [ on       => 'PrivacyEngine on' ],
    [ off      => 'PrivacyEngine off' ],
    [ report   => 'PrivacyEngine report' ],
    [ nofilter => "PrivacyEngine on\nPrivacyFilterRequest off" ],
);
my $sections = join '', map { <<"CONF" } @SECTION;
<Location /$_->[0]>
    $_->[1]
</Location>
CONF
my $everywhere = <<"CONF";
$sections
ErrorDocument 404 /\${ERRORS}/env.cgi
ProxyPassMatch ^/(\\w+)/proxy http://\${ORIGIN}/
CONF

my $env = echo_env();
my %cgi = map { ("/$_->[0]/env.cgi" => $env) } @SECTION;
my %files;
for my $from (map { $_->[0] } @SECTION) {
    $files{"/$from/page.shtml"} = join "\n", '<!--#echo encoding="none" var="PRIVACY_CONSENT_ANALYTICS" -->',
        map { qq{SECTION $_->[0]\n<!--#include virtual="/$_->[0]/env.cgi" -->} } @SECTION, [ 'plain' ];
    $cgi{"/$from/to-$_->[0].cgi"} = says("Location: /$_->[0]/env.cgi\n\n") for @SECTION;
    # A front controller, as in WordPress.
    $files{"/$from/front/.htaccess"} = "RewriteEngine on\nRewriteRule ^pretty /$from/env.cgi [L]\n";
}
# A directory whose index is another section.
for my $from (qw(on off)) {
    $cgi{"/$from/index/index.cgi"}       = $env;
    $cgi{"/index-$from/special.cgi"}    = $env;
}

my $httpd = httpd(
    modules => [qw(cgi proxy_http include headers rewrite lua http2 env)],
    define  => { ORIGIN => $origin->address, ERRORS => 'plain' },
    files   => {
        %files,
        '/quick.lua' => <<'LUA',
function handle(r)
    if r.uri ~= "/quick" then return apache2.DECLINED end
    r.content_type = "text/plain"
    r:puts("Cookie: ", r.headers_in["Cookie"] or "(none)", "\nPrivacy-Consent: ", r.headers_in["Privacy-Consent"] or "(none)", "\n")
    return apache2.OK
end
LUA
    },
    cgi  => \%cgi,
    conf => <<"CONF",
PrivacyCategory essential necessary "Essential" "What the site needs to work."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCategory ad-s opt-out "Advertising" "Other sites."
PrivacyCookie sid  essential any "The login"
PrivacyCookie _ga  analytics any "Google Analytics"
PrivacyCookie _gid analytics any "Google Analytics"
PrivacyCookie _fbp ad-s      any "Facebook"
PrivacyEngine on
LuaQuickHandler \${DOCROOT}/quick.lua handle
<Directory "\${DOCROOT}">
    AllowOverride FileInfo
</Directory>
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
DirectoryIndex index.cgi special.cgi
<Directory "\${DOCROOT}/index-on">
    PrivacyEngine on
    <Files special.cgi>
        PrivacyEngine off
    </Files>
</Directory>
<Directory "\${DOCROOT}/index-off">
    PrivacyEngine off
    <Files special.cgi>
        PrivacyEngine on
    </Files>
</Directory>
<If "req('X-Engine') == 'off'">
    PrivacyEngine off
</If>
<Location /unset>
    RequestHeader unset Privacy-Consent
    RequestHeader set Connection "Privacy-Consent, close"
</Location>
$everywhere
Listen 127.0.0.1:\${PORT_OFF}
Listen 127.0.0.1:\${PORT_REPORT}
Listen 127.0.0.1:\${PORT_NONE}
Listen 127.0.0.1:\${PORT_NOFILTER}
<VirtualHost 127.0.0.1:\${PORT_OFF}>
    PrivacyEngine off
    $everywhere
</VirtualHost>
<VirtualHost 127.0.0.1:\${PORT_REPORT}>
    PrivacyEngine report
    $everywhere
</VirtualHost>
<VirtualHost 127.0.0.1:\${PORT_NOFILTER}>
    PrivacyFilterRequest off
    $everywhere
</VirtualHost>
CONF
);

# The server that declares nothing is another one.
my $bare = httpd(
    modules => [qw(proxy_http)],
    define  => { ORIGIN => $origin->address },
    conf    => "ProxyPass / http://\${ORIGIN}/\n",
);

my $html = 'Accept: text/html';

# ---- Q1 ----

sub proxied_cookie {
    my ($sent, @option) = @_;
    my @seen = $httpd->get('/plain/proxy', (map { "Cookie: $_" } @$sent), @option)->body =~ /^Cookie: (.*?)\r?$/mgi;
    return join ' | ', @seen;
}

my @header = (
    [ ['_ga=1; sid=2'],                   'sid=2', 'the first goes' ],
    [ ['sid=2; _ga=1'],                   'sid=2', 'the last goes' ],
    [ ['sid=2; _ga=1; x=3; _gid=4; _fbp=5'], 'sid=2; x=3; _fbp=5', 'the others keep their order' ],
    [ ['_ga=1'],                          '',      'an empty header goes' ],
    [ ['_ga=1; _gid=2; _ga=3'],           '',      'an empty header goes, of three' ],
    [ ['sid=2;x="a, b";; y=1 ;=q;  z'],   'sid=2;x="a, b";; y=1 ;=q;  z', 'nothing to remove, every byte kept' ],
    [ [ 'sid=1', '_ga=2' ],               'sid=1', 'two lines, the second denied' ],
    [ [ '_ga=2', 'sid=1' ],               'sid=1', 'two lines, the first denied' ],
    [ [ 'sid=1', 'x=2' ],                 'sid=1, x=2', 'two lines, none denied: as httpd joins them' ],
    [ [ 'sid=1; x=2', '_ga=3; y=4' ],     'sid=1; x=2; y=4', 'two lines, denied at the joint' ],
    [ [ 'sid=1; _ga=3', 'y=4; x=2' ],     'sid=1; y=4; x=2', 'two lines, denied before the joint' ],
    [ [ 'a=1', '_ga=2', 'b=3' ],          'a=1; b=3', 'three lines' ],
    [ [ '_ga=1', '_gid=2' ],              '',      'two lines, both denied' ],
    [ ['_ga=1, 2; sid=3'],                'sid=3', 'a comma is a byte of a denied value' ],
    [ ['sid=1, 2; _ga=3'],                'sid=1, 2', 'a comma is a byte of a kept value' ],
    [ ['sid={"a":1, "b":2}; _ga=3'],      'sid={"a":1, "b":2}', 'JSON' ],
    [ ['sid=1,_ga=2'],                    'sid=1,_ga=2', 'a comma without the blank is no joint' ],
    [ [ 'sid=1', 'flag', '_ga=2' ],       'sid=1, flag', 'a joint without a token and = is a byte of the value' ],
    [ ['sid==_ga=1; _ga==sid=2'],         'sid==_ga=1', 'a name ends at the first =' ],
    [ [ consent('analytics=1') . '; _ga=1; sid=2' ], qr/^privacy_consent=\S+; _ga=1; sid=2$/, 'with consent nothing goes' ],
);
for (@header) {
    my ($sent, $want, $name) = @$_;
    my $got = proxied_cookie($sent);
    ref $want ? like($got, $want, "Q1 $name") : is($got, $want, "Q1 $name");
}
is proxied_cookie([ 'sid=1', '_ga=2; x=3' ], { via => 'h2c' }), 'sid=1; x=3', 'Q1 crumbs of HTTP/2';
{
    my $answer = $httpd->get('/plain/env.cgi', 'Cookie: _ga=1; _gid=2');
    is $answer->env('HTTP_COOKIE'), undef, 'Q1 a CGI sees no empty Cookie';
    is $httpd->get('/plain/env.cgi', 'Cookie: sid=1; _ga=2')->env('HTTP_COOKIE'), 'sid=1', 'Q1 a CGI';
    like $httpd->get('/quick', 'Cookie: _ga=1; sid=2')->body, qr/^Cookie: sid=2\nPrivacy-Consent: analytics=\?0, ad-s=\?1, p=/, 'Q3 a quick handler';
    like $httpd->get('/quick', 'Cookie: _ga=1')->body, qr/^Cookie: \(none\)$/m, 'Q3 a quick handler, nothing left';
    like $httpd->get('/quick', 'Cookie: _ga=1', { port => 'OFF' })->body, qr/^Cookie: _ga=1\nPrivacy-Consent: \(none\)$/m,
        'Q3 a quick handler where the virtual host is off';
}

# ---- Q2 ----

# Everything that looks like one of ours, to whoever folds _ and -.
sub ours { my ($answer, $name) = @_; return [ $answer->body =~ /^($name: .*?)\r?$/mgi ] }

my $TRUE = qr/^Privacy-Consent: analytics=\?0, ad-s=\?1, p=[a-f][0-9a-f]{7}$/;

for my $forged (
    ['Privacy-Consent: analytics=?1'], ['privacy-consent: analytics=?1'], ['Privacy_Consent: analytics=?1'],
    ['PRIVACY_CONSENT: analytics=?1'], ['privacy-Consent:'],
    [ 'Privacy-Consent: a', 'Privacy_Consent: b', 'X-Between: 1', 'privacy_consent: c', 'PRIVACY-consent: d' ],
    [ 'Connection: close, Privacy-Consent' ], [ 'Connection: Privacy-Consent' ], [ 'Connection: privacy_consent' ],
    [ 'Connection: PRIVACY-CONSENT , close' ], [ 'Connection: x', 'Connection: Privacy-Consent' ],
    [ 'Connection: Privacy-Consent, Privacy-Messages, Sec-GPC', 'Privacy_Consent: analytics=?1' ],
    )
{
    my $name = join '; ', @$forged;
    my $seen = ours($httpd->get('/plain/proxy', @$forged), 'Privacy[-_]Consent');
    ok @$seen == 1 && $seen->[0] =~ $TRUE, "Q2 a backend sees the decision: $name" or diag explain $seen;
    like $httpd->get('/plain/env.cgi', @$forged)->env('HTTP_PRIVACY_CONSENT'), qr/^analytics=\?0, ad-s=\?1, p=/, "Q2 a CGI: $name";
    is_deeply ours($httpd->get('/plain/proxy', @$forged, { port => $_ }), 'Privacy[-_]Consent'), [], "Q2 R8 $_: $name"
        for qw(OFF REPORT);
}
for my $forged ('Privacy-Messages: hello', 'Privacy_Messages: hello', 'privacy_messages: hello') {
    for my $port (undef, qw(OFF REPORT)) {
        is_deeply ours($httpd->get('/plain/proxy', $forged, { port => $port }), 'Privacy[-_]Messages'), [],
            'Q2 ' . ($port // 'ON') . ", none is due: $forged";
    }
}
for my $other ('Privacy-Consents: 1', 'Privacy: 1', 'Privacy-Consen: 1', 'X-Privacy-Consent: 1', 'PrivacyConsent: 1') {
    like $httpd->get('/plain/proxy', $other)->body, qr/^\Q$other\E\r?$/m, "R3 another name stays: $other";
}
like $bare->get('/', 'Privacy_Consent: 1', 'Privacy-Consent: 2')->body, qr/^Privacy_Consent: 1\r\n.*^Privacy-Consent: 2\r$/ms,
    'R8 where no policy is declared, nothing is touched';
{
    my $answer = $httpd->get('/plain/proxy', 'X-Hop: 1', 'Connection: X-Hop, Sec-GPC, Privacy-Consent, close', 'Sec-GPC: 1');
    unlike $answer->body, qr/^X-Hop/mi, 'Q2 other hop-by-hop headers go as they should';
    like $answer->body, qr/^Sec-GPC: 1\r?$/m, 'Q4 Connection: Sec-GPC does not keep it from the backend';
    is scalar($answer->header('Connection')), 'close', 'Q2 and close is still heard';
    is $httpd->get('/plain/env.cgi', 'Connection: Privacy-Consent, sec-gpc, privacy_messages, close')->env('HTTP_CONNECTION'), 'close',
        'Q2 Q4 Connection names neither our headers nor Sec-GPC any more';
    $answer = $httpd->get('/plain/proxy', 'Sec-GPC: 1', 'Connection: Sec-GPC', { port => 'REPORT' });
    unlike $answer->body, qr/^Sec-GPC/mi, 'R8 in report Connection does what it does in off';
}

{
    my $seen = ours($httpd->get('/unset/proxy'), 'Privacy[-_]Consent');
    ok @$seen == 1 && $seen->[0] =~ $TRUE, 'Q2 set once more for a backend, whatever was done to it before' or diag explain $seen;
}

# ---- the environment ----

{
    my $answer = $httpd->get('/plain/env.cgi', 'Cookie: ' . consent('analytics=1', 'ad-s=0'));
    is $answer->env('PRIVACY_CONSENT'),           'analytics=?1, ad-s=?0', 'environment: PRIVACY_CONSENT';
    is $answer->env('PRIVACY_CONSENT_ANALYTICS'), 'granted', 'environment: granted';
    is $answer->env('PRIVACY_CONSENT_AD_S'),      'denied',  'environment: denied, - as _';
    is $answer->env('PRIVACY_CONSENT_ESSENTIAL'), 'granted', 'environment: a necessary one';
    $answer = $httpd->get('/plain/env.cgi', { port => 'OFF' });
    is scalar(() = $answer->body =~ /PRIVACY_CONSENT/g), 0, 'R8 environment: nothing in off';
    $answer = $httpd->get('/plain/env.cgi', { port => 'REPORT' });
    is scalar(() = $answer->body =~ /PRIVACY_CONSENT/g), 0, 'R8 environment: nothing that a backend sees in report';
}

# ---- Q3: each section in each virtual host ----

my %setting = (on => [ 1, 1 ], off => [ 0, 0 ], report => [ 0, 0 ], nofilter => [ 1, 0 ]);    # header, Cookie filtered
my %host    = (on => undef, off => 'OFF', report => 'REPORT', nofilter => 'NOFILTER');
my $sent    = 'Cookie: _ga=1; sid=2; _fbp=3';

# [ told the decision, Cookie ] as a CGI or a backend sees it.
sub seen {
    my ($text) = @_;
    my ($cookie)  = $text =~ /^(?:HTTP_COOKIE=|Cookie: )(.*?)\r?$/m;
    my $consent   = $text =~ /^(?:HTTP_PRIVACY_CONSENT=|Privacy-Consent: )analytics=\?0, ad-s=\?1, p=/m ? 1 : 0;
    return [ $consent, $cookie ];
}
sub want { my ($setting) = @_; return [ $setting->[0], $setting->[1] ? 'sid=2; _fbp=3' : '_ga=1; sid=2; _fbp=3' ] }

for my $host (sort keys %host) {
    for my $section (map { $_->[0] } @SECTION) {
        # In the virtual host with PrivacyFilterRequest off, on inherits that.
        my $setting = $section eq 'plain' ? $setting{$host} : $setting{$section};
        $setting = [ $setting->[0], 0 ] if $host eq 'nofilter';
        for my $what ('env.cgi', 'proxy') {
            is_deeply seen($httpd->get("/$section/$what", $sent, { port => $host{$host} })->body), want($setting),
                "Q3 host $host, section $section: $what";
        }
    }
}
is_deeply seen($httpd->get('/plain/env.cgi', $sent, 'X-Engine: off')->body), want($setting{off}), 'Q3 an <If> section';

# ---- D6: redirects ----

my %strictness = (off => 0, report => 1, on => 2);
for my $from (qw(on off report)) {
    for my $to (qw(on off report plain)) {
        for my $host (qw(on off)) {
            my ($stricter) = sort { $strictness{$b} <=> $strictness{$a} } $from, $to eq 'plain' ? $host : $to;
            my $answer = $httpd->get("/$from/to-$to.cgi", $sent, $html, { port => $host{$host} });
            is_deeply seen($answer->body), want($setting{$stricter}), "D6 redirected from $from to $to, host $host: $stricter counts";
            is scalar($answer->set_cookies), ($stricter eq 'on' ? 3 : 0), "D6 R5 redirected from $from to $to, host $host: expired once";
        }
    }
}
for my $section (qw(on off)) {
    for my $host (qw(on off)) {
        my $answer = $httpd->get("/$section/missing", $sent, $html, { port => $host{$host} });
        my $stricter = $section eq 'on' || $host eq 'on' ? 'on' : 'off';
        is $answer->status, 404, "D6 an ErrorDocument in $section, host $host";
        is_deeply seen($answer->body), want($setting{$stricter}), "D6 its CGI, in the host's own setting: $stricter counts";
        is scalar($answer->set_cookies), ($stricter eq 'on' ? 3 : 0), 'D6 R5 expired once';
    }
    my $answer = $httpd->get("/$section/front/pretty/url", $sent, $html);
    is_deeply seen($answer->body), want($setting{$section}), "D6 a front controller in .htaccess, $section";
    is scalar($answer->set_cookies), ($section eq 'on' ? 3 : 0), "D6 R5 a front controller, $section: what the client sent is expired";
    is_deeply seen($httpd->get("/$section/index/", $sent)->body), want($setting{$section}), "D6 DirectoryIndex, $section";
}
# The filter sees the index's own directory configuration; the stricter counts.
for my $directory (qw(on off)) {
    my $answer = $httpd->get("/index-$directory/", $sent, $html);
    is scalar($answer->set_cookies), 3, "D6 DirectoryIndex, the other way in a directory that is $directory: responses";
    is_deeply seen($httpd->get('/index-off/', $sent)->body), want($setting{on}), 'D6 DirectoryIndex, on in a directory that is off: requests';
}

# What is refused before a decision is made, and answered by an ErrorDocument.
{
    my $errors = 'ErrorDocument 400 /env.cgi' . "\nErrorDocument 417 /env.cgi\n";
    my $server = httpd(modules => ['cgi'], cgi => { '/env.cgi' => $env }, conf => <<"CONF");
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCategory ad-s opt-out "Advertising" "Other sites."
PrivacyCookie _ga  analytics any "Google Analytics"
PrivacyCookie _fbp ad-s      any "Facebook"
PrivacyParameter gclid ad-s
PrivacyEngine on
$errors
Listen 127.0.0.1:\${PORT_OFF}
<VirtualHost 127.0.0.1:\${PORT_OFF}>
    PrivacyEngine off
    $errors
</VirtualHost>
Listen 127.0.0.1:\${PORT_SECTION}
<VirtualHost 127.0.0.1:\${PORT_SECTION}>
    PrivacyEngine off
    <Location /on>
        PrivacyEngine on
    </Location>
    $errors
</VirtualHost>
CONF
    my %refused = (
        'no Host'        => "GET /x?gclid=1&a=2 HTTP/1.1\r\n",
        'a broken Host'  => "GET /x?gclid=1&a=2 HTTP/1.1\r\nHost: a b\r\n",
        'an Expectation' => "GET /x?gclid=1&a=2 HTTP/1.1\r\nHost: www.example.org\r\nExpect: more\r\n",
    );
    my $forged = 'Privacy-Consent: analytics=?1';
    my @lines = ($forged, $forged =~ tr/-/_/r, 'Privacy-Messages: x', "Connection: Privacy-Consent, close",
        'Cookie: ' . consent('analytics=1', 'ad-s=1'), 'Cookie: _ga=1; sid=2; _fbp=3');
    for my $port (undef, qw(OFF SECTION)) {
        for my $name (sort keys %refused) {
            my $connection = $server->connect($port);
            my $what = ($port // 'on') . ", $name";
            $connection->send(join "\r\n", "$refused{$name}$lines[0]", @lines[ 1 .. $#lines ], '', '');
            my $answer = $connection->response('GET');
            my %seen = map { $_ => scalar $answer->env($_) } qw(HTTP_PRIVACY_CONSENT HTTP_PRIVACY_MESSAGES);
            like $answer->start, qr{^HTTP/1.1 4(?:00|17) }, "D6 $what: it is refused";
            is $seen{HTTP_PRIVACY_MESSAGES}, undef, "Q2 D6 $what: no message is due";
            if (defined $port) {
                is $seen{HTTP_PRIVACY_CONSENT}, undef, "Q2 R8 $what: the error page sees nothing forged";
                like $answer->env('HTTP_COOKIE'), qr/_ga=1; sid=2; _fbp=3$/, "R8 $what: and what was sent";
                next;
            }
            like $seen{HTTP_PRIVACY_CONSENT}, qr/^analytics=\?0, ad-s=\?0, p=/, "Q2 D6 $what: the error page sees that all is denied";
            like $answer->env('HTTP_COOKIE'), qr/^privacy_consent=[^;,]+; sid=2$/, "Q1 D6 $what: no denied cookie";
            is $answer->env('PRIVACY_CONSENT'), 'analytics=?0, ad-s=?0', "D6 $what: the environment";
            is $answer->env('HTTP_CONNECTION'), 'close', "Q2 D6 $what: Connection names none of our headers";
            unlike $answer->body, qr/gclid/, "Q5 D6 $what: no denied parameter";
        }
    }
}

# ---- D6: subrequests ----

for my $from (qw(on off report)) {
    my $body = $httpd->get("/$from/page.shtml", $sent)->body;
    my ($variable, %part, @plain) = $body =~ /\A(.*)$/m;
    for ($body =~ /^SECTION (.*?)(?=^SECTION |\z)/msg) {
        my ($section) = /\A(\w+)/;
        my $setting = $section eq 'plain' ? $setting{on} : $setting{$section};
        is_deeply seen($_), want($setting), "D6 included from $from, $section: its own directory's setting";
        $part{$section}++;
    }
    is_deeply \%part, { plain => 2, map { $_ => 1 } qw(on off report nofilter) }, "D6 all parts of $from are there";
    is $variable, $from eq 'on' ? 'denied' : '(none)', "environment: SSI in $from";
}

# What a request has left in the environment that the next one inherits.
for my $path ('/on/env.cgi', '/off/env.cgi') {
    $httpd->file('/off/one.shtml', qq{<!--#include virtual="$path" -->\n});
    my $body = $httpd->get('/off/one.shtml', 'Cookie: _ga=1')->body;
    is + ($body =~ /^HTTP_COOKIE=(.*)$/m ? $1 : ''), ($path =~ /on/ ? '' : '_ga=1'), "D6 Q1 HTTP_COOKIE in $path, included from off";
}
{
    my $body = $httpd->get('/off/to-on.cgi', 'Cookie: _ga=1')->body;
    is_deeply [ $body =~ /^(\w*HTTP_COOKIE=.*)$/mg ], [], 'D6 Q1 redirected from off to on: the old environment neither';
    $body = $httpd->get('/on/to-off.cgi', 'Privacy-Consent: forged')->body;
    unlike $body, qr/forged/, 'Q2 redirected';
}

# ---- what other modules do to the Cookie header ----

{
    my $server = httpd(
        modules => [qw(cgi headers lua)],
        cgi     => { map { ("/$_/env.cgi" => $env) } qw(on off lua) },
        files   => { '/own.lua' => <<'LUA' },
function translate(r)
    if r.uri == "/lua/env.cgi" then r.headers_in["Cookie"] = "own=1; _ga=5" end
    return apache2.DECLINED
end
LUA
        conf => <<'CONF');
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCookie _ga analytics any "Google Analytics"
RequestHeader add Cookie "_ga=9; theirs=1" early
LuaHookTranslateName ${DOCROOT}/own.lua translate early
<LocationMatch "^/(on|lua)">
    PrivacyEngine on
</LocationMatch>
CONF
    my $cookie = sub { $server->get("/$_[0]/env.cgi", 'Cookie: _ga=1; sid=2')->env('HTTP_COOKIE') };
    is $cookie->('on'), 'sid=2; theirs=1', 'Q1 a second Cookie header, of another module\'s: filtered as one';
    like $cookie->('off'), qr/^_ga=1; sid=2; _ga=9; theirs=1$/, 'Q3 and given whole where the engine is off';
    is $cookie->('lua'), 'own=1; _ga=5', 'Q3 what another module has put there since is its own affair';
}

done();
