# Licensed under the Apache License, Version 2.0; see LICENSE.

# PrivacyEngine report: R8. What the client gets and what backends see is byte
# for byte that of off; notes and environment variables tell the log what would
# have been done. And R7: a response that needs nothing.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(proxy_http headers include));

my $origin = mirror();
my $same   = <<'CONF';
ProxyPass /proxy http://${ORIGIN}/
ErrorDocument 404 /error.cgi
<FilesMatch "\.(cgi|shtml)$">
    # Whether httpd knows how long the answer is would be a matter of timing.
    SetOutputFilter INCLUDES;BUFFER
</FilesMatch>
<Location /header>
    Header always set Set-Cookie "_ga=h; Max-Age=99999999"
    Header add Set-Cookie "sid=h; Max-Age=99999999"
</Location>
CONF
my $cookies = <<'HEAD';
Set-Cookie: sid=abc; Path=/; Max-Age=99999999
Set-Cookie: _ga=1; Path=/; Max-Age=99999999
Set-Cookie: pref=1; Max-Age=5
Set-Cookie: what=1
Set-Cookie: _gid
Privacy-Message: hello
HEAD
my @log = (
    'stripped=%{privacy-stripped}n', 'capped=%{privacy-capped}n', 'expired=%{privacy-expired}n', 'filtered=%{privacy-filtered}n',
    'undeclared=%{privacy-undeclared}n', 'env=%{PRIVACY_CONSENT}e', 'analytics=%{PRIVACY_CONSENT_ANALYTICS}e',
    'comfort=%{PRIVACY_CONSENT_COMFORT}e',
);

my $log_format = join ' | ', '%U', '%{local}p', @log;
my $httpd = httpd(
    modules => [qw(cgi proxy_http headers include buffer)],
    define  => { ORIGIN => $origin->address },
    files   => {
        '/page.html'        => "hello\n",
        '/header/page.html' => "hello\n",
        '/page.shtml'       => "<!--#printenv -->\n",
    },
    cgi => {
        '/set.cgi'   => says("Content-Type: text/html\n$cookies\nhello"),
        '/env.cgi'   => "#!/bin/sh\necho 'Content-Type: text/plain'; echo; env | grep -v '^\\(REMOTE_PORT\\|SERVER_PORT\\|UNIQUE_ID\\|_\\)=' | sort\n",
        '/go.cgi'    => says("Location: /env.cgi\n$cookies\n\n"),
        '/error.cgi' => says("Content-Type: text/html\n$cookies\nnot here"),
    },
    conf => <<"CONF",
PrivacyCategory essential necessary "Essential" "What the site needs to work."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCategory comfort opt-out "Comfort" "What you chose last." denied=session
PrivacyCookie sid  essential 1h  "The login"
PrivacyCookie _ga  analytics any "Google Analytics"
PrivacyCookie _gid analytics any "Google Analytics"
PrivacyCookie pref comfort   any "The last choice"
PrivacyTracker t.example analytics
PrivacyMessage hello
PrivacyUndeclared strip
PrivacyEngine report
LogFormat "$log_format" privacy
CustomLog \${ROOT}/logs/access privacy
$same
Listen 127.0.0.1:\${PORT_OFF}
Listen 127.0.0.1:\${PORT_ON}
<VirtualHost 127.0.0.1:\${PORT_OFF}>
    ServerName www.example.org
    PrivacyEngine off
</VirtualHost>
<VirtualHost 127.0.0.1:\${PORT_ON}>
    ServerName www.example.org
    PrivacyEngine on
</VirtualHost>
CONF
);
my $bare = httpd(
    modules => [qw(cgi proxy_http headers include buffer)],
    define  => { ORIGIN => $origin->address },
    privacy => 0,
    conf    => $same,
);
for my $name (qw(page.html header/page.html page.shtml)) {
    open my $fh, '<', $httpd->docroot . "/$name" or die $!;
    $bare->file("/$name", join '', <$fh>);
    utime 1_600_000_000, 1_600_000_000, map { $_->docroot . "/$name" } $httpd, $bare;
}

# ---- byte for byte ----

sub blank {
    my ($text) = @_;
    return $text =~ s/^(Date|Last-Modified|DATE_LOCAL|DATE_GMT|\w*REMOTE_PORT|ETag)([:=]).*$/$1$2/mgr;
}

