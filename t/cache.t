# Licensed under the Apache License, Version 2.0; see LICENSE.

# mod_cache: C1 (a stored response is filtered when it is served, by the consent
# of who asks and the setting of where it was made), Q2 and Q3 (nobody stores a
# wrong page under another's key). Both stores, quick handler on and off.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

needs_module(qw(cache_disk cache_socache socache_shmcb proxy_http headers));

my @SET = ('Set-Cookie: sid=1; Path=/', 'Set-Cookie: _ga=2; Path=/; Max-Age=63072000', 'Set-Cookie: last=3');

# An origin that counts what it was asked for each path, varies by what its URL
# asks for, and revalidates.
my %asked;
my $origin = backend(sub {
    my ($request, $connection) = @_;
    my ($query) = $request->target =~ /\?(.*)/;
    my @lines = map { s/%([0-9a-fA-F]{2})/chr hex $1/ger } split /&/, $query // '';
    push @lines, 'Cache-Control: max-age=600' if !grep { /^Cache-Control/ } @lines;
    my @told = map { "$_: " . join(' + ', $request->header($_)) } qw(Privacy-Consent Privacy_Consent Sec-GPC Cookie);
    my @head = (@SET, 'ETag: "1"', 'Content-Type: text/plain', @lines);
    if (grep { $_ eq '"1"' } $request->header('If-None-Match')) {
        $connection->send(join "\r\n", 'HTTP/1.1 304 Not Modified', @head, '', '');
        return 1;
    }
    return $connection->reply('200 OK', \@head, join '', map { "$_\n" } @told);
});

my $policy = <<'CONF';
PrivacyCategory essential necessary "Essential" "What the site needs to work."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCookie sid  essential any "The login"
PrivacyCookie last essential any "The last"
PrivacyCookie _ga  analytics any "Google Analytics"
CacheHeader on
CacheIgnoreHeaders None
# So that two requests of one second are told apart from a revalidation.
CacheStoreExpired on
CONF

# A virtual host for each store, quick handler and engine.
my (@host, $hosts);
for my $store (qw(disk socache)) { for my $quick (qw(on off)) { for my $engine (qw(on off)) {
    my $name = uc "${store}_${quick}_$engine";
    push @host, [ $name, $store, $quick, $engine ];
    $hosts .= <<"CONF";
Listen 127.0.0.1:\${PORT_$name}
<VirtualHost 127.0.0.1:\${PORT_$name}>
    ServerName www.example.org
    CacheQuickHandler $quick
    CacheEnable $store /
    PrivacyEngine $engine
    ProxyPass / http://\${ORIGIN}/
    <Location /on>
        PrivacyEngine on
    </Location>
    <Location /off>
        PrivacyEngine off
    </Location>
    <Location /report>
        PrivacyEngine report
    </Location>
    <Location /kept>
        PrivacyEngine on
        PrivacyExpire off
    </Location>
    <Location /forced>
        PrivacyEngine on
        Header set Privacy-Enforce off
        Header always set Privacy-Enforce off
    </Location>
</VirtualHost>
CONF
} } }

my $httpd = httpd(
    modules => [qw(cache_disk cache_socache socache_shmcb proxy_http headers)],
    define  => { ORIGIN => $origin->address },
    conf    => "$policy\nCacheRoot \${VAR}\nCacheSocache shmcb:\${VAR}/cache(1000000)\n$hosts",
);

my $html    = 'Accept: text/html';
my $granted = 'Cookie: ' . consent('analytics=1');
my $denied  = 'Cookie: ' . consent('analytics=0');
my $n       = 0;

# A path that no cache has seen.
sub fresh { my ($section, @lines) = @_; return sprintf '/%s/%d?%s', $section, ++$n, answering(@lines) }

sub status { return ($_[0]->header('X-Cache') || '') =~ /^(\w+)/ ? $1 : '' }

sub names { return join ',', map { /^([^=]+)/ } $_[0]->set_cookies }

