# Licensed under the Apache License, Version 2.0; see LICENSE.

# What is measured: the request of 20 cookies, its response of three Set-Cookie, the
# policies, and what sites do without this module.
package Privacy::Bench::Workload;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(cookies set_cookies recipe policy trackers substitute html_subjects looks_right);

my @DENIED = qw(_ga=GA1.2.1234567890.1234567890 _gid=GA1.2.1234567890.1234567890
    _ga_ABCDEF=GS1.1.1234567890.1.1.1234567890.0.0.0 _gat=1 __utma=1.2.3.4.5.6
    _fbp=fb.1.1234567890.1234567890 _fbc=fb.1.1234.abcdef IDE=AHWqTUabcdefghijkl);

# The value of a Cookie header: $count cookies, of which two in five are denied.
sub cookies {
    my ($count) = @_;
    $count //= 20;
    my $denied = int(0.4 * $count);
    my @names = map { $_ < @DENIED ? $DENIED[$_] : "_ga_$_=GS1.1.1234567890.1.1.1234567890" } 0 .. $denied - 1;
    push @names, 'sid=abcdef0123456789' if $count > $denied;
    push @names, map { "app$_=value${_}_abcdefghij" } 0 .. $count - $denied - 2;
    return join '; ', @names;
}

# Three, of which two are denied.
sub set_cookies {
    return <<'CONF';
Header add Set-Cookie "_ga=GA1.2.1234567890.1234567890; Max-Age=63072000; Path=/"
Header add Set-Cookie "sid=abcdef0123456789; Path=/; HttpOnly"
Header add Set-Cookie "_fbp=fb.1.1234567890.1234567890; Max-Age=7776000; Path=/"
CONF
}

# mod_headers, as it is used without this module; with so many names more.
sub recipe {
    my ($more) = @_;
    my $names = join '|', '_ga', '_gat', '_ga_[^=]*', '__utm[abcz]', '_fbp', 'IDE', map { "trk_${_}_x" } 1 .. $more || 0;
    return <<"CONF";
SetEnvIf Cookie "(^|; )consent=yes" consented
RequestHeader edit* Cookie "(^|;\\s*)($names)=[^;]*" "" env=!consented
Header edit Set-Cookie "^($names)=.*" "" env=!consented
CONF
}

my $CATEGORIES = <<'CONF';
PrivacyCategory essential necessary "Essential" "The shop needs them."
PrivacyCategory preferences opt-in "Preferences" "What you have chosen."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyCategory remarketing opt-in "Remarketing" "What you may buy elsewhere."
CONF

my @DECLARED = split /^/, <<'CONF';
PrivacyCookie sid essential session "Keeps you logged in"
PrivacyCookie _ga analytics 2y "Tells visitors apart"
PrivacyCookie _gid analytics 2y "Tells visitors apart"
PrivacyCookie _ga_* analytics 2y "Tells visitors apart"
PrivacyCookie _gat* analytics 2y "Slows requests down"
PrivacyCookie __utm? analytics 2y "Tells visitors apart"
PrivacyCookie _fbp remarketing 90d "Tells visitors apart"
PrivacyCookie _fbc remarketing 90d "Remembers a click"
PrivacyCookie IDE remarketing 90d "Tells visitors apart"
PrivacyCookie lang preferences 90d "Remembers the language"
CONF

# A policy of $count declared cookies, ten at least; of those beyond, one in ten is a
# glob.
sub policy {
    my ($count, $engine) = @_;
    my @more = map {
        sprintf "PrivacyCookie %s%d%s analytics 1y \"One of many\"\n", qw(trk_ _x c)[ $_ % 3 ], $_, $_ % 10 ? '' : '_*'
    } 0 .. $count - 11;
    return join '', $CATEGORIES, @DECLARED, @more, "PrivacyEngine $engine\n";
}

my @TRACKERS = (
    [ 'www.googletagmanager.com' => 'analytics' ],  [ 'connect.facebook.net'      => 'remarketing' ],
    [ '*.google-analytics.com'   => 'analytics' ],  [ 'www.facebook.com/tr'       => 'remarketing' ],
    [ '*.doubleclick.net'        => 'remarketing' ], [ 'static.hotjar.com'        => 'analytics' ],
    [ 'bat.bing.com'             => 'remarketing' ], [ 'snap.licdn.com'           => 'remarketing' ],
    [ 'www.youtube.com/embed/'   => 'preferences' ], [ 'analytics.tiktok.com'     => 'remarketing' ],
);

# A policy of $count trackers, ten at least: whole hosts, hosts below a domain, and
# paths.
sub trackers {
    my ($count) = @_;
    my @more = map {
        [ (qw(*.t%d.example t%d.example/collect t%d.example.net))[ $_ % 3 ] =~ s/%d/$_/r => 'analytics' ]
    } 0 .. $count - 11;
    return join '', policy(10, 'on'), "PrivacyRewriteHTML on\n", map { "PrivacyTracker $_->[0] $_->[1]\n" } @TRACKERS, @more;
}

# mod_substitute, as it is used without this module: three literal texts.
sub substitute {
    return <<'CONF';
SetOutputFilter SUBSTITUTE
Substitute "s|https://www.googletagmanager.com/gtag/js|/held.js|n"
Substitute "s|gtag(\"config\"|void(\"config\"|n"
Substitute "s|https://connect.facebook.net/en_US/fbevents.js|/held.js|n"
CONF
}

my $PROXY_HTML = <<'CONF';
SetEnvIf Request_URI . PROXY_HTML_FORCE
ProxyHTMLEnable on
ProxyHTMLLinks script src
ProxyHTMLURLMap https://www.googletagmanager.com/gtag/js /held.js
ProxyHTMLURLMap https://connect.facebook.net/en_US/fbevents.js /held.js
CONF

# What a page passes through; each: its name in a table, its name here, and options of
# the server.
sub html_subjects {
    return (
        [ 'bare httpd'                  => 'bare',       privacy => 0 ],
        [ 'mod_substitute, 3 literals'  => 'substitute', privacy => 0, modules => ['substitute'], conf => substitute() ],
        [ 'mod_proxy_html'              => 'proxy_html', privacy => 0, modules => [qw(setenvif proxy xml2enc proxy_html)], conf => $PROXY_HTML ],
        [ 'mod_privacy, 10 trackers'    => 'ten',        conf => trackers(10) ],
        [ 'mod_privacy, 5,000 trackers' => 'many',       conf => trackers(5000) ],
    );
}

# That a page is what is meant to be measured: what has to be in it.
my %MARK = (
    bare       => qr{src="https://www\.googletagmanager\.com/gtag/js},
    substitute => qr{<script async src="/held\.js\?id=G-XXXX"></script>.*void\("config".*src="/held\.js"></script><noscript>}s,
    proxy_html => qr{<script async(?:="[^"]*")? src="/held\.js},
    map { $_ => qr{data-privacy-src="https://www\.googletagmanager\.com/gtag/js.*data-privacy-src="https://connect\.facebook\.net}s } qw(ten many),
);

sub looks_right {
    my ($name, $body) = @_;
    $body =~ $MARK{$name} or die "$name: not what is meant to be measured:\n", substr $body, 0, 1000;
}

1;
