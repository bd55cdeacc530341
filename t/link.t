# Licensed under the Apache License, Version 2.0; see LICENSE.

# Link headers that point at trackers (R6): the members of denied ones go, the others
# are kept as they are.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(headers http2));

my @case = (
    # what it is, what was sent, what is left
    [ 'preload of a tracker', '<https://www.google-analytics.com/analytics.js>; rel=preload; as=script', undef ],
    [ 'preconnect',           '<https://www.google-analytics.com>; rel=preconnect', undef ],
    [ 'dns-prefetch',         '<//www.google-analytics.com>; rel="dns-prefetch"', undef ],
    [ 'modulepreload',        '<https://cdn.tracker.example/m.js>;rel=modulepreload', undef ],
    [ 'prefetch by path',     '<https://www.facebook.com/tr?id=1>; rel=prefetch', undef ],
    [ 'another path',         '<https://www.facebook.com/trends>; rel=prefetch', '<https://www.facebook.com/trends>; rel=prefetch' ],
    [ 'the site\'s own',      '</style.css>; rel=preload; as=style', '</style.css>; rel=preload; as=style' ],
    [ 'nothing is loaded',    '<https://www.google-analytics.com/>; rel=license', '<https://www.google-analytics.com/>; rel=license' ],
    [ 'several, the middle one', '</a>; rel=preload, <https://www.google-analytics.com/x>; rel=preload; title="a, b", </c>;rel="preload"',
        '</a>; rel=preload, </c>;rel="preload"' ],
    [ 'several relations',    '<https://www.google-analytics.com/x>; rel="license preload"', undef ],
    [ 'upper case, port, dot', '<HTTPS://WWW.Google-Analytics.COM.:443/x>; REL=PRELOAD', undef ],
    [ 'backslashes',          '<\\\\www.google-analytics.com/x>; rel=preload', undef ],
    [ 'a lookalike',          '<https://www.google-analytics.com.example.org/x>; rel=preload', '<https://www.google-analytics.com.example.org/x>; rel=preload' ],
    [ 'user info',            '<https://www.google-analytics.com@example.org/x>; rel=preload', '<https://www.google-analytics.com@example.org/x>; rel=preload' ],
);

my $httpd = httpd(
    modules => [qw(cgi headers http2)],
    cgi     => {
        map({ ("/$_.cgi" => says("Content-Type: text/plain\nLink: $case[$_][1]\nX-After: 1\n\nx\n")) } 0 .. $#case),
        '/two.cgi' => says("Content-Type: text/plain\nX-First: 1\nLink: </a>; rel=preload\nLink: <https://www.google-analytics.com/x>; rel=preload\nLink: </b>; rel=preload\n\nx\n"),
    },
    conf => <<'CONF');
Protocols h2c http/1.1
PrivacyCategory essential necessary "Essential" "The shop needs them."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyCategory remarketing opt-in "Remarketing" "Who comes back."
PrivacyTracker www.google-analytics.com analytics
PrivacyTracker *.tracker.example analytics
PrivacyTracker facebook.com/tr remarketing
PrivacyTracker www.facebook.com/tr remarketing
PrivacyEngine on
<Location /always>
    Header always set Link "<https://www.google-analytics.com/x>; rel=preload"
</Location>
LogFormat "%U %{privacy-held}n" held
CustomLog ${VAR}/access held
CONF

my $GRANT = 'Cookie: ' . consent('analytics=1', 'remarketing=1');
for my $i (0 .. $#case) {
    my ($name, $sent, $left) = @{ $case[$i] };
    for my $via (qw(http h2c)) {
        my $r = $httpd->get("/$i.cgi", { via => $via });
        is scalar($r->header('Link')), $left, "R6: $name, over $via";
        my $granted = $httpd->get("/$i.cgi", $GRANT, { via => $via });
        is scalar($granted->header('Link')), $sent, "R6: $name, with consent, over $via";
    }
}
my $r = $httpd->get('/two.cgi');
is join(', ', $r->header('Link')), '</a>; rel=preload, </b>; rel=preload', 'R6: several headers';
is scalar($r->header('X-First')), 1, 'R3: and the rest';
is scalar($httpd->get('/always')->header('Link')), undef, 'R6: also what mod_headers adds to an error';
is scalar($httpd->get('/0.cgi')->header('Vary')), 'Cookie', 'C2: the response varies';
is scalar($httpd->get('/0.cgi', $GRANT)->header('Vary')), 'Cookie', 'C2: granted, too';
is scalar($httpd->get('/6.cgi')->header('Vary')), undef, 'C2: not where no tracker is in it';
$httpd->stop;
open my $log, '<', $httpd->root . '/var/access' or die $!;
ok grep(m{^/0.cgi www.google-analytics.com$}, <$log>), 'the note privacy-held names the tracker';

done();