for (@host) {
    my ($port, $store, $quick, $engine) = @$_;
    my $where = "$store, quick handler $quick, engine $engine";
    my $ask = sub { $httpd->get(@_, { port => $port }) };

    for my $section (qw(plain on off report kept forced)) {
        my $on = $section eq 'plain' ? $engine eq 'on' : $section !~ /off|report/;
        for my $storing (qw(denied granted)) {
            my $path = fresh($section);
            for my $want (qw(MISS HIT)) {
                # Who stores it is not who gets it.
                my $first = $want eq 'MISS';
                for my $asking ($first ? $storing : qw(denied granted none)) {
                    my $answer = $ask->($path, $asking eq 'granted' ? $granted : $asking eq 'denied' ? $denied : ());
                    is status($answer), $want, "$where, $section: $want" if $first || $want ne 'HIT' || status($answer) ne 'HIT';
                    is names($answer), ($on && $asking ne 'granted' ? 'sid,last' : 'sid,_ga,last'),
                        "C1 R1 $where, $section, stored by $storing, served to $asking: $want";
                    is scalar(grep { /^Privacy-/i } $answer->lines), 0, 'C1 the setting does not go out' if $asking eq 'none';
                }
            }
        }
    }

    # Expiries are the visitor's, whatever was stored.
    my $path = fresh('on');
    for my $want (qw(MISS HIT)) {
        my $answer = $ask->($path, $html, 'Cookie: _ga=9');
        is scalar(grep { /^_ga=;/ } $answer->set_cookies), 3, "C1 R5 $where: expired in a $want";
        $answer = $ask->($path, $html, 'Cookie: sid=9');
        is scalar(grep { /^_ga=;/ } $answer->set_cookies), 0, "C1 R5 $where: and not another's, after a $want";
    }
    $path = fresh('kept');
    $ask->($path, $html, 'Cookie: _ga=9');
    my $hit = $ask->($path, $html, 'Cookie: _ga=9');
    is status($hit), 'HIT', "$where: kept";
    is names($hit), 'sid,last', "C1 $where: PrivacyExpire off travels with what is stored";

    # A backend that says how it wants to be enforced.
    for my $forged ('off', 'off;expire', 'report', 'on', 'x', '') {
        for my $section (qw(plain on off)) {
            my $on = $section eq 'plain' ? $engine eq 'on' : $section eq 'on';
            my $path = fresh($section, "Privacy-Enforce: $forged");
            for my $want (qw(MISS HIT)) {
                my $answer = $ask->($path, $denied);
                is names($answer), ($on ? 'sid,last' : 'sid,_ga,last'), "C1 $where, $section: a forged Privacy-Enforce '$forged', $want";
                is scalar($answer->header('Privacy-Enforce')), undef, "C1 and it is taken out, $want";
            }
        }
    }

    # A stale entry is revalidated; what comes back is filtered like any other.
    $path = fresh('on', 'Cache-Control: max-age=0');
    $ask->($path, $granted);
    my $again = $ask->($path, $denied);
    is status($again), 'REVALIDATE', "$where: revalidated";
    is names($again), 'sid,last', "C1 $where: revalidated for another visitor";
    $path = fresh('on');
    $ask->($path, $granted);
    my $unmodified = $ask->($path, $denied, 'If-None-Match: "1"');
    is $unmodified->status, 304, "$where: a 304 from the cache";
    is names($unmodified) =~ /_ga/ ? 1 : 0, 0, "R1 $where: a 304 from the cache";
    my $head = $httpd->head($path, $denied, { port => $port });
    is names($head), 'sid,last', "C1 $where: HEAD of what is stored";

    next if $engine eq 'off' && $quick eq 'on';    # the virtual host's setting counts before any section

    # Variants by our request header: one a decision, and nobody mixes them up.
    $path = fresh('on', 'Vary: Privacy-Consent');
    my %page;
    for my $visitor (
        [ denied  => [$denied] ], [ denied => ['Cookie: x=1; _ga=1'] ], [ granted => [$granted] ],
        [ granted => ["$granted; x=1"] ], [ denied => [] ],
        )
    {
        my ($who, $lines) = @$visitor;
        my $answer = $ask->($path, @$lines);
        is status($answer), (exists $page{$who} ? 'HIT' : 'MISS'), "Q3 $where: one variant for a decision, $who";
        $page{$who} //= $answer->body;
        is $answer->body, $page{$who}, "Q3 $where: and always that one, $who";
        my $says = $who eq 'granted' ? 1 : 0;
        like $answer->body, qr/^Privacy-Consent: analytics=\?$says, p=\w{8}$/m, "Q2 $where: made for that decision, $who";
    }

    # Who wants to store a wrong page under another's key.
    my $bit = 0;
    for my $poison (
        ['Connection: Privacy-Consent'], ['Connection: close, Privacy-Consent'], ['Connection: privacy_consent, Privacy-Consent'],
        ['Privacy_Consent: analytics=?1'], ['Privacy-Consent: analytics=?1, p=a0000000'],
        [ 'PRIVACY-CONSENT: analytics=?1', 'privacy_consent: analytics=?1' ],
        [ 'Connection: Privacy-Consent', 'Privacy_Consent: analytics=?1' ],
        )
    {
        my $name = join '; ', @$poison;
        my $path = fresh('on', 'Vary: Privacy-Consent');
        $ask->($path, @$poison);
        my $victim = $ask->($path, $denied);
        is status($victim), 'HIT', "Q2 $where: the attacker's request is a denied visitor's: $name";
        like $victim->body, qr/^Privacy-Consent: analytics=\?0, p=\w{8}\nPrivacy_Consent: $/m, "Q2 $where: nothing is poisoned: $name";
        $victim = $ask->($path, $granted);
        is status($victim), 'MISS', "Q2 $where: nor for others: $name";
    }
    my $gpc = fresh('on');
    like $ask->($gpc, 'Connection: Sec-GPC', 'Sec-GPC: 1')->body, qr/^Sec-GPC: 1$/m, "Q4 $where: Connection: Sec-GPC";

    # Q1, Q3: the key is made of the filtered Cookie.
    $path = fresh('on', 'Vary: Cookie');
    is status($ask->($path, 'Cookie: x=1; _ga=' . $_)), ($_ == 1 ? 'MISS' : 'HIT'), "Q1 Q3 $where: Vary: Cookie, visit $_" for 1 .. 3;
}