my @asked = (
    [ GET  => '/set.cgi' ], [ HEAD => '/set.cgi' ], [ GET => '/env.cgi' ], [ GET => '/go.cgi' ], [ GET => '/missing' ],
    [ GET  => '/page.html' ], [ GET => '/header/page.html' ], [ GET => '/header/page.html', 'If-None-Match: *' ],
    [ GET  => '/header/missing' ], [ GET => '/page.shtml' ],
    [ GET  => '/proxy/x?' . answering(grep { /\S/ } split /\n/, $cookies) ],
    [ GET  => '/proxy/x?' . answering('Vary: Privacy-Consent', 'Privacy-Other: 1') ],
    [ GET  => '/proxy/x?' . answering('Link: <https://t.example/x.js>; rel=preload', 'Link: </a>; rel=preload, <//t.example/y>; rel=preload') ],
    [ POST => '/proxy/x', 'Content-Length: 0' ],
);
my @visitor = (
    [], ['Cookie: _ga=1; sid=2; _gid; pref=4; what=5'], [ 'Cookie: _ga=1', 'Cookie: sid=2' ], [ 'Cookie: ' . consent('analytics=1', 'comfort=0') ],
    [ 'Sec-GPC: 1', 'DNT: 1', 'Connection: Sec-GPC' ],
    [ 'Connection: Privacy-Consent, close', 'X-Y: 1' ],
);
my $wrong = 0;
for my $asked (@asked) {
    my ($method, $path, @lines) = @$asked;
    for my $visitor (@visitor) {
        my ($report, $off) = map { blank($httpd->request($method, $path, 'Accept: text/html', @lines, @$visitor, $_)->raw) }
            {}, { port => 'OFF' };
        is $report, $off, "R8 report is off: $method $path, " . (join('; ', @$visitor) || 'nothing sent') or $wrong++;
        last if $wrong > 5;
    }
}
like $httpd->get('/set.cgi', { port => 'OFF' })->raw, qr/^Privacy-Message: hello\r$/m, 'R8 in off even a message header passes';
{
    my @forged = map { "$_: forged" } qw(Privacy-Consent Privacy_Consent Privacy-Messages PRIVACY_MESSAGES);
    for my $path ('/env.cgi', '/proxy/x') {
        my ($report, $off) = map { blank($httpd->get($path, @forged, $_)->raw) } {}, { port => 'OFF' };
        is $report, $off, "R8 forged headers go in both: $path";
        unlike $report, qr/forged/, "R8 and no backend sees them: $path";
    }
}

# ---- R7, and off: what httpd sends without the module ----

my @needs_nothing = ('Accept: text/plain', 'Cookie: what=1; x="y');
for my $path ('/page.html', '/proxy/x') {
    my $want = blank($bare->get($path, @needs_nothing)->raw);
    for my $port (qw(OFF ON)) {
        my $got = blank($httpd->get($path, @needs_nothing, { port => $port })->raw);
        # What the backend is told of the decision stands in what it answers.
        my @both = ($got, $want);
        if ($path =~ /proxy/ && $port eq 'ON') {
            $both[0] =~ s/^Privacy-Consent: analytics=\?0, comfort=\?1, p=\w+\r\n//m;
            s/^Content-Length: .*//m for @both;
        }
        is $both[0], $both[1], "R7 R8 $port: $path as without the module";
    }
}

# ---- notes and environment, in the log ----

sub logged {
    my ($path, $port, @visitor) = @_;
    $httpd->get($path, 'Accept: text/html', @visitor, { port => $port });
    my $number = $httpd->port($port);
    # The log is written after the answer.
    my @lines;
    wait_until(sub { @lines = grep { /^\S+ \| $number \|.*\n\z/ } split /^/, Privacy::Httpd::slurp($httpd->root . '/logs/access') });
    truncate $httpd->root . '/logs/access', 0;
    return { 'the log' => 'has no line' } if !@lines;
    chomp(my $line = $lines[-1]);
    my %said = map { split /=/, $_, 2 } (split / \| /, $line)[ 2 .. 1 + @log ];
    return { map { $_ => $said{$_} } grep { $said{$_} ne '-' } keys %said };
}
truncate $httpd->root . '/logs/access', 0;

my @denied = ('Cookie: _ga=1; sid=2; _gid; pref=4; _ga=3; ' . consent('comfort=0'));
my %notes = (
    stripped   => '_ga,what,(nameless)',
    capped     => 'sid,pref',
    undeclared => 'what',
    expired    => '_ga,(nameless)',
    filtered   => '_ga,(nameless),_ga',
    env        => 'analytics=?0, comfort=?0',
    analytics  => 'denied',
    comfort    => 'denied',
);
for my $port (undef, 'ON') {
    my $got = logged('/set.cgi', $port, @denied);
    # Which cookie comes first is another one each time.
    $got->{expired} = join ',', sort { ($a =~ /nameless/) <=> ($b =~ /nameless/) } split /,/, $got->{expired} // '';
    is_deeply $got, \%notes, 'R8 notes and environment: ' . ($port // 'report') or diag explain $got;
}
is_deeply logged('/set.cgi', 'OFF', @denied), {}, 'R8 off: nothing is noted';
is_deeply logged('/page.html', undef, 'Cookie: ' . consent('analytics=1') . '; _ga=1'),
    { env => 'analytics=?1, comfort=?1', analytics => 'granted', comfort => 'granted' }, 'R8 nothing to be done: no note';
is_deeply logged('/go.cgi', undef, @denied)->{filtered}, $notes{filtered}, 'R8 D6 noted for what was redirected to';
unlike join('', values %{ logged('/set.cgi', undef, 'Cookie: _ga=secret1; secret2; =secret3; sid=secret4') }), qr/secret/,
    'F2 a note holds no value';
unlike $httpd->log, qr/secret\d|GA1/, 'F2 nor does the log';

done();