# With each MPM, over each protocol: a hit is judged by the consent of who asks. The stores and the quick handler
# do not know of either.
for my $mpm (qw(event worker prefork)) {
    my @http2  = $mpm eq 'prefork' ? () : 'http2';    # with prefork mod_http2 does not work
    my $server = httpd(
        mpm     => $mpm,
        tls     => 1,
        modules => [ qw(cache_socache socache_shmcb proxy_http), @http2 ],
        define  => { ORIGIN => $origin->address },
        conf    => "$policy\nPrivacyEngine on\nCacheEnable socache /\nCacheSocache shmcb:\${VAR}/cache(1000000)\nProxyPass / http://\${ORIGIN}/\n",
    );
    for my $via (qw(http https), @http2 ? qw(h2c h2) : ()) {
        for my $storing ($granted, $denied) {
            my $path = fresh('any');
            my @answers = $server->series($via, map { [ GET => $path, $_ ] } $storing, $granted, $denied, 'X-None: 1');
            is_deeply [ map { status($_) } @answers ], [ 'MISS', ('HIT') x 3 ], "C1 $mpm, $via: stored once, served to three";
            is_deeply [ map { names($_) } @answers ],
                [ map { $_ ? 'sid,_ga,last' : 'sid,last' } $storing eq $granted, 1, 0, 0 ], "C1 R1 $mpm, $via: to each by his own consent";
        }
    }
    $server->stop;
}

done();
